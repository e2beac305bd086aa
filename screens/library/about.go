package library

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// looked takes over what was found; the cursor stays on its recipe, and goes
// to one that was opened.
func (s *Screen) looked(msg looked) {
	if msg.asked != s.asked {
		return
	}
	at := s.session.Doc().Path
	if e, ok := s.selected(); ok && s.open == at {
		at = e.path
	}
	s.open = s.session.Doc().Path
	s.entries = msg.entries
	s.table.SetSource(len(s.entries), s.row)
	for i, e := range s.entries {
		if samePath(e.path, at) {
			s.table.SetCursor(i)
			return
		}
	}
}

func (s *Screen) row(i int) tui.Row {
	e := s.entries[i]
	if e.doc == nil {
		return tui.Row{Mark: tui.Bad.Render(tui.MarkFailed), Cells: []string{e.title(), "", e.line(), e.first()}}
	}
	r := e.doc.Recipe
	row := tui.Row{Cells: []string{r.Name, r.Distro.ID + " " + r.Distro.Release, e.word(), r.Description}}
	if samePath(e.path, s.session.Doc().Path) {
		row.Mark = tui.Accent.Render(tui.MarkOn)
	}
	return row
}

// word is the state of the newest build in a word.
func (e entry) word() string {
	switch {
	case e.verdict != nil && e.verdict.Passed():
		return tui.Good.Render(tui.MarkDone + " " + e.verdict.Said())
	case e.verdict != nil:
		return tui.Bad.Render(tui.MarkFailed + " " + e.verdict.Said())
	case e.build != "":
		return "built"
	}
	return tui.Muted.Render("—")
}

// first is the first thing that is wrong with a file, and where.
func (e entry) first() string {
	if ps := recipes.AsProblems(e.err); len(ps) > 0 {
		return fmt.Sprintf("line %d, column %d: %s", ps[0].Line, ps[0].Column, ps[0].Message)
	}
	return e.err.Error()
}

// line is where that is, in a word.
func (e entry) line() string {
	if ps := recipes.AsProblems(e.err); len(ps) > 0 {
		return tui.Bad.Render(fmt.Sprintf("line %d", ps[0].Line))
	}
	return tui.Bad.Render("no file")
}

// wrong is all that is wrong with a file.
func (e entry) wrong() string {
	ps := recipes.AsProblems(e.err)
	if len(ps) == 0 {
		return e.err.Error()
	}
	var parts []string
	for _, p := range ps {
		p.File = filepath.Base(p.File)
		parts = append(parts, p.Detail())
	}
	return strings.Join(parts, "\n\n")
}

// about is what is known of a recipe.
func (e entry) about(w int, s *session.Session) []string {
	lines := []string{tui.Heading.Render(tui.Cut(e.title(), w))}
	if e.doc == nil {
		return e.aboutWrong(lines, w)
	}
	r := e.doc.Recipe
	if samePath(e.path, s.Doc().Path) {
		state := "open now"
		if s.Doc().Changed() {
			state += ", with unsaved changes"
		}
		lines[0] += tui.Accent.Render("  " + tui.MarkOn + " " + state)
	}
	if r.Description != "" {
		lines = append(lines, tui.Wrap(r.Description, w)...)
	}
	file := e.path
	if e.builtin {
		file = "built in: saving it asks for a file name"
	}
	overlay := r.Overlay.Strategy
	if r.Overlay.Size != "" {
		overlay += " " + string(r.Overlay.Size)
	}
	if q, err := engine.Question(r); err == nil {
		overlay += ", by " + q.Stack.String()
	}
	facts := []tui.Fact{
		{Name: "File", Value: file},
		{Name: "Root", Value: fmt.Sprintf("%s %s, %d packages", r.Distro.ID, r.Distro.Release, len(r.Packages.Include))},
		{Name: "Overlay", Value: overlay},
		{Name: "Linter", Value: findings(e.lint)},
	}
	lines = append(append(lines, ""), tui.Facts(append(facts, e.outcome(s)...), w)...)
	return lines
}

func (e entry) aboutWrong(lines []string, w int) []string {
	ps := recipes.AsProblems(e.err)
	lines = append(lines, tui.Facts([]tui.Fact{{Name: "File", Value: e.path}}, w)...)
	head := "cannot be read"
	if len(ps) > 0 {
		head = fmt.Sprintf("cannot be read: %s", counted(len(ps), "error"))
	}
	lines = append(lines, "", tui.Bad.Render(tui.MarkFailed+" "+head))
	if len(ps) == 0 {
		return append(lines, tui.Wrap(e.err.Error(), w)...)
	}
	p := ps[0]
	p.File = filepath.Base(p.File)
	for _, l := range strings.Split(p.Detail(), "\n") {
		if strings.HasPrefix(l, "  ") && strings.Contains(l, "|") {
			lines = append(lines, tui.Cut(tui.Sanitise(l), w)) // the line and its caret must not wrap
		} else {
			lines = append(lines, tui.Wrap(tui.Sanitise(l), w)...)
		}
	}
	return lines
}

// outcome is the newest build and its verdict.
func (e entry) outcome(s *session.Session) []tui.Fact {
	if e.build == "" {
		return []tui.Fact{{Name: "Build", Value: tui.Muted.Render("none yet")}}
	}
	var rehearsed []tui.Fact
	if r := e.rehearsal; r != nil {
		rehearsed = []tui.Fact{{Name: "Rehearsed", Value: fmt.Sprintf("%s (%s)", session.Borne(*r), humanize.RelTime(r.When, s.Now(), "ago", "from now"))}}
	}
	age := humanize.RelTime(e.built, s.Now(), "ago", "from now")
	if e.older {
		age += ", before the last changes"
	}
	place := tui.Fact{Name: "In", Value: e.build}
	v := e.verdict
	if v == nil {
		return append([]tui.Fact{{Name: "Build", Value: age + ", not booted yet"}}, append(rehearsed, place)...)
	}
	facts := []tui.Fact{{Name: "Verdict", Value: e.word() + ": " + v.Reason},
		{Name: "Booted", Value: fmt.Sprintf("%s, %s, in %s", v.Path, v.Accel, session.Took(v.Took))}}
	return append(append(facts, rehearsed...), tui.Fact{Name: "Build", Value: age}, place)
}

func findings(ps recipes.Problems) string {
	errors, warnings := len(ps.Errors()), len(ps.Warnings())
	switch {
	case errors > 0:
		return tui.Bad.Render(tui.MarkFailed+" "+counted(errors, "error")) + ": " + ps.Errors()[0].Message
	case warnings > 0:
		return tui.Warn.Render(tui.MarkWarn+" "+counted(warnings, "warning")) + ": " + ps[0].Message
	}
	return tui.Good.Render(tui.MarkDone) + " no findings"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
