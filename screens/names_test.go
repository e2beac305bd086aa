package screens

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"slipway/engine/distro"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui/tuitest"
)

const mirrorURI = "http://m.example/debian"

// keepIndex puts a package index of bookworm into the session's cache.
func keepIndex(t *testing.T, s *session.Session, text string) string {
	t.Helper()
	dir := filepath.Join(s.Engine.Dirs.Cache, "packages/debian/lists-bookworm-0")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, src := range []distro.Source{{URI: mirrorURI, Suite: "bookworm"}, {URI: mirrorURI, Suite: "bookworm-updates"}, {URI: mirrorURI + "-security", Suite: "bookworm-security"}} {
		for file, text := range map[string]string{"InRelease": "", "main/binary-amd64/Packages": text} {
			if err := os.WriteFile(filepath.Join(dir, src.ListFile(file)), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// indexes gives the app what was read for the linter, and nothing else.
func indexes(a *App, cmd tea.Cmd) (n int) {
	for _, msg := range tuitest.Run(cmd) {
		if read, ok := msg.(session.IndexRead); ok {
			a.Update(read)
			n++
		}
	}
	return n
}

func unknownNames(a *App) (names []string) {
	for _, p := range a.session.Problems() {
		if p.Code == "package-unknown" {
			names = append(names, strings.Fields(strings.TrimPrefix(p.Message, "no package is called "))[0])
		}
	}
	return names
}

// The linter of the workbench knows the package index, which is read in the
// background: no edit waits for a disk.
func TestNamesAreLinted(t *testing.T) {
	a := appAt(t, tuitest.Sizes[len(tuitest.Sizes)-1], 0)
	dir := keepIndex(t, a.session, "Package: htop\nVersion: 3\n\nPackage: curl\nVersion: 7\n\nPackage: openssh-server\nVersion: 9\n")
	doc, err := recipes.Parse("web.toml", []byte("name = \"web\"\n[distro]\nid = \"debian\"\nrelease = \"bookworm\"\narch = \"amd64\"\nmirror = \""+mirrorURI+"\"\n[overlay]\nstrategy = \"overlayfs\"\n[packages]\ninclude = [\"openssh-server\", \"htopp\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	a.session.SetDoc(doc)
	expect := func(what string, want ...string) {
		t.Helper()
		if got := unknownNames(a); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: unknown are %v, want %v", what, got, want)
		}
	}
	expect("before it is read")
	if n := indexes(a, a.Init()); n != 1 {
		t.Fatalf("the index was read %d times", n)
	}
	expect("once it is read", "htopp")
	if view := ansi.Strip(a.View()); !strings.Contains(view, "no package is called htopp in debian bookworm") {
		t.Errorf("the foot does not say it:\n%s", view)
	}

	// No edit reads the disk.
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	if err := a.session.Set("packages.include", []string{"openssh-server", "htopp", "curll"}); err != nil {
		t.Fatal(err)
	}
	expect("after an edit", "htopp", "curll")
	if _, cmd := a.Update(nil); indexes(a, cmd) != 0 {
		t.Error("an edit of packages reads the index again")
	}
	for _, p := range a.session.Problems() {
		if p.Code == "package-unknown" && p.Fix != nil {
			if err := a.session.Apply(*p.Fix); err != nil {
				t.Fatal(err)
			}
		}
	}
	expect("after the fixes")

	// Another release has another index: here none.
	if err := a.session.Set("packages.include", []string{"htopp"}); err != nil {
		t.Fatal(err)
	}
	if err := a.session.Set("distro.release", "trixie"); err != nil {
		t.Fatal(err)
	}
	expect("of another release")
	if _, cmd := a.Update(nil); indexes(a, cmd) != 1 {
		t.Error("the index of another release is not asked for")
	}
	expect("of another release, asked for")
}

// An answer for the release that was chosen before is dropped.
func TestStaleIndexIsDropped(t *testing.T) {
	a := appAt(t, tuitest.Sizes[0], 0)
	keepIndex(t, a.session, "Package: htop\nVersion: 3\n")
	if err := a.session.Set("distro.mirror", mirrorURI); err != nil {
		t.Fatal(err)
	}
	late := a.session.ReadIndex()
	if err := a.session.Set("distro.release", "trixie"); err != nil {
		t.Fatal(err)
	}
	now := a.session.ReadIndex()
	indexes(a, now)
	indexes(a, late)
	if err := a.session.Set("distro.release", "bookworm"); err != nil {
		t.Fatal(err)
	}
	if got := unknownNames(a); len(got) > 0 {
		t.Errorf("the late answer was taken: %v", got)
	}
}

// A build brings an index: it is read when the build is over.
func TestBuildBringsTheIndex(t *testing.T) {
	a := appAt(t, tuitest.Sizes[0], 0)
	j := a.session.Start(session.Build, nil)
	j.Over = true
	_, cmd := a.Update(session.Events{Job: j.ID})
	if indexes(a, cmd) != 1 {
		t.Error("it is not read")
	}
}
