package session

import (
	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
)

// IndexRead brings the package index for the linter; nil if there is none.
type IndexRead struct {
	suite string
	index *engine.Index
}

// ReadIndex reads the package index of the recipe's release in the background,
// for the linter: after a build or a fetch brought one.
func (s *Session) ReadIndex() tea.Cmd {
	e, r := s.Engine, s.Recipe()
	suite := engine.Suite(r)
	s.asked = suite
	return func() tea.Msg {
		x, err := e.Index(r)
		if err != nil {
			x = nil // nothing is said of names then; the Packages screen says why
		}
		return IndexRead{suite, x}
	}
}

// FollowIndex is ReadIndex if the recipe asks for another index than before.
func (s *Session) FollowIndex() tea.Cmd {
	if s.asked == engine.Suite(s.Recipe()) {
		return nil
	}
	return s.ReadIndex()
}

// TakeIndex gives the linter the index that was read. Only the app calls it.
func (s *Session) TakeIndex(read IndexRead) {
	if read.suite == s.asked {
		s.index = read.index
		s.problems = s.index.Lint(s.doc)
	}
}
