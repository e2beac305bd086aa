package output

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/aymanbagabas/go-udiff/myers"
	"github.com/charmbracelet/x/ansi"

	"slipway/recipes"
	"slipway/tui"
)

// text is the pane of the recipe's TOML with what changed since it was saved.
type text struct {
	lines          []line
	added, removed int
	title          string
	changesOnly    bool
	win            tui.Window
	jump           int // scroll here when it is drawn next; 0: stay
}

// line is one line of the text: kept, added (+) or removed (-) since the save.
type line struct {
	mark byte
	text string
	same int // of a replaced line: how many cells are as in the other one
}

// around is how many lines are shown above and below each change.
const around = 2

func (t *text) fill(doc *recipes.Document) {
	was := t.lines
	t.added, t.removed, t.title = 0, 0, name(doc)
	before, after := string(doc.Saved()), string(doc.Source)
	if doc.Saved() == nil {
		before = after // nothing to compare with: the title says that it is new
	}
	context := strings.Count(before, "\n") + strings.Count(after, "\n") + 1
	if t.changesOnly {
		context = around
	}
	t.lines = difference(before, after, context)
	if t.lines == nil && !t.changesOnly {
		for l := range strings.Lines(after) {
			t.lines = append(t.lines, line{mark: ' ', text: l})
		}
	}
	for i, l := range t.lines {
		t.lines[i].text = tui.Sanitise(strings.TrimRight(l.text, "\r\n"))
		switch l.mark {
		case '+':
			t.added++
		case '-':
			t.removed++
		}
	}
	pair(t.lines)
	t.win.SetLen(len(t.lines))
	t.follow(was)
}

// pair finds where a removed line and the one that replaces it begin to differ.
func pair(lines []line) {
	for i := 1; i < len(lines); i++ {
		a, b := &lines[i-1], &lines[i]
		if a.mark != '-' || b.mark != '+' {
			continue
		}
		n := 0
		for n < len(a.text) && n < len(b.text) && a.text[n] == b.text[n] {
			n++
		}
		a.same = tui.Width(strings.ToValidUTF8(a.text[:n], ""))
		b.same = a.same
	}
}

// shown cuts a line to w cells. What differs is kept in view.
func (l line) shown(w int) string {
	if over := tui.Width(l.text) - w; over > 0 && l.same > w*2/3 {
		return tui.Cut("…"+ansi.TruncateLeft(l.text, min(l.same-w/3, over+1), ""), w)
	}
	return tui.Cut(l.text, w)
}

// follow scrolls to the place of the newest edit.
func (t *text) follow(was []line) {
	if was == nil {
		return
	}
	for i, l := range t.lines {
		if i >= len(was) || was[i] != l {
			t.jump = max(i-leadLines, 0)
			return
		}
	}
}

// leadLines are shown above an edit that was scrolled to.
const leadLines = 4

// difference returns the lines of a unified diff; nil if there is none.
func difference(before, after string, context int) []line {
	d, err := udiff.ToUnifiedDiff("", "", before, myers.ComputeEdits(before, after), context)
	if err != nil {
		return nil
	}
	var lines []line
	for i, h := range d.Hunks {
		if i > 0 {
			lines = append(lines, line{mark: '~'})
		}
		for _, l := range h.Lines {
			mark := map[udiff.OpKind]byte{udiff.Delete: '-', udiff.Insert: '+', udiff.Equal: ' '}[l.Kind]
			lines = append(lines, line{mark: mark, text: l.Content})
		}
	}
	return lines
}

// name is where the text goes when it is saved.
func name(doc *recipes.Document) string {
	switch {
	case recipes.IsBuiltin(doc.Path):
		return doc.Recipe.Name + ", built in"
	case doc.Path == "":
		return doc.Recipe.Name + ".toml, new"
	case doc.Saved() == nil:
		return filepath.Base(doc.Path) + ", new"
	}
	return filepath.Base(doc.Path)
}

func (t *text) view(w, h int, focused bool) string {
	state := tui.Muted.Render("as saved")
	switch {
	case t.added+t.removed > 0:
		state = tui.Warn.Render(fmt.Sprintf("+%d −%d unsaved", t.added, t.removed))
	case strings.HasSuffix(t.title, ", new"):
		state = tui.Warn.Render("not saved yet")
	}
	title := tui.Heading.Render(t.title)
	if focused {
		title = tui.Selected.Render(tui.MarkSelected + " " + t.title)
	}
	t.win.SetHeight(h - 1)
	if t.jump > 0 {
		t.win.SetCursor(len(t.lines) - 1) // so that the line comes to the top
		t.win.SetCursor(t.jump)
		t.jump = 0
	}
	first, end := t.win.Visible()
	lines := []string{tui.Spread(title, state, w)}
	for i := first; i < end; i++ {
		lines = append(lines, t.line(i, w, focused))
	}
	if len(t.lines) == 0 {
		lines = append(lines, tui.Muted.Render("no changes"))
	}
	return tui.BoxLines(lines, w, h)
}

func (t *text) line(i, w int, focused bool) string {
	l := t.lines[i]
	cursor := " "
	if focused && i == t.win.Cursor() {
		cursor = tui.Accent.Render(tui.MarkSelected)
	}
	body := l.shown(max(w-3, 0))
	switch l.mark {
	case '+':
		return cursor + tui.Good.Render("+ "+body)
	case '-':
		return cursor + tui.Bad.Render("− "+body)
	case '~':
		return cursor + tui.Muted.Render("⋯")
	}
	if strings.HasPrefix(strings.TrimSpace(l.text), "#") {
		body = tui.Muted.Render(body)
	}
	return cursor + "  " + body
}
