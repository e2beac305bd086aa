package engine

import (
	"fmt"
	"os"
	"path/filepath"

	"slipway/engine/live"
	"slipway/recipes"
)

// Built is a recipe's newest finished build.
type Built struct {
	Dir    string
	Record Record
	Doc    *recipes.Document // the recipe as it was built
}

// Newest returns the newest finished build of the recipe with that name; an error
// if there is none, or it cannot be read.
func (e *Engine) Newest(name string) (Built, error) {
	dir, err := e.Current(name)
	if err != nil {
		return Built{}, err
	}
	b := Built{Dir: dir}
	if b.Record, err = ReadRecord(dir); err != nil {
		return Built{}, fmt.Errorf("newest build of %s: %w", name, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "recipe.toml"))
	if err != nil {
		return Built{}, fmt.Errorf("newest build of %s: %w", name, err)
	}
	if b.Doc, err = recipes.Parse(filepath.Join(dir, "recipe.toml"), text); err != nil {
		return Built{}, fmt.Errorf("newest build of %s: %w", name, err)
	}
	return b, nil
}

// Question is what is known of a recipe's live stack once there is a root: its
// version as that build's root has it, if the recipe still asks for the same
// stack of the same release. read reports whether that is so.
func (b Built) Question(r recipes.Recipe) (q live.Question, read bool, err error) {
	if q, err = Question(r); err != nil || b.Doc == nil {
		return q, false, err
	}
	was, found := b.Doc.Recipe.Distro, b.Record.Layout.Stack
	if was.ID != r.Distro.ID || was.Release != r.Distro.Release || found.ID != q.Stack.ID || found.Version == "" {
		return q, false, nil
	}
	q.Stack = found
	return q, true, nil
}
