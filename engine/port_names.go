package engine

import (
	"fmt"
	"slices"
	"strings"

	"slipway/engine/distro"
	"slipway/recipes"
)

// packages carries both lists over, from behind, so that taking one out moves
// nothing that is still to come.
func (p *port) packages() {
	p.list("packages.include", p.was.Packages.Include, false)
	p.list("packages.exclude", p.was.Packages.Exclude, true)
}

func (p *port) list(path string, items []string, excluded bool) {
	names := map[string]bool{} // that the list will have
	plans := make([]wish, len(items))
	for i, item := range items {
		plans[i] = p.wish(item, excluded)
		if w := plans[i]; len(w.names) > 0 && names[w.names[0]] {
			plans[i].names, plans[i].why = nil, w.names[0]+" is in the list already"
		}
		for _, n := range plans[i].names {
			names[n] = true
		}
	}
	var more []string
	begin := len(p.changes)
	for i := len(items) - 1; i >= 0; i-- {
		at, w := fmt.Sprintf("%s[%d]", path, i), plans[i]
		switch {
		case w.open:
			p.open(path, items[i], w.why)
		case len(w.names) == 0:
			if err := p.doc.Remove(at); err != nil {
				p.errs = append(p.errs, fmt.Errorf("take out %s: %w", at, err))
				continue
			}
			p.changes = append(p.changes, Change{Path: path, From: items[i], Why: w.why})
		default:
			if w.names[0] != items[i] {
				p.set(at, items[i], w.names[0], w.why)
				p.changes[len(p.changes)-1].Path = path
			}
			more = append(more, w.names[1:]...)
		}
	}
	slices.Reverse(p.changes[begin:]) // told in the order of the list
	for _, name := range more {
		p.add(path, name, "")
	}
}

// spoken are, by Debian's names, the parts of a system that some distributions have
// in every root, and others only where a recipe asks for them.
var spoken = []string{"systemd-sysv", "udev", "libpam-systemd", "dbus", "kmod", "iproute2", "iputils-ping", "procps"}

// base asks for what every root has where the recipe comes from, and only those
// that ask where it goes.
func (p *port) base() {
	brought, here := p.to.Brought(p.doc.Recipe), p.from.Base
	if p.from.ID == p.to.ID || len(here) == 0 {
		return
	}
	for _, debian := range spoken {
		was, known := p.from.Own(debian, p.was.Distro.Release)
		if !known || !slices.Contains(here, was) && !slices.Contains(here, "base") { // Arch's base has all of them
			continue
		}
		if own, known := p.to.Own(debian, p.release); known && own != distro.Unneeded && own != distro.Missing &&
			!slices.Contains(brought, own) && !slices.Contains(brought, "base") {
			p.add("packages.include", own, "every root of "+p.from.Name+" has it")
		}
	}
}

// add puts a name at the end of a list, unless it is there.
func (p *port) add(path, name, why string) {
	list := p.doc.Recipe.Packages.Include
	if path == "packages.exclude" {
		list = p.doc.Recipe.Packages.Exclude
	}
	if slices.Contains(list, name) {
		return
	}
	if err := p.doc.Set(path, append(slices.Clone(list), name)); err != nil {
		p.errs = append(p.errs, err)
		return
	}
	p.changes = append(p.changes, Change{Path: path, To: name, Why: why})
}

// wish is what becomes of an item in a list of packages.
type wish struct {
	names []string // none: it is taken out
	why   string
	open  bool // it stays as it is
}

// wish looks an item up: among the well-known names, then in the index.
func (p *port) wish(item string, excluded bool) wish {
	name := distro.PackageName(item)
	why := ""
	if rest := item[len(name):]; rest != "" {
		why = fmt.Sprintf("%q is of %s's package", rest, p.from.Name)
	}
	debian := p.from.InDebian(name, p.was.Distro.Release)
	if !excluded && slices.Contains(p.from.LocalePackages(p.was.System.Locale), name) {
		if there := p.to.LocalePackages(p.was.System.Locale); len(there) > 0 {
			return wish{names: there[:1], why: why}
		}
		debian = []string{"locales"}
	}
	if len(debian) == 0 && p.bringsUnit(name) {
		return wish{why: "a unit of " + p.from.Name + " needs it; elsewhere, what does is asked for by the unit"}
	}
	if len(debian) == 0 {
		return p.unknown(name, why)
	}
	var w wish
	for _, d := range debian {
		switch own, known := p.to.Own(d, p.release); {
		case !known:
			return p.unknown(name, why)
		case own == distro.Missing && excluded:
			w.why = p.to.Name + " has no such package"
		case own == distro.Missing:
			return wish{open: true, why: p.to.Name + " has no such package: name another that does its work"}
		case own == distro.Unneeded:
			w.why = "what it is for is in every root of " + p.to.Name
		case !slices.Contains(w.names, own):
			w.names = append(w.names, own)
		}
	}
	if len(w.names) > 0 {
		w.why = why
	}
	return w
}

// bringsUnit reports whether a package is there for a unit that is part of another
// package elsewhere.
func (p *port) bringsUnit(name string) bool {
	for _, u := range p.from.Units {
		if u.Package == name {
			return true
		}
	}
	return false
}

// unknown is a package that nobody knows by heart: the index may have it.
func (p *port) unknown(name, why string) wish {
	if p.index == nil {
		return wish{open: true, why: fmt.Sprintf("not known by heart, and there is no package index of %[1]s %[2]s yet: slipway search --distro %[1]s --release %[2]s %[3]s brings one", p.to.ID, p.release, name)}
	}
	if _, ok := p.index.Find(name); ok {
		return wish{names: []string{name}, why: why}
	}
	if near := p.index.guess(name).near; len(near) > 0 {
		return wish{open: true, why: "no package of that name in " + p.to.ID + " " + p.release + ": did you mean " + either(near) + "?"}
	}
	return wish{open: true, why: "no package of that name in " + p.to.ID + " " + p.release}
}

// kernel takes the counterpart of the recipe's, else the distribution's own.
func (p *port) kernel() {
	was := p.was.Kernel.Package
	if was == "" {
		return
	}
	for _, debian := range p.from.InDebian(was, p.was.Distro.Release) {
		if own, known := p.to.Own(debian, p.release); known && own != distro.Missing && own != distro.Unneeded {
			p.set("kernel.package", was, own, "")
			return
		}
	}
	p.unset("kernel.package", was, "not known there: "+p.to.Kernel(p.doc.Recipe)+" is what it has")
}

// services gives units the names that they have there, with what brings them.
func (p *port) services() {
	s := p.was.System.Services
	for _, list := range []struct {
		path  string
		units []string
	}{{"system.services.enabled", s.Enabled}, {"system.services.disabled", s.Disabled}, {"system.services.masked", s.Masked}} {
		for i, name := range list.units {
			unit, pkg := p.unit(name)
			at := fmt.Sprintf("%s[%d]", list.path, i)
			if unit != name {
				p.set(at, name, unit, "")
				p.waits(name, unit)
			}
			if pkg != "" && list.path == "system.services.enabled" && !slices.Contains(p.to.Brought(p.doc.Recipe), pkg) {
				p.add("packages.include", pkg, "it brings "+unit)
			}
		}
	}
}

// unit is what a unit is called there, and the package that brings it.
func (p *port) unit(name string) (unit, pkg string) {
	const manager = "NetworkManager"
	debian := p.from.UnitInDebian(name)
	networkd := slices.ContainsFunc(p.was.Files, func(f recipes.File) bool { return strings.HasSuffix(f.Path, ".network") })
	if strings.TrimSuffix(name, ".service") == manager && !networkd {
		// Without files for networkd it is what was meant, not what is there instead.
		pkg, _ = p.to.Own("network-manager", p.release)
		return name, pkg
	}
	return p.to.Unit(debian, p.release)
}

// waitOnline is the command by which each of those that configure the network is
// waited for.
var waitOnline = map[string]string{
	"systemd-networkd": "/usr/lib/systemd/systemd-networkd-wait-online --any --timeout=60",
	"NetworkManager":   "nm-online -q -t 60",
}

// waits has checks wait for what now configures the network; files for the other
// are not read any more.
func (p *port) waits(was, now string) {
	program := map[string]string{"systemd-networkd": "systemd-networkd-wait-online", "NetworkManager": "nm-online"}[was]
	command := waitOnline[now]
	if program == "" || command == "" {
		return
	}
	for i, c := range p.was.Checks {
		if strings.Contains(c.Command, program) {
			p.set(fmt.Sprintf("checks[%d].command", i), c.Command, command, now+" configures the network")
		}
	}
	for i, f := range p.was.Files {
		if was == "systemd-networkd" && strings.HasPrefix(f.Path, "/etc/systemd/network/") {
			p.open(fmt.Sprintf("files[%d]", i), f.Path, now+" configures the network and does not read it; without settings it asks every wired interface for an address by DHCP")
		}
	}
}

// groups renames those that people are in.
func (p *port) groups() {
	for u, user := range p.was.Users {
		var groups []string
		for _, g := range user.Groups {
			debian := g
			for d, own := range p.from.Groups {
				if own == g {
					debian = d
				}
			}
			own, other := p.to.Groups[debian]
			if !other {
				own = debian
			}
			if own != "" && !slices.Contains(groups, own) {
				groups = append(groups, own)
			}
		}
		if !slices.Equal(groups, user.Groups) {
			p.set(fmt.Sprintf("users[%d].groups", u), user.Groups, groups, p.to.Name+" has other groups")
		}
	}
}

// locale asks for the package that brings it.
func (p *port) locale() {
	if need := p.to.LocalePackages(p.was.System.Locale); len(need) > 0 {
		p.add("packages.include", need[0], "it brings the locale "+p.was.System.Locale)
	}
}
