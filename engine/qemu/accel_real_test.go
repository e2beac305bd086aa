//go:build real

package qemu

import (
	"context"
	"testing"
	"time"
)

// The probe itself must work: emulation runs any guest.
func TestProbeRunsEmulated(t *testing.T) {
	if why, err := prove(t.Context(), TCG); err != nil || why != "" {
		t.Fatalf("emulated probe: %q, %v", why, err)
	}
}

func TestChooseRemembers(t *testing.T) {
	cache := t.TempDir()
	start := time.Now()
	first, err := Choose(t.Context(), cache)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v after %s", first, time.Since(start))
	start = time.Now()
	second, err := Choose(t.Context(), cache)
	if err != nil || second != first {
		t.Fatalf("second choice %+v (%v), first %+v", second, err, first)
	}
	t.Logf("remembered after %s", time.Since(start))
}

func TestProveCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if why, err := prove(ctx, TCG); err == nil {
		t.Fatalf("a cancelled probe says %q and no error", why)
	}
}
