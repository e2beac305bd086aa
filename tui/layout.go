package tui

// Rect is a part of the screen in cells.
type Rect struct{ X, Y, W, H int }

// The smallest terminal that gets whole screens.
const (
	MinWidth  = 60
	MinHeight = 16
)

// Frame is where the parts of the workbench lie.
type Frame struct {
	Small  bool // too small: words only
	Header Rect // name, •, summary
	Tabs   Rect
	Body   Rect // the screen; rules lie between the parts
	Foot   Rect
}

// Layout divides a terminal of w by h.
func Layout(w, h int) Frame {
	if w < MinWidth || h < MinHeight {
		return Frame{Small: true, Body: Rect{0, 0, max(w, 0), max(h, 0)}}
	}
	return Frame{
		Header: Rect{0, 0, w, 1},
		Tabs:   Rect{0, 2, w, 1},
		Body:   Rect{1, 4, w - 2, h - 6},
		Foot:   Rect{0, h - 1, w, 1},
	}
}

// Split divides a width into a left pane of the given share (in percent, but
// at least least cells), the divider, and the right pane.
func Split(w, percent, least int) (left, right int) {
	inner := max(w-len([]rune(Divider)), 0)
	left = min(max(inner*percent/100, least), inner)
	return left, inner - left
}
