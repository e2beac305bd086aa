package engine

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"slipway/engine/distro"
	"slipway/recipes"
)

// Index is the package index of a recipe's release, as the cache has it.
type Index struct {
	*distro.Index
	Lists   string    // the directory that it was read from
	Fetched time.Time // when a mirror was asked for it last

	arch  string
	cover coverage
	suite string // what of a recipe it answers for
	// own is the distribution's name of a well-known package by Debian's; "" if
	// that is the same, or there is none.
	own func(name string) string

	mu      sync.Mutex
	guesses map[string]guess // of unknown names: linting asks at every keystroke
}

// guess is what an unknown name may, or must, have been meant to be.
type guess struct {
	near  []string
	meant string
}

// guess is distro.Index.Guess, remembered; Debian's name of a package means that
// package.
func (x *Index) guess(name string) guess {
	x.mu.Lock()
	defer x.mu.Unlock()
	g, ok := x.guesses[name]
	if !ok {
		g.near, g.meant = x.Guess(name, 3)
		if own := x.own(name); own != "" && x.Take(own, x.arch) == distro.Takes {
			g.near, g.meant = []string{own}, own
		}
		if x.guesses == nil {
			x.guesses = map[string]guess{}
		}
		x.guesses[name] = g
	}
	return g
}

// coverage says how far a directory of indexes answers for a recipe.
type coverage int

const (
	ofRelease   coverage = iota // of the release, in other components
	otherMirror                 // of the release's components, by another mirror
	ownMirror                   // of the release by its mirror, not of all that belongs to it
	complete                    // of every archive that the recipe's packages can come from
)

// indexes are those that were read; an Engine keeps them for its readers.
type indexes struct {
	mu   sync.Mutex
	read map[string]readIndex // by directory and architecture
}

type readIndex struct {
	index *distro.Index
	at    time.Time
}

// Index reads the package index of the recipe's release from the cache, unless
// it was read already. It was verified when it came. The error is
// os.ErrNotExist before the release's first build or FetchIndex.
func (e *Engine) Index(r recipes.Recipe) (*Index, error) {
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return nil, err
	}
	sources, _ := d.Sources(r, distro.ThisHost())
	for _, own := range r.Repositories {
		sources = append(sources, ownSource(d, own))
	}
	return e.indexOf(r, d, sources)
}

// indexOf is Index for packages that come from the sources.
func (e *Engine) indexOf(r recipes.Recipe, d distro.Distro, sources []distro.Source) (*Index, error) {
	x := &Index{arch: d.Arch(r), suite: Suite(r), own: func(name string) string {
		if own, known := d.Own(name, r.Distro.Release); known && own != name && own != distro.Missing {
			return own
		}
		return ""
	}}
	var ok bool
	if x.Lists, x.cover, ok = bestLists(filepath.Join(e.Dirs.Cache, packagesDir, d.ID), d, r, sources); !ok {
		return nil, fmt.Errorf("package index of %s %s: %w", d.ID, r.Distro.Release, os.ErrNotExist)
	}
	info, err := os.Stat(x.Lists)
	if err != nil {
		return nil, fmt.Errorf("package index: %w", err)
	}
	x.Fetched = info.ModTime()
	e.indexes.mu.Lock()
	defer e.indexes.mu.Unlock()
	key := x.Lists + " " + x.arch
	if was, ok := e.indexes.read[key]; ok && was.at.Equal(x.Fetched) {
		x.Index = was.index
		return x, nil
	}
	if x.Index, err = d.ReadIndex(x.Lists, x.arch); err != nil {
		return nil, err
	}
	if e.indexes.read == nil {
		e.indexes.read = map[string]readIndex{}
	}
	e.indexes.read[key] = readIndex{x.Index, x.Fetched}
	return x, nil
}

// Suite is what of a recipe decides which index is the right one.
func Suite(r recipes.Recipe) string {
	return hashOf([]any{r.Distro, r.Repositories})
}

// bestLists finds the directory of indexes that answers best for the sources,
// the newest of those.
func bestLists(packages string, d distro.Distro, r recipes.Recipe, sources []distro.Source) (dir string, cover coverage, ok bool) {
	type rank struct {
		cover coverage
		found int
		at    time.Time
	}
	var best rank
	all, _ := filepath.Glob(filepath.Join(packages, "lists-"+r.Distro.Release+"-*"))
	for _, lists := range all {
		info, err := os.Stat(lists)
		if err != nil {
			continue
		}
		c, found, there := covers(lists, d, r, sources)
		this := rank{c, found, info.ModTime()}
		if better := cmp.Or(cmp.Compare(this.cover, best.cover), cmp.Compare(this.found, best.found), this.at.Compare(best.at)) > 0; there && (better || !ok) {
			dir, best, ok = lists, this, true
		}
	}
	return dir, best.cover, ok
}

// covers says how far the indexes in a directory answer for the sources, and how
// many of these it has; not at all without an index of the architecture.
func covers(dir string, d distro.Distro, r recipes.Recipe, sources []distro.Source) (cover coverage, found int, ok bool) {
	has := func(pattern string) bool {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		return len(files) > 0
	}
	arch := d.Arch(r)
	if len(d.PackageFiles(dir, arch)) == 0 {
		return 0, 0, false
	}
	for _, s := range sources {
		if has(s.SignedFile()) || has(s.AbsentFile()) {
			found++
		}
	}
	// The first source is the release itself.
	first := len(sources) > 0 && has(sources[0].SignedFile())
	if d.Family == distro.Deb {
		all, own := components(has, r, arch, sources)
		if !all {
			return ofRelease, 0, true
		}
		first = own
	}
	switch {
	case !first:
		return otherMirror, found, true
	case found < len(sources):
		return ownMirror, found, true
	}
	return complete, found, true
}

// components reports whether files that apt left are of all components that the
// recipe names, and whether they are the first source's own.
func components(has func(pattern string) bool, r recipes.Recipe, arch string, sources []distro.Source) (all, own bool) {
	index := "_binary-" + arch + "_Packages"
	components := r.Distro.Components
	if len(components) == 0 {
		components = []string{"main"}
	}
	for _, c := range components {
		if !has("*_dists_" + r.Distro.Release + "_" + c + index) {
			return false, false
		}
	}
	return true, len(sources) > 0 && has(sources[0].ListFile(components[0]+"/binary-"+arch+"/Packages"))
}
