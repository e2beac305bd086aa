package doctor

import (
	"slices"

	"slipway/engine/distro"
)

var (
	needRPM = need{name: "rpm", why: "list the packages of a root, and give it the keys of its mirror",
		packages: map[string]string{"apt": "rpm", "dnf": "rpm", "pacman": "rpm-tools", "zypper": "rpm"}}
	needGPG = need{name: "gpg", why: "give pacman the keys of its mirror",
		packages: map[string]string{"apt": "gnupg", "dnf": "gnupg2", "pacman": "gnupg", "zypper": "gpg2"}}
)

// familyNeeds is what fills the roots of a family; Debian's own is in needs.
var familyNeeds = map[string][]need{
	distro.RPM: {{name: "dnf", other: distro.DNFPrograms(), why: "install packages into a new root",
		packages: map[string]string{"apt": "dnf", "dnf": "dnf", "pacman": "dnf", "zypper": "dnf"}}, needRPM},
	distro.Zypper: {{name: "zypper", why: "install packages into a new root",
		packages: map[string]string{"apt": "zypper", "dnf": "zypper", "pacman": "zypper", "zypper": "zypper"}}, needRPM},
	distro.Pacman: {{name: "pacman", why: "install packages into a new root",
		packages: map[string]string{"apt": "pacman-package-manager", "dnf": "pacman", "pacman": "pacman"}}, needGPG},
}

// keyPackages bring the keys of distributions to a host, by distribution and
// package manager.
var keyPackages = map[string]map[string]string{
	"ubuntu": {"dnf": "ubu-keyring", "pacman": "ubuntu-keyring"},
	"arch":   {"apt": "archlinux-keyring", "dnf": "archlinux-keyring", "pacman": "archlinux-keyring"},
}

// ofDistro is what building a distribution needs beyond what every build does.
// Keys that are missing are no more than a warning: a recipe can name a file.
func ofDistro(d distro.Distro) []need {
	all := slices.Clone(familyNeeds[d.Family])
	if d.ID == "debian" {
		return all
	}
	packages := keyPackages[d.ID]
	if packages == nil {
		packages = map[string]string{"dnf": d.Keys.Package, "zypper": d.Keys.Package}
	}
	var files []string // of the newest release, one of each alternative
	for _, f := range d.NewestKeys() {
		files = append(files, f[0])
	}
	return append(all, need{name: files[0], other: files[1:], kind: keyring, optional: true,
		why: "know the keys of " + d.Name + ", unless a recipe names them by distro.key", packages: packages})
}
