package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/x/ansi"
)

// DrawDialog draws d in its box onto a background of w by h.
func DrawDialog(under string, d Dialog, w, h int) string {
	if w < 12 || h < 5 {
		return Box(d.View(), w, h)
	}
	d.SetSize(w-8, h-4)
	inside := strings.Split(d.View(), "\n")
	inner := Width(d.Title()) + 2
	for _, l := range inside {
		inner = max(inner, Width(l))
	}
	inner = min(inner, w-6)
	inside = inside[:min(len(inside), h-2)]
	title := " " + Heading.Render(Cut(d.Title(), inner-2)) + " "
	box := []string{Accent.Render("╭─") + title + Accent.Render(strings.Repeat("─", max(inner+1-Width(title), 0))+"╮")}
	for _, l := range inside {
		box = append(box, Accent.Render("│")+" "+Fit(l, inner)+" "+Accent.Render("│"))
	}
	box = append(box, Accent.Render("╰"+strings.Repeat("─", inner+2)+"╯"))
	return Over(under, strings.Join(box, "\n"), (w-inner-4)/2, max((h-len(box))/2, 0))
}

// Dim draws a view faintly: it waits behind a dialog.
func Dim(view string) string {
	lines := strings.Split(ansi.Strip(view), "\n")
	for i, l := range lines {
		lines[i] = Line.Render(l)
	}
	return strings.Join(lines, "\n")
}

// Hints is one line that names keys, as many as fit into w cells.
func Hints(keys []key.Binding, w int) string {
	line := ""
	for _, b := range keys {
		if !b.Enabled() {
			continue
		}
		hint := Key.Render(b.Help().Key) + " " + Muted.Render(b.Help().Desc)
		if line != "" {
			hint = "  " + hint
		}
		if Width(line)+Width(hint) > w {
			break
		}
		line += hint
	}
	return line
}

// KeyGroup is a heading of the help and the keys below it.
type KeyGroup struct {
	Title string
	Keys  []key.Binding
}

// NewHelp returns the dialog that names all keys: it is made of the bindings
// themselves, so that it cannot say anything else than they do.
func NewHelp(groups ...KeyGroup) *TextDialog {
	var b strings.Builder
	for i, g := range groups {
		if i > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(Heading.Render(g.Title))
		for _, k := range g.Keys {
			if k.Enabled() {
				b.WriteString("\n  " + Key.Render(Fit(k.Help().Key, 10)) + " " + k.Help().Desc)
			}
		}
	}
	return NewText("Keys", b.String())
}
