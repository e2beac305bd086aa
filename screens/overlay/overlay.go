// Package overlay is the screen of the choice that decides whether servers
// survive: what takes the writes of a machine that runs from a read-only image.
package overlay

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/engine/live"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// Screen shows the strategies, and what the selected one does to a server.
type Screen struct {
	session *session.Session
	form    tui.Form
	shows   []int // of each line of the form: the strategy it is about, -1: the chosen one
	seen    int
	w, h    int
}

// New returns the screen.
func New(s *session.Session) tui.Screen { return newScreen(s) }

func newScreen(s *session.Session) *Screen {
	sc := &Screen{session: s}
	sc.fill()
	return sc
}

// Title is the screen's name.
func (s *Screen) Title() string { return "Overlay" }

// SetSize sets the size in cells.
func (s *Screen) SetSize(w, h int) { s.w, s.h = w, h }

// Capturing says that a value is being typed.
func (s *Screen) Capturing() bool { return s.form.Capturing() }

// Keys are what can be pressed now.
func (s *Screen) Keys() []key.Binding { return s.form.Keys() }

// Update routes keys to the form.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	if k, ok := msg.(tea.KeyMsg); ok {
		cmd = s.form.Update(k)
	}
	if s.seen != s.session.Revision() {
		s.fill()
	}
	return cmd
}

// View draws the strategies beside the selected one's consequences.
func (s *Screen) View() string {
	return tui.ListAndDetail(s.w, s.h, 49, func(w, h int) string {
		s.form.SetSize(w, h)
		return s.form.View()
	}, func(w int) []string {
		i := -1
		if c := s.form.Cursor(); c >= 0 {
			i = s.shows[c]
		}
		if i < 0 {
			i = indexOf(s.session.Recipe().Overlay.Strategy)
		}
		if i < 0 {
			return nil
		}
		return s.about(strategies[i], w)
	})
}

// fill makes the form from the recipe.
func (s *Screen) fill() {
	s.seen = s.session.Revision()
	o := s.session.Recipe().Overlay
	s.shows = []int{-1}
	items := []tui.FormItem{{Heading: "Overlay strategy"}}
	for i, st := range strategies {
		it := tui.FormItem{Label: st.name, Option: true, Value: st.note}
		if why := st.unavailable(); why != "" {
			it.Label, it.Value = tui.Muted.Render(st.name), tui.Muted.Render(why)
		} else {
			it.Mark = tui.Radio(st.id == o.Strategy)
			if st.id != o.Strategy {
				it.Do = func() tea.Cmd { return session.Complain(s.session.Set("overlay.strategy", st.id)) }
			}
		}
		items, s.shows = append(items, it), append(s.shows, i)
	}
	items, s.shows = append(items, tui.FormItem{Heading: "Room for writes"}), append(s.shows, -1)
	size := tui.FormItem{Label: "Size", Value: spoken(o.Size), Text: string(o.Size), Edit: s.setSize}
	if o.Size == "" {
		size.Value, size.Default, size.Note = "50 % of RAM", true, "the stack's default"
	}
	items, s.shows = append(items, size), append(s.shows, -1)
	s.form.SetItems(items)
}

// setSize takes a size as typed; nothing means the stack's default.
func (s *Screen) setSize(text string) error {
	return s.session.Give("overlay.size", strings.ReplaceAll(text, " ", ""))
}

// spoken is a size as people say it.
func spoken(size recipes.Size) string {
	bytes, percent, err := size.Parse()
	switch {
	case err != nil:
		return string(size)
	case percent > 0:
		return strings.TrimSuffix(string(size), "%") + " % of RAM"
	}
	return mebibytes(bytes)
}

// compiled are the boot options of a strategy with the recipe's size.
func (s *Screen) compiled(st strategy) (live.Layout, error) {
	r := s.session.Recipe()
	r.Overlay.Strategy = st.id
	return engine.Layout(r)
}
