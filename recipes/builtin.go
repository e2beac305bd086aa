package recipes

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed builtin/*.toml
var builtinFiles embed.FS

const builtinPrefix = "builtin:"

// IsBuiltin reports whether a document's path names a built-in recipe.
func IsBuiltin(path string) bool { return strings.HasPrefix(path, builtinPrefix) }

// builtinSources reads the embedded recipes once; a broken one is a defect of
// the program, held by a test.
var builtinSources = sync.OnceValue(func() (all []source) {
	names, err := fs.Glob(builtinFiles, "builtin/*.toml") // sorted
	if err != nil {
		panic(err)
	}
	slices.SortStableFunc(names, func(a, b string) int { return debianFirst(a) - debianFirst(b) })
	for _, name := range names {
		text, err := builtinFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		all = append(all, source{name: strings.TrimSuffix(path.Base(name), ".toml"), text: text})
	}
	return all
})

// debianFirst puts Debian's first: they are the ones to begin with.
func debianFirst(file string) int {
	if strings.HasPrefix(path.Base(file), "debian-") {
		return 0
	}
	return 1
}

// Builtins returns fresh copies of the built-in recipes: Debian's, then the
// others, each by name.
func Builtins() []*Document {
	var all []*Document
	for _, s := range builtinSources() {
		d, err := Parse(builtinPrefix+s.name, append([]byte(nil), s.text...))
		if err != nil {
			panic(fmt.Sprintf("built-in recipe %s:\n%v", s.name, err))
		}
		d.disk = append([]byte(nil), s.text...)
		all = append(all, d)
	}
	return all
}

// Builtin returns a fresh copy of one built-in recipe.
func Builtin(name string) (*Document, bool) {
	for _, d := range Builtins() {
		if d.Path == builtinPrefix+name {
			return d, true
		}
	}
	return nil, false
}

// Find returns the recipe of a file, or the built-in one of that name. A name
// with a slash or that ends in .toml is a file's; a file in the current folder
// goes before a built-in recipe of the same name.
func Find(ref string) (*Document, error) {
	if name, ok := strings.CutPrefix(ref, builtinPrefix); ok {
		if d, ok := Builtin(name); ok {
			return d, nil
		}
		return nil, noRecipe(ref, name)
	}
	isFile := strings.ContainsRune(ref, '/') || strings.HasSuffix(ref, ".toml")
	if info, err := os.Stat(ref); isFile || err == nil && !info.IsDir() {
		d, err := Load(ref)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, noRecipe(ref, strings.TrimSuffix(path.Base(ref), ".toml"))
		}
		return d, err
	}
	if d, ok := Builtin(ref); ok {
		return d, nil
	}
	return nil, noRecipe(ref, ref)
}

// NotFound says that a reference names neither a file nor a built-in recipe.
type NotFound struct {
	Ref  string
	Hint string // near misses, or what there is
}

func (e *NotFound) Error() string {
	return fmt.Sprintf("recipe %q: no such file, and no built-in recipe of that name; %s", e.Ref, e.Hint)
}

// Unwrap makes errors.Is(err, fs.ErrNotExist) hold.
func (e *NotFound) Unwrap() error { return fs.ErrNotExist }

func noRecipe(ref, name string) error {
	var known []string
	for _, s := range builtinSources() {
		known = append(known, s.name)
	}
	var files []string
	names, _ := fs.Glob(os.DirFS("."), "*.toml")
	for _, n := range names {
		files = append(files, strings.TrimSuffix(n, ".toml"))
	}
	if near := nearest(name, known); len(near) > 0 {
		return &NotFound{ref, "did you mean " + strings.Join(near, " or ") + "?"}
	}
	if near := nearest(name, files); len(near) > 0 {
		return &NotFound{ref, "did you mean " + strings.Join(near, ".toml or ") + ".toml?"}
	}
	return &NotFound{ref, "built in: " + strings.Join(known, ", ")}
}
