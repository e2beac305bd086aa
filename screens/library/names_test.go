package library

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"slipway/engine/distro"
	"slipway/recipes"
	"slipway/tui"
	"slipway/tui/tuitest"
)

// The list is there at once; what the package index says of a recipe follows.
func TestNamesFollow(t *testing.T) {
	sc, s, folder := open(t)
	const uri = "http://m.example/debian"
	text := "name = \"web\"\n[distro]\nid = \"debian\"\nrelease = \"bookworm\"\narch = \"amd64\"\nmirror = \"" + uri + "\"\n[overlay]\nstrategy = \"overlayfs\"\n[packages]\ninclude = [\"htopp\"]\n"
	if err := os.WriteFile(filepath.Join(folder, "web.toml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(s.Engine.Dirs.Cache, "packages/debian/lists-bookworm-0")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, src := range []distro.Source{{URI: uri, Suite: "bookworm"}, {URI: uri, Suite: "bookworm-updates"}, {URI: uri + "-security", Suite: "bookworm-security"}} {
		for _, file := range []string{"InRelease", "main/binary-amd64/Packages"} {
			if err := os.WriteFile(filepath.Join(dir, src.ListFile(file)), []byte("Package: htop\nVersion: 3\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	unknown := func() bool {
		i := slices.IndexFunc(sc.entries, func(e entry) bool { return e.title() == "web" })
		return i >= 0 && slices.ContainsFunc(sc.entries[i].lint, func(p recipes.Problem) bool { return p.Code == "package-unknown" })
	}
	first := tuitest.Run(sc.Update(tui.Shown{}))
	second := sc.Update(first[0])
	if unknown() || second == nil {
		t.Fatal("the list waited for the index, or does not ask for it")
	}
	if again := sc.Update(tuitest.Run(second)[0]); again != nil {
		t.Error("it asks again and again")
	}
	if !unknown() {
		t.Error("what the index says is not there")
	}
}
