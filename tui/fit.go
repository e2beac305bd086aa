package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width is the number of cells that one line of styled text takes.
func Width(s string) int {
	if clean(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Cut shortens one line to at most w cells, with … where something was lost.
func Cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	return truncate(s, w)
}

// truncate is ansi.Truncate, quick where there is nothing to cut.
func truncate(s string, w int) string {
	if len(s) <= w && clean(s) {
		return s
	}
	return ansi.Truncate(s, w, "…")
}

// Fit makes one line exactly w cells wide.
func Fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	s = truncate(s, w)
	if gap := w - Width(s); gap > 0 {
		s += strings.Repeat(" ", gap)
	}
	return s
}

// FitRight is Fit with the text at the right end.
func FitRight(s string, w int) string {
	if w <= 0 {
		return ""
	}
	s = truncate(s, w)
	if gap := w - Width(s); gap > 0 {
		s = strings.Repeat(" ", gap) + s
	}
	return s
}

// Spread puts left and right at the two ends of a line of exactly w cells. When
// there is no room for both, right goes first, then left is cut.
func Spread(left, right string, w int) string {
	lw, rw := Width(left), Width(right)
	switch {
	case right == "" || lw+2+rw > w && lw >= w-8:
		return Fit(left, w)
	case lw+2+rw > w:
		return Fit(left, lw) + "  " + FitRight(right, w-lw-2)
	}
	return left + strings.Repeat(" ", w-lw-rw) + right
}

// Box makes text exactly w by h: lines are cut or padded, missing ones added,
// further ones dropped.
func Box(s string, w, h int) string {
	if h <= 0 {
		return ""
	}
	return BoxLines(strings.Split(s, "\n"), w, h)
}

// BoxLines is Box for text that is already in lines.
func BoxLines(lines []string, w, h int) string {
	if h <= 0 {
		return ""
	}
	var b strings.Builder
	for i := range h {
		if i > 0 {
			b.WriteByte('\n')
		}
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		b.WriteString(Fit(line, w))
	}
	return b.String()
}

// Wrap breaks text into lines of at most w cells, at spaces where it can. A
// hyphen is no such place: options and package names stay whole.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	const unbroken = "\u2011"
	wrapped := ansi.Wrap(strings.ReplaceAll(s, "-", unbroken), w, "")
	return strings.Split(strings.ReplaceAll(wrapped, unbroken, "-"), "\n")
}

// Rule is a horizontal line of w cells.
func Rule(w int) string {
	if w <= 0 {
		return ""
	}
	return Line.Render(strings.Repeat("─", w))
}

// Divider is what Beside draws between two panes: its width is 3.
const Divider = " │ "

// Beside sets two panes next to each other with a line between: left and right
// are lw and rw wide and h high, the whole is lw+3+rw.
func Beside(left string, lw int, right string, rw, h int) string {
	ls, rs := strings.Split(left, "\n"), strings.Split(right, "\n")
	bar := Line.Render(Divider)
	out := make([]string, h)
	for i := range out {
		var l, r string
		if i < len(ls) {
			l = ls[i]
		}
		if i < len(rs) {
			r = rs[i]
		}
		out[i] = Fit(l, lw) + bar + Fit(r, rw)
	}
	return strings.Join(out, "\n")
}

// Above stacks blocks.
func Above(blocks ...string) string { return strings.Join(blocks, "\n") }

// Over draws a block onto another at column x, line y.
func Over(under, block string, x, y int) string {
	lines := strings.Split(under, "\n")
	for i, b := range strings.Split(block, "\n") {
		if y+i < 0 || y+i >= len(lines) {
			continue
		}
		l := lines[y+i]
		w := Width(l)
		left := Fit(ansi.Cut(l, 0, x), x)
		right := ""
		if end := x + Width(b); end < w {
			right = ansi.Cut(l, end, w)
		}
		lines[y+i] = left + "\x1b[0m" + b + right
	}
	return strings.Join(lines, "\n")
}
