package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Gather is how long Receive collects events before it returns, so that a
// reader that draws is woken at most 30 times a second.
const Gather = 33 * time.Millisecond

// Run is work under way: a build, a test boot, or both. Events are read with
// Receive by one reader; a run never waits for its reader.
type Run struct {
	queue  *queue
	cancel context.CancelFunc
	input  atomic.Pointer[func([]byte)]
	full   atomic.Bool // a rehearsal of a full overlay was asked for
	also   []Step      // appended to the plan that the build announces
	done   chan struct{}
	once   sync.Once
	end    Finished
}

// newRun starts work in its own goroutine. work must emit everything but
// Finished, which it returns. A panic in it becomes a failed run: a panic in a
// goroutine of our own would leave the terminal raw.
func newRun(ctx context.Context, work func(ctx context.Context, r *Run) Finished) *Run {
	return newRunOf(ctx, nil, work)
}

// newRunOf is newRun for work that does more than the plan which it announces:
// the steps in also.
func newRunOf(ctx context.Context, also []Step, work func(ctx context.Context, r *Run) Finished) *Run {
	ctx, cancel := context.WithCancel(ctx)
	r := &Run{queue: newQueue(), cancel: cancel, also: also, done: make(chan struct{})}
	go func() {
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				r.finish(Finished{Time: time.Now(), Status: Failed, Error: panicError(p)})
			}
		}()
		r.finish(work(ctx, r))
	}()
	return r
}

// Replay returns a finished run that emits the given events: for tests and for
// looking at a recorded run.
func Replay(events []Event) *Run {
	r := &Run{queue: newQueue(), cancel: func() {}, done: make(chan struct{})}
	for _, e := range events {
		if f, ok := e.(Finished); ok {
			r.finish(f)
			return r
		}
		r.queue.events = append(r.queue.events, e)
	}
	r.finish(Finished{Status: Done})
	return r
}

func (r *Run) emit(e Event) {
	if p, ok := e.(PlanReady); ok && len(r.also) > 0 {
		p.Steps = append(p.Steps[:len(p.Steps):len(p.Steps)], r.also...)
		e = p
	}
	r.queue.put(e)
}

func (r *Run) finish(f Finished) {
	r.once.Do(func() {
		r.end = f
		r.queue.put(f)
		r.queue.close()
		close(r.done)
	})
}

// Receive returns what happened since the last call, waiting until there is
// something; io.EOF after Finished was returned; ctx's error if that ends first.
func (r *Run) Receive(ctx context.Context) ([]Event, error) {
	return r.queue.receive(ctx, Gather)
}

// Cancel asks the run to stop and clean up. Finished follows, with status
// Cancelled, when that is done. Cancelling twice, or a finished run, is harmless.
func (r *Run) Cancel() { r.cancel() }

// Type sends bytes to the guest's serial console, if one is running.
func (r *Run) Type(p []byte) {
	if f := r.input.Load(); f != nil {
		(*f)(p)
	}
}

// Rehearse asks a test boot to fill the overlay once the checks are over. It does
// nothing when that was asked already or the run has gone past it.
func (r *Run) Rehearse() { r.full.Store(true) }

// setInput says who takes what is typed.
func (r *Run) setInput(f func([]byte)) { r.input.Store(&f) }

// Wait returns the last event once the run is over.
func (r *Run) Wait() Finished {
	<-r.done
	return r.end
}

// Each calls f for every event until the run is over or ctx ends.
func (r *Run) Each(ctx context.Context, f func(Event)) error {
	for {
		events, err := r.Receive(ctx)
		for _, e := range events {
			f(e)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func panicError(p any) *StepError {
	return &StepError{Step: "slipway", Message: fmt.Sprintf("internal error: %v", p),
		Last: strings.Split(strings.TrimSpace(string(debug.Stack())), "\n"),
		Hint: "this is a defect of slipway; the build was stopped and cleaned up"}
}
