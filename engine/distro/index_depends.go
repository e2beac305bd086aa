package distro

import (
	"iter"
	"slices"
	"strings"
)

// dependencies yields the alternatives of each item of a relation field such as
// Depends (deb-control(5)): names only, without versions and architectures.
func dependencies(field string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for item := range strings.SplitSeq(field, ",") {
			var names []string
			for alternative := range strings.SplitSeq(item, "|") {
				alternative = strings.TrimSpace(alternative)
				if i := strings.IndexAny(alternative, " (:["); i >= 0 {
					alternative = alternative[:i]
				}
				if alternative != "" {
					names = append(names, alternative)
				}
			}
			if len(names) > 0 && !yield(names) {
				return
			}
		}
	}
}

// minimal is what a root without any wishes holds: the essential and required
// packages, apt, and what they need (mmdebstrap(1), variant minbase).
func (x *Index) minimal() map[string]bool {
	var names []string
	for _, p := range x.packages {
		if p.Essential || p.Priority == "required" || p.Name == "apt" {
			names = append(names, p.Name)
		}
	}
	set := map[string]bool{}
	x.bring(set, names)
	return set
}

// Base reports whether a package is in every root, wished for or not.
func (x *Index) Base(name string) bool { return x.base[name] }

// Root returns all packages that a root with these wishes holds, sorted by
// name: the base, the wishes, and what they need, without recommended packages.
// Where a need has alternatives, the first one that exists is taken, as apt
// mostly does: so it is an estimate, not apt's own answer. Unknown names are
// left out.
func (x *Index) Root(wishes []string) []*Package {
	set := make(map[string]bool, len(x.base)+len(wishes)*8)
	for name := range x.base {
		set[name] = true
	}
	x.bring(set, wishes)
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	all := make([]*Package, 0, len(names))
	for _, name := range names {
		if p, ok := x.Find(name); ok {
			all = append(all, p)
		}
	}
	return all
}

// bring adds names and what they need to set.
func (x *Index) bring(set map[string]bool, names []string) {
	// Wishes first, so that they settle the alternatives.
	queue := make([]*Package, 0, len(names))
	want := func(name string) {
		if p, ok := x.Find(name); ok && !set[name] {
			set[name] = true
			queue = append(queue, p)
		}
	}
	for _, name := range names {
		want(PackageName(name))
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for alternatives := range dependencies(p.Depends) {
			if !x.satisfied(set, alternatives) {
				want(x.choose(alternatives))
			}
		}
	}
}

func (x *Index) satisfied(set map[string]bool, alternatives []string) bool {
	for _, name := range alternatives {
		if set[name] {
			return true
		}
		for _, i := range x.providers[name] {
			if set[x.packages[i].Name] {
				return true
			}
		}
	}
	return false
}

// choose picks the first alternative that exists, else one that provides it.
func (x *Index) choose(alternatives []string) string {
	for _, name := range alternatives {
		if _, ok := x.Find(name); ok {
			return name
		}
		if p := x.providers[name]; len(p) > 0 {
			return x.packages[p[0]].Name
		}
	}
	return ""
}
