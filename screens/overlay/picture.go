package overlay

import (
	"fmt"
	"strings"

	"slipway/engine/live"
	"slipway/recipes"
	"slipway/tui"
)

// pictureFrom is the width from which there is room for more than words.
const pictureFrom = 72

// picture shows where writes go and where reads come from.
func (s *Screen) picture(o live.Offer, w int) []string {
	upper := o.Upper
	if strings.Contains(upper, "%s") {
		size := o.Layout.Size
		if o.Refusal != nil {
			size = s.session.Recipe().Overlay.Size
		}
		upper = fmt.Sprintf(upper, short(size))
	}
	box := max(tui.Width(upper), tui.Width(o.Lower)) + 2
	margin, beside := 11, true // of the words before the box
	if margin+box+2 > w {
		margin, beside = 0, false
	}
	edge := func(l, word, r string) string {
		switch {
		case word == "":
			return strings.Repeat(" ", margin) + tui.Line.Render(l+strings.Repeat("─", box)+r)
		case beside:
			return tui.Fit(" "+word, margin-3) + tui.Accent.Render("─▶") + " " + tui.Line.Render(l+strings.Repeat("─", box)+r)
		}
		return tui.Line.Render(l+"─ ") + word + " " + tui.Accent.Render("▼") + tui.Line.Render(" "+strings.Repeat("─", max(box-tui.Width(word)-5, 0))+r)
	}
	wall := tui.Line.Render("│")
	inside := func(text string) string { return strings.Repeat(" ", margin) + wall + tui.Fit(" "+text, box) + wall }
	lines := []string{edge("┌", "writes", "┐"), inside(upper)}
	if o.Lower != "" {
		lines = append(lines, edge("├", "reads", "┤"), inside(o.Lower), edge("└", "", "┘"))
	} else {
		lines = append(lines, edge("└", "reads", "┘"))
	}
	for i, l := range lines {
		lines[i] = tui.Cut(l, w)
	}
	return lines
}

// spoken is a size as people say it.
func spoken(size recipes.Size) string {
	bytes, percent, err := size.Parse()
	switch {
	case err != nil:
		return string(size)
	case percent > 0:
		return strings.TrimSuffix(string(size), "%") + " % of RAM"
	}
	return mebibytes(bytes)
}

// defaultSize is what the chosen strategy gets if the recipe names no size.
func (s *Screen) defaultSize() string {
	l, err := s.layout(s.session.Recipe().Overlay.Strategy)
	switch {
	case err != nil:
		return "its default"
	case l.Kind == live.KindDisk:
		return "all there is"
	case l.Kind == live.KindImage:
		return mebibytes(l.Room) + " free"
	}
	return spoken(l.Size)
}

// short is a size in as few words as possible.
func short(size recipes.Size) string {
	if size == "" {
		return "50 %"
	}
	if bytes, _, err := size.Parse(); err == nil && bytes > 0 {
		return mebibytes(bytes)
	}
	return strings.Replace(string(size), "%", " %", 1)
}

func mebibytes(n int64) string {
	n = (n + 1<<19) >> 20 << 20 // a percentage of the memory is a few bytes off
	if n >= 1<<30 && n%(1<<30) == 0 {
		return fmt.Sprintf("%d GiB", n>>30)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
