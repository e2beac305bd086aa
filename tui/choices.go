package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// Choice is one of several: a label, a note beside it and, when it cannot be
// chosen here, the reason. It stays visible all the same.
type Choice struct {
	Label    string
	Note     string
	Disabled string // why not; empty: can be chosen
}

// Choices is a list of which one is chosen. ↑↓ moves the cursor; what counts as
// choosing (enter, or moving) is the screen's to say.
type Choices struct {
	win    Window
	items  []Choice
	chosen int
	w, h   int
	Blur   bool // the cursor is elsewhere: draw it faint
}

// SetItems replaces the list; chosen is the index of the chosen one, or -1.
func (c *Choices) SetItems(items []Choice, chosen int) {
	first := c.items == nil
	c.items, c.chosen = items, chosen
	c.win.SetLen(len(items))
	if first && chosen >= 0 {
		c.win.SetCursor(chosen)
	}
}

// SetSize sets the size in cells.
func (c *Choices) SetSize(w, h int) { c.w, c.h = w, h; c.win.SetHeight(h) }

// Cursor is the row under the cursor, -1 if the list is empty.
func (c *Choices) Cursor() int { return c.win.Cursor() }

// SetCursor moves the cursor.
func (c *Choices) SetCursor(i int) { c.win.SetCursor(i) }

// Update moves the cursor and reports whether it moved.
func (c *Choices) Update(msg tea.Msg) bool { return c.win.Update(msg) }

// View draws the list.
func (c *Choices) View() string {
	label := 0
	for _, it := range c.items {
		label = max(label, Width(it.Label))
	}
	label = min(label, max(c.w*2/3, 12))
	first, end := c.win.Visible()
	var lines []string
	for i := first; i < end; i++ {
		lines = append(lines, c.row(i, label))
	}
	return BoxLines(lines, c.w, c.h)
}

func (c *Choices) row(i, label int) string {
	it := c.items[i]
	cursor := "  "
	if i == c.win.Cursor() && !c.Blur {
		cursor = Accent.Render(MarkSelected) + " "
	}
	mark := MarkOff
	style, note := Text, it.Note
	switch {
	case it.Disabled != "":
		mark, style, note = " ", Muted, it.Disabled
	case i == c.chosen:
		mark = Accent.Render(MarkOn)
		style = Selected
	default:
		mark = Muted.Render(mark)
	}
	if i == c.win.Cursor() && !c.Blur && it.Disabled == "" {
		style = Selected
	}
	return strings.TrimRight(cursor+mark+" "+style.Render(Fit(it.Label, label))+"  "+Muted.Render(note), " ")
}
