package smoke

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/engine/proc"
)

// A machine whose overlay lies on a disk is booted twice: what the first boot
// wrote has to be there in the second, which is asked everything else.
var (
	firstBoot = Plan{"first-boot", "a first boot writes a file and powers off"}
	keptPlan  = Plan{"kept", "what the first boot wrote is there"}
)

// markFile is what the first boot writes.
const markFile = "/slipway-first-boot"

// FirstBoot asks a machine, in the first of its two boots, to write g.Mark to its
// root and to power off. leaving is called before it is told to, off is closed
// when it is gone. Errors are those of Ask.
func (g *Guest) FirstBoot(ctx context.Context, leaving func(), off <-chan struct{}, started func(Plan), done func(Result)) (Result, error) {
	a := &asking{Guest: g}
	begin := time.Now()
	started(firstBoot)
	f, err := a.leave(ctx, leaving, off)
	if err != nil {
		var ended error
		if f, ended = g.explain(ctx, f, err); ended != nil && !final(ended) {
			return Result{}, ended
		}
	}
	r := f.result(firstBoot, g.PowerOn, begin)
	done(r)
	return r, nil
}

// leave writes the mark once the machine is up, and powers it off.
func (a *asking) leave(ctx context.Context, leaving func(), off <-chan struct{}) (finding, error) {
	if a.Path == ISO {
		if err := a.Console.Await(ctx, LoginPrompt); err != nil {
			return finding{}, err
		}
		if !a.mayOpen(ctx) {
			return skip(noShell), nil
		}
	}
	if f, err := askMultiUser(ctx, a); err != nil {
		return f, err
	}
	answer, err := a.root(ctx, fmt.Sprintf("echo %s > %s && sync %[2]s && sync", proc.Quote(a.Mark), markFile))
	if err != nil {
		return finding{}, err
	}
	if answer.Exit != 0 {
		return fail("nothing can be written to /", "").of("write "+markFile, answer.Output), nil
	}
	leaving()
	if _, err := a.root(ctx, "systemctl --no-block poweroff"); err != nil && !errors.Is(err, ErrNoAnswer) {
		return finding{}, err
	}
	select {
	case <-off:
		return pass("powered off"), nil
	case <-ctx.Done():
		return finding{}, context.Cause(ctx)
	}
}

func askKept(ctx context.Context, a *asking) (finding, error) {
	answer, err := a.root(ctx, "cat "+markFile)
	if err != nil {
		return finding{}, err
	}
	return judgeKept(answer, a.Mark).of("cat "+markFile, answer.Output), nil
}

func judgeKept(answer Answer, mark string) finding {
	switch {
	case answer.Exit != 0:
		return fail("the file is gone", "did the first boot write to RAM instead of the disk? See the check of the overlay")
	case answer.Text() != mark:
		return fail("the file holds something else", "")
	}
	return pass(markFile)
}
