package engine

import (
	"slipway/engine/distro"
	"slipway/engine/image"
	"slipway/engine/live"
	"slipway/recipes"
)

// Layout says what the image of a recipe will be like and how it is booted, for
// the version of the live stack that the release is known to have. The error is
// a *live.Refusal for what the stack cannot do.
func Layout(r recipes.Recipe) (live.Layout, error) {
	q, err := Question(r)
	if err != nil {
		return live.Layout{}, err
	}
	return live.Compile(q)
}

// Lint is the recipe's own linter and what its live stack has to say. Engine.Lint
// and Index.Lint know the names of packages besides.
func Lint(doc *recipes.Document) recipes.Problems {
	problems := doc.Lint(Naming(doc.Recipe))
	problems = append(problems, lintStack(doc)...)
	if q, err := Question(doc.Recipe); err == nil {
		problems = append(problems, live.Lint(doc, q)...)
	}
	problems = append(problems, lintSELinux(doc)...)
	return problems.Sorted()
}

// Naming is how things are called in the recipe's distribution, for the linter.
func Naming(r recipes.Recipe) recipes.Naming {
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		d = distro.All()[0] // no recipe can name another than those
	}
	return d.Naming(r)
}

// Question is what is known of a recipe's live stack before there is a root.
func Question(r recipes.Recipe) (live.Question, error) {
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return live.Question{}, err
	}
	s, err := d.Stack(r)
	if err != nil {
		return live.Question{}, err
	}
	q := live.Question{Stack: live.Stack{ID: s.ID, Version: s.Versions[r.Distro.Release]}, Overlay: r.Overlay,
		Versions: map[string]string{}, Label: image.Label(r.Name), Memory: memory(r.Boot)}
	for _, other := range d.Stacks {
		q.Versions[other.ID] = other.Versions[r.Distro.Release]
	}
	if len(r.Repositories) == 0 {
		// The kernel is one of the distribution's own, and none of those has aufs.
		q.Module = func(name string) bool { return name != "aufs" }
	}
	return q, nil
}
