package screentest

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

// On returns a session on the text of a recipe, its engine in the test's own
// folders.
func On(t testing.TB, recipe string) *session.Session {
	t.Helper()
	doc, err := recipes.Parse("fleet-base.toml", []byte(recipe))
	if err != nil {
		t.Fatal(err)
	}
	return session.New(t.Context(), engine.New(engine.Dirs{Cache: t.TempDir(), Builds: t.TempDir()}), doc)
}

// Dialog is the one that a message of msgs opens, in a size that has room for it.
func Dialog(t testing.TB, msgs []tea.Msg) tui.Dialog {
	t.Helper()
	for _, m := range msgs {
		if d, ok := m.(tui.OpenDialog); ok {
			d.Dialog.SetSize(90, 30)
			d.Dialog.View()
			return d.Dialog
		}
	}
	t.Fatalf("no dialog in %v", msgs)
	return nil
}

// GoTo moves a screen's cursor down to the line that begins with label.
func GoTo(t testing.TB, screen tui.Screen, label string) {
	t.Helper()
	tuitest.Press(screen, "home")
	for range 40 {
		for l := range strings.Lines(ansi.Strip(screen.View())) {
			if strings.HasPrefix(l, "▸") && strings.HasPrefix(strings.TrimLeft(l, "▸●○ "), label) {
				return
			}
		}
		tuitest.Press(screen, "down")
	}
	t.Fatalf("no line %s in\n%s", label, ansi.Strip(screen.View()))
}
