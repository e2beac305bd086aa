// Package progress prints a run for people, and programs, without the terminal
// UI: every event in full as JSON, every line as plain text, the steps and the
// result only, or the same with one status line that follows the work. All are
// readers of the one stream of events; none asks a clock. A printer never stops
// a run: what cannot be written is forgotten.
package progress

import (
	"context"
	"io"

	"slipway/engine"
)

// Printer writes events, in the order in which they happened.
type Printer interface{ Print(engine.Event) }

// Follow prints a run until its end, also past a cancellation, so that the
// reason and what was cleaned up are still said, and returns its last event.
func Follow(run *engine.Run, p Printer) engine.Finished {
	// The background context never ends, so Each returns when the run does.
	_ = run.Each(context.Background(), p.Print)
	return run.Wait()
}

// JSON prints one event a line, as engine.UnmarshalEvent reads it.
func JSON(w io.Writer) Printer { return jsonPrinter{w} }

type jsonPrinter struct{ w io.Writer }

func (p jsonPrinter) Print(e engine.Event) {
	line, err := engine.MarshalEvent(e)
	if err != nil {
		return // every kind of event can be marshalled: a test of the engine holds it
	}
	_, _ = p.w.Write(append(line, '\n'))
}
