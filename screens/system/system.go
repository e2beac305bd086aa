// Package system is the screen of what a machine is: its name and place in the
// world, kernel, services, kernel parameters, and the files and scripts of the
// recipe's own.
package system

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/screens/session"
	"slipway/tui"
)

var (
	keyAdd     = tui.KeyAdd
	keyRemove  = tui.KeyRemove
	keyContent = tui.Bind("edit the text", "e", "e")
)

// Screen shows everything below [system], [kernel], [[files]] and [[hooks]].
type Screen struct {
	session *session.Session
	form    tui.Form
	rows    []row // one for each line of the form
	draft   draft
	seen    int
	w, h    int
}

// row is one line of the form, with what else can be done to it.
type row struct {
	tui.FormItem
	about   func(w int) []string
	add     string         // a adds to the list of this name
	remove  func() error   // d takes it out
	content func() tea.Cmd // e edits its text
}

// New returns the screen.
func New(s *session.Session) tui.Screen { return newScreen(s) }

func newScreen(s *session.Session) *Screen {
	sc := &Screen{session: s}
	sc.fill()
	return sc
}

// Title is the screen's name.
func (s *Screen) Title() string { return "System" }

// SetSize sets the size in cells.
func (s *Screen) SetSize(w, h int) { s.w, s.h = w, h }

// Capturing says that a value is being typed.
func (s *Screen) Capturing() bool { return s.form.Capturing() }

// Keys are what can be pressed now.
func (s *Screen) Keys() []key.Binding {
	if s.form.Capturing() {
		return s.form.Keys()
	}
	r := s.selected()
	add, remove, content := keyAdd, keyRemove, keyContent
	add = tui.Doing(add, "add "+r.add)
	add.SetEnabled(r.add != "")
	remove.SetEnabled(r.remove != nil)
	content.SetEnabled(r.content != nil)
	return append(s.form.Keys(), content, add, remove)
}

func (s *Screen) selected() row {
	if i := s.form.Cursor(); i >= 0 {
		return s.rows[i]
	}
	return row{}
}

// Update routes keys to the form and to the selected line.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyMsg:
		cmd = s.key(msg)
	case edited:
		cmd = s.edited(msg)
	case dropped:
		s.draft = draft{}
	}
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
	case r.add != "" && key.Matches(k, keyAdd):
		return s.openAdder(r.add)
	case r.remove != nil && key.Matches(k, keyRemove):
		if err := r.remove(); err != nil {
			return session.Complain(err)
		}
		return session.Say("removed " + r.Label + "; u brings it back")
	case r.content != nil && key.Matches(k, keyContent):
		return r.content()
	}
	return s.form.Update(k)
}

// openAdder goes to the line that adds to a list, and opens it.
func (s *Screen) openAdder(list string) tea.Cmd {
	for i, r := range s.rows {
		if r.add == list && r.Label == "add "+list {
			s.form.SetCursor(i)
			return s.form.Update(tea.KeyMsg{Type: tea.KeyEnter})
		}
	}
	return nil
}

// View draws the values beside what the selected one means.
func (s *Screen) View() string {
	return tui.ListAndDetail(s.w, s.h, 58, func(w, h int) string {
		s.form.SetSize(w, h)
		return s.form.View()
	}, func(w int) []string {
		r := s.selected()
		if r.about == nil {
			return nil
		}
		lines := r.about(w)
		if !r.Default && r.Edit != nil && r.Value != "" {
			lines = append(append(lines, ""), tui.Facts([]tui.Fact{{Name: "Now", Value: r.Value}}, w)...)
		}
		return lines
	})
}

// fill makes the form from the recipe.
func (s *Screen) fill() {
	s.seen = s.session.Revision()
	s.rows = nil
	s.heading("Machine")
	s.machine()
	s.heading("Services")
	s.services()
	s.heading("Kernel parameters")
	s.sysctl()
	s.heading("Files")
	s.files()
	s.heading("Hooks")
	s.hooks()
	items := make([]tui.FormItem, len(s.rows))
	for i, r := range s.rows {
		items[i] = r.FormItem
	}
	s.form.SetItems(items)
}

func (s *Screen) heading(title string) {
	s.rows = append(s.rows, row{FormItem: tui.FormItem{Heading: title}})
}

// explain returns what is said of a line: a title and some sentences.
func explain(title, text string, facts ...tui.Fact) func(w int) []string {
	return func(w int) []string {
		lines := append([]string{tui.Heading.Render(tui.Cut(title, w)), ""}, tui.Prose(text, w)...)
		if len(facts) > 0 {
			lines = append(append(lines, ""), tui.Facts(facts, w)...)
		}
		return lines
	}
}
