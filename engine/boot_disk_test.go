package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/engine/live"
	"slipway/engine/proc"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// A disk holds what its stack looks for, in files of root.
func TestScratchDisk(t *testing.T) {
	for stack, want := range map[string][]string{
		"live-boot": {"/100644/0/0/persistence.conf/8/"},
		"dracut":    {"/040755/0/0/overlayfs//", "/040755/0/0/ovlwork//"},
		"kiwi":      nil,
	} {
		cache := filepath.Join(t.TempDir(), "a cache")
		if err := os.Mkdir(cache, 0o755); err != nil {
			t.Fatal(err)
		}
		l := live.Layout{Stack: live.Stack{ID: stack}, Kind: live.KindDisk, Label: "keep"}
		space, disk, err := scratchDisk(t.Context(), cache, l, recipes.Overlay{Size: "16MiB"})
		if err != nil {
			t.Fatal(err)
		}
		list, err := proc.Output(t.Context(), proc.Cmd{Path: "debugfs", Args: []string{"-R", "ls -p /", disk}})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range append(want, "lost+found") {
			if !strings.Contains(list, w) {
				t.Errorf("%s: no %s in\n%s", stack, w, list)
			}
		}
		label, err := proc.Output(t.Context(), proc.Cmd{Path: "debugfs", Args: []string{"-R", "show_super_stats -h", disk}})
		if st, statErr := os.Stat(disk); err != nil || statErr != nil || !strings.Contains(label, "keep") || st.Size() != 16<<20 {
			t.Errorf("%s: %v, %v\n%s", stack, err, statErr, label)
		}
		if err := space.remove(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(cache, "*", "disk-*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// A disk that cannot be made leaves nothing.
func TestScratchDiskFails(t *testing.T) {
	cache := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := scratchDisk(ctx, cache, live.Layout{Label: "keep"}, recipes.Overlay{}); err == nil || !strings.Contains(err.Error(), "disk for the overlay") {
		t.Errorf("cancelled: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "*", "disk-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A machine whose first boot failed is not booted again, and every check says so.
func TestNotAsked(t *testing.T) {
	log, err := newBootLog(filepath.Join(t.TempDir(), bootLogName))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	b := &boot{run: &Run{queue: newQueue()}, step: StepBoot, begun: time.Now(), log: log, path: smoke.Direct, layout: live.Layout{Kind: live.KindDisk, Label: "keep"}}
	b.started(smoke.Plan{ID: "first-boot"})
	b.done(smoke.Result{Plan: smoke.Plan{ID: "first-boot"}, Status: smoke.Fail, Cause: "the kernel panicked"})
	results := b.notAsked()
	b.next("")
	v := smoke.Judge(results)
	if len(results) != len(smoke.Plans(b.recipe, b.layout, b.path))-1 || v.Reason != "no check could be asked" {
		t.Errorf("%d results: %s", len(results), v.Reason)
	}
	var steps []string
	for _, e := range b.run.queue.take() {
		if d, ok := e.(StepDone); ok {
			steps = append(steps, d.Step+" "+string(d.Status))
		}
	}
	if got := strings.Join(steps, ", "); got != "boot failed, checks skipped" {
		t.Error(got)
	}
}
