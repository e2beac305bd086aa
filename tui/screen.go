package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Screen is a place the user can be. Keys reach only the screen that is shown;
// every other message reaches all screens, so an answer to a slow command must
// carry an id by which the asker knows it.
type Screen interface {
	// Title is one or two words: "SSH", "Test boot".
	Title() string
	// Update handles a message and says what to do next. It never waits.
	Update(msg tea.Msg) tea.Cmd
	// View is exactly the size given by SetSize.
	View() string
	SetSize(w, h int)
	// Keys are what can be pressed now, most useful first: the foot shows the
	// first few, ? shows all. A disabled binding is not shown. A screen's own
	// enabled key wins over the app's of the same name.
	Keys() []key.Binding
	// Capturing says that typed letters are text: the app keeps only ctrl-c.
	Capturing() bool
}

// Shown is sent to a screen each time it comes into view.
type Shown struct{}

// Dialog is a small box over the screen that takes all keys until it is done.
type Dialog interface {
	// Update handles a message; done closes the dialog before cmd runs.
	Update(msg tea.Msg) (done bool, cmd tea.Cmd)
	// View is the inside of the box, at most w by h of SetSize.
	View() string
	// SetSize gives the room there is; the dialog may use less.
	SetSize(w, h int)
	Title() string
	Keys() []key.Binding
	// Capturing says that typed letters are text.
	Capturing() bool
}

// OpenDialog asks the app to show a dialog on top of everything.
type OpenDialog struct{ Dialog Dialog }

// Open returns the command that shows a dialog.
func Open(d Dialog) tea.Cmd { return Send(OpenDialog{d}) }

// Send returns a command that delivers msg.
func Send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
