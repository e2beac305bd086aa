// Package packages is the screen of what is installed: the release's package
// index to search in, and what the recipe takes of it.
package packages

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/screens/session"
	"slipway/tui"
)

// Screen has two panes: the index to the left, the recipe's choice to the right.
type Screen struct {
	session  *session.Session
	index    index
	search   search
	chosen   chosen
	onSearch bool // which pane has the keys
	seen     int
	w, h     int
}

// New returns the screen.
func New(s *session.Session) tui.Screen { return newScreen(s) }

func newScreen(s *session.Session) *Screen {
	sc := &Screen{session: s, search: newSearch(), chosen: newChosen(s)}
	sc.chosen.fill(&sc.index)
	sc.seen = s.Revision()
	return sc
}

// Title is the screen's name.
func (s *Screen) Title() string { return "Packages" }

// SetSize sets the size in cells.
func (s *Screen) SetSize(w, h int) { s.w, s.h = w, h }

// Capturing says that a query is being typed.
func (s *Screen) Capturing() bool { return s.search.field != nil }

var (
	keyAdd     = tui.Doing(tui.KeyAdd, "add by name")
	keyExclude = tui.Bind("exclude", "x", "x")
	keyFetch   = tui.Bind("fetch the index", "i", "i")
	keyRemove  = tui.KeyRemove
	keyDetails = tui.Doing(tui.KeyEnter, "details")
	keyNearest = tui.Doing(tui.KeyEnter, "replace")
	keyToggle  = tui.KeySpace
	keyPut     = tui.Doing(tui.KeyEnter, "add or remove")
	keyDone    = tui.Doing(tui.KeyBack, "stop typing")
)

// Keys are what can be pressed now.
func (s *Screen) Keys() []key.Binding {
	search, details, toggle, remove, pane := tui.KeySearch, keyDetails, keyToggle, keyRemove, tui.KeyPane
	fetch := keyFetch
	fetch.SetEnabled(s.canFetch())
	search.SetEnabled(s.index.ready())
	pane.SetEnabled(s.index.ready())
	if s.search.field != nil {
		return []key.Binding{keyPut, tui.KeyMove, keyDone}
	}
	if s.onSearch {
		_, ok := s.search.selected()
		toggle.SetEnabled(ok)
		details.SetEnabled(ok)
		return []key.Binding{toggle, search, details, keyAdd, tui.Doing(pane, "what is chosen"), tui.KeyMove}
	}
	it, ok := s.chosen.selected()
	if ok && it.unknown {
		details = keyNearest
	}
	details.SetEnabled(ok && (s.index.has(it.name) || it.unknown && len(s.chosen.near[it.name]) > 0))
	remove.SetEnabled(ok && it.kind != automatic)
	return []key.Binding{search, fetch, keyAdd, remove, details, keyExclude, tui.Doing(pane, "the index"), tui.KeyMove}
}

// Update routes keys to the pane that has them, and takes what was found out
// in the background.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyMsg:
		cmd = s.key(msg)
	case tui.Shown:
		cmd = s.load()
	case session.Events:
		if job := s.session.Job(); job != nil && job.Over {
			cmd = s.load() // a build has brought an index, or a newer one
		}
	case indexRead:
		cmd = s.indexRead(msg)
	case indexFetched:
		cmd = s.indexFetched(msg)
	case found:
		s.found(msg)
	case weighed:
		s.chosen.weighed(msg, &s.index)
	}
	if s.seen != s.session.Revision() {
		s.seen = s.session.Revision()
		s.chosen.fill(&s.index)
		cmd = tea.Batch(cmd, s.load(), s.weigh())
	}
	return cmd
}

func (s *Screen) key(k tea.KeyMsg) tea.Cmd {
	switch {
	case s.search.field != nil:
		return s.typing(k)
	case s.index.ready() && key.Matches(k, tui.KeyPane):
		s.onSearch = !s.onSearch
	case s.index.ready() && key.Matches(k, tui.KeySearch):
		s.onSearch = true
		s.search.open()
		return s.ask()
	case s.canFetch() && key.Matches(k, keyFetch):
		return s.fetch()
	case key.Matches(k, keyAdd):
		return s.askNames("Add packages", "packages.include")
	case s.onSearch:
		return s.searchKey(k)
	case key.Matches(k, keyExclude):
		return s.askNames("Exclude packages", "packages.exclude")
	default:
		return s.chosenKey(k)
	}
	return nil
}

// View draws the index beside what is chosen, and below both what the selected
// package is and what all of them come to.
func (s *Screen) View() string {
	foot := min(4, max(s.h/3, 2))
	h := s.h - foot
	var body string
	if s.w >= 72 {
		lw, rw := tui.Split(s.w, 54, 30)
		body = tui.Beside(s.viewIndex(lw, h), lw, s.viewChosen(rw, h), rw, h)
	} else if s.onSearch {
		body = s.viewIndex(s.w, h)
	} else {
		body = s.viewChosen(s.w, h)
	}
	return tui.Box(tui.Above(body, tui.BoxLines(s.foot(s.w, foot), s.w, foot)), s.w, s.h)
}
