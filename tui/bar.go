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
