// Package output is the screen of what comes out: how the image is packed, the
// machine that test-boots it and what must hold there, and the recipe's own
// text as it will be saved.
package output

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/screens/session"
	"slipway/tui"
)

// Screen has two panes: the values, and the recipe's text.
type Screen struct {
	session *session.Session
	form    tui.Form
	rows    []row
	text    text
	onText  bool // which pane has the keys
	seen    int
	w, h    int
}

// row is one line of the form.
type row struct {
	tui.FormItem
	about  func(w int) []string
	toggle func() error // space turns it on or off
	remove func() error // d takes it out
}

// New returns the screen.
func New(s *session.Session) tui.Screen { return newScreen(s) }

func newScreen(s *session.Session) *Screen {
	sc := &Screen{session: s}
	sc.fill()
	return sc
}

var (
	keyToggle  = tui.Bind("on or off", "space", " ")
	keyAdd     = tui.Doing(tui.KeyAdd, "add a check")
	keyRemove  = tui.Doing(tui.KeyRemove, "remove the check")
	keyChanges = tui.Bind("changes only", "c", "c")
	keyWhole   = tui.Bind("the whole text", "c", "c")
)

// Title is the screen's name.
func (s *Screen) Title() string { return "Output" }

// SetSize sets the size in cells.
func (s *Screen) SetSize(w, h int) { s.w, s.h = w, h }

// Capturing says that a value is being typed.
func (s *Screen) Capturing() bool { return s.form.Capturing() }

// Keys are what can be pressed now.
func (s *Screen) Keys() []key.Binding {
	if s.form.Capturing() {
		return s.form.Keys()
	}
	changes := keyChanges
	if s.text.changesOnly {
		changes = keyWhole
	}
	if s.onText {
		return []key.Binding{tui.Doing(tui.KeyMove, "scroll"), changes, tui.Doing(tui.KeyPane, "the values")}
	}
	r := s.selected()
	toggle, remove := keyToggle, keyRemove
	toggle.SetEnabled(r.toggle != nil)
	remove.SetEnabled(r.remove != nil)
	return append(s.form.Keys(), toggle, keyAdd, remove, tui.Doing(tui.KeyPane, "the recipe's text"), changes)
}

func (s *Screen) selected() row {
	if i := s.form.Cursor(); i >= 0 {
		return s.rows[i]
	}
	return row{}
}

// Update routes keys to the pane that has them.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	if k, ok := msg.(tea.KeyMsg); ok {
		cmd = s.key(k)
	}
	// A saved recipe has the same text and no changes any more.
	if s.seen != s.session.Revision() {
		s.fill()
	}
	return cmd
}

func (s *Screen) key(k tea.KeyMsg) tea.Cmd {
	if s.form.Capturing() {
		return s.form.Update(k)
	}
	r := s.selected()
	switch {
	case key.Matches(k, tui.KeyPane):
		s.onText = !s.onText
	case key.Matches(k, keyChanges):
		s.text.changesOnly = !s.text.changesOnly
		s.text.fill(s.session.Doc())
	case s.onText:
		s.text.win.Update(k)
	case key.Matches(k, keyAdd):
		return s.askCheck()
	case r.toggle != nil && key.Matches(k, keyToggle):
		return session.Complain(r.toggle())
	case r.remove != nil && key.Matches(k, keyRemove):
		if err := r.remove(); err != nil {
			return session.Complain(err)
		}
		return session.Say("removed the check " + r.Label + "; u brings it back")
	default:
		return s.form.Update(k)
	}
	return nil
}

// fill makes the form and the text from the recipe.
func (s *Screen) fill() {
	s.seen = s.session.Revision()
	s.rows = nil
	s.heading("Packed as")
	s.profiles()
	s.formats()
	s.heading("Test boot")
	s.machine()
	s.heading("Checks of your own")
	s.checks()
	s.heading("Recipe")
	s.identity()
	items := make([]tui.FormItem, len(s.rows))
	for i, r := range s.rows {
		items[i] = r.FormItem
	}
	s.form.SetItems(items)
	s.text.fill(s.session.Doc())
}

func (s *Screen) heading(title string) {
	s.rows = append(s.rows, row{FormItem: tui.FormItem{Heading: title}})
}

// View draws the values beside the recipe's text, and below the values what
// the selected one means.
func (s *Screen) View() string {
	s.form.Blur = s.onText
	if s.w < 72 {
		if s.onText {
			return s.text.view(s.w, s.h, true)
		}
		return s.values(s.w, s.h)
	}
	lw, rw := tui.Split(s.w, 52, 36)
	return tui.Beside(s.values(lw, s.h), lw, s.text.view(rw, s.h, s.onText), rw, s.h)
}

func (s *Screen) values(w, h int) string {
	var about []string
	if a := s.selected().about; a != nil {
		about = a(w)
	}
	room := min(max(h-len(s.rows)-6, h/4), 8, h*2/5)
	if len(about) == 0 || room < 1 {
		s.form.SetSize(w, h)
		return tui.Box(s.form.View(), w, h)
	}
	s.form.SetSize(w, h-room-1)
	return tui.Above(s.form.View(), tui.Rule(w), tui.BoxLines(about, w, room))
}
