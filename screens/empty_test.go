package screens

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/tui"
)

// empty stands for a screen where the frame alone is tested.
type empty struct {
	title string
	w, h  int
}

func newEmpty(title string) *empty { return &empty{title: title} }

func (e *empty) Title() string          { return e.title }
func (e *empty) Update(tea.Msg) tea.Cmd { return nil }
func (e *empty) View() string           { return tui.Box(e.title, e.w, e.h) }
func (e *empty) SetSize(w, h int)       { e.w, e.h = w, h }
func (e *empty) Keys() []key.Binding    { return nil }
func (e *empty) Capturing() bool        { return false }
