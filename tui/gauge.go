package tui

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// Bar shows how far something is, w cells wide: ━━━━━╸───. A total of 0 means
// that nobody knows: then there is no bar but a line.
func Bar(done, total int64, w int) string { return BarIn(Accent, done, total, w) }

// BarIn is Bar in the style of how things stand: Accent, Good or Bad.
func BarIn(style lipgloss.Style, done, total int64, w int) string {
	if w <= 0 {
		return ""
	}
	if total <= 0 {
		return Line.Render(strings.Repeat("─", w))
	}
	done = max(min(done, total), 0)
	full := int(int64(w) * done / total)
	head := ""
	if full < w && full > 0 {
		head = "╸"
		full--
	}
	rest := w - full - len([]rune(head))
	return style.Render(strings.Repeat("━", full)+head) + Line.Render(strings.Repeat("─", rest))
}

// Gauge shows how full something is, w cells wide with its ends: ▕███▎   ▏.
func Gauge(used, size int64, w int) string {
	inner := w - 2
	if inner <= 0 {
		return ""
	}
	eighths := 0
	if size > 0 {
		eighths = int(int64(inner*8) * max(min(used, size), 0) / size)
		if used > 0 {
			eighths = max(eighths, 1)
		}
	}
	fill := strings.Repeat("█", eighths/8)
	if part := eighths % 8; part > 0 {
		fill += string([]rune(" ▏▎▍▌▋▊▉")[part])
	}
	style := Good
	switch {
	case size > 0 && used*100 >= size*90:
		style = Bad
	case size > 0 && used*100 >= size*70:
		style = Warn
	}
	return Line.Render("▕") + style.Render(Fit(fill, inner)) + Line.Render("▏")
}
