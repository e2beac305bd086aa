package engine

import (
	"os"
	"path/filepath"
	"testing"

	"slipway/engine/live"
	"slipway/recipes"
)

const small = "name = \"vm\"\ndistro = { id = \"debian\", release = \"bookworm\" }\noverlay = { strategy = \"overlayfs\" }\n"

func TestNewest(t *testing.T) {
	e := New(Dirs{Builds: t.TempDir()})
	if _, err := e.Newest("vm"); err == nil {
		t.Error("a build where none is")
	}
	dir := filepath.Join(e.Dirs.Builds, "vm", "1")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("1", filepath.Join(e.Dirs.Builds, "vm", "current")); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Newest("vm"); err == nil {
		t.Error("a build without a record is taken")
	}
	record := Record{Recipe: "vm", Layout: live.Layout{Stack: live.Stack{ID: "live-boot", Version: "20230131.1"}}}
	if err := writeJSON(filepath.Join(dir, recordName), record); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "recipe.toml"), []byte(small), 0o644); err != nil {
		t.Fatal(err)
	}
	b, err := e.Newest("vm")
	if err != nil || b.Dir != dir || b.Record.Layout.Stack != record.Layout.Stack || string(b.Doc.Source) != small {
		t.Fatalf("%+v, %v", b, err)
	}
	for _, c := range []struct {
		name string
		edit func(*recipes.Recipe)
		want live.Stack
		read bool
	}{
		{"the same", func(*recipes.Recipe) {}, live.Stack{ID: "live-boot", Version: "20230131.1"}, true},
		{"another stack", func(r *recipes.Recipe) { r.Live.Stack = "dracut" }, live.Stack{ID: "dracut", Version: "059"}, false},
		{"another release", func(r *recipes.Recipe) { r.Distro.Release = "trixie" }, live.Stack{ID: "live-boot", Version: "20250815"}, false},
	} {
		r := b.Doc.Recipe
		c.edit(&r)
		if q, read, err := b.Question(r); err != nil || q.Stack != c.want || read != c.read {
			t.Errorf("%s: %+v, read %v, %v", c.name, q.Stack, read, err)
		}
	}
	if q, read, err := (Built{}).Question(b.Doc.Recipe); err != nil || read || q.Stack.Version != "20230131" {
		t.Errorf("without a build: %+v, read %v, %v", q.Stack, read, err)
	}
}
