// Package library is the screen of all recipes: the built-in ones, those of
// the current folder, and those of the folders that were used before.
package library

import (
	"os"
	"path/filepath"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// Screen lists recipes with what became of them.
type Screen struct {
	session *session.Session
	table   *tui.Table
	shelf   shelf
	entries []entry
	open    string // path of the recipe that was open at the last look
	asked   int    // number of the last look around
	w, h    int
}

// New returns the screen.
func New(s *session.Session) tui.Screen {
	folder, err := os.Getwd()
	if err != nil {
		folder = "."
	}
	return newScreen(s, folder)
}

func newScreen(s *session.Session, folder string) *Screen {
	t := tui.NewTable(tui.Column{Title: "Recipe", Weight: 3}, tui.Column{Title: "Distro", Width: 15, Muted: true, Least: 50},
		tui.Column{Title: "Verdict", Width: 9}, tui.Column{Title: "Description", Weight: 5, Muted: true, Least: 90})
	t.Empty = "looking …"
	return &Screen{session: s, table: t, shelf: shelf{engine: s.Engine, folder: folder}}
}

// Title is the screen's name.
func (s *Screen) Title() string { return "Library" }

// SetSize sets the size in cells.
func (s *Screen) SetSize(w, h int) { s.w, s.h = w, h }

// Capturing is false: names are asked for in dialogs.
func (s *Screen) Capturing() bool { return false }

var (
	keyOpen      = tui.Doing(tui.KeyEnter, "open")
	keyErrors    = tui.Doing(tui.KeyEnter, "what is wrong")
	keyNew       = tui.Bind("new from a template", "a", "a")
	keyDuplicate = tui.Bind("duplicate", "c", "c")
	keyText      = tui.Bind("edit as text", "e", "e")
)

// Keys are what can be pressed now.
func (s *Screen) Keys() []key.Binding {
	e, ok := s.selected()
	open, duplicate, text := keyOpen, keyDuplicate, keyText
	if ok && e.doc == nil {
		open = keyErrors
	}
	open.SetEnabled(ok)
	duplicate.SetEnabled(ok && e.doc != nil)
	text.SetEnabled(ok && !e.builtin)
	return []key.Binding{tui.KeyMove, open, keyNew, duplicate, text}
}

func (s *Screen) selected() (entry, bool) {
	if i := s.table.Cursor(); i >= 0 && i < len(s.entries) {
		return s.entries[i], true
	}
	return entry{}, false
}

// Update routes keys, and takes what a look around has found.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return s.key(msg)
	case tui.Shown:
		return s.look()
	case session.Changed:
		return s.remember()
	case session.Events:
		if j := s.session.Job(); j != nil && j.Over {
			return s.look()
		}
	case looked:
		s.looked(msg)
		return s.lintNames(msg)
	case textEdited:
		return s.textEdited(msg)
	}
	return nil
}

func (s *Screen) key(k tea.KeyMsg) tea.Cmd {
	e, ok := s.selected()
	switch {
	case key.Matches(k, keyNew):
		return s.pickTemplate()
	case !ok:
		return nil
	case e.doc == nil && key.Matches(k, keyErrors):
		return tui.Open(tui.NewText(e.title(), e.wrong()))
	case e.doc != nil && key.Matches(k, keyOpen):
		return s.openEntry(e)
	case e.doc != nil && key.Matches(k, keyDuplicate):
		return s.copy("Duplicate "+e.title(), e.doc, e.title()+"-copy")
	case !e.builtin && key.Matches(k, keyText):
		return session.EditFile(e.path, func(err error) tea.Msg { return textEdited{e.path, err} })
	}
	s.table.Update(k)
	return nil
}

// openEntry opens a recipe as its file is now. The one that is open already is just
// gone on with.
func (s *Screen) openEntry(e entry) tea.Cmd {
	if samePath(e.path, s.session.Doc().Path) {
		return session.Goto(session.Distro)
	}
	return func() tea.Msg {
		doc, err := recipes.Find(e.path)
		if err != nil {
			return session.Notice{Text: err.Error(), Bad: true}
		}
		return session.OpenDocument{Doc: doc}
	}
}

// pickTemplate begins a new recipe from a built-in one.
func (s *Screen) pickTemplate() tea.Cmd {
	docs := recipes.Builtins()
	var items []tui.Choice
	chosen := -1
	selected, _ := s.selected()
	for i, d := range docs {
		if d.Path == selected.path {
			chosen = i
		}
		items = append(items, tui.Choice{Label: d.Recipe.Name, Note: d.Recipe.Description})
	}
	return tui.Open(tui.NewPick("New recipe from", items, chosen, func(i int) tea.Cmd {
		return s.copy("New recipe from "+items[i].Label, docs[i], "")
	}))
}

// copy asks for a name and opens a copy of a recipe under it. Its file comes
// with the first save, beside the original so that the files it names are found.
func (s *Screen) copy(title string, from *recipes.Document, name string) tea.Cmd {
	folder := s.shelf.folder
	if !recipes.IsBuiltin(from.Path) && from.Path != "" {
		folder = filepath.Dir(from.Path)
	}
	file := func(name string) string { return filepath.Join(folder, name+".toml") }
	named := func(name string) (*recipes.Document, error) {
		doc, err := recipes.Parse(file(name), from.Source)
		if err == nil {
			err = doc.Set("name", name)
		}
		return doc, err
	}
	p := tui.NewPrompt(title, "Name of the recipe; it is saved as NAME.toml in "+folder, name, func(name string) tea.Cmd {
		doc, err := named(name)
		if err != nil {
			return session.Complain(err)
		}
		return session.Open(doc)
	})
	p.Check = func(name string) string {
		if name == "" {
			return "a name is needed"
		}
		if _, err := named(name); err != nil {
			return session.Reason(err)
		}
		for _, e := range s.entries {
			if e.path == file(name) {
				return e.path + " is there already"
			}
		}
		return ""
	}
	return tui.Open(p)
}

// textEdited is how an editor ended.
type textEdited struct {
	path string
	err  error
}

// textEdited looks again; the open recipe is taken over from its file.
func (s *Screen) textEdited(msg textEdited) tea.Cmd {
	look := s.look()
	if msg.err != nil {
		return tea.Batch(look, session.Complain(msg.err))
	}
	if doc := s.session.Doc(); !samePath(msg.path, doc.Path) || doc.Changed() {
		return look
	}
	return tea.Batch(look, func() tea.Msg {
		doc, err := recipes.Load(msg.path)
		if err != nil {
			return session.Notice{Text: "the open recipe stays as it was: " + session.Reason(err), Bad: true}
		}
		return session.OpenDocument{Doc: doc}
	})
}

// View draws the list beside what is known of the selected recipe.
func (s *Screen) View() string {
	return tui.ListAndDetail(s.w, s.h, 58, func(w, h int) string {
		s.table.SetSize(w, h)
		return s.table.View()
	}, func(w int) []string {
		if e, ok := s.selected(); ok {
			return e.about(w, s.session)
		}
		return nil
	})
}

func samePath(a, b string) bool {
	if a == b || recipes.IsBuiltin(a) || recipes.IsBuiltin(b) || a == "" || b == "" {
		return a == b
	}
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absA == absB
}
