package recipes

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"github.com/BurntSushi/toml"
)

// Document is a recipe together with the text it was read from. Edits patch
// that text, so that comments, order and spacing stay as their author left them.
type Document struct {
	// Path is the file it was loaded from; "builtin:debian-vm" for a built-in
	// recipe, and empty for one that has no file yet.
	Path   string
	Source []byte
	Recipe Recipe

	tree  *tree
	plain map[string]any // the values as canonical makes them; never changed in place
	disk  []byte         // what the file held when it was loaded or saved; nil if it has none
}

// Load reads and checks the recipe of a file. The error is Problems, or tells
// why the file cannot be read.
func Load(path string) (*Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxSource+1)) // Parse refuses more
	if err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	d, err := Parse(path, src)
	if err != nil {
		return nil, err
	}
	d.disk = d.Source
	return d, nil
}

// Parse reads and checks a recipe. The name is used in problems and becomes the
// document's Path. The error is Problems: all that is wrong, in the order of
// the text, every one with a line within it.
func Parse(name string, text []byte) (*Document, error) {
	src := source{name: name, text: text}
	values, readable, problems := decodeValues(src)
	c := &checker{src: src, tree: newTree(readable), problems: problems, partial: len(problems) > 0}
	if values != nil {
		if distro, ok := values["distro"].(map[string]any); ok {
			c.release, _ = distro["release"].(string)
		}
		c.value(nil, values, reflect.TypeFor[Recipe]())
	}
	if len(c.problems) > 0 {
		return nil, c.problems.sorted()
	}
	d := &Document{Path: name, Source: text, tree: c.tree, plain: canonical(values)}
	d.Recipe.Overlay.Gauge = true // unless the text says otherwise
	if _, err := toml.Decode(string(text[src.bom():]), &d.Recipe); err != nil {
		// The checks above know every type of the model: this is a defect of theirs.
		return nil, Problems{src.problem(span{}, Problem{Code: "decode", Message: plainMessage(err.Error())})}
	}
	normalise(&d.Recipe)
	return d, nil
}

// normalise gives values that can be written in several ways one form.
func normalise(r *Recipe) {
	if r.System.Sysctl != nil {
		r.System.Sysctl = flatten(r.System.Sysctl)
	}
	if blocks, ok := r.SSHD["Match"].([]any); ok {
		var tables []map[string]any
		for _, b := range blocks {
			if m, ok := b.(map[string]any); ok {
				tables = append(tables, m)
			}
		}
		r.SSHD["Match"] = tables
	}
}

// Dir is the folder that relative paths in the recipe start from.
func (d *Document) Dir() string {
	if d.disk == nil && IsBuiltin(d.Path) || d.Path == "" {
		return "."
	}
	return filepath.Dir(d.Path)
}

// Beside returns the path of a file that the recipe names, which starts from
// the recipe's folder unless it is absolute.
func (d *Document) Beside(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(d.Dir(), name)
}

// rootCause is the innermost of wrapped errors: "no such file or directory".
func rootCause(err error) error {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}

// Changed reports whether the document differs from its file.
func (d *Document) Changed() bool { return string(d.Source) != string(d.disk) }

// AsProblems returns the problems that an error of Load or Parse consists of,
// or nil if it is of another kind.
func AsProblems(err error) Problems {
	var ps Problems
	if errors.As(err, &ps) {
		return ps
	}
	return nil
}
