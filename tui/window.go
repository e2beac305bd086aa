package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Window is a cursor over n rows of which h are visible.
type Window struct {
	n, h, cursor, top int
}

// SetLen says how many rows there are; the cursor stays inside.
func (w *Window) SetLen(n int) { w.n = n; w.clamp() }

// SetHeight says how many rows are visible.
func (w *Window) SetHeight(h int) { w.h = h; w.clamp() }

// Cursor is the selected row, or -1 when there is none.
func (w *Window) Cursor() int {
	if w.n == 0 {
		return -1
	}
	return w.cursor
}

// SetCursor selects a row.
func (w *Window) SetCursor(i int) { w.cursor = i; w.clamp() }

// Visible is the range of rows to draw: from first up to before end.
func (w *Window) Visible() (first, end int) { return w.top, min(w.top+max(w.h, 0), w.n) }

// Update moves the cursor on ↑ ↓ j k pgup pgdn home end g G and reports
// whether the key was one of these and moved it.
func (w *Window) Update(msg tea.Msg) (moved bool) {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return false
	}
	was := w.cursor
	switch {
	case key.Matches(k, KeyUp):
		w.cursor--
	case key.Matches(k, KeyDown):
		w.cursor++
	case key.Matches(k, KeyPageUp):
		w.cursor -= max(w.h-1, 1)
	case key.Matches(k, KeyPageDown):
		w.cursor += max(w.h-1, 1)
	case key.Matches(k, KeyTop):
		w.cursor = 0
	case key.Matches(k, KeyBottom):
		w.cursor = w.n - 1
	}
	w.clamp()
	return w.cursor != was
}

func (w *Window) clamp() {
	w.cursor = max(min(w.cursor, w.n-1), 0)
	if w.h <= 0 {
		return
	}
	if w.cursor < w.top {
		w.top = w.cursor
	}
	if w.cursor >= w.top+w.h {
		w.top = w.cursor - w.h + 1
	}
	w.top = max(min(w.top, w.n-w.h), 0)
}
