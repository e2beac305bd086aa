package engine

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"slipway/engine/smoke"
	"slipway/recipes"
)

func TestRehearsals(t *testing.T) {
	e := New(Dirs{Builds: t.TempDir()})
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	for stamp, r := range map[string]smoke.Rehearsal{
		"1": {Outcome: smoke.Recovers, Stack: "dracut 059", Strategy: "overlayfs", When: day(1), Verdict: "old"},
		"2": {Outcome: smoke.Recovers, Stack: "dracut 059", Strategy: "overlayfs", When: day(2), Verdict: "new"},
		"3": {Outcome: smoke.ReadOnly, Stack: "dracut 059", Strategy: "dm-snapshot", When: day(3), Verdict: "snapshot"},
		"4": {Outcome: smoke.Dead, Stack: "dracut 049", Strategy: "dm-snapshot", When: day(1), Verdict: "other version"},
		"5": {When: day(9)}, // of no outcome
	} {
		dir := filepath.Join(e.Dirs.Builds, "web", stamp)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := writeJSON(filepath.Join(dir, rehearsalName), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("3", filepath.Join(e.Dirs.Builds, "web", "current")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range e.Rehearsals(recipes.Recipe{Name: "web"}) {
		got = append(got, r.Verdict)
	}
	if want := []string{"snapshot", "new", "other version"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if other := e.Rehearsals(recipes.Recipe{Name: "db"}); other != nil {
		t.Errorf("of another recipe: %v", other)
	}
}

// rehearsing is a boot whose checks are over.
func rehearsing(t *testing.T) *boot {
	t.Helper()
	log, err := newBootLog(filepath.Join(t.TempDir(), bootLogName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	return &boot{run: &Run{queue: newQueue()}, step: StepChecks, begun: time.Now(), log: log, dir: t.TempDir()}
}

func TestRehearsalNotAskedFor(t *testing.T) {
	b := rehearsing(t)
	if r, err := b.rehearse(nil); r != nil || err != nil || len(b.run.queue.take()) > 0 {
		t.Errorf("%v, %v", r, err)
	}
}

// What cannot be tried ends the step, not the run: the verdict stands.
func TestRehearsalThatCannotBe(t *testing.T) {
	gone, cancel := context.WithCancelCause(t.Context())
	cancel(&smoke.Death{Message: "the kernel panicked"})
	for _, tt := range []struct {
		guest *guest
		words string
	}{
		{nil, "the machine did not come up"},
		{&guest{parent: t.Context(), ctx: gone}, "the machine is gone: the kernel panicked"},
		{&guest{parent: t.Context(), ctx: t.Context(), stopGauge: func() {}, guest: &smoke.Guest{Console: smoke.NewConsole(), Shell: smoke.NewShell(nil)}}, "no shell"},
	} {
		b := rehearsing(t)
		b.run.Rehearse()
		r, err := b.rehearse(tt.guest)
		events := b.run.queue.take()
		end, ok := events[len(events)-1].(StepDone)
		if r != nil || err != nil || !ok || end.Step != StepRehearse || end.Status != Failed || !strings.Contains(end.Error.Message, tt.words) {
			t.Errorf("%v, %v, %+v", r, err, end)
		}
		if _, err := os.Stat(filepath.Join(b.dir, rehearsalName)); err == nil {
			t.Error("a rehearsal was kept")
		}
	}
}

// A run that is cancelled while it rehearses ends as cancelled.
func TestRehearsalCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := rehearsing(t)
	b.run.Rehearse()
	if r, err := b.rehearse(&guest{parent: ctx, ctx: ctx}); r != nil || err == nil {
		t.Errorf("%v, %v", r, err)
	}
	if left := b.left(); len(left) != 1 || left[0] != StepRehearse {
		t.Errorf("left: %v", left)
	}
}
