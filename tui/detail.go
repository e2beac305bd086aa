package tui

import (
	"slices"
	"strings"
)

// Fact is a name and what is known under it.
type Fact struct{ Name, Value string }

// Facts sets facts as lines of at most w cells: the names in a column, faint,
// the values beside them, broken into further lines where they are long. A fact
// without a value is left out.
func Facts(facts []Fact, w int) []string {
	name := 0
	for _, f := range facts {
		if f.Value != "" {
			name = max(name, Width(f.Name))
		}
	}
	name = min(name, max(w/2, 1))
	var lines []string
	for _, f := range facts {
		if f.Value == "" {
			continue
		}
		head := Muted.Render(Fit(f.Name, name)) + "  "
		for _, v := range Wrap(f.Value, max(w-name-2, 1)) {
			lines = append(lines, head+v)
			head = strings.Repeat(" ", name+2)
		}
	}
	return lines
}

// Prose breaks text into faint lines.
func Prose(text string, w int) []string {
	var lines []string
	for _, l := range Wrap(text, w) {
		lines = append(lines, Muted.Render(l))
	}
	return lines
}

// besideFrom is the width from which a list and its detail fit side by side.
const besideFrom = 72

// ListAndDetail draws a list and what is to be said about its selected row in
// exactly w by h: side by side, the list taking percent of the width, or, where
// that is too narrow, the detail without its empty
// lines below the list, in as much room as is left.
// list draws exactly the size it is given.
func ListAndDetail(w, h, percent int, list func(w, h int) string, detail func(w int) []string) string {
	if w >= besideFrom {
		lw, rw := Split(w, percent, 30)
		return Beside(list(lw, h), lw, BoxLines(detail(rw), rw, h), rw, h)
	}
	lines := slices.DeleteFunc(detail(w), func(l string) bool { return l == "" })
	room := min(len(lines), h*2/5)
	if room < 2 {
		return list(w, h)
	}
	return Above(list(w, h-room-1), Rule(w), BoxLines(lines, w, room))
}
