package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"slipway/engine/live"
	"slipway/engine/qemu"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// The steps that a test boot adds to those of the build.
const (
	StepBoot   = "boot"
	StepChecks = "checks"
)

// verdictName is the verdict's file in the build directory; bootLogName holds
// all that the guest's console and QEMU said, and every check's result.
const (
	verdictName = "verdict.json"
	bootLogName = "boot.log"
)

// BootOptions say how to boot. The zero value is what most want.
type BootOptions struct {
	Path string // smoke.Direct (default) or smoke.ISO
	// Rehearse fills the overlay when the checks are over. Finished.Rehearsal is
	// the outcome; without one it could not be tried, and the end of its step says
	// why. The verdict is that of the checks alone.
	Rehearse bool
}

func (o BootOptions) path() string {
	if o.Path == "" {
		return smoke.Direct
	}
	return o.Path
}

// Boot builds the recipe if needed, boots the result in a virtual machine and
// asks it everything that a good image must answer. Finished.Verdict is the
// outcome; without one the boot could not run, and Finished.Error says why.
func (e *Engine) Boot(ctx context.Context, doc *recipes.Document, o BootOptions) *Run {
	return newRunOf(ctx, bootSteps(doc.Recipe, o), func(ctx context.Context, r *Run) Finished {
		start := time.Now()
		end := e.build(ctx, doc, r)
		if end.Status != Done {
			return end
		}
		end = e.bootBuild(ctx, doc.Recipe, end.Build, o, r)
		end.Took = time.Since(start)
		return end
	})
}

// BootBuilt boots a finished build as it is, without building. dir is the
// build's directory; what must hold is derived from the given recipe.
func (e *Engine) BootBuilt(ctx context.Context, r recipes.Recipe, dir string, o BootOptions) *Run {
	return newRun(ctx, func(ctx context.Context, run *Run) Finished {
		start := time.Now()
		run.emit(PlanReady{Time: start, Recipe: r.Name, Steps: bootSteps(r, o), Log: filepath.Join(dir, bootLogName)})
		end := e.bootBuild(ctx, r, dir, o, run)
		end.Took = time.Since(start)
		return end
	})
}

// bootSteps are a boot's part of the plan.
func bootSteps(r recipes.Recipe, o BootOptions) []Step {
	how := "start the packed kernel and initramfs in QEMU, the ISO as a disk"
	if o.path() == smoke.ISO {
		how = "start the ISO in QEMU by BIOS"
	}
	layout, _ := Layout(r) // as far as it is known before there is a root
	if layout.Kind == live.KindDisk {
		how += ", twice, with a disk that keeps what is written"
	}
	steps := []Step{
		{Name: StepBoot, Does: how},
		{Name: StepChecks, Does: fmt.Sprintf("ask the running system %d questions", len(smoke.Plans(r, layout, o.path())))},
	}
	if o.Rehearse {
		steps = append(steps, Step{Name: StepRehearse, Does: "fill the overlay, empty it, and write again"})
	}
	return steps
}

// bootBuild boots a finished build.
func (e *Engine) bootBuild(ctx context.Context, r recipes.Recipe, dir string, o BootOptions, run *Run) Finished {
	b := &boot{run: run, recipe: r, dir: dir, path: o.path(), step: StepBoot, begun: time.Now()}
	if o.Rehearse {
		run.Rehearse()
	}
	run.emit(StepStarted{Time: b.begun, Step: StepBoot})
	verdict, rehearsal, err := b.do(ctx, e.Dirs.Cache)
	end := Finished{Time: time.Now(), Status: Done, Build: dir, Verdict: verdict, Rehearsal: rehearsal}
	if err == nil {
		return end
	}
	end.Verdict, end.Status = nil, Failed
	end.Error = stepError(b.step, err, b.log.name())
	if ctx.Err() != nil {
		end.Status, end.Error.Message = Cancelled, "cancelled"
	}
	for _, name := range b.left() {
		done := StepDone{Time: time.Now(), Step: name, Status: end.Status}
		if name == b.step {
			done.Took, done.Error = time.Since(b.begun), end.Error
		}
		run.emit(done)
	}
	return end
}

// boot is one test boot under way.
type boot struct {
	run    *Run
	recipe recipes.Recipe
	dir    string // of the build
	layout live.Layout
	disk   string // that the overlay lies on; "": none
	mark   string // what the first boot wrote to it
	path   string
	told   bool // that a machine was started, and how
	log    *bootLog
	step   string // running
	begun  time.Time
	failed *StepError // of the running step
	asked  bool       // a check of the running step was tried
}

// left are the steps that have not ended.
func (b *boot) left() []string {
	steps := []string{StepBoot, StepChecks}
	if b.run.full.Load() {
		steps = append(steps, StepRehearse)
	}
	return steps[max(slices.Index(steps, b.step), 0):]
}

// do boots, asks and judges, and rehearses if that was asked for. A guest that
// fails is a verdict; an error means that it could not be tried.
func (b *boot) do(ctx context.Context, cache string) (*smoke.Verdict, *smoke.Rehearsal, error) {
	var err error
	if b.log, err = newBootLog(filepath.Join(b.dir, bootLogName)); err != nil {
		return nil, nil, err
	}
	defer b.log.Close()
	record, err := ReadRecord(b.dir)
	if err != nil {
		return nil, nil, fmt.Errorf("what the build was made of: %w", err)
	}
	b.layout = record.Layout
	choice, err := qemu.Choose(ctx, cache)
	if err != nil {
		return nil, nil, fmt.Errorf("choose how to run the guest: %w", err)
	}
	v := smoke.Verdict{Recipe: b.recipe.Name, Build: b.dir, Path: b.path, Accel: string(choice.Accel), Fixture: record.Fixture}
	var g *guest
	begin := time.Now()
	if b.layout.Kind == live.KindDisk {
		space, disk, err := scratchDisk(ctx, cache, b.layout, b.recipe.Overlay)
		if err != nil {
			return nil, nil, err
		}
		defer space.remove()
		b.disk = disk
		first, err := b.firstBoot(ctx, choice)
		if err != nil {
			return nil, nil, err
		}
		v.Results = append(v.Results, first)
		if first.Status == smoke.Fail {
			v.Results = append(v.Results, b.notAsked()...)
		}
	}
	if len(v.Results) < 2 {
		if g, err = b.start(ctx, choice); err != nil {
			return nil, nil, err
		}
		defer g.end()
		if err := b.ask(g, &v); err != nil {
			return nil, nil, err
		}
	}
	b.next("")
	judged := smoke.Judge(v.Results)
	v.Word, v.Reason, v.Took = judged.Word, judged.Reason, time.Since(begin)
	b.log.line(v.Text())
	if err := writeJSON(filepath.Join(b.dir, verdictName), v); err != nil {
		return nil, nil, err
	}
	rehearsal, err := b.rehearse(g)
	return &v, rehearsal, err
}

// ask asks the guest everything.
func (b *boot) ask(g *guest, v *smoke.Verdict) error {
	results, err := g.guest.Ask(g.ctx, b.started, func(r smoke.Result) {
		b.done(r)
		if r.ID == "units" || r.ID == "sshd-config" || r.ID == "machine-id" {
			v.Memory = v.Memory.Calmest(g.guest.Memory(g.ctx))
		}
		if r.ID == smoke.UpWith(b.path) {
			g.inTime()
			b.next(StepChecks)
		}
	})
	v.Results = append(v.Results, results...)
	return err
}

func (b *boot) started(p smoke.Plan) {
	b.asked = true
	b.run.emit(CheckStarted{Time: time.Now(), Check: p.ID})
}

func (b *boot) done(r smoke.Result) {
	b.log.line(r.Text())
	b.run.emit(CheckDone{Time: time.Now(), Result: r})
	if r.Status == smoke.Fail && b.failed == nil {
		b.failed = &StepError{Step: b.step, Message: r.Title + ": " + r.Cause, Command: r.Command, Hint: r.Hint,
			Last: lastLines(r.Output), Log: b.log.name()}
	}
}

// next ends the running step and begins another, if it is named.
func (b *boot) next(step string) {
	status := Done
	switch {
	case b.failed != nil:
		status = Failed
	case !b.asked:
		status = Skipped
	}
	b.run.emit(StepDone{Time: time.Now(), Step: b.step, Status: status, Took: time.Since(b.begun), Error: b.failed})
	if step != "" {
		b.begin(step)
	}
}

func (b *boot) begin(step string) {
	b.step, b.begun, b.failed, b.asked = step, time.Now(), nil, false
	b.run.emit(StepStarted{Time: b.begun, Step: step})
}

// errNoISO is for builds whose recipe asked for no ISO: live-boot looks for its
// image on a medium, and the ISO is that medium on every boot path.
var errNoISO = hinted(errors.New("the build has no ISO to boot from"), `add "iso" to formats in [output]`)
