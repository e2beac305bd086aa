package build

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"slipway/engine"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

// states are the screen's states, by name.
var states = map[string]struct {
	file  string
	until func(engine.Event) bool
	keys  []string
}{
	"running":   {"build", installing, nil},
	"done":      {"build", nil, nil},
	"one-step":  {"build", nil, []string{"up", "up", "up", "up", "up", "enter"}},
	"search":    {"build", nil, []string{"/", "x", "1", "1", "enter"}},
	"failed":    {"failed", nil, nil},
	"cancelled": {"cancelled", nil, nil},
}

// installing stops a recording in the middle of the root step.
func installing(e engine.Event) bool {
	p, ok := e.(engine.Progress)
	return ok && p.Step == "root" && p.Total > 100 && p.Done > 100
}

func screenIn(t *testing.T, name string, size tuitest.Size) *Screen {
	t.Helper()
	state := states[name]
	s := screentest.Session(t, 0)
	b := New(s)
	b.SetSize(size.W, size.H)
	events := screentest.Events(t, "testdata/"+state.file+".jsonl")
	if state.until != nil {
		events = screentest.Until(events, state.until)
	}
	screentest.SetClock(s, events)
	screentest.Play(s, b, session.Build, events)
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

func TestPlanIsShownBeforeARun(t *testing.T) {
	s := screentest.Session(t, 0)
	for _, size := range tuitest.Sizes[1:] {
		body := size.Body()
		b := New(s)
		b.SetSize(body.W, body.H)
		b.Update(tui.Shown{})
		b.Update(planned{id: b.planID, plan: engine.Plan{Steps: []engine.Step{
			{Name: "resolve", Does: "read and verify the signed index of debian bookworm amd64"},
			{Name: "root", Does: "install 9 packages of debian bookworm amd64 and what they need",
				Inputs: []engine.Input{{Name: "suite", Value: "debian bookworm amd64"}, {Name: "packages", Value: "openssh-server sudo xauth"}}},
		}}})
		tuitest.Press(b, "down")
		tuitest.Exact(t, b.View(), body.W, body.H)
		tuitest.Golden(t, "plan-"+size.String(), b.View())
	}
}

func TestKeysDoWhatTheFootSays(t *testing.T) {
	for name := range states {
		t.Run(name, func(t *testing.T) {
			make := func() tuitest.Keyed { return screenIn(t, name, tuitest.Size{W: 78, H: 18}) }
			tuitest.KeysWork(t, make)
			tuitest.KeysIdle(t, make, "z", "x", "f9", "ctrl+t", "!")
		})
	}
}

func TestDisabledKeysDoNothing(t *testing.T) {
	running := func() tuitest.Keyed { return screenIn(t, "running", tuitest.Size{W: 78, H: 18}) }
	tuitest.KeysIdle(t, running, "r", "b", "t", "esc", "n", "N")
	done := func() tuitest.Keyed { return screenIn(t, "done", tuitest.Size{W: 78, H: 18}) }
	tuitest.KeysIdle(t, done, "r", "c", "esc", "n")
}

func TestEveryStateIsDrawnInEverySize(t *testing.T) {
	for name := range states {
		b := screenIn(t, name, tuitest.Size{W: 78, H: 18})
		for _, w := range []int{1, 10, 33, 40, 58, 77, 99, 101, 149, 151, 300} {
			for _, h := range []int{1, 2, 3, 5, 10, 18, 54} {
				b.SetSize(w, h)
				tuitest.Exact(t, b.View(), w, h)
			}
		}
	}
}

func TestRetryRunsTheSameKindAgain(t *testing.T) {
	b := screenIn(t, "failed", tuitest.Size{W: 78, H: 18})
	if got := tuitest.Press(b, "r"); len(got) != 1 || got[0] != (session.RunBuild{}) {
		t.Errorf("r asks for %v", got)
	}
	b.job.Kind = session.Boot
	if got := tuitest.Press(b, "r"); len(got) != 1 || got[0] != (session.RunBoot{}) {
		t.Errorf("r of a test boot asks for %v", got)
	}
}

func TestWordsWithoutColour(t *testing.T) {
	tuitest.Colour(t, termenv.Ascii, true)
	for name, word := range map[string]string{"failed": "✗ root failed", "cancelled": "cancelled", "done": "✓ Built debian-vm"} {
		view := screenIn(t, name, tuitest.Size{W: 78, H: 18}).View()
		if strings.Contains(view, "\x1b") || !strings.Contains(view, word) {
			t.Errorf("%s without colours does not say %q plainly:\n%q", name, word, view)
		}
	}
}

func TestEveryEndHasItsMarkAndWord(t *testing.T) {
	tuitest.Colour(t, termenv.Ascii, true)
	for status, want := range map[engine.Status]string{engine.Done: "✓ ", engine.Cached: "✓ cached", engine.Skipped: "– skipped",
		engine.Failed: "✗ failed", engine.Cancelled: "! cancelled"} {
		mark, word := outcome(status)
		if got := mark + " " + word; got != want {
			t.Errorf("%s is shown as %q, want %q", status, got, want)
		}
	}
}

func TestTheTimeLeftIsWhatTheStepsTookLastTime(t *testing.T) {
	b := screenIn(t, "done", tuitest.Size{W: 78, H: 18})
	events := screentest.Until(screentest.Events(t, "testdata/build.jsonl"), installing)
	screentest.SetClock(b.s, events)
	if strings.Contains(b.View(), "left") {
		t.Error("a finished build has time left")
	}
	screentest.Play(b.s, b, session.Build, events)
	if !strings.Contains(ansi.Strip(b.View()), "about 03:") {
		t.Errorf("the time left is not said:\n%s", ansi.Strip(b.View()))
	}
	fresh := screenIn(t, "running", tuitest.Size{W: 78, H: 18})
	if strings.Contains(fresh.View(), " left") {
		t.Error("a first build claims to know the time left")
	}
}
