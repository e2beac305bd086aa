package boot

import (
	"testing"
	"time"

	"slipway/engine"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui/tuitest"
)

// states are the screen's states, by name.
var states = map[string]struct {
	file  string
	after time.Duration
	until func(engine.Event) bool
	keys  []string
}{
	"building": {"pass", 300 * time.Millisecond, booting, nil},
	"running":  {"pass", 53 * time.Second, tryingX11, nil},
	"typing":   {"pass", 53 * time.Second, tryingX11, []string{"tab"}},
	"history":  {"pass", time.Minute, nil, []string{"l"}},
	"pass":     {"pass", time.Minute, nil, nil},
	"fail":     {"fail", time.Minute, nil, nil},
}

func booting(e engine.Event) bool { _, ok := e.(engine.Booting); return ok }

// tryingX11 stops a recording while the X11 check is being tried.
func tryingX11(e engine.Event) bool {
	d, ok := e.(engine.CheckDone)
	return ok && d.Result.ID == "x11"
}

func screenIn(t *testing.T, name string, size tuitest.Size) *Screen {
	t.Helper()
	state := states[name]
	s := screentest.Session(t, state.after)
	b := New(s)
	b.SetSize(size.W, size.H)
	events := screentest.Events(t, "testdata/"+state.file+".jsonl")
	if state.until != nil {
		events = screentest.Until(events, state.until)
	}
	screentest.Play(s, b, session.Boot, events)
	tuitest.Press(b, state.keys...)
	return b
}

func TestViews(t *testing.T) {
	for name := range states {
		for _, size := range tuitest.Sizes[1:] {
			t.Run(name+"/"+size.String(), func(t *testing.T) {
				body := size.Body()
				b := screenIn(t, name, body)
				view := b.View()
				tuitest.Exact(t, view, body.W, body.H)
				tuitest.Golden(t, name+"-"+size.String(), view)
			})
		}
	}
}

func TestBeforeABoot(t *testing.T) {
	for _, size := range tuitest.Sizes[1:] {
		body := size.Body()
		b := New(screentest.Session(t, 0))
		b.SetSize(body.W, body.H)
		tuitest.Exact(t, b.View(), body.W, body.H)
		tuitest.Golden(t, "before-"+size.String(), b.View())
	}
}
