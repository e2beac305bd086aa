package smoke

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"slipway/engine/live"
	"slipway/recipes"
)

// Boot paths.
const (
	Direct = "direct" // kernel and initrd given to QEMU, the medium as a disk
	ISO    = "iso"    // the firmware boots the medium as a CD
)

// UpWith names the check with which a boot is over and the questions to a
// running system begin.
func UpWith(path string) string {
	if path == ISO {
		return "prompt"
	}
	return "multi-user"
}

// Guest is a booted machine as the checks see it.
type Guest struct {
	Recipe   recipes.Recipe
	Layout   live.Layout // of the image
	Path     string      // Direct or ISO
	Console  *Console
	Shell    *Shell        // nil where the boot path gives none
	SSH      string        // host:port that leads to the guest's sshd
	PowerOn  time.Time     // times in results count from here
	Patience time.Duration // how long one answer of a healthy guest may take
	Mark     string        // what a first boot writes and the second must find
}

// TimeoutError says that the guest did not come up in the time it was given.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("not within %s after power-on", e.After.Round(time.Second))
}

// finding is what a check found: a Result without the parts that every check
// gets from the runner.
type finding struct {
	status                              Status
	found, cause, hint, command, output string
}

func pass(found string) finding { return finding{status: Pass, found: found} }

func skip(why string) finding { return finding{status: Skipped, cause: why} }

func fail(cause, hint string) finding { return finding{status: Fail, cause: cause, hint: hint} }

// of adds the question and the answer.
func (f finding) of(command, output string) finding {
	f.command, f.output = command, strings.TrimRight(output, "\n")
	if f.status == Pass {
		f.output = "" // nobody reads what went well
	}
	return f
}

// result is the finding of a check that began then.
func (f finding) result(p Plan, powerOn, begin time.Time) Result {
	return Result{Plan: p, Status: f.status, At: time.Since(powerOn), Took: time.Since(begin),
		Found: f.found, Cause: f.cause, Hint: f.hint, Command: f.command, Output: f.output}
}

// check is one question to a guest.
type check struct {
	Plan
	shell bool // cannot be asked without a root shell
	ask   func(context.Context, *asking) (finding, error)
}

// asking is the state of one round of checks.
type asking struct {
	*Guest
	login login // left by the login check for the X11 check
	given bool  // the shell was given the time to open on the ISO path
}

// mayOpen reports whether there is a shell on the ISO path. It opens well
// before the login prompt; a guest that is busy is given a little longer, once.
func (a *asking) mayOpen(ctx context.Context) bool {
	if !a.given {
		a.given = true
		limited, cancel := context.WithTimeout(ctx, a.Patience/3)
		defer cancel()
		_ = a.Shell.Ready(limited)
	}
	return a.Shell.Opened()
}

// noShell says why a check is skipped on the ISO path, where the shell is a
// matter of the image's systemd.
const noShell = "this system takes no shell from outside, and the medium stays unchanged; a direct boot asks this"

// Plans names the checks of a recipe on a boot path, in their order. The layout is
// that of its image; if that keeps what is written, the first is FirstBoot's.
func Plans(r recipes.Recipe, l live.Layout, path string) []Plan {
	var plans []Plan
	if l.Kind == live.KindDisk {
		plans = append(plans, firstBoot)
	}
	for _, c := range checks(r, l, path) {
		plans = append(plans, c.Plan)
	}
	return plans
}

// Ask asks everything in order and returns the results. Both functions are
// called from the caller's goroutine. When ctx ends with a *Death or a
// *TimeoutError as its cause, the check under way fails with it and the others
// are skipped; when it ends for another reason, that is returned as the error.
func (g *Guest) Ask(ctx context.Context, started func(Plan), done func(Result)) ([]Result, error) {
	a := &asking{Guest: g}
	defer a.login.close()
	var results []Result
	var ended error
	for _, c := range checks(g.Recipe, g.Layout, g.Path) {
		begin := time.Now()
		var f finding
		switch {
		case ended != nil:
			f = skip("not asked: " + ended.Error())
		case c.shell && g.Path == ISO && !a.mayOpen(ctx):
			f = skip(noShell)
		default:
			started(c.Plan)
			var err error
			if f, err = c.ask(ctx, a); err != nil {
				if f, ended = a.explain(ctx, f, err); ended != nil && !final(ended) {
					return results, ended
				}
			}
		}
		r := f.result(c.Plan, g.PowerOn, begin)
		results = append(results, r)
		done(r)
	}
	return results, nil
}

// final reports whether err is an end that is itself a result.
func final(err error) bool {
	var d *Death
	var t *TimeoutError
	return errors.As(err, &d) || errors.As(err, &t)
}

// explain turns an error into a failed check. ended is set if no other check
// can be asked any more.
func (g *Guest) explain(ctx context.Context, f finding, err error) (_ finding, ended error) {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
		ended = err
	}
	f.status = Fail
	var d *Death
	var t *TimeoutError
	switch {
	case errors.As(err, &d):
		f.cause, f.hint = d.Message, d.Hint
		f.command, f.output = "serial console", strings.Join(d.Last, "\n")
	case errors.As(err, &t):
		f.cause, f.hint = join(f.cause, t.Error()), "raise timeout in [boot] if the machine is just slow"
		if f.output == "" {
			f.command, f.output = "serial console", strings.Join(g.Console.Last(15), "\n")
		}
		if g.Console.Silent() {
			f.hint = "the serial console stayed silent: does the kernel command line have console=ttyS0?"
		}
	case errors.Is(err, ErrNoAnswer):
		f.cause, f.hint = ErrNoAnswer.Error(), "the guest hangs or is far too busy"
		f.command, f.output = "serial console", strings.Join(g.Console.Last(15), "\n")
	default:
		f.cause = join(f.cause, err.Error())
	}
	return f, ended
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// root runs a script in the guest's root shell.
func (a *asking) root(ctx context.Context, script string) (Answer, error) {
	return a.Shell.Run(ctx, a.Patience, script)
}

// pause waits a little between two looks at something that is still on its way.
func pause(ctx context.Context) error {
	select {
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// facts reads lines "name=value" as the scripts of checks print them. A name
// may stand on several lines.
func facts(output string) map[string][]string {
	m := map[string][]string{}
	for line := range strings.Lines(output) {
		if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "="); ok {
			m[name] = append(m[name], strings.TrimSpace(value))
		}
	}
	return m
}

// Room looks how full the overlay is, unless the guest's shell is busy or closed:
// false then, or if it cannot be told.
func (g *Guest) Room(ctx context.Context) (Room, bool) {
	answer, ok := g.Shell.TryRun(ctx, g.Patience/3, truthScript)
	r := readTruth(facts(answer.Output)).room()
	return r, ok && r.Size > 0
}

func one(m map[string][]string, name string) string {
	if v := m[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}
