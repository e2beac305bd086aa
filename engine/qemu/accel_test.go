package qemu

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/engine/proc"
)

func TestUnreachable(t *testing.T) {
	for _, tt := range []struct {
		err          error
		reason, hint string
	}{
		{fs.ErrNotExist, "no /dev/kvm", "nesting"},
		{&os.PathError{Op: "open", Path: "/dev/kvm", Err: fs.ErrPermission}, "no permission", "usermod -aG kvm"},
		{errors.New("device is busy"), "device is busy", ""},
	} {
		c := unreachable(tt.err)
		if c.Accel != TCG || !strings.Contains(c.Reason, tt.reason) || !strings.Contains(c.Hint, tt.hint) {
			t.Errorf("%v: %+v", tt.err, c)
		}
	}
}

func TestChooseWithoutDevice(t *testing.T) {
	old := device
	t.Cleanup(func() { device = old })
	device = filepath.Join(t.TempDir(), "kvm")
	c, err := Choose(t.Context(), t.TempDir())
	if err != nil || c.Accel != TCG || c.Reason != "no /dev/kvm" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestStopped(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{nil, "stopped half way"},
		{context.DeadlineExceeded, "did not finish in 10s"},
		{&proc.ExitError{Exit: "killed by SIGABRT", Last: []string{"failed to set MSR 0x10a"}}, "failed to set MSR"},
	} {
		if got := stopped(tt.err); !strings.Contains(got, tt.want) {
			t.Errorf("%v: %q, want %q in it", tt.err, got, tt.want)
		}
	}
}

func TestSlowdown(t *testing.T) {
	for probe, want := range map[time.Duration]float64{100 * time.Millisecond: 6, 700 * time.Millisecond: 6, 1400 * time.Millisecond: 12, time.Minute: 24} {
		if got := slowdown(probe); got != want {
			t.Errorf("probe of %s: %g, want %g", probe, got, want)
		}
	}
	if got, err := Slowdown(t.Context(), KVM); got != 1 || err != nil {
		t.Errorf("on hardware: %g, %v", got, err)
	}
}

func TestRemember(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "new", "cache")
	want := Choice{TCG, "KVM is present but does not run guests", "why"}
	if c, ok := remembered(cache, "key"); ok {
		t.Fatalf("remembers %+v before it was told", c)
	}
	remember(cache, "key", want)
	if c, ok := remembered(cache, "key"); !ok || c != want {
		t.Errorf("remembers %+v, %v", c, ok)
	}
	if c, ok := remembered(cache, "after a reboot"); ok {
		t.Errorf("remembers %+v for another host boot", c)
	}
}

func TestProbeROM(t *testing.T) {
	rom := probeROM()
	if len(rom) != 64<<10 || rom[0] != 0xfa || len(probeCode) > 0xfff0 {
		t.Errorf("rom of %d bytes begins with %#x; code of %d bytes", len(rom), rom[0], len(probeCode))
	}
}
