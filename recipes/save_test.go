package recipes

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func saved(t *testing.T, text string, mode fs.FileMode) (*Document, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "r.toml")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	d, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return d, path
}

func TestSave(t *testing.T) {
	d, path := saved(t, string(readFull(t)), 0o640)
	if d.Changed() {
		t.Error("changed right after loading")
	}
	if err := d.Set("name", "other"); err != nil {
		t.Fatal(err)
	}
	if !d.Changed() {
		t.Error("not changed after an edit")
	}
	if err := d.Save(); err != nil {
		t.Fatal(err)
	}
	if d.Changed() {
		t.Error("changed right after saving")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(string(readFull(t)), `"full"`, `"other"`, 1); string(text) != want {
		t.Error(changedLines(want, string(text)))
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o640 {
		t.Errorf("mode became %v", info.Mode())
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if err := d.Set("name", "third"); err != nil {
		t.Fatal(err)
	}
	if err := d.Save(); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

func TestSaveRefusesChangedFile(t *testing.T) {
	d, path := saved(t, minimal, 0o644)
	if err := d.Set("name", "mine"); err != nil {
		t.Fatal(err)
	}
	theirs := strings.Replace(minimal, "minimal", "theirs", 1)
	if err := os.WriteFile(path, []byte(theirs), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.Save(); !errors.Is(err, ErrChanged) {
		t.Fatalf("error is %v, want ErrChanged", err)
	}
	if text, _ := os.ReadFile(path); string(text) != theirs {
		t.Errorf("their work is lost: %s", text)
	}
	if !d.Changed() || d.Recipe.Name != "mine" {
		t.Error("our work is lost")
	}
}

func TestSaveRefusesLostFile(t *testing.T) {
	d, path := saved(t, minimal, 0o644)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := d.Save(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

func TestSaveFollowsLink(t *testing.T) {
	_, path := saved(t, minimal, 0o600)
	link := filepath.Join(t.TempDir(), "link.toml")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	d, err := Load(link)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Set("name", "linked"); err != nil {
		t.Fatal(err)
	}
	if err := d.Save(); err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(link); err != nil || target != path {
		t.Errorf("the link became %q, %v", target, err)
	}
	if text, _ := os.ReadFile(path); !strings.Contains(string(text), "linked") {
		t.Errorf("the file holds %s", text)
	}
}

func TestSaveAs(t *testing.T) {
	d, _ := Builtin("debian-vm")
	if err := d.Save(); !errors.Is(err, ErrNoFile) {
		t.Errorf("a built-in recipe was saved: %v", err)
	}
	path := filepath.Join(t.TempDir(), "new.toml")
	if err := d.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	if d.Path != path || d.Changed() {
		t.Errorf("path is %s, changed %v", d.Path, d.Changed())
	}
	other, _ := Builtin("debian-server")
	if err := other.SaveAs(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("another file was overwritten: %v", err)
	}
	if err := d.SaveAs(path); err != nil {
		t.Errorf("its own file again: %v", err)
	}
	if _, err := Load(path); err != nil {
		t.Error(err)
	}
}
