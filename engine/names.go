package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/engine/distro"
	"slipway/recipes"
)

// trusted is how old an index may be before a name that it does not know is only
// doubtful: packages come even to a stable release, by its security archive.
const trusted = 3 * 24 * time.Hour

// Lint is Lint, and what the release's package index says of the names in the
// recipe, if one is in the cache. It reads that at the first call: seconds at
// most, and nothing from the network.
func (e *Engine) Lint(doc *recipes.Document) recipes.Problems {
	x, err := e.Index(doc.Recipe)
	if err != nil {
		x = nil // nobody knows what packages there are
	}
	return x.Lint(doc)
}

// Lint is Lint, and what the index says of the names in the recipe: nothing if
// it is nil or of another release. It reads no file but those that the recipe
// names, and is quick enough for every keystroke.
func (x *Index) Lint(doc *recipes.Document) recipes.Problems {
	problems := Lint(doc)
	if x != nil && x.suite == Suite(doc.Recipe) {
		severity, doubt, speak := x.certainty(doc.Recipe, time.Now())
		if speak {
			problems = append(problems, x.lintNames(doc, severity, doubt)...)
		}
	}
	return problems.Sorted()
}

// certainty says how sure it is that a name which the index does not know does
// not exist, and why it is no surer.
func (x *Index) certainty(r recipes.Recipe, now time.Time) (s recipes.Severity, doubt string, speak bool) {
	switch {
	case x.cover == complete && now.Sub(x.Fetched) <= trusted:
		return recipes.Error, "", true
	case x.cover == complete:
		return recipes.Warning, fmt.Sprintf("the index is %d days old: slipway search --refresh brings a new one", int(now.Sub(x.Fetched).Hours()/24)), true
	case len(r.Repositories) > 0:
		return "", "", false // one of them may have it
	case x.cover == ownMirror:
		return recipes.Warning, "not all archives of the release are in the index: slipway search --refresh", true
	case x.cover == otherMirror && r.Distro.Mirror == "":
		return recipes.Warning, "the index is of another mirror: slipway search --refresh", true
	}
	return "", "", false
}

// lintNames holds the packages that the recipe names against the index.
func (x *Index) lintNames(doc *recipes.Document, severity recipes.Severity, doubt string) (out recipes.Problems) {
	r := doc.Recipe
	look := func(path, item string, excluded bool) {
		code, message, hint := x.judge(r, item, excluded)
		if code == "" {
			return
		}
		if doubt != "" {
			hint = strings.TrimPrefix(hint+"; "+doubt, "; ")
		}
		out = append(out, doc.Problem(severity, code, path, message, hint, x.fix(r, path, item, code)))
	}
	for i, p := range r.Packages.Include {
		look(fmt.Sprintf("packages.include[%d]", i), p, false)
	}
	for i, p := range r.Packages.Exclude {
		look(fmt.Sprintf("packages.exclude[%d]", i), p, true)
	}
	if r.Kernel.Package != "" {
		look("kernel.package", r.Kernel.Package, false)
	}
	return out
}

// judge says what is wrong with an item of a list of packages; no code: nothing.
func (x *Index) judge(r recipes.Recipe, item string, excluded bool) (code, message, hint string) {
	name := x.Name(item)
	taken := x.Take(item, x.arch)
	switch {
	case taken == distro.Unknown:
		message = fmt.Sprintf("no package is called %s in %s %s", name, r.Distro.ID, r.Distro.Release)
		if near := x.guess(name).near; len(near) > 0 {
			return "package-unknown", message, "did you mean " + either(near) + "?"
		}
		return "package-unknown", message, "slipway search looks for words in names and summaries"
	case excluded:
		return "", "", "" // a name without a package keeps nothing out, and asks for nothing
	case taken == distro.Ambiguous:
		return "package-virtual", name + " is a virtual package that several provide: apt wants one of them", "take " + either(x.providers(name))
	case taken == distro.Versioned:
		return "package-virtual", name + " is a virtual package: it has no version or suite of its own", "take " + either(x.providers(name))
	}
	return "", "", ""
}

// providers are the names of those that provide a virtual package, a few at most.
func (x *Index) providers(name string) []string {
	var names []string
	for _, p := range x.Providers(name) {
		if len(names) < 5 && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// fix puts the name that must have been meant in the place of an unknown one.
func (x *Index) fix(r recipes.Recipe, path, item, code string) *recipes.Fix {
	name := x.Name(item)
	rest, ok := strings.CutPrefix(item, name)
	if code != "package-unknown" || !ok {
		return nil
	}
	meant := x.guess(name).meant
	if meant == "" {
		return nil
	}
	for _, p := range append(slices.Clone(r.Packages.Include), r.Packages.Exclude...) {
		if x.Name(p) == meant {
			return nil // it is there already
		}
	}
	return recipes.SetFix(path, meant+rest)
}

// either lists names as a question does: "a, b or c".
func either(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// checkNames looks for packages that do not exist, before anything is unpacked.
// Only an index that is the mirror's own as of now can tell; otherwise the tool will.
func (b *builder) checkNames(ctx context.Context) error {
	if !b.ownMirror || len(b.state) == 0 {
		return nil
	}
	if err := b.readIndex(ctx); err != nil {
		return err
	}
	x, err := New(b.Dirs).indexOf(b.Recipe, b.distro, b.Plan.Sources)
	if err != nil || x.cover != complete || !b.current(x.Lists) {
		return nil
	}
	now := time.Now() // apt leaves the directory as it is where nothing was newer
	if err := os.Chtimes(x.Lists, now, now); err != nil {
		return err
	}
	doc, err := recipes.Parse("recipe.toml", b.TOML)
	if err != nil {
		return fmt.Errorf("read the recipe again: %w", err)
	}
	problems := x.lintNames(doc, recipes.Error, "")
	if len(problems) == 0 {
		return nil
	}
	var messages, hints []string
	for _, p := range problems {
		messages, hints = append(messages, p.Message), append(hints, p.Hint)
	}
	return hinted(fmt.Errorf("%s", strings.Join(messages, "; ")), strings.Join(slices.Compact(hints), " "))
}

// current reports whether the indexes in a directory are those that the mirrors
// have now.
func (b *builder) current(lists string) bool {
	for _, s := range b.Plan.Sources {
		text, err := os.ReadFile(filepath.Join(lists, s.SignedFile()))
		if err != nil || !slices.ContainsFunc(b.state, func(i Input) bool {
			return i.Name == "index of "+s.Label() && strings.HasSuffix(i.Value, "("+hashBytes(text)+")")
		}) {
			return false
		}
	}
	return true
}
