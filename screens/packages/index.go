package packages

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine/distro"
	"slipway/tui"
)

// index is the release's package index, as far as it is known.
type index struct {
	*distro.Index
	of   origin
	busy bool
	err  error // why there is none
}

// origin tells indexes apart.
type origin struct {
	lists string
	at    time.Time // when it was fetched
}

// indexRead is the answer of load. Without an index and an error the one that
// is known is still the right one.
type indexRead struct {
	suite string // what was asked for
	of    origin
	index *distro.Index
	err   error
}

func (x *index) ready() bool { return x.Index != nil }

// has reports whether the index holds a package of that name, or one that
// stands in for it. Without an index nobody knows: then it does not.
func (x *index) has(name string) bool {
	if x.Index == nil {
		return false
	}
	if _, ok := x.Find(name); ok {
		return true
	}
	return len(x.Providers(name)) > 0
}

// load reads the index of the recipe's release in the background, unless it is
// the one that is known already.
func (s *Screen) load() tea.Cmd {
	if s.index.busy {
		return nil
	}
	s.index.busy = true
	e, r, known, suite := s.session.Engine, s.session.Recipe(), s.index.of, s.suite()
	if s.index.Index == nil {
		known = origin{}
	}
	return func() tea.Msg {
		lists, err := e.Lists(r)
		if err != nil {
			return indexRead{suite: suite, err: err}
		}
		d, err := distro.Find(r.Distro.ID)
		if err != nil {
			return indexRead{suite: suite, err: err}
		}
		of := origin{lists: lists}
		if info, err := os.Stat(lists); err == nil {
			of.at = info.ModTime()
		}
		if of == known {
			return indexRead{suite: suite, of: of}
		}
		x, err := distro.ReadIndex(lists, d.Arch(r))
		return indexRead{suite, of, x, err}
	}
}

// suite is what of the recipe decides which index is the right one.
func (s *Screen) suite() string {
	d := s.session.Recipe().Distro
	return strings.Join([]string{d.ID, d.Release, d.Arch, d.Mirror}, " ")
}

func (s *Screen) indexRead(msg indexRead) tea.Cmd {
	s.index.busy = false
	switch {
	case msg.suite != s.suite():
		return s.load() // another release was chosen meanwhile
	case msg.err != nil:
		s.index = index{err: msg.err}
		s.search, s.onSearch = newSearch(), false
	case msg.index == nil:
		return nil
	default:
		s.index = index{Index: msg.index, of: msg.of}
	}
	s.chosen.fill(&s.index)
	return tea.Batch(s.ask(), s.weigh())
}

// without says why there is no index to search in, and what to do about it.
func (s *Screen) without(w int) []string {
	r := s.session.Recipe()
	lines := []string{tui.Heading.Render("The package index"), ""}
	switch {
	case s.index.err == nil:
		return append(lines, tui.Muted.Render("reading …"))
	case errors.Is(s.index.err, fs.ErrNotExist):
		lines = append(lines, tui.Prose(fmt.Sprintf("The index of %s %s comes with its first build: press b. Then you can search it here, see what each package is and what it weighs, and names that it does not have are marked at once.", r.Distro.ID, r.Distro.Release), w)...)
		return append(append(lines, ""), tui.Prose("Until then a adds packages by their names.", w)...)
	}
	return append(lines, tui.Wrap(tui.MarkFailed+" "+s.index.err.Error(), w)...)
}
