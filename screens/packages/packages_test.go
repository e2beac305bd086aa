package packages

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

const recipe = `name = "fleet-base"

[distro]
id = "debian"
release = "bookworm"
arch = "amd64"

[overlay]
strategy = "overlayfs"

[packages]
include = [
  "openssh-server", # the way in
  "opensh-client",
  "chrony",
]
exclude = ["nano"]
`

const lists = `Package: libc6
Version: 2.36-9
Size: 2756148
Installed-Size: 12986
Description: GNU C Library: Shared libraries

Package: base-files
Version: 12.4
Essential: yes
Size: 70000
Installed-Size: 340
Description: Debian base system miscellaneous files

Package: openssh-server
Version: 1:9.2p1-2+deb12u5
Section: net
Size: 456780
Installed-Size: 1937
Depends: libc6 (>= 2.36), openssh-client, libwrap0
Description: secure shell (SSH) server, for secure access from remote machines

Package: openssh-client
Version: 1:9.2p1-2+deb12u5
Size: 991940
Installed-Size: 5818
Depends: libc6 (>= 2.36)
Description: secure shell (SSH) client, for secure access to remote machines

Package: libwrap0
Version: 7.6
Size: 54000
Installed-Size: 120
Description: Wietse Venema's TCP wrappers library

Package: chrony
Version: 4.3-2
Size: 290000
Installed-Size: 660
Description: Versatile implementation of the Network Time Protocol

Package: nano
Version: 7.2-1
Size: 690000
Installed-Size: 2900
Description: small, friendly text editor inspired by Pico

Package: htop
Version: 3.2.2
Size: 152000
Installed-Size: 387
Description: interactive processes viewer

Package: linux-image-amd64
Version: 6.1.1
Installed-Size: 13
Size: 1500
Description: Linux for 64-bit PCs (meta-package)

Package: live-boot
Version: 1
Size: 1000
Installed-Size: 200
Description: Live System Boot Components

Package: live-boot-initramfs-tools
Version: 1
Size: 1000
Installed-Size: 20
Description: Live System Boot Components (initramfs-tools backend)

Package: zstd
Version: 1.5
Size: 600000
Installed-Size: 1500
Description: fast lossless compression algorithm -- CLI tool
`

var now = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

// open returns the screen, with an index if lists are given.
func open(t *testing.T, lists string) (*Screen, *session.Session) {
	t.Helper()
	doc, err := recipes.Parse("fleet-base.toml", []byte(recipe))
	if err != nil {
		t.Fatal(err)
	}
	dirs := engine.Dirs{Cache: t.TempDir(), Builds: t.TempDir()}
	if lists != "" {
		dir := filepath.Join(dirs.Cache, "packages/debian/lists-bookworm-0123")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "m.example_debian_dists_bookworm_main_binary-amd64_Packages"), []byte(lists), 0o644); err != nil {
			t.Fatal(err)
		}
		when := now.Add(-2 * time.Hour)
		if err := os.Chtimes(dir, when, when); err != nil {
			t.Fatal(err)
		}
	}
	s := session.New(t.Context(), engine.New(dirs), doc)
	s.Now = func() time.Time { return now }
	s.FetchIndex = func(context.Context, *recipes.Document) error { return errors.New("no network in tests") }
	sc := newScreen(s)
	sc.SetSize(78, 18)
	settle(sc, tuitest.Run(sc.Update(tui.Shown{})))
	return sc, s
}

// The index can be had before any build; while it comes nothing blocks, and a
// failure is told and can be tried again.
func TestIndexIsFetchedOnDemand(t *testing.T) {
	sc, s := open(t, "")
	settle(sc, tuitest.Press(sc, "i"))
	if v := sc.View(); !strings.Contains(v, "no network in tests") || !strings.Contains(v, "Press i") {
		t.Fatalf("the failure is not told:\n%s", v)
	}
	s.FetchIndex = func(context.Context, *recipes.Document) error {
		dir := filepath.Join(s.Engine.Dirs.Cache, "packages/debian/lists-bookworm-0123")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "m.example_debian_dists_bookworm_main_binary-amd64_Packages"), []byte("Package: openssh-server\nVersion: 1\nDescription: server\n\n"), 0o644)
	}
	cmd := sc.Update(tuitest.KeyMsg("i"))
	if v := sc.View(); !strings.Contains(v, "Fetching the index") {
		t.Errorf("nothing shows that it comes:\n%s", v)
	}
	if again := sc.Update(tuitest.KeyMsg("i")); again != nil {
		t.Error("it is fetched twice")
	}
	settle(sc, tuitest.Run(cmd))
	if !sc.index.ready() {
		t.Errorf("the index did not come:\n%s", sc.View())
	}
}

// settle gives the screen its own answers until there are no more.
func settle(sc *Screen, msgs []tea.Msg) []tea.Msg {
	var others []tea.Msg
	for len(msgs) > 0 {
		msg := msgs[0]
		msgs = msgs[1:]
		switch msg.(type) {
		case indexRead, indexFetched, found, weighed:
			msgs = append(msgs, tuitest.Run(sc.Update(msg))...)
		default:
			others = append(others, msg)
		}
	}
	return others
}

func press(sc *Screen, keys ...string) []tea.Msg {
	var others []tea.Msg
	for _, k := range keys {
		others = append(others, settle(sc, tuitest.Press(sc, k))...)
	}
	return others
}

func typeIn(sc *Screen, text string) {
	for _, r := range text {
		press(sc, string(r))
	}
}

func TestView(t *testing.T) {
	for _, size := range tuitest.Sizes {
		body := size.Body()
		for name, set := range map[string]func(*testing.T) *Screen{
			"none":   func(t *testing.T) *Screen { sc, _ := open(t, ""); return sc },
			"chosen": func(t *testing.T) *Screen { sc, _ := open(t, lists); return sc },
			"unknown": func(t *testing.T) *Screen {
				sc, _ := open(t, lists)
				press(sc, "down")
				return sc
			},
			"search": func(t *testing.T) *Screen {
				sc, _ := open(t, lists)
				press(sc, "/")
				typeIn(sc, "ssh")
				return sc
			},
		} {
			sc := set(t)
			sc.SetSize(body.W, body.H)
			tuitest.Exact(t, sc.View(), body.W, body.H)
			tuitest.Golden(t, name+"-"+size.String(), sc.View())
		}
	}
}

func TestSearchAddsAndRemoves(t *testing.T) {
	sc, s := open(t, lists)
	press(sc, "/")
	typeIn(sc, "htop")
	if !sc.Capturing() {
		t.Fatal("letters are not text")
	}
	press(sc, "enter")
	want := "  \"openssh-server\", # the way in\n  \"opensh-client\",\n  \"chrony\",\n  \"htop\",\n]"
	if got := string(s.Doc().Source); !strings.Contains(got, want) {
		t.Errorf("not added, or more was changed:\n%s", got)
	}
	press(sc, "esc", "space")
	if got := string(s.Doc().Source); strings.Contains(got, "htop") {
		t.Errorf("not removed:\n%s", got)
	}
}

func TestStaleAnswersAreDropped(t *testing.T) {
	sc, _ := open(t, lists)
	press(sc, "/")
	first := sc.Update(tuitest.KeyMsg("h"))
	second := sc.Update(tuitest.KeyMsg("z"))
	settle(sc, tuitest.Run(second))
	settle(sc, tuitest.Run(first))
	if len(sc.search.results) != 0 {
		t.Errorf("the answer for h is shown for %q: %d results", sc.search.query, len(sc.search.results))
	}
	w := sc.chosen.total
	sc.Update(weighed{revision: -1})
	if sc.chosen.total != w {
		t.Error("an older weight was taken")
	}
}

func TestUnknownIsReplacedByNearest(t *testing.T) {
	sc, s := open(t, lists)
	press(sc, "down")
	if view := ansi.Strip(sc.View()); !strings.Contains(view, "opensh-client is not in the index") || !strings.Contains(view, "did you mean openssh-client") {
		t.Errorf("an unknown name is not spoken of:\n%s", view)
	}
	d := screentest.Dialog(t, press(sc, "enter"))
	d.Update(tuitest.KeyMsg("enter"))
	if got := s.Recipe().Packages.Include; strings.Join(got, " ") != "openssh-server openssh-client chrony" {
		t.Errorf("include is %v", got)
	}
}

func TestAddByName(t *testing.T) {
	for _, lists := range []string{"", lists} {
		sc, s := open(t, lists)
		p := screentest.Dialog(t, press(sc, "a"))
		p.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("htop, Curl!\nchrony"), Paste: true})
		if done, _ := p.Update(tuitest.KeyMsg("enter")); done {
			t.Fatal("a wrong name was taken")
		}
		if view := ansi.Strip(p.View()); !strings.Contains(view, "Curl") || !strings.Contains(view, "package name") {
			t.Errorf("a wrong name is not spoken of:\n%s", view)
		}
		p.Update(tuitest.KeyMsg("ctrl+u"))
		p.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("htop curl=7.88.1-10\nchrony"), Paste: true})
		if done, _ := p.Update(tuitest.KeyMsg("enter")); !done {
			t.Fatal("names were not taken")
		}
		sc.Update(session.Changed{})
		if got := strings.Join(s.Recipe().Packages.Include, " "); got != "openssh-server opensh-client chrony htop curl=7.88.1-10" {
			t.Errorf("include is %s", got)
		}
	}
}

func TestRemoveAndExclude(t *testing.T) {
	sc, s := open(t, lists)
	press(sc, "d")
	if got := strings.Join(s.Recipe().Packages.Include, " "); got != "opensh-client chrony" {
		t.Errorf("include is %s", got)
	}
	if err := s.Undo(); err != nil || !strings.Contains(string(s.Doc().Source), `"openssh-server", # the way in`) {
		t.Errorf("it did not come back:\n%s", s.Doc().Source)
	}
	p := screentest.Dialog(t, press(sc, "x"))
	p.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("vim")})
	p.Update(tuitest.KeyMsg("enter"))
	if got := strings.Join(s.Recipe().Packages.Exclude, " "); got != "nano vim" {
		t.Errorf("exclude is %s", got)
	}
}

func TestWeight(t *testing.T) {
	sc, _ := open(t, lists)
	sc.SetSize(118, 34)
	view := ansi.Strip(sc.View())
	for _, want := range []string{"brings 3 along: libc6 libwrap0 openssh-client", "together 10 packages", "index of 2 hours ago"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
}

func TestDetails(t *testing.T) {
	sc, _ := open(t, lists)
	press(sc, "/")
	typeIn(sc, "client")
	press(sc, "esc")
	d := screentest.Dialog(t, press(sc, "enter"))
	if view := ansi.Strip(d.View()); d.Title() != "openssh-client" || !strings.Contains(view, "nothing that is not there anyway") {
		t.Errorf("%s says\n%s", d.Title(), view)
	}
}

func TestIndexOfAnotherRelease(t *testing.T) {
	sc, s := open(t, lists)
	if err := s.Set("distro.release", "trixie"); err != nil {
		t.Fatal(err)
	}
	settle(sc, tuitest.Run(sc.Update(session.Changed{})))
	if sc.index.ready() {
		t.Error("the index of bookworm is shown for trixie")
	}
	if view := ansi.Strip(sc.View()); !strings.Contains(view, "fetch the index of debian") || !strings.Contains(view, "trixie. Then") {
		t.Errorf("it is not said where the index comes from:\n%s", view)
	}
}

func TestWrongKeys(t *testing.T) {
	for _, lists := range []string{"", lists} {
		sc, s := open(t, lists)
		before := string(s.Doc().Source)
		for _, k := range []string{"z", "left", "f5", "space", "e"} {
			if msgs := press(sc, k); len(msgs) > 0 || string(s.Doc().Source) != before || sc.Capturing() {
				t.Errorf("%q did something: %v", k, msgs)
			}
		}
		for range 30 {
			press(sc, "down")
		}
		if msgs := press(sc, "d", "delete"); len(msgs) > 0 || string(s.Doc().Source) != before {
			t.Errorf("what comes by itself was removed: %v\n%s", msgs, s.Doc().Source)
		}
	}
}

func BenchmarkTyping(b *testing.B) {
	var text strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&text, "Package: lib%d\nVersion: 1\nDescription: library number %d\n\n", i, i)
	}
	dir := b.TempDir()
	doc, _ := recipes.Parse("fleet-base.toml", []byte(recipe))
	lists := filepath.Join(dir, "packages/debian/lists-bookworm-0")
	if err := os.MkdirAll(lists, 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(lists, "m_binary-amd64_Packages"), []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	sc := newScreen(session.New(b.Context(), engine.New(engine.Dirs{Cache: dir}), doc))
	sc.SetSize(118, 34)
	settle(sc, tuitest.Run(sc.Update(tui.Shown{})))
	press(sc, "/")
	for b.Loop() {
		press(sc, "l")
		sc.View()
		press(sc, "backspace")
		sc.View()
	}
}
