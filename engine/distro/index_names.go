package distro

import (
	"math/bits"
	"slices"
	"sort"
	"strings"

	"github.com/agext/levenshtein"
)

// Taken says what the family's tool makes of one item of a list of packages to
// install.
type Taken int

// What the tool makes of an item. Only apt, of Deb, wants real packages named.
const (
	Takes     Taken = iota
	Unknown         // no package and no provider has that name
	Ambiguous       // a virtual package that several provide: apt wants one of them named
	Versioned       // a virtual package with a version or suite, which only real ones have
)

// Take says what the tool would make of an item such as "curl=7.88.1-10": apt
// (2.6), dnf (4.14), zypper (1.14), pacman (6.0). Of what the index does not
// list it says Takes: other architectures, and dnf's groups ("@core").
func (x *Index) Take(item, arch string) Taken {
	if x.family != Deb {
		return x.takeOther(item, arch)
	}
	name := PackageName(item)
	rest := item[len(name):]
	if foreign, ok := strings.CutPrefix(rest, ":"); ok {
		foreign, rest = PackageName(foreign), foreign[len(PackageName(foreign)):]
		if !slices.Contains([]string{arch, "all", "any", "native"}, foreign) {
			return Takes
		}
	}
	if _, ok := x.Find(name); ok {
		return Takes
	}
	switch by := x.Providers(name); {
	case len(by) == 0:
		return Unknown
	case rest != "":
		return Versioned
	case len(by) > 1:
		return Ambiguous
	}
	return Takes
}

// Brings returns what a package brings along into a root of these wishes: what
// would not be there without it, the package itself left out.
func (x *Index) Brings(wishes []string, name string) []*Package {
	var without []string
	for _, w := range wishes {
		if x.Name(w) != name {
			without = append(without, w)
		}
	}
	there := map[*Package]bool{}
	for _, p := range x.Root(without) {
		there[p] = true
	}
	return slices.DeleteFunc(x.Root(append(without, name)), func(p *Package) bool { return there[p] || p.Name == name })
}

// letters is the set of the characters of a name. A name of which n letters are
// not in another is at least n edits away from it.
func letters(name string) uint64 {
	var set uint64
	for i := range len(name) {
		at := name[i] - 'a'
		if name[i] < 'a' {
			at = 26 + name[i] - '+' // signs and digits: apart from the letters
		}
		set |= 1 << (at & 63)
	}
	return set
}

// near is a name and how far it is from another.
type near struct {
	name string
	cost int
	part bool // it begins with the other one: "openssh-server" for "openssh"
}

// near returns names that someone who typed name may have meant, nearest first.
func (x *Index) near(name string) []near {
	most := min(1+len(name)/4, 3)
	mine := letters(name)
	var all []near
	for i := range x.packages {
		other := x.packages[i].Name
		switch {
		case strings.HasPrefix(other, name) && len(other) > len(name) && other[len(name)] == '-':
			// "openssh" means "openssh-server" rather than a name of other letters.
			all = append(all, near{other, 1, true})
		case len(other) > len(name)+most || len(other) < len(name)-most:
		case bits.OnesCount64(mine&^x.letters[i]) > most || bits.OnesCount64(x.letters[i]&^mine) > most:
		default:
			if cost := levenshtein.Distance(name, other, nil); cost <= most {
				all = append(all, near{other, cost, false})
			}
		}
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].cost != all[j].cost {
			return all[i].cost < all[j].cost
		}
		if a, b := commonPrefix(all[i].name, name), commonPrefix(all[j].name, name); a != b {
			return a > b
		}
		return len(all[i].name) < len(all[j].name)
	})
	return all
}

// Nearest returns up to n names that someone who typed name may have meant.
func (x *Index) Nearest(name string, n int) []string {
	names, _ := x.Guess(name, n)
	return names
}

// Guess is Nearest, and the one name that must have been meant because no other
// is as near; "" if there is none.
func (x *Index) Guess(name string, n int) (names []string, meant string) {
	all := x.near(name)
	for _, a := range all[:min(n, len(all))] {
		if a.cost <= all[0].cost+1 { // what is much further off was not meant
			names = append(names, a.name)
		}
	}
	if len(all) > 0 && !all[0].part && (len(all) == 1 || all[1].cost > all[0].cost) {
		meant = all[0].name
	}
	return names, meant
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
