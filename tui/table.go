package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
)

// Column is one column of a Table.
type Column struct {
	Title  string
	Width  int  // in cells; 0: as wide as Weight says of what is left
	Weight int  // share of what is left; 0 counts as 1
	Right  bool // numbers stand at the right
	Muted  bool
	// Least hides the column while the table is narrower than this.
	Least int
}

// Row is one row of a Table.
type Row struct {
	Cells []string
	Mark  string          // one cell before the row: ✓, !, ●; may be styled
	Style *lipgloss.Style // of the whole row; nil: as usual
}

// Table is a list in columns with a cursor. Only visible rows are asked for and
// drawn: a hundred thousand are as cheap as ten.
type Table struct {
	Blur  bool   // the cursor is elsewhere
	Empty string // said when there are no rows
	cols  []Column
	win   Window
	row   func(i int) Row
	n     int
	w, h  int
}

// NewTable returns a table with these columns.
func NewTable(cols ...Column) *Table { return &Table{cols: cols} }

// SetSource gives n rows that are asked for when they are drawn; the cursor
// keeps its place where it can.
func (t *Table) SetSource(n int, row func(i int) Row) {
	t.n, t.row = n, row
	t.win.SetLen(n)
}

// SetSize sets the size in cells, the line of titles included.
func (t *Table) SetSize(w, h int) { t.w, t.h = w, h; t.win.SetHeight(h - t.head()) }

// Cursor is the selected row, -1 if there is none.
func (t *Table) Cursor() int { return t.win.Cursor() }

// SetCursor selects a row.
func (t *Table) SetCursor(i int) { t.win.SetCursor(i) }

// Len is the number of rows.
func (t *Table) Len() int { return t.n }

// Update moves the cursor and reports whether it moved.
func (t *Table) Update(msg tea.Msg) bool { return t.win.Update(msg) }

// head is 1 when there is a line of titles.
func (t *Table) head() int {
	for _, c := range t.cols {
		if c.Title != "" {
			return 1
		}
	}
	return 0
}

// View draws the table.
func (t *Table) View() string {
	widths := t.widths()
	var lines []string
	if t.head() == 1 {
		cells := make([]string, len(t.cols))
		for i, c := range t.cols {
			cells[i] = c.Title
		}
		lines = append(lines, "    "+Muted.Render(t.line(cells, widths, false)))
	}
	if t.n == 0 && t.Empty != "" {
		lines = append(lines, "    "+Muted.Render(t.Empty))
	}
	first, end := t.win.Visible()
	for i := first; i < end; i++ {
		lines = append(lines, t.drawRow(i, widths))
	}
	return BoxLines(lines, t.w, t.h)
}

func (t *Table) drawRow(i int, widths []int) string {
	r := t.row(i)
	selected := i == t.win.Cursor() && !t.Blur
	cursor := "  "
	if selected {
		cursor = Accent.Render(MarkSelected) + " "
	}
	line := ""
	switch {
	case selected:
		line = Selected.Render(t.line(r.Cells, widths, false))
	case r.Style != nil:
		line = r.Style.Render(t.line(r.Cells, widths, false))
	default:
		line = t.line(r.Cells, widths, true)
	}
	return cursor + Fit(r.Mark, 1) + " " + line
}

// line sets cells into columns, one blank-blank between.
func (t *Table) line(cells []string, widths []int, muted bool) string {
	var parts []string
	for i, c := range t.cols {
		if widths[i] == 0 {
			continue
		}
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		if c.Right {
			cell = FitRight(cell, widths[i])
		} else {
			cell = Fit(cell, widths[i])
		}
		if muted && c.Muted {
			cell = Muted.Render(cell)
		}
		parts = append(parts, cell)
	}
	return strings.Join(parts, "  ")
}

// widths shares the width among the columns; 0 hides one.
func (t *Table) widths() []int {
	widths := make([]int, len(t.cols))
	left, weight, shown := t.w-4, 0, 0
	for i, c := range t.cols {
		if c.Least > t.w {
			widths[i] = -1
			continue
		}
		shown++
		if c.Width > 0 {
			widths[i] = c.Width
			left -= c.Width
		} else {
			weight += max(c.Weight, 1)
		}
	}
	left -= 2 * max(shown-1, 0)
	rest := left
	last := -1
	for i, c := range t.cols {
		if widths[i] == 0 && weight > 0 {
			widths[i] = max(left*max(c.Weight, 1)/weight, 0)
			rest -= widths[i]
			last = i
		}
		widths[i] = max(widths[i], 0)
	}
	if last >= 0 && rest > 0 {
		widths[last] += rest
	}
	return widths
}
