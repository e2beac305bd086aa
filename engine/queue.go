package engine

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"
)

// Merging keeps what a slow reader has not yet seen small without losing what
// matters: neighbouring output of a step becomes one event, of progress only
// the newest stays, everything else is kept. Output beyond maxLines unread
// lines is replaced by a line that says so: the log file has them all.
const maxLines = 20000

// maxConsole bounds unread console bytes in the same way.
const maxConsole = 1 << 20

// queue carries events from a run to one reader. Put never blocks.
type queue struct {
	mu     sync.Mutex
	events []Event
	lines  int // unread output lines
	closed bool
	ready  chan struct{} // holds a token when something is to be read
}

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1)} }

func (q *queue) put(e Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if !q.merge(e) {
		q.events = append(q.events, own(e))
	}
	q.wake()
}

// own copies what a later merge will append to.
func own(e Event) Event {
	switch e := e.(type) {
	case Output:
		return Output{Step: e.Step, Lines: slices.Clone(e.Lines)}
	case Console:
		return Console{Data: slices.Clone(e.Data)}
	}
	return e
}

// merge folds e into what is already waiting; false if it must stand alone.
func (q *queue) merge(e Event) bool {
	last := len(q.events) - 1
	switch e := e.(type) {
	case Output:
		q.lines += len(e.Lines)
		if q.lines > maxLines {
			q.dropLines()
			last = len(q.events) - 1
		}
		if last >= 0 {
			if o, ok := q.events[last].(Output); ok && o.Step == e.Step {
				o.Lines = append(o.Lines, e.Lines...)
				q.events[last] = o
				return true
			}
		}
	case Console:
		if last >= 0 {
			if c, ok := q.events[last].(Console); ok {
				data := append(c.Data, e.Data...)
				if len(data) > maxConsole {
					data = append(data[:0], data[len(data)-maxConsole/2:]...)
				}
				q.events[last] = Console{Data: data}
				return true
			}
		}
	case Progress:
		for i := last; i >= 0; i-- {
			if p, ok := q.events[i].(Progress); ok && p.Step == e.Step {
				q.events[i] = e
				return true
			}
			if s, ok := q.events[i].(StepStarted); ok && s.Step == e.Step {
				break
			}
		}
	}
	return false
}

// dropLines forgets the older half of the unread output and leaves a line that
// says so in its place.
func (q *queue) dropLines() {
	drop := maxLines / 2
	var kept []Event
	for _, e := range q.events {
		o, ok := e.(Output)
		if ok && drop > 0 {
			if drop == maxLines/2 {
				kept = append(kept, Output{Step: o.Step, Lines: []string{unread}})
				q.lines++
			}
			n := min(drop, len(o.Lines))
			drop -= n
			q.lines -= n
			if o.Lines = o.Lines[n:]; len(o.Lines) == 0 {
				continue
			}
			e = o
		}
		kept = append(kept, e)
	}
	q.events = kept
}

// unread stands for lines that came faster than they were read.
const unread = "… lines left out here: they came faster than they were read; the log has them all"

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake()
}

func (q *queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// receive waits for something to read, then keeps gathering for at most
// gather, and returns it all; io.EOF when the run is over and all was read.
func (q *queue) receive(ctx context.Context, gather time.Duration) ([]Event, error) {
	for {
		q.mu.Lock()
		n, closed := len(q.events), q.closed
		q.mu.Unlock()
		if n > 0 {
			if gather > 0 && !closed {
				timer := time.NewTimer(gather)
				select {
				case <-timer.C:
				case <-ctx.Done():
				}
				timer.Stop()
			}
			return q.take(), nil
		}
		if closed {
			return nil, io.EOF
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (q *queue) take() []Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	events := q.events
	q.events, q.lines = nil, 0
	return events
}
