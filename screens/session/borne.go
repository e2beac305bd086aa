package session

import (
	"slipway/engine/smoke"
	"slipway/tui"
)

// Borne is how a machine bore a full overlay: a mark and the verdict's words.
func Borne(r smoke.Rehearsal) string {
	mark := tui.Bad.Render(tui.MarkFailed)
	switch r.Outcome {
	case smoke.Recovers:
		mark = tui.Good.Render(tui.MarkDone)
	case smoke.ReadOnly:
		mark = tui.Warn.Render(tui.MarkWarn)
	}
	return mark + " " + r.Verdict
}
