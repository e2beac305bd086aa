package boot

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
	"building": {"pass", booting, nil},
	"running":  {"pass", tryingX11, nil},
	"typing":   {"pass", tryingX11, []string{"tab"}},
	"history":  {"pass", nil, []string{"l"}},
	"pass":     {"pass", nil, nil},
	"fail":     {"fail", nil, nil},
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
	s := screentest.Session(t, 0)
	b := New(s)
	b.SetSize(size.W, size.H)
	events := screentest.Events(t, "testdata/"+state.file+".jsonl")
	if state.until != nil {
		events = screentest.Until(events, state.until)
	}
	screentest.SetClock(s, events)
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

func TestKeysDoWhatTheFootSays(t *testing.T) {
	for name := range states {
		t.Run(name, func(t *testing.T) {
			make := func() tuitest.Keyed { return screenIn(t, name, tuitest.Size{W: 78, H: 18}) }
			tuitest.KeysWork(t, make)
			if name != "typing" {
				tuitest.KeysIdle(t, make, "z", "x", "f9", "ctrl+t", "!")
			}
		})
	}
}

func TestDisabledKeysDoNothing(t *testing.T) {
	tuitest.KeysIdle(t, func() tuitest.Keyed { return screenIn(t, "running", tuitest.Size{W: 78, H: 18}) }, "t", "esc")
	tuitest.KeysIdle(t, func() tuitest.Keyed { return screenIn(t, "pass", tuitest.Size{W: 78, H: 18}) }, "c", "tab", "esc")
	tuitest.KeysIdle(t, func() tuitest.Keyed { return screenIn(t, "building", tuitest.Size{W: 78, H: 18}) }, "tab", "l", "enter", "t")
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

func TestConsoleTakesAllKeysUntilItIsLeft(t *testing.T) {
	b := screenIn(t, "running", tuitest.Size{W: 78, H: 18})
	tuitest.Press(b, "tab")
	if !b.Grabbing() || !b.Capturing() {
		t.Fatal("tab does not give the keys to the guest")
	}
	for _, k := range []string{"q", "c", "ctrl+c", "tab", "esc", "enter"} {
		if b.Update(tuitest.KeyMsg(k)) == nil {
			t.Errorf("%s does not reach the guest", k)
		}
	}
	tuitest.Press(b, "ctrl+]")
	if b.Grabbing() {
		t.Error("ctrl-] does not give the keys back")
	}
}

func TestTypingEndsWithTheMachine(t *testing.T) {
	b := screenIn(t, "typing", tuitest.Size{W: 78, H: 18})
	b.Update(session.Events{Job: b.job.ID, Events: []engine.Event{engine.Finished{Status: engine.Failed}}})
	if b.Grabbing() {
		t.Error("keys go to a machine that is off")
	}
}

func TestCursorGoesToTheFirstFailure(t *testing.T) {
	b := screenIn(t, "fail", tuitest.Size{W: 78, H: 18})
	if c := b.selected(); c.ID != "x11" {
		t.Errorf("the cursor is on %s", c.ID)
	}
	got := tuitest.Press(b, "enter")
	if len(got) != 1 {
		t.Fatalf("enter gives %v", got)
	}
	d := got[0].(tui.OpenDialog).Dialog
	d.SetSize(100, 40)
	said := strings.Join(strings.Fields(ansi.Strip(d.View())), " ")
	for _, want := range []string{"cause", "AddressFamily is any", "hint", "command", "Failed to allocate internet-domain"} {
		if !strings.Contains(said, want) {
			t.Errorf("the details lack %q:\n%s", want, d.View())
		}
	}
}

func TestVerdictIsAWordWithoutColour(t *testing.T) {
	tuitest.Colour(t, termenv.Ascii, true)
	for name, want := range map[string]string{"pass": "[PASS]  all 11 checks hold", "fail": "[FAIL]  X11 forwarding accepted: refused"} {
		view := screenIn(t, name, tuitest.Size{W: 78, H: 18}).View()
		if strings.Contains(view, "\x1b") || !strings.Contains(view, want) {
			t.Errorf("%q is not said plainly:\n%s", want, view)
		}
	}
}

// What came from a mirror of the tests says so beside the word.
func TestVerdictOfAFixtureSaysSo(t *testing.T) {
	b := screenIn(t, "pass", tuitest.Size{W: 78, H: 18})
	v := *b.job.End.Verdict // it is of a recording that others replay
	v.Fixture = true
	b.job.End.Verdict = &v
	if view := ansi.Strip(b.View()); !strings.Contains(view, "PASS (fixture)") {
		t.Errorf("it is not said:\n%s", view)
	}
}
