package session

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/recipes"
)

const recipe = `name = "fleet-base" # ours
distro = { id = "debian", release = "bookworm" }
overlay = { strategy = "overlayfs", size = "50%" }
`

func open(t *testing.T) *Session {
	t.Helper()
	doc, err := recipes.Parse("fleet-base.toml", []byte(recipe))
	if err != nil {
		t.Fatal(err)
	}
	return New(t.Context(), engine.New(engine.Dirs{}), doc)
}

func TestUndo(t *testing.T) {
	s := open(t)
	if err := s.Undo(); err == nil {
		t.Error("undone what was never done")
	}
	if err := s.Set("overlay.size", "50%"); err != nil || s.CanUndo() {
		t.Errorf("an edit that changes nothing can be undone: %v", err)
	}
	var texts []string
	for _, edit := range []func() error{
		func() error { return s.Set("overlay.size", "30%") },
		func() error { return s.Set("system.hostname", "node") },
		func() error { return s.Append("users", map[string]any{"name": "ops"}) },
		func() error { return s.Remove("users[0]") },
		func() error { return s.Unset("overlay.size") },
	} {
		texts = append(texts, string(s.Doc().Source))
		if err := edit(); err != nil {
			t.Fatal(err)
		}
	}
	for i := len(texts) - 1; i >= 0; i-- {
		revision := s.Revision()
		if err := s.Undo(); err != nil || string(s.Doc().Source) != texts[i] || s.Revision() == revision {
			t.Fatalf("undone to\n%s\nwant\n%s\n%v", s.Doc().Source, texts[i], err)
		}
	}
}

func TestUndoForgets(t *testing.T) {
	s := open(t)
	for i := range maxUndo + 50 {
		if err := s.Set("boot.cpus", i%60+1); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.undo) > maxUndo {
		t.Errorf("%d texts are kept", len(s.undo))
	}
	other, err := recipes.Parse("other.toml", []byte(strings.Replace(recipe, "fleet-base", "other", 1)))
	if err != nil {
		t.Fatal(err)
	}
	s.SetDoc(other)
	if s.CanUndo() {
		t.Error("edits of another recipe can be undone")
	}
}

func TestUndoAfterSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fleet-base.toml")
	if err := os.WriteFile(path, []byte(recipe), 0o644); err != nil {
		t.Fatal(err)
	}
	doc, err := recipes.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s := New(t.Context(), engine.New(engine.Dirs{}), doc)
	if err := s.Set("overlay.size", "30%"); err != nil {
		t.Fatal(err)
	}
	if err := s.Doc().Save(); err != nil {
		t.Fatal(err)
	}
	saved, err := recipes.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s.SetDoc(saved)
	if err := s.Undo(); err != nil || string(s.Doc().Source) != recipe || !s.Doc().Changed() {
		t.Errorf("after a save: %v, changed %v\n%s", err, s.Doc().Changed(), s.Doc().Source)
	}
}

func TestGiveTryReason(t *testing.T) {
	s := open(t)
	before := string(s.Doc().Source)
	why := s.Try(func(c *Session) error { return c.Give("overlay.size", "much") })
	if why == "" || strings.Contains(why, "fleet-base.toml") || strings.HasPrefix(why, "overlay.size") {
		t.Errorf("reason is %q", why)
	}
	if why := s.Try(func(c *Session) error { return c.Give("overlay.size", "30%") }); why != "" || string(s.Doc().Source) != before {
		t.Errorf("trying refused or changed something: %q\n%s", why, s.Doc().Source)
	}
	err := s.Set("overlay.size", "much")
	if err == nil || err.Error() != Reason(err) || recipes.AsProblems(err) == nil {
		t.Errorf("a refused edit says %v", err)
	}
	for _, empty := range []any{"  ", []string{}} {
		if err := s.Give("overlay.size", empty); err != nil || s.Recipe().Overlay.Size != "" {
			t.Errorf("emptied to %q: %v", s.Recipe().Overlay.Size, err)
		}
	}
	if got := Reason(errors.New("disk full")); got != "disk full" {
		t.Errorf("another error says %q", got)
	}
}
