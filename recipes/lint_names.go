package recipes

import (
	"fmt"
	"slices"
)

// Naming is what the linter has to know of a recipe's distribution: how things
// are called there that have other names elsewhere. Whoever knows distributions
// fills it; the rules ask by Debian's names.
type Naming struct {
	Distro   string   // its name, for people
	Releases []string // that are known
	// Deb: its packages are Debian's kind, with names in small letters.
	Deb bool
	// Firmware is the component of the archive that firmware needs; empty: none.
	Firmware string
	// Brought are the packages that a root has without the recipe's asking.
	Brought []string
	// Package is its name of a package: "" if every root has what is in it,
	// NoPackage if it has none; known is false if nobody knows.
	Package func(debian string) (name string, known bool)
	// InDebian are Debian's names of a package of its own; none if nobody knows.
	InDebian func(name string) []string
	// Unit is its name of a unit and the package that brings it; "": every root
	// has it, or nobody knows.
	Unit func(debian string) (name, pkg string)
	// UnitInDebian is Debian's name of a unit of its own.
	UnitInDebian func(name string) string
	// Locale are the packages that bring a locale, any one of them; none if every
	// root has it.
	Locale func(locale string) []string
}

// NoPackage is, in a Naming, the name of a package that does not exist.
const NoPackage = "-"

// own is the distribution's name of a package.
func (l *linter) own(debian string) string {
	name, _ := l.names.Package(debian)
	return name
}

// has reports whether the root gets any of some packages, by Debian's names.
func (l *linter) has(debian ...string) bool {
	return slices.ContainsFunc(debian, func(d string) bool {
		own := l.own(d)
		return own == "" || l.included(own)
	})
}

// included reports whether the root gets a package, by the distribution's name.
func (l *linter) included(name string) bool {
	return slices.Contains(l.names.Brought, name) ||
		slices.ContainsFunc(l.r.Packages.Include, func(p string) bool { return bare(p) == name })
}

// sshServer reports whether the root has sshd.
func (l *linter) sshServer() bool { return l.has("openssh-server", "ssh", "task-ssh-server") }

// unit is the distribution's name of a unit.
func (l *linter) unit(debian string) string {
	name, _ := l.names.Unit(debian)
	return name
}

// lintForeign looks for names that another distribution has for a package or a
// unit, and for packages that are nowhere.
func lintForeign(l *linter) {
	for i, p := range l.r.Packages.Include {
		l.foreignPackage("packages.include", i, bare(p), p[len(bare(p)):])
	}
	for i, p := range l.r.Packages.Exclude {
		if own, _ := l.names.Package(bare(p)); own != NoPackage {
			l.foreignPackage("packages.exclude", i, bare(p), "")
		}
	}
	if k := l.r.Kernel.Package; k != "" {
		if own, known := l.names.Package(k); known && own != k && len(l.names.InDebian(k)) == 0 {
			l.warn("package-foreign", "kernel.package", k+" is another distribution's name: "+l.names.Distro+" calls it "+own, "", setFix("kernel.package", own))
		}
	}
	for i, name := range l.r.System.Services.Enabled {
		l.foreignUnit(i, name)
	}
}

func (l *linter) foreignPackage(list string, i int, name, rest string) {
	own, known := l.names.Package(name)
	if !known || own == name || len(l.names.InDebian(name)) > 0 {
		return
	}
	at := fmt.Sprintf("%s[%d]", list, i)
	switch {
	case own == NoPackage:
		l.warn("package-foreign", at, l.names.Distro+" has no package "+name, "take it out, or name another that does its work; one of [[repositories]] may have it", nil)
	case own == "":
		l.warn("package-foreign", at, "package "+name+" is another distribution's: what it is for is in every root of "+l.names.Distro, "", dropFix(at, name))
	case l.included(own):
		l.warn("package-foreign", at, name+" is another distribution's name: "+l.names.Distro+" calls it "+own+", which is included", "", dropFix(at, name))
	default:
		l.warn("package-foreign", at, name+" is another distribution's name: "+l.names.Distro+" calls it "+own, "", setFix(at, own+rest))
	}
}

// foreignUnit looks at a unit that is to start at boot.
func (l *linter) foreignUnit(i int, name string) {
	at := fmt.Sprintf("system.services.enabled[%d]", i)
	debian := l.names.UnitInDebian(name)
	if own := l.unit(name); own != name && debian == name {
		l.warn("service-name", at, unit(name)+" is another distribution's name: "+l.names.Distro+" has "+unit(own), "", setFix(at, own))
		return
	}
	if _, pkg := l.names.Unit(debian); pkg != "" && !l.included(pkg) {
		l.warn("service-not-installed", at, unit(name)+" needs the package "+pkg+", which is not included", "", addFix("packages.include", pkg))
	}
}
