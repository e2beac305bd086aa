package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// Tab is one place named in the frame.
type Tab struct {
	Key    string
	Name   string
	Short  string // a shorter name for narrow terminals; "" is Name
	Active bool
	Verb   bool // stands behind the bar
	Spare  bool // left out first where there is little room
}

// Chrome is what the frame says around a screen.
type Chrome struct {
	Brand   string
	Name    string
	Changed bool   // shows •
	Summary string // one line
	Tabs    []Tab
	News    string // of what goes on elsewhere: stands in the rule above the screen
	Left    string // foot, left: styled
	Keys    []key.Binding
	More    key.Binding // always the last hint of the foot
}

// Draw puts the frame around a body, which has the size that Layout says. The
// terminal must not be Small.
func (c Chrome) Draw(body string, w, h int) string {
	f := Layout(w, h)
	lines := []string{c.header(w), Rule(w), c.tabs(w), c.rule(w)}
	for _, l := range strings.Split(Box(body, f.Body.W, f.Body.H), "\n") {
		lines = append(lines, " "+l+" ")
	}
	return strings.Join(append(lines, Rule(w), c.foot(w)), "\n")
}

func (c Chrome) header(w int) string {
	left := " " + Accent.Render(c.Brand) + "  " + Strong.Render(c.Name)
	if c.Changed {
		left += " " + Warn.Render("•")
	}
	return Spread(left, Muted.Render(c.Summary)+" ", w)
}

// rule is the line above the screen, with the news at its right end.
func (c Chrome) rule(w int) string {
	if c.News == "" {
		return Rule(w)
	}
	news := Cut(c.News, w-8)
	return Rule(w-Width(news)-5) + " " + news + " " + Rule(3)
}

// tabs draws the places in the roomiest way that fits.
func (c Chrome) tabs(w int) string {
	for _, way := range []struct {
		gap                 int
		spare, short, verbs bool
	}{{gap: 2, spare: true}, {gap: 2}, {gap: 1}, {gap: 1, short: true}, {short: true}, {short: true, verbs: true}} {
		if line := c.tabLine(way.gap, way.spare, way.short, way.verbs, false); Width(line) <= w {
			return Fit(line, w)
		}
	}
	return Fit(c.tabLine(0, false, true, false, true), w)
}

// tabLine draws the places with gap blanks between; bareVerbs leaves only the
// keys of the verbs, bare only those of the places that are not active.
func (c Chrome) tabLine(gap int, spare, short, bareVerbs, bare bool) string {
	var b strings.Builder
	barred := false
	for _, t := range c.Tabs {
		if t.Spare && !spare && !t.Active {
			continue
		}
		if t.Verb && !barred {
			b.WriteString(strings.Repeat(" ", max(1-gap, 0)) + Line.Render("│") + strings.Repeat(" ", max(gap-1, 0)))
			barred = true
		}
		name := t.Name
		if short && t.Short != "" {
			name = t.Short
		}
		switch {
		case t.Active:
			b.WriteString(Selected.Render(MarkSelected + t.Key + " " + name))
		case bare && !t.Verb, bareVerbs && t.Verb:
			b.WriteString(" " + Key.Render(t.Key))
		default:
			b.WriteString(" " + Key.Render(t.Key) + " " + Muted.Render(name))
		}
		b.WriteString(strings.Repeat(" ", gap))
	}
	return b.String()
}

// foot is the last line: what the linter says, and the keys; of these at least
// the first two have a place.
func (c Chrome) foot(w int) string {
	more := Hints([]key.Binding{c.More}, w)
	least := Hints(c.Keys[:min(len(c.Keys), 2)], w/2)
	left := Cut(" "+c.Left, w-Width(more)-Width(least)-6)
	room := w - Width(left) - Width(more) - 5
	keys := Hints(c.Keys, room)
	if keys != "" && more != "" {
		keys += "  "
	}
	return Spread(left, keys+more+" ", w)
}

// DrawSmall is all there is in a terminal too small for screens: it says so,
// and what matters all the same.
func DrawSmall(w, h int, news ...string) string {
	lines := Wrap(fmt.Sprintf("terminal too small: %dx%d, needs %dx%d", w, h, MinWidth, MinHeight), w)
	for i, l := range lines {
		lines[i] = Warn.Render(l)
	}
	for _, n := range news {
		if n != "" {
			lines = append(append(lines, ""), Wrap(n, w)...)
		}
	}
	return BoxLines(lines, w, h)
}
