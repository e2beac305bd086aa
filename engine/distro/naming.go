package distro

import (
	"slices"
	"strings"
	"sync"

	"slipway/recipes"
)

// What Distro.Names says of a package that has no name there.
const (
	Unneeded = ""                // what it brings is in every root
	Missing  = recipes.NoPackage // the distribution does not have it
)

// Unit is a well-known unit as a distribution has it.
type Unit struct {
	Name    string // without ".service"; empty: as Debian calls it
	Package string // that brings it; empty: every root has it
}

// everywhere are packages that all distributions call as Debian does; what one
// of them calls otherwise all the same stands in its Names.
var everywhere = []string{
	"bash", "bash-completion", "bridge-utils", "btrfs-progs", "busybox", "bzip2", "ca-certificates", "chrony", "cifs-utils", "cloud-init", "coreutils",
	"cpio", "cryptsetup", "curl", "dbus", "diffutils", "dmidecode", "dnsmasq", "dosfstools", "dracut", "dracut-live", "dracut-network", "e2fsprogs",
	"ethtool", "fail2ban", "file", "findutils", "firewalld", "fish", "gawk", "gdisk", "git", "gnupg", "grep", "gzip", "haproxy", "haveged", "hdparm",
	"hostname", "htop", "iotop", "iperf3", "ipmitool", "iproute2", "ipset", "iptables", "jq", "kbd", "keepalived", "kexec-tools", "kmod", "kpartx", "less",
	"lldpd", "logrotate", "lshw", "lsof", "lvm2", "man-db", "mdadm", "mtr", "multipath-tools", "nano", "ncdu", "net-tools", "nftables", "nginx",
	"nmap", "nvme-cli", "open-iscsi", "open-vm-tools", "openssh-server", "openssl", "parted", "patch", "pciutils", "perl", "podman", "policycoreutils",
	"procps", "psmisc", "python3", "qemu-guest-agent", "rsync", "rsyslog", "screen", "sed", "skopeo", "smartmontools", "socat", "squashfs-tools",
	"strace", "sudo", "sysstat", "systemd", "systemd-container", "systemd-resolved", "tar", "tcpdump", "telnet", "tmux", "traceroute", "tree", "tzdata",
	"udev", "ufw", "unzip", "usbutils", "util-linux", "vim", "wget", "wireguard-tools", "xauth", "xfsprogs", "zip", "zsh", "zstd",
}

// chief are, of Debian's packages that are one package elsewhere, those that
// stand for it on the way back: several where each is a part of it that Debian's
// others do not bring along, the one to take where they are alternatives.
var chief = []string{
	"apache2", "bind9-dnsutils", "firmware-linux", "iputils-ping", "libpam-systemd", "linux-image-amd64", "locales", "netcat-openbsd", "nfs-common",
	"openssh-server", "procps", "snmp", "systemd-sysv", "udev", "util-linux", "vim-tiny",
}

// wheel are the groups of those where wheel may become root.
var wheel = map[string]string{"sudo": "wheel", "netdev": "", "plugdev": ""}

// Own is the distribution's name, in a release, of a package by Debian's name:
// Unneeded, Missing, or a name. known is false for a package that is not
// well-known, which may have the same name or none.
func (d Distro) Own(debian, release string) (name string, known bool) {
	if name, known = d.Release(release).Names[debian]; known {
		return name, true
	}
	if name, known = d.Names[debian]; known {
		return name, true
	}
	if d.Family == Deb {
		return debian, slices.Contains(wellKnown(), debian)
	}
	return debian, slices.Contains(everywhere, debian)
}

// InDebian are the names that Debian has for what a package of the distribution
// brings; none if the package is not well-known.
func (d Distro) InDebian(own, release string) []string {
	var all []string
	for _, debian := range wellKnown() {
		if name, known := d.Own(debian, release); known && name == own {
			all = append(all, debian)
		}
	}
	if len(all) < 2 {
		return all
	}
	if first := slices.DeleteFunc(slices.Clone(all), func(n string) bool { return !slices.Contains(chief, n) }); len(first) > 0 {
		return first
	}
	if slices.Contains(all, own) {
		return []string{own}
	}
	return all[:1]
}

// wellKnown are Debian's names of all packages whose names elsewhere are known,
// sorted.
var wellKnown = sync.OnceValue(func() []string {
	all := slices.Clone(everywhere)
	for _, d := range All() {
		for name := range d.Names {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
})

// Unit is the distribution's name of a unit by Debian's, with ".service" where
// that has it, and the package that brings it: "" where every root has it.
func (d Distro) Unit(debian, release string) (unit, pkg string) {
	name, isService := strings.CutSuffix(debian, ".service")
	u, ok := d.Units[name]
	switch {
	case name == "ssh" || name == "sshd":
		u.Name = strings.TrimSuffix(d.SSHService, ".service")
	case !ok || u.Name == "":
		u.Name = name
	}
	if own, ok := d.Release(release).Names[u.Package]; ok {
		u.Package = own
	}
	if isService {
		u.Name += ".service"
	}
	return u.Name, u.Package
}

// UnitInDebian is Debian's name of a unit of the distribution.
func (d Distro) UnitInDebian(own string) string {
	name, isService := strings.CutSuffix(own, ".service")
	suffix := ""
	if isService {
		suffix = ".service"
	}
	if name == strings.TrimSuffix(d.SSHService, ".service") {
		return "ssh" + suffix
	}
	for debian, u := range d.Units {
		if u.Name == name {
			return debian + suffix
		}
	}
	return own
}

// LocalePackages are the packages that bring a locale such as "de_DE.UTF-8", any
// one of them; none if every root has it or can make it.
func (d Distro) LocalePackages(locale string) []string {
	name, _, _ := strings.Cut(locale, ".")
	if name == "" || name == "C" || name == "POSIX" {
		return nil
	}
	language, _, _ := strings.Cut(name, "_")
	packages := make([]string, len(d.Locales))
	for i, p := range d.Locales {
		packages[i] = strings.ReplaceAll(p, "%s", language)
	}
	return packages
}

// Brought are the packages that a root of the recipe has without its asking: the
// base, and what the live stack and SELinux need.
func (d Distro) Brought(r recipes.Recipe) []string {
	stack, _ := d.Stack(r)
	return slices.Concat(d.Base, stack.Packages, d.selinuxPackages(r))
}

// Naming is what the linter has to know of the distribution.
func (d Distro) Naming(r recipes.Recipe) recipes.Naming {
	n := recipes.Naming{Distro: d.Name, Deb: d.Family == Deb, Brought: d.Brought(r),
		InDebian: func(name string) []string { return d.InDebian(name, r.Distro.Release) },
		Package:  func(debian string) (string, bool) { return d.Own(debian, r.Distro.Release) },
		Unit:     func(debian string) (string, string) { return d.Unit(debian, r.Distro.Release) },
		Locale:   d.LocalePackages, UnitInDebian: d.UnitInDebian,
	}
	for _, rel := range d.Releases {
		n.Releases = append(n.Releases, rel.ID)
	}
	if d.ID == debian.ID {
		n.Firmware = "non-free-firmware"
	}
	return n
}
