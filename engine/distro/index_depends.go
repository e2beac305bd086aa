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

// minimal is what a root without any wishes holds, and what that needs: in the
// family deb the essential and required packages and apt (mmdebstrap(1), variant
// minbase), and in all what the distribution's every root is asked to have.
func (x *Index) minimal(base []string) map[string]bool {
	names := slices.Clone(base)
	for _, p := range x.packages {
		if p.Essential || p.Priority == "required" || x.family == Deb && p.Name == "apt" {
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
// Where a need has alternatives, the first one that exists is taken, as the
// tools mostly do: so it is an estimate, not their own answer. Unknown names are
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
	var hanging []*Package // whose needs hang on what else is there
	want := func(name string) {
		if p, ok := x.Find(name); ok && !set[name] {
			set[name] = true
			queue = append(queue, p)
			if x.family != Deb && conditional(p.Depends) {
				hanging = append(hanging, p)
			}
		}
	}
	for _, item := range names {
		for _, name := range x.asks(item) {
			want(name)
		}
	}
	has := func(name string) bool { return x.satisfied(set, []string{name}) }
	look := func(p *Package) {
		for alternatives := range x.needs(p.Depends, has) {
			if !x.satisfied(set, alternatives) {
				want(x.choose(alternatives))
			}
		}
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		look(p)
		if len(queue) == 0 {
			for _, p := range slices.Clone(hanging) {
				look(p)
			}
		}
	}
}

// asks are the names of the packages that an item of a recipe's list asks for.
func (x *Index) asks(item string) (names []string) {
	name := x.Name(item)
	if _, ok := x.Find(name); !ok {
		for _, i := range x.groups[name] {
			names = append(names, x.packages[i].Name)
		}
	}
	if len(names) == 0 {
		names = append(names, x.choose([]string{name}))
	}
	return names
}

func (x *Index) satisfied(set map[string]bool, alternatives []string) bool {
	for _, name := range alternatives {
		if set[name] {
			return true
		}
		for i := range x.providers.of(name) {
			if set[x.packages[i].Name] {
				return true
			}
		}
	}
	return false
}

// choose picks the first alternative that exists, else one that provides it: in
// families other than Deb the one with the shortest name, which is the ordinary
// one of several (systemd, not systemd-standalone-sysusers).
func (x *Index) choose(alternatives []string) string {
	for _, name := range alternatives {
		if _, ok := x.Find(name); ok {
			return name
		}
		best := ""
		for i := range x.providers.of(name) {
			if other := x.packages[i].Name; best == "" || x.family != Deb && len(other) < len(best) {
				best = other
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}
