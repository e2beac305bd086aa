//go:build real

package engine_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/engine/distro"
)

// BenchmarkBuildAgainstByHand measures a whole first build of debian-vm, with
// empty caches, against mmdebstrap and mksquashfs run by hand for the same
// packages from the same mirror, one after the other, and reports the ratio;
// then a build after one changed sshd setting.
func BenchmarkBuildAgainstByHand(b *testing.B) {
	for b.Loop() {
		hand := byHand(b)
		e := fresh(b)
		ours := timed(func() { build(b, e, vm(b)) })
		changed := edited(b, vm(b), map[string]any{"sshd.X11Forwarding": false})
		again := timed(func() { build(b, e, changed) })
		b.ReportMetric(hand.Seconds(), "s/by-hand")
		b.ReportMetric(ours.Seconds(), "s/slipway")
		b.ReportMetric(ours.Seconds()/hand.Seconds(), "ratio")
		b.ReportMetric(again.Seconds(), "s/after-one-sshd-change")
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// byHand is what an operator without Slipway would type.
func byHand(b *testing.B) time.Duration {
	b.Helper()
	dir := filepath.Dir(fresh(b).Dirs.Cache)
	d, err := distro.Find("debian")
	if err != nil {
		b.Fatal(err)
	}
	r := vm(b).Recipe
	sources, _ := d.Sources(r, distro.ThisHost())
	list := filepath.Join(dir, "by-hand.sources")
	if err := os.WriteFile(list, []byte(distro.Deb822(sources)), 0o644); err != nil {
		b.Fatal(err)
	}
	run := func(name string, args ...string) {
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "TMPDIR="+dir, "LC_ALL=C.UTF-8")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	root := filepath.Join(dir, "root")
	return timed(func() {
		args := []string{"--mode=root", "--variant=minbase", "--include=" + strings.Join(d.Packages(r), ","), `--aptopt=Apt::Install-Recommends "false"`, r.Distro.Release, root}
		if len(sources) > 0 {
			args = append(args, list)
		}
		run("mmdebstrap", args...)
		run("mksquashfs", root, filepath.Join(dir, "root.squashfs"), "-comp", "zstd", "-Xcompression-level", fmt.Sprint(3), "-noappend", "-no-progress")
	})
}
