package packages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

// What the family's tool takes is not marked as unknown, and is told apart from
// what nobody knows.
func TestOtherFamilies(t *testing.T) {
	const index = "Package: bash\nVersion: 5.2-1\nInstalled-Size: 100\nDepends: libc.so.6(GLIBC_2.34)(64bit)\nFiles: /usr/bin/bash\nDescription: The shell\n\n" +
		"Package: glibc\nVersion: 2.41-1\nInstalled-Size: 200\nProvides: libc.so.6(GLIBC_2.34)(64bit)\nDescription: C library\n\n" +
		"Package: mailer\nVersion: 1\nProvides: smtpd\nDescription: Sends mail\n\nPackage: other-mailer\nVersion: 1\nProvides: smtpd\nDescription: Sends mail too\n"
	doc, err := recipes.Parse("x.toml", []byte("name = \"x\"\ndistro = { id = \"fedora\", release = \"42\", arch = \"amd64\", mirror = \"https://m.example\" }\noverlay.strategy = \"overlayfs\"\n"+
		"packages.include = [\"bash.x86_64\", \"@core\", \"smtpd\", \"glibcc\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	dirs := engine.Dirs{Cache: t.TempDir(), Builds: t.TempDir()}
	source := distro.Source{Family: distro.RPM, Name: "fedora", URI: "https://m.example/releases/42/Everything/x86_64/os"}
	file := filepath.Join(dirs.Cache, "packages/fedora/lists-42-0", source.PackagesFile("x86_64", distro.Listing{Sum: "0123"}))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(index), 0o644); err != nil {
		t.Fatal(err)
	}
	sc := newScreen(session.New(t.Context(), engine.New(dirs), doc))
	sc.SetSize(118, 34)
	settle(sc, tuitest.Run(sc.Update(tui.Shown{})))
	var unknown []string
	for _, it := range sc.chosen.items {
		if it.unknown && it.kind == included {
			unknown = append(unknown, it.text)
		}
	}
	if strings.Join(unknown, " ") != "glibcc" {
		t.Errorf("unknown are %q", unknown)
	}
	for _, want := range []string{"bash 5.2-1  The shell", "@core  is not a package of the index", "smtpd  provided by mailer other-mailer", "did you mean glibc?"} {
		if view := ansi.Strip(sc.View()); !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
		press(sc, "down")
	}
}
