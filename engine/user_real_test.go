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

// An ordinary user with a range of subordinate ids builds the same image.
func TestOrdinaryUserBuildsTheSameImage(t *testing.T) {
	t.Parallel()
	root := build(t, shared(t), vm(t)).Build
	if !enginetest.InMountNamespace(t) {
		return
	}
	const uid = 4242
	dir := t.TempDir()
	for p := dir; p != "/"; p = filepath.Dir(p) {
		_ = os.Chmod(p, 0o755) // only this test's own folders are below 0755
		if p == os.TempDir() {
			break
		}
	}
	e := fresh(t)
	home := filepath.Dir(e.Dirs.Cache)
	replace := func(file, add string) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		own := filepath.Join(dir, filepath.Base(file))
		if err := os.WriteFile(own, append(b, add...), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mount(own, file, "", syscall.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
	}
	replace("/etc/passwd", fmt.Sprintf("slipper:x:%d:%d::%s:/bin/sh\n", uid, uid, home))
	replace("/etc/group", fmt.Sprintf("slipper:x:%d:\n", uid))
	replace("/etc/subuid", "slipper:300000:65536\n")
	replace("/etc/subgid", "slipper:300000:65536\n")
	if err := os.Chown(home, uid, uid); err != nil {
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
	cmd := exec.Command(self, buildVerb, "debian-vm")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "SLIPWAY_CACHE=" + e.Dirs.Cache, "SLIPWAY_BUILDS=" + e.Dirs.Builds,
		"SLIPWAY_DEBIAN_MIRROR=" + os.Getenv("SLIPWAY_DEBIAN_MIRROR")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid, NoSetGroups: false}}
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var end engine.Finished
	if e := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || e != nil || end.Status != engine.Done {
		t.Fatalf("the user's build: %v %v: %s", err, e, lines[len(lines)-1])
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
