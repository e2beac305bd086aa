package doctor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"slipway/engine/proc"
)

// host is what is asked about programs, so that a test can be any machine.
type host struct {
	look    func(program string) (string, error)
	loader  func(file string) (string, error)
	exists  func(path string) bool
	release map[string]string // os-release(5)
	root    bool
}

// parseRelease reads os-release(5): NAME=value, the value perhaps quoted.
func parseRelease(text string) map[string]string {
	m := map[string]string{}
	for _, l := range strings.Split(text, "\n") {
		if k, v, ok := strings.Cut(strings.TrimSpace(l), "="); ok && !strings.HasPrefix(k, "#") {
			m[k] = strings.Trim(v, `"'`)
		}
	}
	return m
}

// manager is a package manager: who has it, and how it installs.
type manager struct {
	name    string   // as in need.packages
	program string   // what must be there to run it
	ids     []string // of os-release's ID and ID_LIKE
	refresh []string // a command to run first, if any
	command []string // to which the packages are added
}

var managers = []manager{
	{name: "apt", program: "apt-get", ids: []string{"debian", "ubuntu"},
		refresh: []string{"apt-get", "update"},
		command: []string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends"}},
	{name: "dnf", program: "dnf", ids: []string{"fedora", "rhel", "centos"},
		command: []string{"dnf", "install", "--assumeyes", "--setopt=install_weak_deps=False"}},
	{name: "pacman", program: "pacman", ids: []string{"arch"},
		command: []string{"pacman", "--sync", "--needed", "--noconfirm"}},
	{name: "zypper", program: "zypper", ids: []string{"suse", "opensuse"},
		command: []string{"zypper", "--non-interactive", "install", "--no-recommends"}},
}

// manager returns the package manager of the system that os-release names, else
// the first whose program is there; one without a name if there is none.
func (h host) manager() manager {
	ids := strings.Fields(h.release["ID"] + " " + h.release["ID_LIKE"])
	for _, id := range ids {
		for _, m := range managers {
			if slices.ContainsFunc(m.ids, func(own string) bool { return id == own || strings.HasPrefix(id, own+"-") }) && h.has(m.program) {
				return m
			}
		}
	}
	for _, m := range managers {
		if h.has(m.program) {
			return m
		}
	}
	return manager{}
}

func (h host) has(program string) bool {
	_, err := h.look(program)
	return err == nil
}

// programs looks for everything that is needed and returns what it found, and
// the packages that bring what is missing, sorted, without doubles.
func (h host) programs(wanted []need, m manager) (findings []Finding, missing []string) {
	for _, n := range wanted {
		f := Finding{Subject: filepath.Base(n.name), State: OK, Why: n.why}
		if f.Found = h.find(n); f.Found == "" {
			f.Found, f.State = "missing", Problem
			if n.lesser && h.root || n.optional {
				f.State = Warning
			}
			if p := n.packages[m.name]; p != "" {
				f.Found += ", package " + p
				missing = append(missing, p)
			} else {
				f.Hint = noPackage(n, m)
			}
		}
		findings = append(findings, f)
	}
	slices.Sort(missing)
	return findings, slices.Compact(missing)
}

// find returns the path of what is needed, "" if it is missing.
func (h host) find(n need) string {
	for _, name := range n.other {
		if found := h.find(need{name: name, kind: n.kind}); found != "" {
			return found
		}
	}
	var path string
	var err error
	switch n.kind {
	case bootLoader:
		path, err = h.loader(n.name)
	case keyring:
		if h.exists(n.name) {
			path = n.name
		}
	default:
		path, err = h.look(n.name)
	}
	if err != nil {
		return ""
	}
	return path
}

func noPackage(n need, m manager) string {
	if n.optional {
		return "get the distribution's public key and name its file in the recipe: distro.key"
	}
	if m.name == "" {
		return "no package manager that slipway knows is here: install " + n.name + " by hand"
	}
	return fmt.Sprintf("%s has no package for it: install it by hand, or build on Debian", m.name)
}

// install returns the commands that install packages, none if there are none.
func (m manager) install(packages []string, root bool) []Fix {
	if len(packages) == 0 {
		return nil
	}
	var fixes []Fix
	if m.refresh != nil {
		refresh := newFix("refresh the package lists", root, m.refresh...)
		refresh.lesser = true
		fixes = append(fixes, refresh)
	}
	words := append(slices.Clone(m.command), packages...)
	return append(fixes, newFix("install "+counted(len(packages), "package"), root, words...))
}

// newFix makes a command that needs root.
func newFix(title string, root bool, words ...string) Fix {
	cmd := proc.Cmd{Path: words[0], Args: words[1:]}
	if root {
		return Fix{Title: title, Command: cmd.String(), cmd: cmd}
	}
	sudo := proc.Cmd{Path: "sudo", Args: words}
	return Fix{Title: title, Command: sudo.String(), cmd: sudo, asRoot: cmd.String()}
}
