package screens

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/aymanbagabas/go-udiff/myers"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

var keyFix = tui.Bind("fix it", "f", "f")

// lintList is the list of the linter's findings.
type lintList struct {
	session *session.Session
	list    tui.Window
	w, h    int
}

// lint opens the list of the linter's findings at the first error, if there is one.
func (a *App) lint() tea.Cmd {
	ps := a.session.Problems()
	if len(ps) == 0 {
		return session.Say("the linter has nothing to say")
	}
	l := &lintList{session: a.session}
	l.list.SetLen(len(ps))
	l.list.SetCursor(slices.IndexFunc(ps, func(p recipes.Problem) bool { return p.Severity == recipes.Error }))
	return tui.Open(l)
}

func (l *lintList) Title() string { return "What the linter found" }
func (l *lintList) SetSize(w, h int) {
	l.w, l.h = min(w, 96), h
	l.list.SetLen(len(l.session.Problems()))
}
func (l *lintList) Capturing() bool { return true }

func (l *lintList) Keys() []key.Binding {
	fix := keyFix
	p, ok := l.selected()
	fix.SetEnabled(ok && p.Fix != nil)
	return []key.Binding{tui.KeyMove, fix, tui.Doing(tui.KeyBack, "close")}
}

func (l *lintList) selected() (recipes.Problem, bool) {
	ps := l.session.Problems()
	l.list.SetLen(len(ps))
	i := l.list.Cursor()
	if i < 0 {
		return recipes.Problem{}, false
	}
	return ps[i], true
}

func (l *lintList) Update(msg tea.Msg) (bool, tea.Cmd) {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return false, nil
	}
	p, found := l.selected()
	switch {
	case key.Matches(k, tui.KeyBack), key.Matches(k, keyLint):
		return true, nil
	case found && p.Fix != nil && key.Matches(k, keyFix):
		cmd := l.fix(*p.Fix)
		return len(l.session.Problems()) == 0, cmd
	}
	l.list.Update(msg)
	return false, nil
}

// fix applies a fix and shows what changed in the recipe's text.
func (l *lintList) fix(f recipes.Fix) tea.Cmd {
	before := string(l.session.Doc().Source)
	if err := l.session.Apply(f); err != nil {
		return session.Complain(err)
	}
	return tui.Open(tui.NewText("Fixed: "+f.Title, diff(before, string(l.session.Doc().Source))))
}

// diff shows what changed between two texts, as a unified diff in colour.
func diff(before, after string) string {
	unified, err := udiff.ToUnified("before", "after", before, myers.ComputeEdits(before, after), 3)
	if err != nil {
		return err.Error()
	}
	var lines []string
	for i, l := range strings.Split(strings.TrimRight(unified, "\n"), "\n") {
		switch {
		case i < 2: // the names of the two sides say nothing here
			continue
		case strings.HasPrefix(l, "+"):
			l = tui.Good.Render(l)
		case strings.HasPrefix(l, "-"):
			l = tui.Bad.Render(l)
		case strings.HasPrefix(l, "@@"):
			l = tui.Muted.Render(l)
		}
		lines = append(lines, l)
	}
	return strings.Join(lines, "\n")
}

func (l *lintList) View() string {
	ps := l.session.Problems()
	l.list.SetLen(len(ps))
	l.list.SetHeight(max(min(len(ps), l.h/2-2), 1))
	var lines []string
	first, end := l.list.Visible()
	for i := first; i < end; i++ {
		cursor := "  "
		if i == l.list.Cursor() {
			cursor = tui.Accent.Render(tui.MarkSelected) + " "
		}
		lines = append(lines, tui.Cut(cursor+severity(ps[i])+" "+ps[i].Message, l.w))
	}
	if p, ok := l.selected(); ok {
		lines = append(lines, "", tui.Rule(l.w))
		lines = append(lines, l.detail(p)...)
	}
	lines = append(lines[:min(len(lines), max(l.h-2, 1))], "", tui.Hints(l.Keys(), l.w))
	return strings.Join(lines, "\n")
}

// detail is the selected finding in full: where, the line with a caret, the
// hint, and what f would do.
func (l *lintList) detail(p recipes.Problem) []string {
	lines := []string{tui.Muted.Render(tui.Cut(fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column), l.w))}
	if tui.Width(p.Message) > l.w-4 {
		lines = append(tui.Wrap(p.Message, l.w), lines...)
	}
	for _, d := range strings.Split(p.Detail(), "\n")[1:] {
		if strings.HasPrefix(d, "  hint: ") {
			lines = append(lines, "")
			lines = append(lines, tui.Wrap(strings.TrimSpace(d), l.w)...)
			continue
		}
		lines = append(lines, tui.Cut(d, l.w)) // the caret must stay below its place
	}
	if p.Fix != nil {
		lines = append(lines, "", tui.Key.Render("f")+" "+tui.Cut(p.Fix.Title, l.w-2))
	}
	return lines
}

func severity(p recipes.Problem) string {
	if p.Severity == recipes.Error {
		return tui.Bad.Render(tui.MarkFailed)
	}
	return tui.Warn.Render(tui.MarkWarn)
}

// lintLine is the linter's line in the foot.
func lintLine(ps recipes.Problems) string {
	if len(ps) == 0 {
		return tui.Good.Render(tui.MarkDone) + tui.Muted.Render(" no findings")
	}
	errors, warnings := len(ps.Errors()), len(ps.Warnings())
	var counts []string
	style, mark, first := tui.Warn, tui.MarkWarn, ps[0]
	if errors > 0 {
		style, mark, first = tui.Bad, tui.MarkFailed, ps.Errors()[0]
		counts = append(counts, count(errors, "error"))
	}
	if warnings > 0 {
		counts = append(counts, count(warnings, "warning"))
	}
	return style.Render(fmt.Sprintf("%s %s: ", mark, strings.Join(counts, ", "))) + first.Message
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
