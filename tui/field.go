package tui

import (
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// Field is one line of text being typed. It draws exactly its width, also under
// NO_COLOR, where the cursor is a ▏ in the text. It does not know of focus: a
// screen that has a Field open says Capturing.
type Field struct {
	Hint string // shown faint while empty
	text []rune
	pos  int
	w    int
}

// NewField returns a field holding text, the cursor at its end.
func NewField(text, hint string) *Field {
	f := &Field{Hint: hint}
	f.SetValue(text)
	return f
}

// Value is the text.
func (f *Field) Value() string { return string(f.text) }

// SetValue replaces the text and puts the cursor at its end.
func (f *Field) SetValue(s string) { f.text = []rune(oneLine(s)); f.pos = len(f.text) }

// SetWidth sets the width in cells.
func (f *Field) SetWidth(w int) { f.w = w }

// Update edits the text and reports whether it changed. Keys that do not edit
// (enter, esc, tab, up, down) are left to the screen.
func (f *Field) Update(msg tea.Msg) (changed bool) {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return false
	}
	was := string(f.text)
	switch k.Type {
	case tea.KeyRunes, tea.KeySpace:
		if k.Alt {
			return false
		}
		f.insert([]rune(oneLine(string(k.Runes))))
	case tea.KeyBackspace, tea.KeyCtrlH:
		f.remove(f.pos-1, f.pos)
	case tea.KeyDelete, tea.KeyCtrlD:
		f.remove(f.pos, f.pos+1)
	case tea.KeyCtrlW:
		f.remove(f.wordLeft(), f.pos)
	case tea.KeyCtrlU:
		f.remove(0, f.pos)
	case tea.KeyCtrlK:
		f.remove(f.pos, len(f.text))
	default:
		f.move(k.Type)
	}
	return string(f.text) != was
}

func (f *Field) move(t tea.KeyType) {
	switch t {
	case tea.KeyLeft, tea.KeyCtrlB:
		f.pos--
	case tea.KeyRight, tea.KeyCtrlF:
		f.pos++
	case tea.KeyHome, tea.KeyCtrlA:
		f.pos = 0
	case tea.KeyEnd, tea.KeyCtrlE:
		f.pos = len(f.text)
	case tea.KeyCtrlLeft:
		f.pos = f.wordLeft()
	case tea.KeyCtrlRight:
		for f.pos++; f.pos < len(f.text) && !unicode.IsSpace(f.text[f.pos]); f.pos++ {
		}
	}
	f.pos = max(min(f.pos, len(f.text)), 0)
}

func (f *Field) insert(r []rune) {
	f.text = append(f.text[:f.pos:f.pos], append(r, f.text[f.pos:]...)...)
	f.pos += len(r)
}

func (f *Field) remove(from, to int) {
	from, to = max(from, 0), min(to, len(f.text))
	if from >= to {
		return
	}
	f.text = append(f.text[:from:from], f.text[to:]...)
	f.pos = from
}

func (f *Field) wordLeft() int {
	i := f.pos
	for i > 0 && unicode.IsSpace(f.text[i-1]) {
		i--
	}
	for i > 0 && !unicode.IsSpace(f.text[i-1]) {
		i--
	}
	return i
}

var cursorStyle = lipgloss.NewStyle().Reverse(true).Inline(true)

// View draws the field in exactly its width.
func (f *Field) View() string {
	if f.w <= 0 {
		return ""
	}
	before, at, after := string(f.text[:f.pos]), " ", ""
	if f.pos < len(f.text) {
		at, after = string(f.text[f.pos]), string(f.text[f.pos+1:])
	}
	if len(f.text) == 0 && f.Hint != "" {
		after = Muted.Render(f.Hint)
	}
	cursor := cursorStyle.Render(at)
	if Plain() {
		cursor = "▏" + at
	}
	line := before + cursor + after
	// Scroll so that the cursor is seen with a little of what follows.
	if from := Width(before) + Width(cursor) - f.w; from > 0 {
		line = ansi.Cut(line, from, from+f.w)
	}
	return Fit(line, f.w)
}

// oneLine makes pasted text fit for one line.
func oneLine(s string) string {
	s = strings.Trim(s, "\r\n")
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
