package overlay

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui/tuitest"
)

const recipe = `name = "fleet-base"

[distro]
id = "debian"
release = "bookworm"

[overlay]
strategy = "overlayfs"
size = "50%" # of RAM

[kernel]
cmdline = "console=ttyS0,115200"

[boot]
memory = "1GiB"
`

func open(t *testing.T, text string) (*Screen, *session.Session) {
	t.Helper()
	doc, err := recipes.Parse("fleet-base.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := session.New(t.Context(), engine.New(engine.Dirs{Cache: t.TempDir(), Builds: t.TempDir()}), doc)
	return newScreen(s), s
}

func TestView(t *testing.T) {
	for _, size := range tuitest.Sizes {
		sc, _ := open(t, recipe)
		body := size.Body()
		sc.SetSize(body.W, body.H)
		tuitest.Exact(t, sc.View(), body.W, body.H)
		tuitest.Golden(t, size.String(), sc.View())
	}
}

func TestViewUnavailable(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(118, 34)
	before := string(s.Doc().Source)
	tuitest.Press(sc, "down", "enter")
	tuitest.Golden(t, "unavailable", sc.View())
	if got := string(s.Doc().Source); got != before {
		t.Errorf("a strategy that is not available was taken:\n%s", got)
	}
	if sc.Keys()[1].Enabled() {
		t.Error("enter is offered where it does nothing")
	}
}

func TestSize(t *testing.T) {
	for typed, want := range map[string]string{
		"512 MiB": `size = "512MiB" # of RAM`, "30%": `size = "30%" # of RAM`, "": "",
	} {
		sc, s := open(t, recipe)
		sc.SetSize(78, 18)
		tuitest.Press(sc, "end", "enter", "ctrl+u")
		tuitest.Type(sc, typed)
		tuitest.Press(sc, "enter")
		got := string(s.Doc().Source)
		if want == "" && strings.Contains(got, "size") || !strings.Contains(got, want) || sc.Capturing() {
			t.Errorf("typed %q:\n%s", typed, got)
		}
	}
}

func TestSizeRefused(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(78, 18)
	before := string(s.Doc().Source)
	tuitest.Press(sc, "end", "enter", "ctrl+u")
	tuitest.Type(sc, "bst0%")
	if !sc.Capturing() {
		t.Fatal("letters are not text while a size is typed")
	}
	tuitest.Press(sc, "enter")
	view := ansi.Strip(sc.View())
	if !sc.Capturing() || !strings.Contains(view, "bst0%") || !strings.Contains(view, "✗") {
		t.Errorf("a wrong size was lost, or not spoken of:\n%s", view)
	}
	if got := string(s.Doc().Source); got != before {
		t.Errorf("a wrong size was taken:\n%s", got)
	}
	tuitest.Press(sc, "esc")
	if sc.Capturing() {
		t.Error("esc does not leave")
	}
}

// What the picture promises is what the stack will be told.
func TestOptionsAreCompiled(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(118, 34)
	if err := s.Set("overlay.size", "256MiB"); err != nil {
		t.Fatal(err)
	}
	sc.Update(session.Changed{})
	view := ansi.Strip(sc.View())
	for _, want := range []string{"boot=live overlay-size=256m", "tmpfs in RAM, ≤ 256 MiB", "256 MiB of 1 GiB"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
}

func TestWrongKeys(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(78, 18)
	before := string(s.Doc().Source)
	for _, k := range []string{"x", "z", "tab", "left", "f5", " ", "delete"} {
		if msgs := tuitest.Press(sc, k); len(msgs) > 0 || string(s.Doc().Source) != before {
			t.Errorf("%s did something: %v", k, msgs)
		}
	}
}
