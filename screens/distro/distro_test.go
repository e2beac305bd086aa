package distro

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/recipes"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

const recipe = `name = "fleet-base"

[distro]
id = "debian"
release = "bookworm" # oldstable

[overlay]
strategy = "overlayfs"
`

func open(t *testing.T) (*Screen, *session.Session) {
	t.Helper()
	doc, err := recipes.Parse("fleet-base.toml", []byte(recipe))
	if err != nil {
		t.Fatal(err)
	}
	apt := t.TempDir()
	list := "deb http://near.example/debian bookworm main\n"
	if err := os.WriteFile(filepath.Join(apt, "sources.list"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SLIPWAY_DEBIAN_MIRROR": ""}
	s := session.New(t.Context(), engine.New(engine.Dirs{Cache: t.TempDir(), Builds: t.TempDir()}), doc)
	sc := newScreen(s, distro.Host{Getenv: func(k string) string { return env[k] }, Apt: apt})
	sc.SetSize(78, 18)
	for _, msg := range tuitest.Run(sc.Update(tui.Shown{})) {
		sc.Update(msg)
	}
	// The folder of the host's lists differs from run to run.
	sc.from.origin = strings.ReplaceAll(sc.from.origin, apt, "/etc/apt")
	sc.fill()
	return sc, s
}

func TestView(t *testing.T) {
	for _, size := range tuitest.Sizes {
		sc, _ := open(t)
		body := size.Body()
		sc.SetSize(body.W, body.H)
		tuitest.Exact(t, sc.View(), body.W, body.H)
		tuitest.Golden(t, size.String(), sc.View())
	}
}

func TestDetail(t *testing.T) {
	for name, keys := range map[string][]string{
		"ubuntu": {"down"}, "release": {"down", "down", "down", "down", "down", "down", "down", "down", "down"}, "mirror": {"end", "up", "up"}, "key": {"end", "up"},
	} {
		sc, _ := open(t)
		sc.SetSize(118, 34)
		tuitest.Press(sc, keys...)
		tuitest.Golden(t, name, sc.View())
	}
}

func TestEdits(t *testing.T) {
	for _, tt := range []struct {
		label, typed, want string
	}{
		{"trixie", "", `release = "trixie" # oldstable`},
		{"another suite", "forky", `release = "forky" # oldstable`},
		{"Mirror", "http://own.example/debian", `mirror = "http://own.example/debian"`},
		{"Components", "main non-free-firmware", `components = ["main", "non-free-firmware"]`},
	} {
		sc, s := open(t)
		screentest.GoTo(t, sc, tt.label)
		tuitest.Press(sc, "enter")
		if tt.typed != "" {
			if !sc.Capturing() {
				t.Fatalf("%s: letters are not text", tt.label)
			}
			tuitest.Press(sc, "ctrl+u")
			tuitest.Type(sc, tt.typed)
			tuitest.Press(sc, "enter")
		}
		if got := string(s.Doc().Source); !strings.Contains(got, tt.want) {
			t.Errorf("%s: no %s in\n%s", tt.label, tt.want, got)
		}
	}
}

func TestMirrorTakenBack(t *testing.T) {
	sc, s := open(t)
	if err := s.Set("distro.mirror", "http://own.example/debian"); err != nil {
		t.Fatal(err)
	}
	sc.Update(session.Changed{})
	screentest.GoTo(t, sc, "Mirror")
	tuitest.Press(sc, "enter", "ctrl+u", "enter")
	if got := s.Recipe().Distro.Mirror; got != "" {
		t.Errorf("mirror is still %q", got)
	}
}

func TestMirrorRefused(t *testing.T) {
	sc, s := open(t)
	before := string(s.Doc().Source)
	screentest.GoTo(t, sc, "Mirror")
	tuitest.Press(sc, "enter")
	tuitest.Type(sc, "gopher://x")
	tuitest.Press(sc, "enter")
	view := ansi.Strip(sc.View())
	if !sc.Capturing() || !strings.Contains(view, "gopher://x") || !strings.Contains(view, "✗") || string(s.Doc().Source) != before {
		t.Errorf("a wrong mirror was lost, taken, or not spoken of:\n%s", view)
	}
}

func TestStaleAnswerIsDropped(t *testing.T) {
	sc, s := open(t)
	sc.Update(sources{revision: s.Revision() - 1, origin: "an older recipe"})
	if sc.from.origin == "an older recipe" {
		t.Error("an answer to an older question was taken")
	}
}

// choose presses enter on a distribution and lets what runs in the background end.
// It returns the last dialog that was opened.
func chooseDistro(t *testing.T, sc *Screen, name string) string {
	t.Helper()
	screentest.GoTo(t, sc, name)
	said := ""
	msgs := tuitest.Run(sc.Update(tuitest.KeyMsg("enter")))
	for len(msgs) > 0 {
		msg := msgs[0]
		msgs = msgs[1:]
		if d, ok := msg.(tui.OpenDialog); ok {
			d.Dialog.SetSize(100, 40)
			said = ansi.Strip(d.Dialog.View())
			continue
		}
		msgs = append(msgs, tuitest.Run(sc.Update(msg))...)
	}
	return said
}

// Another distribution takes the whole recipe along, as one edit, and says what
// it changed.
func TestRecipeIsCarriedOver(t *testing.T) {
	sc, s := open(t)
	if err := s.Set("packages.include", []string{"openssh-server", "xauth", "our-own-tool"}); err != nil {
		t.Fatal(err)
	}
	before := string(s.Doc().Source)
	said := chooseDistro(t, sc, "Fedora Linux")
	r := s.Recipe()
	if r.Distro.ID != "fedora" || strings.Join(r.Packages.Include, " ") != "openssh-server xorg-x11-xauth our-own-tool" || !strings.Contains(string(s.Doc().Source), "# oldstable") {
		t.Errorf("carried over:\n%s", s.Doc().Source)
	}
	for _, want := range []string{"Left for you to look at", "our-own-tool", "xauth → xorg-x11-xauth", "debian → fedora"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said:\n%s", want, said)
		}
	}
	if err := s.Undo(); err != nil || string(s.Doc().Source) != before {
		t.Errorf("undone: %v\n%s", err, s.Doc().Source)
	}
}

// The report of a port is readable at every size: what is left first.
func TestReport(t *testing.T) {
	for _, size := range tuitest.Sizes {
		sc, s := open(t)
		if err := s.Set("packages.include", []string{"openssh-server", "xauth", "our-own-tool"}); err != nil {
			t.Fatal(err)
		}
		screentest.GoTo(t, sc, "CentOS Stream")
		for _, msg := range tuitest.Run(sc.Update(tuitest.KeyMsg("enter"))) {
			for _, m := range tuitest.Run(sc.Update(msg)) {
				if d, ok := m.(tui.OpenDialog); ok {
					under := strings.TrimSuffix(strings.Repeat(strings.Repeat(" ", size.W)+"\n", size.H), "\n")
					view := tui.DrawDialog(under, d.Dialog, size.W, size.H)
					tuitest.Exact(t, view, size.W, size.H)
					tuitest.Golden(t, "carried-"+size.String(), view)
				}
			}
		}
		if s.Recipe().Distro.ID != "centos" {
			t.Error("nothing was carried over")
		}
	}
}

// An answer that comes after another edit changes nothing.
func TestCarriedTooLate(t *testing.T) {
	sc, s := open(t)
	screentest.GoTo(t, sc, "Arch Linux")
	cmd := sc.Update(tuitest.KeyMsg("enter"))
	if err := s.Set("name", "other"); err != nil {
		t.Fatal(err)
	}
	for _, msg := range tuitest.Run(cmd) {
		sc.Update(msg)
	}
	if r := s.Recipe(); r.Distro.ID != "debian" || r.Name != "other" {
		t.Errorf("%+v", r.Distro)
	}
}
