//go:build real

package doctor

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"slipway/engine/enginetest"
	"slipway/engine/proc"
)

// A program that is really missing is found, and apt really installs it: in a
// mount namespace whose /usr, /etc and /var are thrown away afterwards. Doing it
// again changes nothing. Needs root, and a Debian host.
func TestFixByApt(t *testing.T) {
	if !enginetest.InMountNamespace(t) {
		if _, err := proc.Look("sqfs2tar"); err != nil {
			t.Errorf("the host itself was changed: %v", err)
		}
		return
	}
	dir := t.TempDir()
	mount(t, "tmpfs", dir, "")
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	for _, top := range []string{"usr", "etc", "var"} {
		upper, work := filepath.Join(dir, top, "upper"), filepath.Join(dir, top, "work")
		for _, d := range []string{upper, work} {
			if err := os.MkdirAll(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		mount(t, "overlay", "/"+top, "lowerdir=/"+top+",upperdir="+upper+",workdir="+work)
	}
	if out, err := proc.Output(t.Context(), proc.Cmd{Path: "dpkg", Args: []string{"--remove", "squashfs-tools-ng"}}); err != nil {
		t.Fatalf("remove the package: %v\n%s", err, out)
	}

	o := Options{Cache: filepath.Join(dir, "cache"), Builds: filepath.Join(dir, "builds")}
	for _, c := range []struct {
		found State
		fixes int
	}{{Problem, 2}, {OK, 0}} {
		report, err := Examine(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := state(t, report, "sqfs2tar"); got != c.found || len(report.Fixes) != c.fixes {
			t.Errorf("sqfs2tar is %s with fixes %v, want %s and %d", got, report.Fixes, c.found, c.fixes)
		}
		if err := report.Mend(t.Context(), os.Stderr, func(f Fix) { t.Log(f.Command) }); err != nil {
			t.Fatal(err)
		}
	}
}

func mount(t *testing.T, kind, target, options string) {
	t.Helper()
	if err := syscall.Mount(kind, target, kind, 0, options); err != nil {
		t.Fatalf("mount %s on %s: %v", kind, target, err)
	}
}

func state(t *testing.T, r Report, subject string) State {
	t.Helper()
	for _, f := range r.Findings {
		if f.Subject == subject {
			return f.State
		}
	}
	t.Fatalf("nothing found out about %s", subject)
	return ""
}
