package tui

import "github.com/charmbracelet/bubbles/key"

// Bind names a key once: what is pressed, as Bubble Tea spells it, and what the
// foot and the help call it.
func Bind(does, shown string, pressed ...string) key.Binding {
	return key.NewBinding(key.WithKeys(pressed...), key.WithHelp(shown, does))
}

// The keys that mean the same on every screen.
var (
	KeyUp       = Bind("up", "↑", "up", "k")
	KeyDown     = Bind("down", "↓", "down", "j")
	KeyMove     = Bind("move", "↑↓", "up", "down", "k", "j") // for the foot, in place of the two
	KeyPageUp   = Bind("page up", "pgup", "pgup")
	KeyPageDown = Bind("page down", "pgdn", "pgdown")
	KeyTop      = Bind("first", "home", "home", "g")
	KeyBottom   = Bind("last", "end", "end", "G")
	KeyEnter    = Bind("choose", "enter", "enter")
	KeyEdit     = Bind("edit", "enter", "enter")
	KeySpace    = Bind("add or remove", "space", " ")
	KeyBack     = Bind("back", "esc", "esc")
	KeySearch   = Bind("search", "/", "/")
	KeyPane     = Bind("other pane", "tab", "tab", "shift+tab")
	KeyAdd      = Bind("add", "a", "a")
	KeyRemove   = Bind("remove", "d", "d", "delete")
)

// Doing returns the binding under another word: Doing(KeyEnter, "details").
func Doing(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
}
