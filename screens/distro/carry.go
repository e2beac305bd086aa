package distro

import (
	"bytes"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// carried is the recipe as another distribution has it, made in the background:
// names may have to be looked up in a package index.
type carried struct {
	revision int // of the recipe that it was made from
	to       distro.Distro
	text     []byte
	changes  []engine.Change
	err      error
}

// carry returns what enter does on a distribution: the whole recipe goes along,
// as one edit that can be undone.
func (s *Screen) carry(d distro.Distro, now string) func() tea.Cmd {
	if d.ID == now {
		return nil
	}
	return func() tea.Cmd {
		doc, revision, e := s.session.Doc(), s.session.Revision(), s.session.Engine
		path, text := doc.Path, bytes.Clone(doc.Source)
		return tea.Batch(session.Say("carrying the recipe over to "+d.Name+" …"), func() tea.Msg {
			c := carried{revision: revision, to: d}
			doc, err := recipes.Parse(path, text)
			if err != nil {
				c.err = err
				return c
			}
			// What the index of the release knows, if there is one yet.
			index, err := e.Index(recipes.Recipe{Distro: recipes.Distro{ID: d.ID, Release: d.Releases[0].ID, Arch: doc.Recipe.Distro.Arch}})
			if err != nil {
				index = nil
			}
			there, changes, err := engine.Port(doc, d.ID, "", index)
			if c.changes, c.err = changes, err; err == nil {
				c.text = there.Source
			}
			return c
		})
	}
}

// take puts the carried recipe in the place of the one that it was made from, and
// tells what is different and what is left to look at.
func (s *Screen) take(c carried) tea.Cmd {
	switch {
	case c.revision != s.session.Revision():
		return session.Say("the recipe was edited meanwhile: choose " + c.to.Name + " once more")
	case c.err != nil:
		return session.Complain(c.err)
	}
	if err := s.session.Replace(c.text); err != nil {
		return session.Complain(err)
	}
	s.fill()
	return tea.Batch(s.follow(), tui.Open(tui.NewText("Now a recipe of "+c.to.Name, report(c.changes))))
}

// report lists changes: first what is left for the operator.
func report(changes []engine.Change) string {
	var left, done []string
	for _, c := range changes {
		if c.Open {
			left = append(left, tui.Warn.Render(tui.MarkWarn)+" "+c.Path+"  "+c.Text())
		} else {
			done = append(done, "  "+c.Path+"  "+tui.Muted.Render(c.Text()))
		}
	}
	var lines []string
	if len(left) > 0 {
		lines = append(append(lines, tui.Heading.Render("Left for you to look at")), left...)
		lines = append(lines, "")
	}
	lines = append(append(lines, tui.Heading.Render("Changed")), done...)
	return strings.Join(append(lines, "", "u takes all of it back; comments stay as they were written."), "\n")
}
