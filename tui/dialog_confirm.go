package tui

import (
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Settle is how long a question ignores keys after it appeared: those were
// pressed before anybody could have read it.
const Settle = 150 * time.Millisecond

// Answer is one way to answer a Confirm.
type Answer struct {
	Key  string  // as Bubble Tea spells it: "y"
	Does string  // "cancel the build"
	Cmd  tea.Cmd // what follows; nil: nothing
}

// Confirm is a question with named answers; esc is always "none of them".
type Confirm struct {
	Now     func() time.Time // the clock; tests set their own
	title   string
	text    string
	answers []Answer
	stay    string
	since   time.Time
	w       int
}

// NewConfirm returns a question. What esc does is named by the last word of the
// foot: "stay".
func NewConfirm(title, text string, answers ...Answer) *Confirm {
	return &Confirm{Now: time.Now, title: title, text: text, answers: answers, stay: "stay"}
}

// Title is the question's title.
func (c *Confirm) Title() string { return c.title }

// SetSize gives the room there is.
func (c *Confirm) SetSize(w, _ int) { c.w = w }

// Capturing is true: no key but the answers means anything here.
func (c *Confirm) Capturing() bool { return true }

// Keys are the answers.
func (c *Confirm) Keys() []key.Binding {
	var keys []key.Binding
	for _, a := range c.answers {
		keys = append(keys, Bind(a.Does, a.Key, a.Key))
	}
	return append(keys, Doing(KeyBack, c.stay))
}

// Update takes an answer, once the question has been there for a moment.
func (c *Confirm) Update(msg tea.Msg) (bool, tea.Cmd) {
	k, ok := msg.(tea.KeyMsg)
	if !ok || c.since.IsZero() || c.Now().Sub(c.since) < Settle {
		return false, nil
	}
	if key.Matches(k, KeyBack) {
		return true, nil
	}
	for _, a := range c.answers {
		if k.String() == a.Key {
			return true, a.Cmd
		}
	}
	return false, nil
}

// View draws the question and its answers. The first drawing starts the clock.
func (c *Confirm) View() string {
	if c.since.IsZero() {
		c.since = c.Now()
	}
	lines := Wrap(c.text, min(c.w, 64))
	lines = append(lines, "")
	for _, a := range c.answers {
		lines = append(lines, "  "+Key.Render(Fit(a.Key, 4))+"  "+a.Does)
	}
	lines = append(lines, "  "+Key.Render(Fit("esc", 4))+"  "+c.stay)
	return strings.Join(lines, "\n")
}
