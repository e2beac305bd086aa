package library

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"slipway/engine"
	"slipway/engine/smoke"
	"slipway/recipes"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

const fleet = `name = "fleet-base"
description = "What every node of the fleet runs"

[distro]
id = "debian"
release = "bookworm"

[overlay]
strategy = "overlayfs"
size = "50%"

[packages]
include = ["systemd-sysv", "openssh-server", "chrony"]
`

const broken = `name = "broken"

[distro]
id = "debian"
releese = "bookworm"

[overlay]
strategy = "overlayfs"
`

var now = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// open returns the screen in a folder with two recipes, one of them broken. A
// link of always the same name stands for the folder, for the goldens.
func open(t *testing.T) (*Screen, *session.Session, string) {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "fleet-base.toml"), fleet)
	write(t, filepath.Join(folder, "broken.toml"), broken)
	dirs := engine.Dirs{Cache: t.TempDir(), Builds: t.TempDir()}
	build := filepath.Join(dirs.Builds, "fleet-base", "20261122-180000.000")
	v := smoke.Verdict{Word: "FAIL", Reason: "X11 forwarding accepted: xauth is missing", Path: "direct", Accel: "tcg", Took: 92 * time.Second}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(build, "verdict.json"), string(b))
	write(t, filepath.Join(build, "recipe.toml"), "# as it was\n"+fleet)
	rehearsal, err := json.Marshal(smoke.Rehearsal{Outcome: smoke.Recovers, Verdict: "fills at 512 MiB with ENOSPC; recovers after deleting",
		Stack: "live-boot 20230131", Strategy: "overlayfs", When: now.Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(build, "rehearsal.json"), string(rehearsal))
	if err := os.Chtimes(build, now.Add(-2*time.Hour), now.Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Base(build), filepath.Join(filepath.Dir(build), "current")); err != nil {
		t.Fatal(err)
	}
	doc, _ := recipes.Builtin("debian-vm")
	s := session.New(t.Context(), engine.New(dirs), doc)
	s.Now = func() time.Time { return now }
	sc := newScreen(s, folder)
	sc.SetSize(78, 18)
	settle(sc, sc.Update(tui.Shown{}))
	return sc, s, folder
}

func settle(sc *Screen, cmd tea.Cmd) []tea.Msg {
	var others []tea.Msg
	for _, msg := range tuitest.Run(cmd) {
		if l, ok := msg.(looked); ok {
			sc.Update(l)
		} else {
			others = append(others, msg)
		}
	}
	return others
}

// at selects a recipe by its title.
func at(t *testing.T, sc *Screen, title string) {
	t.Helper()
	for i, e := range sc.entries {
		if e.title() == title {
			sc.table.SetCursor(i)
			return
		}
	}
	t.Fatalf("no recipe %s", title)
}

// settled replaces the folders of this run by fixed ones of their own.
func fixed(sc *Screen, folder string) {
	for i := range sc.entries {
		e := &sc.entries[i]
		e.path = strings.Replace(e.path, folder, "/home/ops", 1)
		if e.build != "" {
			e.build = "/home/ops/.local/share/slipway/builds/fleet-base/20261122-180000.000"
		}
		if e.builtin {
			e.doc.Recipe = recipes.Recipe{Name: e.doc.Recipe.Name, Description: "A built-in recipe", Distro: e.doc.Recipe.Distro, Overlay: recipes.Overlay{Strategy: "overlayfs"}}
			e.lint = nil
		}
	}
}

func TestView(t *testing.T) {
	for _, size := range tuitest.Sizes {
		body := size.Body()
		for _, title := range []string{"debian-vm", "fleet-base", "broken.toml"} {
			sc, _, folder := open(t)
			sc.SetSize(body.W, body.H)
			fixed(sc, folder)
			at(t, sc, title)
			tuitest.Exact(t, sc.View(), body.W, body.H)
			tuitest.Golden(t, title+"-"+size.String(), sc.View())
		}
	}
}

func TestBrokenIsListedWithItsPlace(t *testing.T) {
	sc, _, _ := open(t)
	sc.SetSize(198, 54)
	at(t, sc, "broken.toml")
	if view := ansi.Strip(sc.View()); !strings.Contains(view, "line 3, column 1: distro.release is missing") || !strings.Contains(view, "hint: add release") {
		t.Errorf("its error is missing:\n%s", view)
	}
	d := screentest.Dialog(t, settle(sc, sc.Update(tuitest.KeyMsg("enter"))))
	if view := ansi.Strip(d.View()); !strings.Contains(view, "did you mean release?") {
		t.Errorf("not all errors are told:\n%s", view)
	}
	if sc.Keys()[3].Enabled() {
		t.Error("a broken recipe can be duplicated")
	}
}

func opened(t *testing.T, msgs []tea.Msg) *recipes.Document {
	t.Helper()
	for _, m := range msgs {
		if o, ok := m.(session.OpenDocument); ok {
			return o.Doc
		}
	}
	t.Fatalf("nothing was opened: %v", msgs)
	return nil
}

func TestOpen(t *testing.T) {
	sc, _, folder := open(t)
	at(t, sc, "fleet-base")
	doc := opened(t, settle(sc, sc.Update(tuitest.KeyMsg("enter"))))
	if doc.Path != filepath.Join(folder, "fleet-base.toml") || doc.Changed() {
		t.Errorf("opened %s, changed %v", doc.Path, doc.Changed())
	}
	at(t, sc, "debian-vm")
	msgs := settle(sc, sc.Update(tuitest.KeyMsg("enter")))
	if len(msgs) != 1 || msgs[0] != (session.GotoScreen{Place: session.Distro}) {
		t.Errorf("the open recipe was opened again: %v", msgs)
	}
}

func TestNewAndDuplicate(t *testing.T) {
	for _, tt := range []struct {
		key, at, typed, name string
	}{{"a", "debian-vm", "mine", "mine"}, {"c", "fleet-base", "", "fleet-base-copy"}} {
		sc, _, folder := open(t)
		at(t, sc, tt.at)
		d := screentest.Dialog(t, settle(sc, sc.Update(tuitest.KeyMsg(tt.key))))
		if tt.key == "a" {
			_, cmd := d.Update(tuitest.KeyMsg("enter"))
			d = screentest.Dialog(t, tuitest.Run(cmd))
		}
		for _, r := range tt.typed {
			d.Update(tuitest.KeyMsg(string(r)))
		}
		done, cmd := d.Update(tuitest.KeyMsg("enter"))
		if !done {
			t.Fatalf("%s was not taken:\n%s", tt.name, d.View())
		}
		doc := opened(t, tuitest.Run(cmd))
		if doc.Recipe.Name != tt.name || doc.Path != filepath.Join(folder, tt.name+".toml") || !doc.Changed() {
			t.Errorf("opened %s at %s, changed %v", doc.Recipe.Name, doc.Path, doc.Changed())
		}
	}
}

func TestNameRefused(t *testing.T) {
	for typed, says := range map[string]string{"": "name is needed", "a b": "recipe name", "fleet-base": "is there"} {
		sc, _, _ := open(t)
		at(t, sc, "fleet-base")
		d := screentest.Dialog(t, settle(sc, sc.Update(tuitest.KeyMsg("c"))))
		d.Update(tuitest.KeyMsg("ctrl+u"))
		for _, r := range typed {
			d.Update(tuitest.KeyMsg(string(r)))
		}
		if done, _ := d.Update(tuitest.KeyMsg("enter")); done || !strings.Contains(ansi.Strip(d.View()), says) {
			t.Errorf("%q was taken or not spoken of:\n%s", typed, d.View())
		}
	}
}

func TestFoldersUsedBefore(t *testing.T) {
	sc, s, _ := open(t)
	other := t.TempDir()
	write(t, filepath.Join(other, "other.toml"), strings.Replace(fleet, "fleet-base", "other", 1))
	doc, err := recipes.Load(filepath.Join(other, "other.toml"))
	if err != nil {
		t.Fatal(err)
	}
	s.SetDoc(doc)
	tuitest.Run(sc.Update(session.Changed{}))
	again := newScreen(s, t.TempDir())
	settle(again, again.Update(tui.Shown{}))
	at(t, again, "other")
}

func TestEditedAsText(t *testing.T) {
	sc, s, folder := open(t)
	path := filepath.Join(folder, "fleet-base.toml")
	doc, err := recipes.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s.SetDoc(doc)
	write(t, path, strings.Replace(fleet, "50%", "30%", 1))
	if got := opened(t, settle(sc, sc.Update(textEdited{path: path}))); got.Recipe.Overlay.Size != "30%" {
		t.Errorf("opened with size %s", got.Recipe.Overlay.Size)
	}
	write(t, path, broken)
	for _, msg := range settle(sc, sc.Update(textEdited{path: path})) {
		if n, ok := msg.(session.Notice); !ok || !n.Bad {
			t.Errorf("a broken text gave %v", msg)
		}
	}
	at(t, sc, "fleet-base.toml")
}

func TestStaleLookIsDropped(t *testing.T) {
	sc, _, _ := open(t)
	n := len(sc.entries)
	sc.Update(looked{asked: sc.asked - 1})
	if len(sc.entries) != n {
		t.Error("an older look around was taken")
	}
}

func TestWrongKeys(t *testing.T) {
	sc, s, _ := open(t)
	for _, k := range []string{"x", "z", "tab", " ", "left", "f5", "e"} {
		if msgs := tuitest.Press(sc, k); len(msgs) > 0 || s.Doc().Changed() {
			t.Errorf("%q did something: %v", k, msgs)
		}
	}
}
