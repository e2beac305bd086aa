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

const ownMirrorURI = "http://own.example/debian"

// keep writes a directory of indexes into the cache, as apt would for the
// sources, fetched that long ago. Files named in without are left out.
func keep(t testing.TB, e *Engine, name string, sources []distro.Source, text string, age time.Duration, without ...string) string {
	t.Helper()
	dir := filepath.Join(e.Dirs.Cache, packagesDir, "debian", "lists-"+name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(file, text string) {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range sources {
		write(s.ListFile("InRelease"), "release "+s.Suite)
		for _, c := range s.Components {
			if i > 0 {
				text = ""
			}
			write(s.ListFile(c+"/binary-amd64/Packages"), text)
		}
	}
	for _, pattern := range without {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	when := time.Now().Add(-age)
	if err := os.Chtimes(dir, when, when); err != nil {
		t.Fatal(err)
	}
	return dir
}

// bookworm is the release at a mirror.
func bookworm(uri string, components ...string) []distro.Source {
	return []distro.Source{
		{URI: uri, Suite: "bookworm", Components: components},
		{URI: uri, Suite: "bookworm-updates", Components: components},
		{URI: uri + "-security", Suite: "bookworm-security", Components: components},
	}
}

func TestBestIndexIsTaken(t *testing.T) {
	e := New(Dirs{Cache: t.TempDir()})
	r := recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: "bookworm", Arch: "amd64", Mirror: ownMirrorURI}}
	if _, err := e.Index(r); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before a build: %v", err)
	}
	expect := func(what, lists string, cover coverage) {
		t.Helper()
		x, err := e.Index(r)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if x.Lists != lists || x.cover != cover {
			t.Errorf("%s: got %s, covering %d, want %s, %d", what, x.Lists, x.cover, lists, cover)
		}
	}
	keep(t, e, "trixie-00", bookworm(ownMirrorURI, "main"), "", time.Minute)
	if _, err := e.Index(r); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the index of trixie was taken for bookworm's: %v", err)
	}
	contrib := keep(t, e, "bookworm-0", bookworm(ownMirrorURI, "contrib"), "", time.Minute)
	expect("other components", contrib, ofRelease)
	keep(t, e, "bookworm-1", bookworm("http://a.example/debian", "main"), "", 2*time.Hour)
	newer := keep(t, e, "bookworm-2", bookworm("http://b.example/debian", "main"), "", time.Hour)
	expect("the newest of other mirrors", newer, otherMirror)
	part := keep(t, e, "bookworm-3", bookworm(ownMirrorURI, "main"), "", 3*time.Hour, "*-security_*")
	expect("its own without security", part, ownMirror)
	own := keep(t, e, "bookworm-4", bookworm(ownMirrorURI, "main"), "", 4*time.Hour)
	expect("its own, though older", own, complete)

	repository := recipes.Repository{URI: "https://packages.example:8443/deb", Suite: "stable"}
	r.Repositories = []recipes.Repository{repository}
	expect("a repository of its own is not in it", own, ownMirror)
	both := keep(t, e, "bookworm-5", append(bookworm(ownMirrorURI, "main"), distro.Source{URI: repository.URI, Suite: "stable", Components: []string{"main"}}), "", 5*time.Hour)
	expect("the repository is in it", both, complete)

	r.Distro.Arch = "arm64"
	if _, err := e.Index(r); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the index of amd64 was taken for arm64's: %v", err)
	}
}

// An index is read once, until a newer one is there.
func TestIndexIsReadOnce(t *testing.T) {
	e := New(Dirs{Cache: t.TempDir()})
	r := recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: "bookworm", Arch: "amd64", Mirror: ownMirrorURI}}
	read := func() *distro.Index {
		t.Helper()
		x, err := e.Index(r)
		if err != nil {
			t.Fatal(err)
		}
		return x.Index
	}
	keep(t, e, "bookworm-0", bookworm(ownMirrorURI, "main"), "Package: a\nVersion: 1\n", time.Hour)
	first := read()
	if read() != first {
		t.Error("it was read twice")
	}
	keep(t, e, "bookworm-0", bookworm(ownMirrorURI, "main"), "Package: b\nVersion: 1\n", time.Minute)
	if _, ok := read().Find("b"); !ok {
		t.Error("a newer one was not read")
	}
}
