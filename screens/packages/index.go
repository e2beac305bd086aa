package packages

import (
	"errors"
	"io/fs"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/recipes"
	"slipway/tui"
)

// index is the release's package index, as far as it is known.
type index struct {
	*distro.Index
	of   origin
	busy bool
	err  error // why there is none

	fetching bool
	failed   error // of the last fetch
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

// name is the name in an item of the recipe's list.
func (x *index) name(item string) string {
	if x.Index == nil {
		return distro.PackageName(item)
	}
	return x.Name(item)
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
		x, err := e.Index(r)
		if err != nil {
			return indexRead{suite: suite, err: err}
		}
		of := origin{lists: x.Lists, at: x.Fetched}
		if of == known {
			return indexRead{suite: suite, of: of}
		}
		return indexRead{suite, of, x.Index, nil}
	}
}

// indexFetched is the answer of fetch.
type indexFetched struct {
	suite string
	err   error
}

// canFetch reports whether the index is known to be missing and not on its way.
func (s *Screen) canFetch() bool {
	return !s.index.ready() && !s.index.fetching && errors.Is(s.index.err, fs.ErrNotExist)
}

// fetch downloads the index in the background.
func (s *Screen) fetch() tea.Cmd {
	s.index.fetching, s.index.failed = true, nil
	ctx, doc, suite, get := s.session.Context(), *s.session.Doc(), s.suite(), s.session.FetchIndex // a copy: edits go on meanwhile
	return func() tea.Msg { return indexFetched{suite, get(ctx, &doc)} }
}

func (s *Screen) indexFetched(msg indexFetched) tea.Cmd {
	s.index.fetching = false
	if msg.suite == s.suite() {
		s.index.failed = msg.err
	}
	return tea.Batch(s.load(), s.session.ReadIndex())
}

// suite is what of the recipe decides which index is the right one.
func (s *Screen) suite() string { return engine.Suite(s.session.Recipe()) }

func (s *Screen) indexRead(msg indexRead) tea.Cmd {
	s.index.busy = false
	switch {
	case msg.suite != s.suite():
		return s.load() // another release was chosen meanwhile
	case msg.err != nil:
		s.index = index{err: msg.err, fetching: s.index.fetching, failed: s.index.failed}
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
		return append(lines, s.missing(r, w)...)
	}
	return append(lines, tui.Wrap(tui.MarkFailed+" "+s.index.err.Error(), w)...)
}

// missing says how the index can be had.
func (s *Screen) missing(r recipes.Recipe, w int) []string {
	name := r.Distro.ID + " " + r.Distro.Release
	if s.index.fetching {
		return tui.Prose("Fetching the index of "+name+", "+weight(r)+", and checking its signature …", w)
	}
	var lines []string
	if s.index.failed != nil {
		lines = append(tui.Wrap(tui.MarkFailed+" "+s.index.failed.Error(), w), "")
	}
	lines = append(lines, tui.Prose("Press i to fetch the index of "+name+". Then you can search it here, see what each package is and what it weighs, and names that it does not have are marked at once. It also comes with the first build.", w)...)
	return append(append(lines, ""), tui.Prose("Until then a adds packages by their names.", w)...)
}

// weight is what an index comes to: those of the families rpm and zypper list
// files besides.
func weight(r recipes.Recipe) string {
	d, _ := distro.Find(r.Distro.ID)
	switch d.Family {
	case distro.RPM, distro.Zypper:
		return "20 MB or more"
	}
	return "about 9 MB"
}
