// Package overlay is the screen of the choice that decides whether servers
// survive: what takes the writes of a machine that runs from a read-only image,
// which live stack sees to that, and what watches how full it is.
package overlay

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/engine/live"
	"slipway/screens/session"
	"slipway/tui"
)

var keyAll = tui.Bind("all about it", "i", "i")

// Screen shows the strategies, and what the selected one does to a server.
type Screen struct {
	session *session.Session
	form    tui.Form
	about   []about // of each line of the form
	offers  []live.Offer
	disk    disk
	asked   int // number of the last look at the disk
	seen    int
	w, h    int
}

// about is what is to be said of a line of the form.
type about struct {
	title string
	lines func(w int) []string // nil: nothing
}

// New returns the screen.
func New(s *session.Session) tui.Screen { return newScreen(s) }

func newScreen(s *session.Session) *Screen {
	sc := &Screen{session: s}
	sc.fill()
	for i, o := range sc.offers {
		if o.Strategy == s.Recipe().Overlay.Strategy {
			sc.form.SetCursor(1 + i) // below the heading
		}
	}
	return sc
}

// Title is the screen's name.
func (s *Screen) Title() string { return "Overlay" }

// SetSize sets the size in cells.
func (s *Screen) SetSize(w, h int) {
	s.w, s.h = w, h
	s.fill() // names are shorter where there is little room
}

// Capturing says that a value is being typed.
func (s *Screen) Capturing() bool { return s.form.Capturing() }

// Keys are what can be pressed now.
func (s *Screen) Keys() []key.Binding {
	keys := s.form.Keys()
	if s.Capturing() {
		return keys
	}
	all := keyAll
	all.SetEnabled(s.selected().lines != nil)
	return append(keys, all)
}

// Update routes keys to the form and takes what was read from the disk.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyMsg:
		cmd = s.key(msg)
	case tui.Shown:
		cmd = s.look()
	case session.Events:
		if j := s.session.Job(); j != nil && j.Over {
			cmd = s.look()
		}
	case disk:
		if msg.asked == s.asked {
			s.disk, s.seen = msg, 0
		}
	case together:
		cmd = s.apply(msg.name, msg.edits)
	}
	if s.seen != s.session.Revision() {
		s.fill()
	}
	return cmd
}

func (s *Screen) key(k tea.KeyMsg) tea.Cmd {
	if a := s.selected(); !s.Capturing() && a.lines != nil && key.Matches(k, keyAll) {
		const w = 76
		return tui.Open(tui.NewText(a.title, strings.Join(a.lines(min(s.w, w)-8), "\n")))
	}
	return s.form.Update(k)
}

func (s *Screen) selected() about {
	if i := s.form.Cursor(); i >= 0 && i < len(s.about) {
		return s.about[i]
	}
	return about{}
}

// View draws the choices beside what the selected one means.
func (s *Screen) View() string {
	return tui.ListAndDetail(s.w, s.h, 56-min(s.w/30, 6), func(w, h int) string {
		s.form.SetSize(w, h)
		return s.form.View()
	}, func(w int) []string {
		a := s.selected()
		if a.lines == nil {
			return nil
		}
		lines := append([]string{tui.Heading.Render(tui.Cut(a.title, w))}, a.lines(w)...)
		return s.fit(lines, w)
	})
}

// fit takes the empty lines out where the pane is too low for all, and says
// where the rest is to be had.
func (s *Screen) fit(lines []string, w int) []string {
	room := s.h
	if s.w < pictureFrom {
		room = s.h * 2 / 5 // below the list
	}
	if len(lines) <= room {
		return lines
	}
	var tight []string
	for _, l := range lines {
		if l != "" {
			tight = append(tight, l)
		}
	}
	if len(tight) > room && room > 2 {
		tight = append(tight[:room-1], tui.Cut(tui.Key.Render("i")+tui.Muted.Render(" shows the rest"), w))
	}
	return tight
}

// fill makes the form from the recipe.
func (s *Screen) fill() {
	s.seen = s.session.Revision()
	q, _ := s.question()
	s.offers = live.Offers(q)
	var items []tui.FormItem
	s.about = nil
	add := func(it tui.FormItem, a about) { items, s.about = append(items, it), append(s.about, a) }
	add(tui.FormItem{Heading: "Overlay strategy"}, about{})
	for _, o := range s.offers {
		add(s.strategy(o), about{o.Title, func(w int) []string { return s.aboutStrategy(o, w) }})
	}
	s.room(add)
	add(tui.FormItem{Heading: "Live stack"}, about{})
	s.stack(q, add)
	s.gauge(add)
	s.form.SetItems(items)
}

// question is what the recipe asks of its stack, whose version comes from the
// newest build if there is one that can tell.
func (s *Screen) question() (q live.Question, read bool) {
	r := s.session.Recipe()
	built := engine.Built{}
	if s.disk.recipe == r.Name {
		built = s.disk.built
	}
	q, read, err := built.Question(r)
	if err != nil {
		// A stack that this distribution does not have: the linter says so.
		q.Stack.ID, q.Overlay = r.Live.Stack, r.Overlay
	}
	return q, read
}

// distro is the recipe's distribution; not known, it has nothing.
func (s *Screen) distro() distro.Distro {
	d, _ := distro.Find(s.session.Recipe().Distro.ID)
	return d
}
