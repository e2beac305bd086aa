//go:build real

package engine_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/engine"
	"slipway/recipes"
)

// killed starts the tool, kills it when the step has begun, and waits until no
// process works in its folders any more.
func killed(t *testing.T, e *engine.Engine, recipe, step string, after time.Duration) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", buildVerb, recipe)
	cmd.Env = append(os.Environ(), "SLIPWAY_CACHE="+e.Dirs.Cache, "SLIPWAY_BUILDS="+e.Dirs.Builds)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began := false
	in := bufio.NewScanner(out)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		ev, err := engine.UnmarshalEvent(in.Bytes())
		if s, ok := ev.(engine.StepStarted); err == nil && ok && s.Step == step {
			began = true
			break
		}
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if !began {
		t.Fatalf("step %s never began", step)
	}
	deadline := time.Now().Add(30 * time.Second)
	for len(workers(t, e)) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("processes are left: %v", workers(t, e))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// workers lists the processes that have the engine's folders in their
// environment, command line, root or working directory.
func workers(t testing.TB, e *engine.Engine) []string {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, d := range dirs {
		if d == fmt.Sprintf("/proc/%d", os.Getpid()) {
			continue
		}
		text, _ := os.ReadFile(d + "/cmdline")
		env, _ := os.ReadFile(d + "/environ")
		root, _ := os.Readlink(d + "/root")
		cwd, _ := os.Readlink(d + "/cwd")
		if strings.Contains(string(text)+string(env)+root+cwd, e.Dirs.Cache) {
			found = append(found, d+" "+strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}

func TestKilledAtEveryStepLeavesNothing(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	// Settings of its own per step and run, so that each step really runs: the
	// cache may know all that an earlier run of this test made.
	now := fmt.Sprint(time.Now().UnixNano())
	recipe := func(step string, edits map[string]any) string {
		doc := vm(t)
		edits["name"] = "killed"
		edits["system.hostname"] = "killed-" + step + "-" + now
		file := filepath.Join(t.TempDir(), "killed.toml")
		if err := edited(t, doc, edits).SaveAs(file); err != nil {
			t.Fatal(err)
		}
		return file
	}
	tests := []struct {
		step  string
		after time.Duration
		edits map[string]any
	}{
		{engine.StepResolve, 0, map[string]any{}},
		{engine.StepRoot, 8 * time.Second, map[string]any{"packages.exclude": someOf(time.Now().UnixNano() / int64(time.Second))}},
		{engine.StepConfigure, 50 * time.Millisecond, map[string]any{}},
		{engine.StepInitramfs, 0, map[string]any{"files[0].path": "/etc/initramfs-tools/conf.d/killed", "files[0].content": "# " + now + "\n"}},
		{engine.StepPack, 500 * time.Millisecond, map[string]any{}},
		{engine.StepMedia, 100 * time.Millisecond, map[string]any{}},
		{engine.StepManifest, 50 * time.Millisecond, map[string]any{}},
	}
	for _, tt := range tests {
		t.Run(tt.step, func(t *testing.T) {
			file := recipe(tt.step, tt.edits)
			killed(t, e, file, tt.step, tt.after)
			nothingLeft(t, e)
			if found, _ := filepath.Glob(e.Dirs.Builds + "/killed/2*"); len(found) > 0 {
				t.Errorf("a killed build left %v", found)
			}
			doc, err := recipes.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			build(t, e, doc)
			os.RemoveAll(e.Dirs.Builds + "/killed")
		})
	}
}

// someOf chooses packages by the bits of a number: real ones that no image here
// has, so that leaving them out changes a root's key and nothing else.
func someOf(n int64) []any {
	out := []any{"ninvaders"}
	for i, name := range []string{"bastet", "bb", "bsdgames", "cmatrix", "cowsay", "figlet", "fortune-mod", "greed", "lolcat", "moon-buggy",
		"nethack-console", "oneko", "pacman4console", "robotfindskitten", "sl", "tint", "toilet", "xsnow", "xteddy"} {
		if n>>i&1 == 1 {
			out = append(out, name)
		}
	}
	return out
}
