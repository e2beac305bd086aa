// Package distro is how a root is made: per family, which program installs the
// packages, from which mirror, checked by which keys. A distribution is data.
package distro

import (
	"fmt"
	"runtime"
	"slices"
	"sort"
	"strings"

	"slipway/recipes"
)

// The families: which program makes a root.
const (
	Deb    = "deb"    // mmdebstrap
	RPM    = "rpm"    // dnf
	Zypper = "zypper" // zypper
	Pacman = "pacman" // pacman
)

// Distro is what Slipway knows of a distribution.
type Distro struct {
	ID       string
	Name     string // for people
	Family   string // Deb, RPM, Zypper or Pacman
	Releases []Release
	Keys     Keys
	// MirrorEnv names the environment variable that sets the mirror.
	MirrorEnv string
	// Mirror is asked if nobody names one; empty: what mmdebstrap has built in.
	Mirror string
	// SecurityMirror has the security archive of a release of the family deb, if
	// that is not beside the mirror.
	SecurityMirror string
	// SecuritySuffix makes the address of the security archive out of a mirror's,
	// where nobody says another.
	SecuritySuffix string
	// Repositories are those below the mirror; none in the family deb.
	Repositories []Repository
	// IndexSigned: the distribution signs its indexes, and one without a signature
	// is refused. Where it is false, a signature that is there must be good all the
	// same, and every package has one of its own.
	IndexSigned bool
	// Archs maps GOARCH, which recipes use, to the distribution's own name.
	Archs map[string]string
	// Stacks are the live stacks that it has, the default first.
	Stacks []Stack
	// Strategy is the overlay strategy to begin with.
	Strategy string
	// Base is in every root: what the family's tool does not bring by itself.
	Base          []string
	KernelPackage string // if the recipe names none; %s is the architecture
	// Names are its names of well-known packages, by Debian's: those that are not
	// the same everywhere. Unneeded: the base does without; Missing: it has none.
	Names map[string]string
	// SSHService is the unit of the SSH server.
	SSHService string
	// Units are its well-known units, by Debian's names without ".service".
	Units map[string]Unit
	// Locales are the packages that bring a locale beyond C.UTF-8, any one of
	// them; %s is its language. None: every root can make all.
	Locales []string
	Locale  Locale
	// Groups are its names of groups that people get, by Debian's.
	Groups map[string]string
	// RPMDB is where packages are recorded, in the families rpm and zypper.
	RPMDB   string
	SELinux *SELinux // nil: it has no policy
}

// Locale is how a distribution sets the language of its programs.
type Locale struct {
	File string // that says LANG=
	// Generated: locale-gen makes what /etc/locale.gen names. Otherwise a package
	// brings it.
	Generated bool
}

// Keys are the public keys that sign a distribution's packages, as a host has
// them.
type Keys struct {
	// Files are tried in turn; {release} and {major} stand for the recipe's.
	Files   []string
	Package string // that brings the first of them to the host
	// Together are the files of releases that several keys sign, by release: all of
	// them are needed, in place of Files.
	Together map[string][]string
}

// Repository is one repository below a distribution's mirror.
type Repository struct {
	Name string // as the tool knows it: "fedora"
	// Path below the mirror; {release}, {major} and {arch} stand for the recipe's.
	Path     string
	Releases []string // that have it; none: all
	// Optional: used if the mirror has it, left out with a warning if not.
	Optional bool
}

// Stack is a live stack as a distribution has it.
type Stack struct {
	ID       string   // a Stack.ID of package live
	Packages []string // that bring it into the initramfs
	// Versions are those that its releases are known to have; what is found in a
	// root counts more.
	Versions map[string]string
	Releases []string // that have it; none: all
	// Component of the archive that has it, if that is not the one that is always
	// asked.
	Component string
}

// Release is one suite that the distribution serves.
type Release struct {
	ID       string // "bookworm"
	Version  string // "12"
	Note     string // one line: "stable until June 2026, then LTS"
	Security bool   // has a security archive and an -updates suite
	// Names are those of the distribution's Names that are others in this release.
	Names map[string]string
}

// All returns the distributions that can be built, in the order to show them.
func All() []Distro {
	return []Distro{debian, ubuntu, fedora, centos, rocky, alma, arch, opensuse}
}

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

// Stack returns the live stack that a recipe asks for: the distribution's first
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
	for _, p := range slices.Concat(r.Packages.Include, d.Brought(r)) {
		set[p] = true
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

// Arch returns the distribution's name of the recipe's architecture: the
// host's own if the recipe names none.
func (d Distro) Arch(r recipes.Recipe) string {
	arch := r.Distro.Arch
	if arch == "" {
		arch = runtime.GOARCH
	}
	if own, ok := d.Archs[arch]; ok {
		return own
	}
	return arch
}

// fill puts the recipe's release and architecture into a pattern.
func (d Distro) fill(pattern string, r recipes.Recipe) string {
	release := r.Distro.Release
	major, _, _ := strings.Cut(release, ".")
	return strings.NewReplacer("{release}", release, "{major}", major, "{arch}", d.Arch(r)).Replace(pattern)
}

// KeyFiles are the files of a host that may hold the keys of the recipe's
// release, the likeliest first; all files of one of these are needed.
func (d Distro) KeyFiles(r recipes.Recipe) [][]string {
	if all := d.Keys.Together[r.Distro.Release]; all != nil {
		return [][]string{all}
	}
	files := make([][]string, len(d.Keys.Files))
	for i, f := range d.Keys.Files {
		files[i] = []string{d.fill(f, r)}
	}
	return files
}

// NewestKeys are the KeyFiles of the newest release.
func (d Distro) NewestKeys() [][]string {
	return d.KeyFiles(recipes.Recipe{Distro: recipes.Distro{ID: d.ID, Release: d.Releases[0].ID}})
}

// SplitKeys are the files that Source.SignedBy names, if it names files.
func SplitKeys(signedBy string) []string { return strings.Split(signedBy, ":") }

// JoinKeys makes a Source.SignedBy of files.
func JoinKeys(files []string) string { return strings.Join(files, ":") }
