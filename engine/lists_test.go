package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"slipway/engine/distro"
	"slipway/recipes"
)

func TestLists(t *testing.T) {
	e := New(Dirs{Cache: t.TempDir()})
	r := recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: "bookworm", Mirror: "http://own.example/debian"}}
	if _, err := e.Lists(r); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before a build: %v", err)
	}
	d, err := distro.Find("debian")
	if err != nil {
		t.Fatal(err)
	}
	sources, _ := d.Sources(r, distro.ThisHost())
	lists := func(name string, age time.Duration) string {
		dir := filepath.Join(e.Dirs.Cache, packagesDir, "debian", "lists-"+name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "m_dists_x_main_binary-amd64_Packages"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(dir, when, when); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	expect := func(what, want string) {
		t.Helper()
		if got, err := e.Lists(r); got != want || err != nil {
			t.Errorf("%s: got %s, %v, want %s", what, got, err, want)
		}
	}
	lists("trixie-00", time.Minute)
	lists("bookworm-old", 2*time.Hour)
	other := lists("bookworm-other", time.Hour)
	expect("another mirror's", other)
	own := lists(sourcesID(sources, "bookworm"), 3*time.Hour)
	expect("its own, though older", own)
}
