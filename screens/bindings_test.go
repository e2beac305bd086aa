package screens

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

// editors are the places where the recipe is edited.
var editors = []session.Place{session.Library, session.Distro, session.Overlay, session.Packages, session.SSH, session.System, session.Output}

// maxLines is more than any of them has in the recipe of the test.
const maxLines = 30

// editor returns a screen of the workbench with the cursor some lines down;
// false if it has not so many.
func editor(t *testing.T, p session.Place, line int) (*App, tui.Screen, bool) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir()) // for texts opened in an editor
	a := newApp(screentest.Session(t, 0))
	a.resize(80, 24)
	feed(a, a.show(p))
	if p == session.Library {
		feed(a, a.screen().Update(tui.Shown{}))
	}
	for range line {
		above := a.screen().View()
		feed(a, a.screen().Update(tuitest.KeyMsg("down")))
		if a.screen().View() == above {
			return a, a.screen(), false
		}
	}
	return a, a.screen(), true
}

// feed runs a command and gives the app its messages, until nothing follows.
func feed(a *App, cmd tea.Cmd) {
	for _, msg := range tuitest.Run(cmd) {
		_, next := a.Update(msg)
		feed(a, next)
	}
}

// Every key that a screen offers does something: it changes what is seen or
// the recipe, or asks the app for something.
func TestEveryBindingHasAnEffect(t *testing.T) {
	for _, p := range editors {
		for line := range maxLines {
			_, sc, ok := editor(t, p, line)
			if !ok {
				break
			}
			for _, b := range sc.Keys() {
				if !b.Enabled() {
					continue
				}
				a, sc, _ := editor(t, p, line)
				if !acts(a, sc, b) {
					t.Errorf("%s, line %d: %s (%s) does nothing:\n%s", sc.Title(), line, b.Help().Key, b.Help().Desc, ansi.Strip(sc.View()))
				}
			}
			if p == session.SSH && line > 6 {
				break // a hundred directives; every one of them is opened in its own test
			}
		}
	}
}

// acts presses each key of a binding until one has an effect.
func acts(a *App, sc tui.Screen, b key.Binding) bool {
	for _, k := range b.Keys() {
		view, revision, capturing := sc.View(), a.session.Revision(), sc.Capturing()
		cmd := sc.Update(tuitest.KeyMsg(k))
		if cmd != nil || sc.View() != view || a.session.Revision() != revision || sc.Capturing() != capturing {
			return true
		}
	}
	return false
}

// Text that is typed stays text, whatever its letters mean elsewhere.
func TestTypedTextStaysText(t *testing.T) {
	for _, p := range editors {
		for line := range maxLines {
			a, sc, ok := editor(t, p, line)
			if !ok {
				break
			}
			_, cmd := a.Update(tuitest.KeyMsg("enter"))
			if !sc.Capturing() {
				continue
			}
			feed(a, cmd)
			before := string(a.session.Doc().Source)
			a.Update(tuitest.KeyMsg("ctrl+u"))
			for _, r := range "btswfnpq?u0123456789 /" {
				_, cmd := a.Update(tuitest.KeyMsg(string(r)))
				feed(a, cmd)
			}
			view := ansi.Strip(a.View())
			if a.at != p || len(a.dialogs) > 0 || string(a.session.Doc().Source) != before || !strings.Contains(view, "9 /") {
				t.Errorf("%s, line %d: letters were not text:\n%s", sc.Title(), line, view)
			}
		}
	}
}

// Views keep their size in colour, too, on dark and light backgrounds, and
// every line that is selected is marked in more ways than by a colour.
func TestColours(t *testing.T) {
	for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI} {
		for _, p := range editors {
			tuitest.Colour(t, profile, true)
			a, sc, _ := editor(t, p, 0)
			for _, dark := range []bool{true, false} {
				tuitest.Colour(t, profile, dark)
				for _, size := range tuitest.Sizes {
					a.resize(size.W, size.H)
					body := tui.Layout(size.W, size.H).Body
					view := sc.View()
					tuitest.Exact(t, view, body.W, body.H)
					if body.H > 8 && !strings.Contains(ansi.Strip(view), tui.MarkSelected) {
						t.Errorf("%s at %s marks no line:\n%s", sc.Title(), size, ansi.Strip(view))
					}
				}
			}
		}
	}
}

// Undo takes back what a screen did, byte for byte.
func TestUndoKey(t *testing.T) {
	a := appAt(t, tuitest.Size{W: 80, H: 24}, time.Second)
	before := string(a.session.Doc().Source)
	a.Update(tuitest.KeyMsg("4"))
	for range 3 {
		a.Update(tuitest.KeyMsg("d"))
	}
	if string(a.session.Doc().Source) == before {
		t.Fatal("nothing was edited")
	}
	for range 3 {
		a.Update(tuitest.KeyMsg("u"))
	}
	if got := string(a.session.Doc().Source); got != before {
		t.Errorf("undone to\n%s", got)
	}
}
