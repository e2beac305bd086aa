package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// TextDialog shows text that may be longer than the screen.
type TextDialog struct {
	title string
	text  string
	lines []string // wrapped to w
	top   int
	w, h  int
}

// NewText returns a dialog that shows text. Lines may be styled.
func NewText(title, text string) *TextDialog { return &TextDialog{title: title, text: text} }

// Title is the text's title.
func (d *TextDialog) Title() string { return d.title }

// SetSize gives the room there is.
func (d *TextDialog) SetSize(w, h int) {
	d.w = min(w, 96)
	d.lines = Wrap(d.text, d.w)
	d.h = max(min(h-2, len(d.lines)), 1)
	d.scroll(0)
}

// Capturing is true: no other key means anything here.
func (d *TextDialog) Capturing() bool { return true }

// Keys are what scrolls and closes.
func (d *TextDialog) Keys() []key.Binding {
	move := Doing(KeyMove, "scroll")
	move.SetEnabled(len(d.lines) > d.h)
	return []key.Binding{move, Doing(KeyBack, "close")}
}

// Update scrolls; esc, enter, q and ? close.
func (d *TextDialog) Update(msg tea.Msg) (bool, tea.Cmd) {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return false, nil
	}
	switch {
	case key.Matches(k, KeyBack, KeyEnter), k.String() == "q", k.String() == "?":
		return true, nil
	case key.Matches(k, KeyUp):
		d.scroll(-1)
	case key.Matches(k, KeyDown):
		d.scroll(1)
	case key.Matches(k, KeyPageUp):
		d.scroll(-d.h)
	case key.Matches(k, KeyPageDown, KeySpace):
		d.scroll(d.h)
	case key.Matches(k, KeyTop):
		d.scroll(-len(d.lines))
	case key.Matches(k, KeyBottom):
		d.scroll(len(d.lines))
	}
	return false, nil
}

func (d *TextDialog) scroll(by int) {
	d.top = max(min(d.top+by, len(d.lines)-d.h), 0)
}

// View draws the visible part.
func (d *TextDialog) View() string {
	end := min(d.top+d.h, len(d.lines))
	view := strings.Join(d.lines[min(d.top, end):end], "\n")
	return Above(view, "", Hints(d.Keys(), d.w))
}
