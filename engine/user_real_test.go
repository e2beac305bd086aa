//go:build real

package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/engine"
	"slipway/engine/enginetest"
	"slipway/engine/image"
)

// user is one whom the tests make up, in a mount namespace of their own.
const user = 4242

// asUser builds a recipe, a file or the name of a built-in one, by an ordinary user
// with a range of subordinate ids, in folders of their own, and returns how that
// ended and all that was told. Needs enginetest.InMountNamespace.
func asUser(t *testing.T, recipe string) (engine.Finished, string) {
	t.Helper()
	dir := t.TempDir()
	for p := dir; p != os.TempDir() && p != "/"; p = filepath.Dir(p) {
		if err := os.Chmod(p, 0o755); err != nil { // the user has to get through
			t.Fatal(err)
		}
	}
	e := fresh(t)
	home := filepath.Dir(e.Dirs.Cache)
	for file, more := range map[string]string{"/etc/passwd": fmt.Sprintf("slipper:x:%d:%[1]d::%s:/bin/sh\n", user, home), "/etc/group": fmt.Sprintf("slipper:x:%d:\n", user),
		"/etc/subuid": "slipper:300000:65536\n", "/etc/subgid": "slipper:300000:65536\n"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		own := filepath.Join(dir, filepath.Base(file))
		if err := os.WriteFile(own, append(text, more...), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mount(own, file, "", syscall.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(home, user, user); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	self := filepath.Join(dir, "build")
	if out, err := exec.Command("cp", exe, self).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	cmd := exec.Command(self, buildVerb, recipe)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "SLIPWAY_CACHE=" + e.Dirs.Cache, "SLIPWAY_BUILDS=" + e.Dirs.Builds,
		"SLIPWAY_DEBIAN_MIRROR=" + os.Getenv("SLIPWAY_DEBIAN_MIRROR")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user, NoSetGroups: false}}
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var end engine.Finished
	if e := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || e != nil {
		t.Fatalf("the user's build: %v %v: %s", err, e, lines[len(lines)-1])
	}
	return end, string(out)
}

// Every package tool fills a root for an ordinary user, from a mirror of the tests:
// what a recipe without a kernel then lacks is the kernel.
func TestOrdinaryUserFillsEveryRoot(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"fedora", "opensuse", "arch"} {
		t.Run(kind, func(t *testing.T) {
			m := enginetest.Fixture(t, kind)
			if !enginetest.InMountNamespace(t) {
				return
			}
			file := filepath.Join(t.TempDir(), "small.toml")
			if err := small(t, m).SaveAs(file); err != nil {
				t.Fatal(err)
			}
			end, said := asUser(t, file)
			if end.Error == nil || end.Error.Step != engine.StepInitramfs || !strings.Contains(end.Error.Message, "the root has no kernel") {
				t.Errorf("ended %s: %+v\n%s", end.Status, end.Error, said)
			}
		})
	}
}

// An ordinary user with a range of subordinate ids builds the same image.
func TestOrdinaryUserBuildsTheSameImage(t *testing.T) {
	t.Parallel()
	root := build(t, shared(t), vm(t)).Build
	if !enginetest.InMountNamespace(t) {
		return
	}
	end, said := asUser(t, "debian-vm")
	if end.Status != engine.Done {
		t.Fatalf("the user's build ended %s: %+v\n%s", end.Status, end.Error, said)
	}
	want, err := image.ListSquashfs(context.Background(), filepath.Join(root, "filesystem.squashfs"))
	if err != nil {
		t.Fatal(err)
	}
	have, err := image.ListSquashfs(context.Background(), filepath.Join(end.Build, "filesystem.squashfs"))
	if err != nil {
		t.Fatal(err)
	}
	setuid, capabilities := 0, 0
	for _, f := range want {
		if f.Mode&os.ModeSetuid != 0 {
			setuid++
		}
		capabilities += len(f.Xattrs)
	}
	if setuid == 0 || capabilities == 0 || len(want) < 10000 {
		t.Fatalf("the root's image proves nothing: %d files, %d setuid, %d with capabilities", len(want), setuid, capabilities)
	}
	for name, f := range want {
		if h := have[name]; f.Mode.IsRegular() {
			f.Size, h.Size = 0, 0 // generated files differ by a few bytes
			have[name] = h
		}
		want[name] = f
	}
	if diff := image.Differences(want, have, 20); len(diff) > 0 {
		t.Errorf("%s", strings.Join(diff, "\n"))
	}
}
