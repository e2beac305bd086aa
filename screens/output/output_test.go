package output

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

const recipe = `# The base of the fleet.
name = "fleet-base"

[distro]
id = "debian"
release = "bookworm"

[overlay]
strategy = "overlayfs"
size = "50%"

[output]
profile = "draft" # for now

[boot]
memory = "1GiB"

[[checks]]
name = "time is synchronised"
command = "chronyc waitsync 1"
prints = "try: 1"
`

// open returns the screen on a recipe that lies in a file.
func open(t *testing.T) (*Screen, *session.Session) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fleet-base.toml")
	if err := os.WriteFile(path, []byte(recipe), 0o644); err != nil {
		t.Fatal(err)
	}
	doc, err := recipes.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s := session.New(t.Context(), engine.New(engine.Dirs{Cache: "/home/ops/.cache/slipway", Builds: "/home/ops/builds"}), doc)
	sc := newScreen(s)
	sc.SetSize(78, 18)
	return sc, s
}

func TestView(t *testing.T) {
	for _, size := range tuitest.Sizes {
		body := size.Body()
		for name, set := range map[string]func(*Screen, *session.Session){
			"saved": func(*Screen, *session.Session) {},
			"changed": func(sc *Screen, s *session.Session) {
				if err := s.Set("output.profile", "release"); err != nil {
					t.Fatal(err)
				}
				if err := s.Set("system.hostname", "node"); err != nil {
					t.Fatal(err)
				}
				sc.Update(session.Changed{})
				tuitest.Press(sc, "down", "tab")
			},
		} {
			sc, s := open(t)
			set(sc, s)
			sc.SetSize(body.W, body.H)
			tuitest.Exact(t, sc.View(), body.W, body.H)
			tuitest.Golden(t, name+"-"+size.String(), sc.View())
		}
	}
}

// at moves to the line with a label.
func at(t *testing.T, sc *Screen, label string) {
	t.Helper()
	for i, r := range sc.rows {
		if ansi.Strip(r.Label) == label {
			sc.form.SetCursor(i)
			return
		}
	}
	t.Fatalf("no line %s", label)
}

func TestProfileAndFormats(t *testing.T) {
	sc, s := open(t)
	at(t, sc, "release")
	tuitest.Press(sc, "enter")
	if got := string(s.Doc().Source); !strings.Contains(got, `profile = "release" # for now`) {
		t.Errorf("profile was not set:\n%s", got)
	}
	at(t, sc, "squashfs")
	tuitest.Press(sc, " ")
	if got := strings.Join(s.Recipe().Output.Formats, " "); got != "iso squashfs" {
		t.Errorf("formats are %s", got)
	}
	at(t, sc, "iso")
	tuitest.Press(sc, "enter")
	at(t, sc, "squashfs")
	msgs := tuitest.Press(sc, " ")
	if got := strings.Join(s.Recipe().Output.Formats, " "); got != "squashfs" || len(msgs) != 1 {
		t.Errorf("the last format was turned off without a word: %s, %v", got, msgs)
	}
	at(t, sc, "netboot")
	before := string(s.Doc().Source)
	if tuitest.Press(sc, "enter", " "); string(s.Doc().Source) != before {
		t.Error("a format that cannot be built was taken")
	}
}

func TestMachine(t *testing.T) {
	for _, tt := range []struct{ label, typed, want string }{
		{"memory", "2 GiB", `memory = "2GiB"`}, {"processors", "2", "cpus = 2"}, {"timeout", "90s", `timeout = "90s"`},
		{"name", "fleet-2", `name = "fleet-2"`}, {"description", "all nodes", `description = "all nodes"`},
	} {
		sc, s := open(t)
		at(t, sc, tt.label)
		tuitest.Press(sc, "enter", "ctrl+u")
		tuitest.Type(sc, tt.typed)
		tuitest.Press(sc, "enter")
		if got := string(s.Doc().Source); !strings.Contains(got, tt.want) || sc.Capturing() {
			t.Errorf("%s: no %s in\n%s", tt.label, tt.want, got)
		}
	}
}

func TestMachineRefused(t *testing.T) {
	for label, typed := range map[string]string{"memory": "50%", "processors": "many", "timeout": "soon", "name": "a b"} {
		sc, s := open(t)
		before := string(s.Doc().Source)
		at(t, sc, label)
		tuitest.Press(sc, "enter", "ctrl+u")
		tuitest.Type(sc, typed)
		tuitest.Press(sc, "enter")
		view := ansi.Strip(sc.View())
		if !sc.Capturing() || !strings.Contains(view, typed) || !strings.Contains(view, "✗") || string(s.Doc().Source) != before {
			t.Errorf("%s = %s: lost, taken, or not spoken of:\n%s", label, typed, view)
		}
	}
}

func answer(d tui.Dialog, text string) (bool, []tea.Msg) {
	d.Update(tuitest.KeyMsg("ctrl+u"))
	for _, r := range text {
		d.Update(tuitest.KeyMsg(string(r)))
	}
	done, cmd := d.Update(tuitest.KeyMsg("enter"))
	return done, tuitest.Run(cmd)
}

func TestChecks(t *testing.T) {
	sc, s := open(t)
	d := screentest.Dialog(t, tuitest.Press(sc, "a"))
	if done, _ := answer(d, "time is synchronised"); done {
		t.Error("a second check of the same name was taken")
	}
	_, msgs := answer(d, "disk is there")
	d = screentest.Dialog(t, msgs)
	if done, _ := answer(d, ""); done {
		t.Error("a check without a command was taken")
	}
	answer(d, "lsblk /dev/sda")
	sc.Update(session.Changed{})
	if got := s.Recipe().Checks; len(got) != 2 || got[1].Name != "disk is there" || got[1].Command != "lsblk /dev/sda" {
		t.Fatalf("checks are %+v", got)
	}
	at(t, sc, "disk is there")
	menu := screentest.Dialog(t, tuitest.Press(sc, "enter"))
	menu.Update(tuitest.KeyMsg("end"))
	_, cmd := menu.Update(tuitest.KeyMsg("enter"))
	answer(screentest.Dialog(t, tuitest.Run(cmd)), "disk")
	if got := s.Recipe().Checks[1].Prints; got != "disk" {
		t.Errorf("prints %q", got)
	}
	at(t, sc, "time is synchronised")
	tuitest.Press(sc, "d")
	if got := s.Recipe().Checks; len(got) != 1 || got[0].Name != "disk is there" {
		t.Errorf("checks are %+v", got)
	}
}

func TestText(t *testing.T) {
	sc, s := open(t)
	if view := ansi.Strip(sc.View()); !strings.Contains(view, "as saved") || !strings.Contains(view, "# The base of the fleet.") {
		t.Errorf("the saved text is not shown:\n%s", view)
	}
	if err := s.Set("boot.memory", "2GiB"); err != nil {
		t.Fatal(err)
	}
	sc.Update(session.Changed{})
	tuitest.Press(sc, "c")
	view := ansi.Strip(sc.View())
	for _, want := range []string{"+1 −1 unsaved", `− memory = "1GiB"`, `+ memory = "2GiB"`} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
	if strings.Contains(view, "The base of the fleet") {
		t.Errorf("more than the changes is shown:\n%s", view)
	}
	if err := s.Undo(); err != nil {
		t.Fatal(err)
	}
	sc.Update(session.Changed{})
	if view := ansi.Strip(sc.View()); !strings.Contains(view, "no changes") {
		t.Errorf("changes that were undone are still shown:\n%s", view)
	}
}

// A change at the end of a long line is seen all the same.
func TestLongLines(t *testing.T) {
	sc, s := open(t)
	if err := s.Set("checks[0].command", "test -e /a/rather/long/path/that/does/not/fit/into/the/pane/first"); err != nil {
		t.Fatal(err)
	}
	if err := s.Doc().Save(); err != nil {
		t.Fatal(err)
	}
	if err := s.Set("checks[0].command", "test -e /a/rather/long/path/that/does/not/fit/into/the/pane/second"); err != nil {
		t.Fatal(err)
	}
	sc.Update(session.Changed{})
	tuitest.Press(sc, "c")
	view := ansi.Strip(sc.View())
	tuitest.Exact(t, sc.View(), 78, 18)
	if !strings.Contains(view, `pane/first"`) || !strings.Contains(view, `pane/second"`) {
		t.Errorf("what changed is cut off:\n%s", view)
	}
}

func TestScroll(t *testing.T) {
	sc, s := open(t)
	sc.SetSize(78, 14)
	before := string(s.Doc().Source)
	tuitest.Press(sc, "tab", "end")
	if view := ansi.Strip(sc.View()); !strings.Contains(view, `prints = "try: 1"`) || strings.Contains(view, "# The base") {
		t.Errorf("the text does not scroll:\n%s", view)
	}
	if tuitest.Press(sc, "enter", "d", " "); string(s.Doc().Source) != before {
		t.Error("a key for the values changed something from the text")
	}
}

func TestNewRecipe(t *testing.T) {
	doc, err := recipes.Parse("new.toml", []byte(recipe))
	if err != nil {
		t.Fatal(err)
	}
	sc := newScreen(session.New(t.Context(), engine.New(engine.Dirs{}), doc))
	sc.SetSize(118, 34)
	if view := ansi.Strip(sc.View()); !strings.Contains(view, "not saved yet") || strings.Contains(view, "+ ") {
		t.Errorf("a new recipe is shown as changed:\n%s", view)
	}
}

func TestWrongKeys(t *testing.T) {
	sc, s := open(t)
	before := string(s.Doc().Source)
	for _, k := range []string{"x", "z", " ", "d", "delete", "left", "f5", "e"} {
		if msgs := tuitest.Press(sc, k); len(msgs) > 0 || string(s.Doc().Source) != before || sc.Capturing() {
			t.Errorf("%q did something: %v", k, msgs)
		}
	}
}
