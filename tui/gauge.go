package tui

import "strings"

// Shares, in percent, from which a gauge is drawn as a warning and as bad.
const (
	gaugeWarn = 70
	gaugeBad  = 90
)

// Gauge shows how full something is, w cells wide with its ends: ▕███▎   ▏.
func Gauge(used, size int64, w int) string {
	inner := w - 2
	if inner <= 0 {
		return ""
	}
	eighths := 0
	if size > 0 {
		// By shares, not by products: sizes are bytes and may be large.
		eighths = int(float64(inner*8) * float64(max(min(used, size), 0)) / float64(size))
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
	case size > 0 && used >= size/100*gaugeBad:
		style = Bad
	case size > 0 && used >= size/100*gaugeWarn:
		style = Warn
	}
	return Line.Render("▕") + style.Render(Fit(fill, inner)) + Line.Render("▏")
}
