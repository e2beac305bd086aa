package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// FormItem is one line of a Form. What enter does depends on what is given:
// Options opens a list, Do runs a command, Edit alone opens the value as text.
type FormItem struct {
	Heading string // a heading instead of a value; everything else is ignored
	Label   string
	Value   string // as shown
	Text    string // as edited, where that differs from Value
	Note    string // faint, at the right: what it means, or the default
	Mark    string // one cell before the line: ●, !
	Default bool   // Value holds because nothing was said: drawn faint, edited from empty
	Option  bool   // one of several to choose from: its label is drawn as text
	// Edit takes the new text; its error is shown below and nothing is closed.
	Edit    func(text string) error
	Options []Choice // Edit gets the label of the chosen one
	Do      func() tea.Cmd
}

// Form is a list of labelled values that are edited in place.
type Form struct {
	Blur  bool // the cursor is elsewhere
	items []FormItem
	win   Window
	field *Field // while typing
	err   string
	w, h  int
}

// SetItems replaces the lines; the cursor keeps its place where it can.
func (f *Form) SetItems(items []FormItem) {
	f.items = items
	f.win.SetLen(len(items))
	f.skip(1)
}

// SetSize sets the size in cells; the last line is for what is wrong.
func (f *Form) SetSize(w, h int) { f.w, f.h = w, h; f.win.SetHeight(max(h-1, 1)) }

// Cursor is the index of the selected item, -1 if there is none.
func (f *Form) Cursor() int { return f.win.Cursor() }

// SetCursor selects an item.
func (f *Form) SetCursor(i int) { f.win.SetCursor(i); f.skip(1) }

// Capturing says that a value is being typed.
func (f *Form) Capturing() bool { return f.field != nil }

// Keys are what can be pressed now.
func (f *Form) Keys() []key.Binding {
	if f.field != nil {
		return []key.Binding{Doing(KeyEnter, "take it"), Doing(KeyBack, "leave it")}
	}
	enter := KeyEdit
	if i := f.win.Cursor(); i >= 0 {
		it := f.items[i]
		enter.SetEnabled(it.Edit != nil || it.Do != nil)
		if it.Options != nil || it.Do != nil {
			enter = Doing(enter, "choose")
		}
	}
	return []key.Binding{KeyMove, enter}
}

// Update moves, opens the editor and takes what was typed.
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	if f.field != nil {
		f.typing(k)
		return nil
	}
	if key.Matches(k, KeyEnter) {
		return f.open()
	}
	was := f.win.Cursor()
	if f.win.Update(msg) {
		f.err = ""
		if f.win.Cursor() < was {
			f.skip(-1)
		} else {
			f.skip(1)
		}
	}
	return nil
}

func (f *Form) typing(k tea.KeyMsg) {
	switch {
	case key.Matches(k, KeyBack):
		f.field, f.err = nil, ""
	case key.Matches(k, KeyEnter):
		if i := f.win.Cursor(); i >= 0 && !f.take(f.items[i], f.field.Value()) {
			return
		}
		f.field = nil
	default:
		if f.field.Update(k) {
			f.err = ""
		}
	}
}

// take hands text to the item and reports whether it was accepted.
func (f *Form) take(it FormItem, text string) bool {
	f.err = ""
	if err := it.Edit(text); err != nil {
		f.err = err.Error()
		return false
	}
	return true
}

func (f *Form) open() tea.Cmd {
	i := f.win.Cursor()
	if i < 0 {
		return nil
	}
	it := f.items[i]
	f.err = ""
	switch {
	case it.Do != nil:
		return it.Do()
	case it.Edit == nil:
		return nil
	case it.Options != nil:
		chosen := -1
		for n, o := range it.Options {
			if o.Label == it.Value {
				chosen = n
			}
		}
		return Open(NewPick(it.Label, it.Options, chosen, func(n int) tea.Cmd {
			f.take(it, it.Options[n].Label)
			return nil
		}))
	}
	text := it.Text
	if text == "" && !it.Default {
		text = it.Value
	}
	f.field = NewField(text, "")
	return nil
}

// skip moves the cursor off a heading, first in the given direction.
func (f *Form) skip(dir int) {
	for _, d := range []int{dir, -dir} {
		for i := f.win.Cursor(); i >= 0 && i < len(f.items); i += d {
			if f.items[i].Heading == "" {
				if i > 0 && f.items[i-1].Heading != "" {
					f.win.SetCursor(i - 1) // scrolls the heading into view, too
				}
				f.win.SetCursor(i)
				return
			}
		}
	}
}

// View draws the form.
func (f *Form) View() string {
	label := 0
	for _, it := range f.items {
		label = max(label, Width(it.Label))
	}
	label = min(label, max(f.w*9/20, 8))
	wrong := f.wrong()
	f.win.SetHeight(max(f.h-max(len(wrong), 1), 1))
	first, end := f.win.Visible()
	airy := f.airy()
	var lines []string
	for i := first; i < end; i++ {
		if airy && i > 0 && f.items[i].Heading != "" {
			lines = append(lines, "")
		}
		lines = append(lines, f.line(i, label))
	}
	if len(wrong) > 0 {
		room := max(f.h-len(wrong), 0)
		for len(lines) < room {
			lines = append(lines, "")
		}
		lines = append(lines[:min(len(lines), room)], wrong...)
	}
	return BoxLines(lines, f.w, f.h)
}

// leastNote is how much of a note must fit for it to be shown at all.
const leastNote = 12

// maxWrong is how many lines a refusal may take.
const maxWrong = 4

// wrong is why the last text was refused, in as many lines as that takes.
func (f *Form) wrong() []string {
	if f.err == "" {
		return nil
	}
	lines := Wrap(MarkFailed+" "+f.err, f.w)
	lines = lines[:min(len(lines), maxWrong, max(f.h-1, 1))]
	for i, l := range lines {
		lines[i] = Bad.Render(l)
	}
	return lines
}

// airy reports whether there is room for an empty line above every heading.
func (f *Form) airy() bool {
	lines := len(f.items)
	for i, it := range f.items {
		if i > 0 && it.Heading != "" {
			lines++
		}
	}
	return lines <= f.h-1
}

func (f *Form) line(i, label int) string {
	it := f.items[i]
	if it.Heading != "" {
		return Heading.Render(it.Heading)
	}
	cursor, name := "  ", Fit(it.Label, label)
	selected := i == f.win.Cursor() && !f.Blur
	if selected {
		cursor, name = Accent.Render(MarkSelected)+" ", Selected.Render(name)
	} else if !it.Option {
		name = Muted.Render(name)
	}
	head := cursor + Fit(it.Mark, 1) + " " + name + "  "
	room := f.w - Width(head)
	if selected && f.field != nil {
		f.field.SetWidth(room)
		return head + f.field.View()
	}
	value := it.Value
	switch {
	case value == "":
		value = Muted.Render("—")
	case it.Default:
		value = Muted.Render(value)
	}
	if it.Note == "" {
		return head + Cut(value, room)
	}
	if room-Width(value)-2 < min(Width(it.Note), leastNote) {
		return head + Cut(value, room)
	}
	half := max(room*45/100, min(Width(value), room))
	return head + Fit(value, half) + Muted.Render(Cut("  "+it.Note, room-half))
}

// Radio is the mark of one of several: the chosen one, or another.
func Radio(chosen bool) string {
	if chosen {
		return Accent.Render(MarkOn)
	}
	return Muted.Render(MarkOff)
}
