package distro

import (
	"fmt"
	"path/filepath"
	"strings"

	"slipway/engine/proc"
)

// DNFCache is where dnf looks for packages it has, below the root that it fills.
const DNFCache = "/var/cache/dnf"

// dnf is what differs between the generations of dnf, of which the older one is
// tried last: both can be on one host.
type dnf struct {
	program string
	// more are arguments for a root. What dnf 4 takes as a path in the root, dnf5
	// takes as the host's own if it stands on the command line
	// (dnf5-installroot(7)).
	more func(root string) []string
}

var dnfs = []dnf{
	{"dnf5", func(root string) []string {
		cache := filepath.Join(root, DNFCache)
		return []string{"--setopt=cachedir=" + cache, "--setopt=system_cachedir=" + cache}
	}},
	{"dnf", func(string) []string { return nil }},
}

// DNFPrograms are the names under which a host may have dnf, the first that is
// there is taken.
func DNFPrograms() (names []string) {
	for _, d := range dnfs {
		names = append(names, d.program)
	}
	return names
}

// DNFRun is one run of dnf(8) that fills Root. The package cache is mounted at
// DNFCache in Root, and Config is the file with the text of DNFConf.
type DNFRun struct {
	Program  string // one of DNFPrograms
	Config   string
	Root     string
	Release  string
	Arch     string
	Packages []string
}

// Cmd returns the command. No option turns the check of signatures off.
func (d DNFRun) Cmd() proc.Cmd {
	args := []string{"--config=" + d.Config, "--installroot=" + d.Root, "--releasever=" + d.Release, "--forcearch=" + d.Arch, "--assumeyes"}
	for _, generation := range dnfs {
		if generation.program == filepath.Base(d.Program) {
			args = append(args, generation.more(d.Root)...)
		}
	}
	return proc.Cmd{Path: d.Program, Args: append(append(args, "install", "--"), d.Packages...)}
}

// DNFConf is a configuration of dnf for the sources and nothing else; keys are
// the files with their public keys. Packages in exclude are as if they were not
// there: what needs one of them cannot be installed (dnf.conf(5)).
func DNFConf(sources []Source, keys, exclude []string) string {
	var b strings.Builder
	b.WriteString("[main]\n")
	for _, o := range [][2]string{
		{"gpgcheck", "1"}, {"localpkg_gpgcheck", "1"}, {"install_weak_deps", "0"}, {"best", "1"}, {"plugins", "0"}, {"reposdir", "/nonexistent"},
		{"cachedir", DNFCache}, {"keepcache", "1"}, {"max_parallel_downloads", "10"}, {"retries", "3"}, {"timeout", "20"}, {"skip_if_unavailable", "0"},
		{"excludepkgs", strings.Join(exclude, " ")},
	} {
		if o[1] != "" {
			fmt.Fprintf(&b, "%s=%s\n", o[0], o[1])
		}
	}
	for i, s := range sources {
		fmt.Fprintf(&b, "\n[%s]\nname=%s\nbaseurl=%s\nenabled=1\ngpgcheck=1\nrepo_gpgcheck=%d\ngpgkey=file://%s\n",
			s.Name, s.Name, s.URI, digit(s.IndexSigned), keys[i])
	}
	return b.String()
}

func digit(on bool) int {
	if on {
		return 1
	}
	return 0
}

// RPMMacros are the macros (rpm(8), ~/.rpmmacros) for programs of the host that
// write to a root: Debian's rpm would keep its database in the root's /root, and
// in an ordinary user's namespace nobody may change the owner of /proc, which a
// package has (%_netsharedpath, rpm-config(5)).
func (d Distro) RPMMacros() string {
	return "%_dbpath " + d.RPMDB + "\n%_netsharedpath /proc\n"
}
