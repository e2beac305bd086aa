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
	exists bool // a file was in the way, nothing was written
	err    error
}

// snapshot is a copy of the open recipe that a command may keep and change.
func (a *App) snapshot() (*recipes.Document, error) {
	doc := a.session.Doc()
	return recipes.Parse(doc.Path, bytes.Clone(doc.Source))
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
	return a.write(doc.Path, true)
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
	doc, err := a.snapshot()
	if err != nil {
		return session.Complain(err)
	}
	a.saving = true
	return func() tea.Msg {
		out := saved{path: path, source: doc.Source}
		if !over {
			if _, err := os.Lstat(path); err == nil {
				out.exists = true
				return out
			} else if !errors.Is(err, fs.ErrNotExist) {
				out.err = fmt.Errorf("save %s: %w", path, err)
				return out
			}
		}
		if out.err = doc.SaveAs(path); out.err == nil {
			out.doc, out.err = recipes.Load(path)
		}
		return out
	}
}

func (a *App) saved(msg saved) tea.Cmd {
	a.saving = false
	switch {
	case msg.exists:
		return tui.Open(tui.NewConfirm("The file exists", msg.path+" is there already. Saving replaces it.",
			tui.Answer{Key: "y", Does: "replace it", Cmd: tui.Send(saveAs{msg.path, true})},
			tui.Answer{Key: "o", Does: "choose another name", Cmd: func() tea.Msg {
				return later{func() tea.Cmd { return a.askName(msg.path) }}
			}}))
	case msg.err != nil:
		a.leaving = leaving{}
		return session.Complain(msg.err)
	case !bytes.Equal(msg.source, a.session.Doc().Source):
		a.leaving.afterSave = false
		return session.Say("saved to " + msg.path + ", without the edits made since")
	}
	a.session.SetDoc(msg.doc)
	return tea.Batch(session.Say("saved to "+msg.path), a.afterSave())
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
