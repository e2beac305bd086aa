// Slipway builds live Linux images and boots them to a verdict.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"slipway/engine"
	"slipway/recipes"
	"slipway/tui/hush"
)

func main() {
	hush.Over()
	if engine.WorkerMain() {
		return
	}
	os.Exit(run(os.Args[1:]))
}

// Exit statuses beyond 0. A run that a signal ended exits with 128 and its number.
const (
	statusFailed = 1 // findings, a failed build, a verdict of FAIL
	statusCannot = 2 // wrong usage, or a boot that could not run
)

// run executes one command line and returns its exit status.
func run(args []string) int {
	ctx, stop := interruptible()
	defer stop()
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var s *statusError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &s):
		complain(os.Stderr, s.err)
		return s.status
	default:
		complain(os.Stderr, err)
		return statusCannot
	}
}

// statusError ends the program with a status of its own; err may be nil if all
// was said.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d: %v", e.status, e.err) }

func fail(status int, err error) error { return &statusError{status, err} }

// complain prints an error in the fullest form that it has.
func complain(w io.Writer, err error) {
	var step *engine.StepError
	var problems recipes.Problems
	switch {
	case err == nil:
	case errors.As(err, &step):
		fmt.Fprint(w, "slipway: ", step.Text())
	case errors.As(err, &problems):
		for _, p := range problems {
			fmt.Fprintln(w, p.Detail())
		}
	default:
		fmt.Fprintln(w, "slipway:", err)
	}
}

// interrupted is the cause of a context that a signal ended.
type interrupted struct{ signal syscall.Signal }

func (i interrupted) Error() string { return i.signal.String() }

// interruptible returns a context that the first of the signals ends. Until
// stop, later ones are taken and ignored, so that they cannot break a clean-up.
// A broken pipe is only noted: a reader that left ends its output, not a build.
// Notifying rather than ignoring it leaves the child programs' own as it was.
func interruptible() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	go func() {
		for s := range signals {
			if s != syscall.SIGPIPE {
				cancel(interrupted{s.(syscall.Signal)})
			}
		}
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel(nil) }
}

// signalStatus is the exit status of a run that was cancelled.
func signalStatus(ctx context.Context) int {
	var i interrupted
	if errors.As(context.Cause(ctx), &i) {
		return 128 + int(i.signal)
	}
	return statusFailed
}
