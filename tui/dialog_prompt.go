package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Prompt asks for one line of text.
type Prompt struct {
	// Check says, as it is typed, why a text cannot be taken; "" lets it pass.
	Check func(string) string
	title string
	label string
	field *Field
	then  func(string) tea.Cmd
	w     int
}

// NewPrompt returns a prompt; then gets what was typed.
func NewPrompt(title, label, value string, then func(string) tea.Cmd) *Prompt {
	return &Prompt{title: title, label: label, field: NewField(value, ""), then: then}
}

// Title is the prompt's title.
func (p *Prompt) Title() string { return p.title }

// SetSize gives the room there is.
func (p *Prompt) SetSize(w, _ int) { p.w = min(w, 64); p.field.SetWidth(p.w - 2) }

// Capturing is true: letters are text.
func (p *Prompt) Capturing() bool { return true }

// Keys are enter and esc.
func (p *Prompt) Keys() []key.Binding { return []key.Binding{Doing(KeyEnter, "take it"), KeyBack} }

// Update edits the text; enter takes it unless Check has an objection.
func (p *Prompt) Update(msg tea.Msg) (bool, tea.Cmd) {
	k, ok := msg.(tea.KeyMsg)
	switch {
	case ok && key.Matches(k, KeyBack):
		return true, nil
	case ok && key.Matches(k, KeyEnter):
		if p.objection() != "" {
			return false, nil
		}
		return true, p.then(p.field.Value())
	}
	p.field.Update(msg)
	return false, nil
}

func (p *Prompt) objection() string {
	if p.Check == nil {
		return ""
	}
	return p.Check(p.field.Value())
}

// View draws the prompt.
func (p *Prompt) View() string {
	lines := Wrap(p.label, p.w)
	lines = append(lines, "", Accent.Render("› ")+p.field.View(), "")
	if why := p.objection(); why != "" {
		for _, l := range Wrap(MarkWarn+" "+why, p.w) {
			lines = append(lines, Warn.Render(l))
		}
	}
	return strings.Join(append(lines, Hints(p.Keys(), p.w)), "\n")
}
