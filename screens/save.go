package screens

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// saveAs goes on saving under a name; over says that a file there may be
// replaced.
type saveAs struct {
	path string
	over bool
}

// saved is how saving ended. doc was loaded again from the file.
type saved struct {
	path   string
	source []byte // what was saved
	doc    *recipes.Document
	err    error
}

// snapshot is a copy of the open recipe for a command to keep: edits replace
// what a document consists of and never change it in place.
func (a *App) snapshot() *recipes.Document {
	doc := *a.session.Doc()
	return &doc
}

// save writes the recipe to its file; one without a file asks for a name.
func (a *App) save() tea.Cmd {
	doc := a.session.Doc()
	switch {
	case a.saving:
		return nil
	case doc.Path == "" || recipes.IsBuiltin(doc.Path):
		return a.askName("./" + a.session.Recipe().Name + ".toml")
	case !doc.Changed():
		if a.leaving.afterSave {
			return a.afterSave()
		}
		return session.Say("nothing to save: " + doc.Path + " is as it was")
	}
	return a.write(doc.Path, false)
}

func (a *App) askName(path string) tea.Cmd {
	p := tui.NewPrompt("Save the recipe", "File name", path, func(path string) tea.Cmd {
		return tui.Send(saveAs{path: strings.TrimSpace(path)})
	})
	p.Check = func(path string) string {
		switch path = strings.TrimSpace(path); {
		case path == "" || strings.HasSuffix(path, "/"):
			return "a file name is needed"
		case filepath.Ext(path) != ".toml":
			return "recipes end in .toml"
		}
		return ""
	}
	return tui.Open(p)
}

// saveStep goes one step on: a name was given, or a command has come back.
func (a *App) saveStep(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case saveAs:
		return a.write(msg.path, msg.over)
	case saved:
		return a.saved(msg)
	}
	return nil
}

// write saves a copy of the recipe in the background.
func (a *App) write(path string, over bool) tea.Cmd {
	doc := a.snapshot()
	a.saving = true
	return func() tea.Msg {
		out := saved{path: path, source: doc.Source}
		if over {
			out.err = replace(doc, path)
		} else {
			out.err = doc.SaveAs(path)
		}
		if out.err == nil {
			out.doc, out.err = recipes.Load(path)
		}
		return out
	}
}

// replace saves over another file, which stays under the name that backup gives.
func replace(doc *recipes.Document, path string) error {
	if err := os.Rename(path, backup(path)); err != nil {
		return fmt.Errorf("keep the old file: %w", err)
	}
	fresh, err := recipes.Parse("", doc.Source)
	if err == nil {
		err = fresh.SaveAs(path)
	}
	if err != nil {
		return errors.Join(err, os.Rename(backup(path), path))
	}
	return nil
}

func backup(path string) string { return path + "~" }

func (a *App) saved(msg saved) tea.Cmd {
	a.saving = false
	switch {
	case errors.Is(msg.err, fs.ErrExist):
		return a.askReplace(msg.path, "is there already")
	case errors.Is(msg.err, recipes.ErrChanged):
		return a.askReplace(msg.path, "was changed by somebody else since it was opened")
	case msg.err != nil:
		a.leaving, a.opening = leaving{}, nil
		return session.Complain(msg.err)
	case !bytes.Equal(msg.source, a.session.Doc().Source):
		a.leaving, a.opening = leaving{}, nil
		return session.Say("saved to " + msg.path + ", without the edits made since")
	}
	a.session.SetDoc(msg.doc)
	return tea.Batch(session.Say("saved to "+msg.path), a.afterSave())
}

// askReplace asks before a file is replaced that is not what was opened.
func (a *App) askReplace(path, why string) tea.Cmd {
	another := func() tea.Cmd { return a.askName(path) }
	return tui.Open(tui.NewConfirm("Replace the file", fmt.Sprintf("%s %s. Saving replaces it; what it holds now is kept in %s.",
		path, why, backup(path)),
		tui.Answer{Key: "y", Does: "replace it", Cmd: tui.Send(saveAs{path, true})},
		tui.Answer{Key: "o", Does: "choose another name", Cmd: func() tea.Msg { return later{another} }}))
}

// afterSave goes on with what waited for the file.
func (a *App) afterSave() tea.Cmd {
	if a.opening != nil {
		doc := a.opening
		a.opening = nil
		return a.take(doc)
	}
	if a.leaving.afterSave {
		a.leaving = leaving{asked: true}
		return tui.Send(quitNow{})
	}
	return nil
}

// open shows another recipe, after asking about unsaved changes.
func (a *App) open(doc *recipes.Document) tea.Cmd {
	if doc == nil {
		return nil
	}
	if !a.session.Doc().Changed() {
		return a.take(doc)
	}
	return a.askUnsaved("open "+doc.Recipe.Name, func() tea.Cmd { return a.take(doc) }, func() tea.Cmd {
		a.opening = doc
		return a.save()
	})
}

func (a *App) take(doc *recipes.Document) tea.Cmd {
	a.session.SetDoc(doc)
	a.leaving = leaving{}
	if a.at == session.Library {
		return a.show(session.Distro)
	}
	return nil
}
