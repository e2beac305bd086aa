package engine

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"slipway/engine/smoke"
	"slipway/recipes"
)

// StepRehearse is the step of a test boot that fills the overlay.
const StepRehearse = "rehearse"

// rehearsalName is the rehearsal's file in the build directory.
const rehearsalName = "rehearsal.json"

// Rehearsals returns what is known of the recipe's builds: for each live stack
// and strategy the newest rehearsal, newest first.
func (e *Engine) Rehearsals(r recipes.Recipe) []smoke.Rehearsal {
	files, _ := filepath.Glob(filepath.Join(e.Dirs.Builds, r.Name, "*", rehearsalName))
	newest := map[[2]string]smoke.Rehearsal{}
	for _, f := range files {
		var found smoke.Rehearsal
		if readJSON(f, &found) != nil || found.Outcome == "" {
			continue
		}
		key := [2]string{found.Stack, found.Strategy}
		if known, ok := newest[key]; !ok || found.When.After(known.When) {
			newest[key] = found
		}
	}
	var all []smoke.Rehearsal
	for _, found := range newest {
		all = append(all, found)
	}
	slices.SortFunc(all, func(a, b smoke.Rehearsal) int {
		return cmp.Or(b.When.Compare(a.When), cmp.Compare(a.Stack+a.Strategy, b.Stack+b.Strategy))
	})
	return all
}

// rehearse fills the overlay of a machine whose checks are over, if that was asked
// for. It is nil if it was not, or could not be tried. The error is the run's end.
func (b *boot) rehearse(g *guest) (*smoke.Rehearsal, error) {
	if !b.run.full.Load() {
		return nil, nil
	}
	b.begin(StepRehearse)
	b.asked = true
	r, err := b.filled(g)
	switch {
	case err == nil:
		b.log.line("rehearsal: " + r.Verdict)
		err = writeJSON(filepath.Join(b.dir, rehearsalName), r)
	case g != nil && g.parent.Err() != nil:
		return nil, err
	}
	if err != nil {
		b.failed = &StepError{Step: StepRehearse, Message: err.Error(), Hint: "the checks above say what is wrong with the machine", Log: b.log.name()}
		b.next("")
		return nil, nil
	}
	b.next("")
	return &r, nil
}

// filled rehearses, and tells each point.
func (b *boot) filled(g *guest) (smoke.Rehearsal, error) {
	if g == nil {
		return smoke.Rehearsal{}, fmt.Errorf("the machine did not come up")
	}
	if err := context.Cause(g.ctx); err != nil {
		return smoke.Rehearsal{}, fmt.Errorf("the machine is gone: %w", err)
	}
	g.stopGauge() // a guest that hangs must not be asked by two
	r, err := g.guest.Rehearse(g.ctx, func(p smoke.Point) {
		b.log.line(p.Line())
		now := time.Now()
		b.run.emit(Rehearsed{Time: now, Point: p})
		if p.Room.Size > 0 {
			b.run.emit(Gauge{Time: now, Room: p.Room})
		}
	})
	r.Build = b.dir
	return r, err
}
