package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Pick is a dialog that chooses one of a list.
type Pick struct {
	title string
	list  Choices
	items []Choice
	then  func(i int) tea.Cmd
	w     int
}

// NewPick returns a list to choose from, the cursor on chosen (-1: the first);
// then gets the index of the choice.
func NewPick(title string, items []Choice, chosen int, then func(i int) tea.Cmd) *Pick {
	p := &Pick{title: title, items: items, then: then}
	p.list.SetItems(items, chosen)
	return p
}

// Title is the list's title.
func (p *Pick) Title() string { return p.title }

// SetSize gives the room there is.
func (p *Pick) SetSize(w, h int) {
	p.w = min(w, 72)
	p.list.SetSize(p.w, max(min(h-2, len(p.items)), 1))
}

// Capturing is true: no other key means anything here.
func (p *Pick) Capturing() bool { return true }

// Keys are what moves and chooses.
func (p *Pick) Keys() []key.Binding { return []key.Binding{KeyMove, KeyEnter, KeyBack} }

// Update moves; enter chooses what can be chosen.
func (p *Pick) Update(msg tea.Msg) (bool, tea.Cmd) {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return false, nil
	}
	switch {
	case key.Matches(k, KeyBack):
		return true, nil
	case key.Matches(k, KeyEnter):
		i := p.list.Cursor()
		if i < 0 || p.items[i].Disabled != "" {
			return false, nil
		}
		return true, p.then(i)
	}
	p.list.Update(msg)
	return false, nil
}

// View draws the list.
func (p *Pick) View() string { return Above(p.list.View(), "", Hints(p.Keys(), p.w)) }
