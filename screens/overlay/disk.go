package overlay

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/dustin/go-humanize"

	"slipway/engine"
	"slipway/engine/smoke"
	"slipway/screens/session"
	"slipway/tui"
)

// disk is what builds and rehearsals of a recipe have left on the disk, read in
// the background.
type disk struct {
	asked  int
	recipe string
	built  engine.Built // zero: no build
	runs   []smoke.Rehearsal
}

// look reads it. What an older look brings is dropped.
func (s *Screen) look() tea.Cmd {
	s.asked++
	asked, e, r := s.asked, s.session.Engine, s.session.Recipe()
	return func() tea.Msg {
		d := disk{asked: asked, recipe: r.Name}
		d.built, _ = e.Newest(r.Name) // none yet is no error
		d.runs = e.Rehearsals(r)
		return d
	}
}

// rehearsed is how the strategy bore a full overlay the last time; "" if that was
// never tried.
func (s *Screen) rehearsed(stack, strategy string) string {
	if s.disk.recipe != s.session.Recipe().Name {
		return ""
	}
	var last *smoke.Rehearsal
	for i, r := range s.disk.runs {
		if id, _, _ := strings.Cut(r.Stack, " "); id == stack && r.Strategy == strategy && (last == nil || r.When.After(last.When)) {
			last = &s.disk.runs[i]
		}
	}
	if last == nil {
		return ""
	}
	return session.Borne(*last) + "  " + tui.Muted.Render("("+humanize.RelTime(last.When, s.session.Now(), "ago", "from now")+")")
}
