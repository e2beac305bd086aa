package library

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/renameio/v2"

	"slipway/engine"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// entry is one recipe, readable or not.
type entry struct {
	path    string // of the file, or "builtin:NAME"
	builtin bool
	doc     *recipes.Document // nil: cannot be read, err says why
	err     error
	lint    recipes.Problems
	build   string // directory of its newest finished build; "" if there is none
	built   time.Time
	older   bool           // that build is of another text than the file has now
	verdict *smoke.Verdict // of that build; nil: not booted
	// rehearsal is the newest one of the recipe's strategy; nil: none.
	rehearsal *smoke.Rehearsal
}

// title is the recipe's name, or that of a file without one.
func (e entry) title() string {
	if e.doc != nil {
		return e.doc.Recipe.Name
	}
	return filepath.Base(e.path)
}

// shelf is where recipes are looked for.
type shelf struct {
	engine *engine.Engine
	folder string // the current one
}

// looked is what a look around has found.
type looked struct {
	asked   int
	entries []entry
	named   bool // the linter knew the package indexes
}

// look looks for recipes in the background.
func (s *Screen) look() tea.Cmd {
	s.asked++
	asked, shelf := s.asked, s.shelf
	return func() tea.Msg { return looked{asked: asked, entries: shelf.entries()} }
}

// lintNames lints what was found once more, now with the package indexes in the
// cache: the list is not to wait until those are read.
func (s *Screen) lintNames(found looked) tea.Cmd {
	if found.named || found.asked != s.asked {
		return nil
	}
	e, all := s.session.Engine, slices.Clone(found.entries)
	return func() tea.Msg {
		for i := range all {
			// Read again: the documents in the list may have been opened by now.
			if doc, err := recipes.Find(all[i].path); all[i].doc != nil && err == nil {
				all[i].lint = e.Lint(doc)
			}
		}
		return looked{found.asked, all, true}
	}
}

// entries reads the built-in recipes, then every *.toml of the current folder
// and of the folders used before.
func (s shelf) entries() []entry {
	var all []entry
	for _, d := range recipes.Builtins() {
		all = append(all, s.entry(d.Path, d, nil))
	}
	for i, folder := range append([]string{s.folder}, s.used()...) {
		if i > 0 && folder == s.folder {
			continue
		}
		files, _ := filepath.Glob(filepath.Join(globSafe(folder), "*.toml"))
		for _, f := range files {
			doc, err := recipes.Load(f)
			all = append(all, s.entry(f, doc, err))
		}
	}
	return all
}

// globSafe quotes what Glob would take for a pattern.
func globSafe(folder string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(folder)
}

func (s shelf) entry(path string, doc *recipes.Document, err error) entry {
	e := entry{path: path, builtin: recipes.IsBuiltin(path), doc: doc, err: err}
	if err != nil {
		e.doc = nil
		return e
	}
	e.lint = engine.Lint(doc)
	dir, err := s.engine.Current(doc.Recipe.Name)
	if err != nil {
		return e
	}
	e.build = dir
	if info, err := os.Stat(dir); err == nil {
		e.built = info.ModTime()
	}
	if text, err := os.ReadFile(filepath.Join(dir, "recipe.toml")); err == nil {
		e.older = string(text) != string(doc.Source)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "verdict.json")); err == nil {
		v := &smoke.Verdict{}
		if json.Unmarshal(b, v) == nil && v.Word != "" {
			e.verdict = v
		}
	}
	for _, r := range s.engine.Rehearsals(doc.Recipe) {
		if r.Strategy == doc.Recipe.Overlay.Strategy {
			e.rehearsal = &r
			break
		}
	}
	return e
}

// maxUsed is how many folders are remembered.
const maxUsed = 20

func (s shelf) usedFile() string { return filepath.Join(s.engine.Dirs.Cache, "folders") }

// used are the folders that recipes were opened from, the newest first.
func (s shelf) used() []string {
	b, err := os.ReadFile(s.usedFile())
	if err != nil {
		return nil
	}
	return strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' })
}

// remember notes the folder of the open recipe, once it has a file there.
func (s *Screen) remember() tea.Cmd {
	path := s.session.Doc().Path
	if path == "" || recipes.IsBuiltin(path) || s.session.Doc().Saved() == nil {
		return nil
	}
	shelf := s.shelf
	return func() tea.Msg {
		// A convenience: where it cannot be kept, nothing is lost.
		_ = shelf.use(filepath.Dir(path))
		return nil
	}
}

func (s shelf) use(folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("remember the folder: %w", err)
	}
	was := s.used()
	if folder == s.folder || len(was) > 0 && was[0] == folder {
		return nil
	}
	folders := append([]string{folder}, slices.DeleteFunc(was, func(f string) bool { return f == folder })...)
	if err := os.MkdirAll(s.engine.Dirs.Cache, 0o700); err != nil {
		return fmt.Errorf("remember the folder: %w", err)
	}
	text := strings.Join(folders[:min(len(folders), maxUsed)], "\n") + "\n"
	if err := renameio.WriteFile(s.usedFile(), []byte(text), 0o600); err != nil && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("remember the folder: %w", err)
	}
	return nil
}
