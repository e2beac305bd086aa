// Package distro is how a root is made: per family, which program installs the
// packages, from which mirror, checked by which keys. A distribution is data.
package distro

import (
	"fmt"
	"sort"
	"strings"

	"slipway/recipes"
)

// Distro is what Slipway knows of a distribution.
type Distro struct {
	ID       string
	Name     string // for people
	Family   string // "deb"
	Releases []Release
	// Keyring is the host file with the archive's keys, KeyringPackage brings it.
	Keyring        string
	KeyringPackage string
	// MirrorEnv names the environment variable that sets the mirror.
	MirrorEnv string
	// Archs maps GOARCH to the distribution's own name.
	Archs map[string]string
	// Stacks are the live stacks that it has, its own first.
	Stacks        []Stack
	KernelPackage string   // if the recipe names none; %s is the architecture
	SELinux       *SELinux // nil: it has no policy
}

// Stack is a live stack as a distribution has it.
type Stack struct {
	ID       string   // a Stack.ID of package live
	Packages []string // that bring it into the initramfs
	// Versions are those that its releases are known to have; what is found in a
	// root counts more.
	Versions map[string]string
}

// Release is one suite that the distribution serves.
type Release struct {
	ID       string // "bookworm"
	Version  string // "12"
	Note     string // one line: "stable until June 2026, then LTS"
	Security bool   // has a security archive and an -updates suite
}

// All returns the distributions that can be built, in the order to show them.
func All() []Distro { return []Distro{debian} }

// Find returns the distribution with the given id.
func Find(id string) (Distro, error) {
	var names []string
	for _, d := range All() {
		if d.ID == id {
			return d, nil
		}
		names = append(names, d.ID)
	}
	return Distro{}, fmt.Errorf("distro %q cannot be built yet (have: %s)", id, strings.Join(names, ", "))
}

// Release returns the data of a suite; an unknown one has no security archive.
func (d Distro) Release(id string) Release {
	for _, r := range d.Releases {
		if r.ID == id {
			return r
		}
	}
	return Release{ID: id}
}

// Stack returns the live stack that a recipe asks for: the distribution's own
// if it names none.
func (d Distro) Stack(r recipes.Recipe) (Stack, error) {
	var have []string
	for _, s := range d.Stacks {
		if r.Live.Stack == "" || s.ID == r.Live.Stack {
			return s, nil
		}
		have = append(have, s.ID)
	}
	return Stack{}, fmt.Errorf("%s has no live stack %q (have: %s)", d.Name, r.Live.Stack, strings.Join(have, ", "))
}

// Packages returns everything that the recipe's root is asked to install,
// sorted, without doubles: its own list, the kernel and the live stack.
func (d Distro) Packages(r recipes.Recipe) []string {
	set := map[string]bool{d.Kernel(r): true}
	stack, _ := d.Stack(r)
	for _, list := range [][]string{r.Packages.Include, stack.Packages, d.selinuxPackages(r)} {
		for _, p := range list {
			set[p] = true
		}
	}
	names := make([]string, 0, len(set))
	for p := range set {
		names = append(names, p)
	}
	sort.Strings(names)
	return names
}

// Kernel returns the kernel package of the recipe.
func (d Distro) Kernel(r recipes.Recipe) string {
	if r.Kernel.Package != "" {
		return r.Kernel.Package
	}
	return strings.ReplaceAll(d.KernelPackage, "%s", d.Arch(r))
}
