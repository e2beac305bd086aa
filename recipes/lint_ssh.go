package recipes

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// on reports whether a directive of yes and no is yes, on the recipe's distro.
func (l *linter) on(name string) bool {
	return l.r.SSHD.text(name, l.r.Distro.ID) == "yes"
}

// said reports whether the recipe itself sets a directive.
func (l *linter) said(name string) bool {
	_, ok := l.r.SSHD[name]
	return ok
}

// ipv6Off returns the kernel parameter by which the recipe turns IPv6 off;
// "" if it does not. Turning it off on the kernel command line is another
// thing: X11 forwarding was seen to work with that.
func (l *linter) ipv6Off() string {
	for _, where := range []string{"all", "lo", "default"} {
		for _, dot := range []string{".", "/"} {
			key := strings.Join([]string{"net", "ipv6", "conf", where, "disable_ipv6"}, dot)
			switch v := l.r.System.Sysctl[key].(type) {
			case int64:
				if v != 0 {
					return key
				}
			case bool:
				if v {
					return key
				}
			case string:
				if v != "" && v != "0" {
					return key
				}
			}
		}
	}
	return ""
}

// lintX11 looks for the three things that all end in "X11 forwarding request
// failed on channel 0".
func lintX11(l *linter) {
	if !l.said("X11Forwarding") || !l.on("X11Forwarding") {
		return
	}
	const at = "sshd.X11Forwarding"
	family := l.r.SSHD.text("AddressFamily", l.r.Distro.ID)
	if off := l.ipv6Off(); off != "" && family == "any" && l.on("X11UseLocalhost") {
		l.warn("x11-ipv6", at, "X11 forwarding will be refused: "+off+" turns IPv6 off, and sshd wants a display address of both kinds",
			`AddressFamily = "inet" makes sshd use IPv4 alone`, setFix("sshd.AddressFamily", "inet"))
	}
	if !l.has("xauth") {
		l.warn("x11-xauth", at, "X11 forwarding will be refused: the package "+l.own("xauth")+" is not included", "", addFix("packages.include", l.own("xauth")))
	}
	if l.on("DisableForwarding") {
		l.warn("x11-disabled", at, "X11 forwarding will be refused: DisableForwarding turns every kind of forwarding off", "",
			setFix("sshd.DisableForwarding", false))
	}
}

// lintSSHInstalled looks for settings of a daemon that is not there.
func lintSSHInstalled(l *linter) {
	if l.sshServer() {
		return
	}
	server, service := l.own("openssh-server"), l.unit("ssh")
	fix := addFix("packages.include", server)
	switch enabled := l.r.System.Services.Enabled; {
	case len(l.r.SSHD) > 0:
		l.report(Error, "sshd-not-installed", "sshd", "there are settings of sshd, but "+server+" is not included", "", fix)
	case hasUnit(enabled, service):
		l.report(Error, "sshd-not-installed", "system.services.enabled", "the service "+service+" is enabled, but "+server+" is not included", "", fix)
	}
}

// lintSSHForeign looks for a directive that only Debian's sshd has: a patch of
// its package.
func lintSSHForeign(l *linter) {
	if l.said("DebianBanner") && !l.names.Deb {
		l.report(Error, "sshd-foreign", "sshd.DebianBanner", "sshd of "+l.names.Distro+" does not know DebianBanner, and would not start", "only Debian and Ubuntu have it",
			dropFix("sshd.DebianBanner", "DebianBanner"))
	}
}

// lintSSHPort says that clients must know another port.
func lintSSHPort(l *linter) {
	if ports := l.r.SSHD.Ports(); !slices.Contains(ports, 22) {
		l.warn("ssh-port", "sshd.Port", fmt.Sprintf("sshd does not listen on port 22: clients must be told port %d", ports[0]),
			"fine if that is what you want; firewalls and inventories must know it too", nil)
	}
}

// lintSSHAddress looks for a daemon that has no address to listen on.
func lintSSHAddress(l *linter) {
	if l.r.SSHD.text("AddressFamily", l.r.Distro.ID) != "inet6" {
		return
	}
	off := l.ipv6Off()
	if slices.Contains(strings.Fields(l.r.Kernel.Cmdline), "ipv6.disable=1") {
		off = "ipv6.disable=1"
	}
	if off != "" {
		l.warn("sshd-no-address", "sshd.AddressFamily", "sshd cannot listen anywhere: it is to use IPv6 alone, and "+off+" turns that off", "",
			setFix("sshd.AddressFamily", "inet"))
	}
}

func lintRootPassword(l *linter) {
	if l.r.SSHD.text("PermitRootLogin", l.r.Distro.ID) == "yes" && l.passwordsAccepted() {
		l.warn("root-password", "sshd.PermitRootLogin", "root may log in with a password from anywhere",
			"prohibit-password lets root in with a key only", setFix("sshd.PermitRootLogin", "prohibit-password"))
	}
}

// passwordsAccepted reports whether sshd takes passwords in any way.
func (l *linter) passwordsAccepted() bool {
	return l.on("PasswordAuthentication") || l.on("KbdInteractiveAuthentication") && l.on("UsePAM")
}

func lintEmptyPasswords(l *linter) {
	if l.on("PermitEmptyPasswords") && l.on("PasswordAuthentication") {
		l.warn("empty-passwords", "sshd.PermitEmptyPasswords", "accounts without a password are open to everybody who reaches sshd", "",
			setFix("sshd.PermitEmptyPasswords", false))
	}
}

// lintAllowUsers looks for names that no account of the image has.
func lintAllowUsers(l *linter) {
	names := []string{"root"}
	for _, u := range l.r.Users {
		names = append(names, u.Name)
	}
	for _, pattern := range l.r.SSHD.words("AllowUsers") {
		name, _, _ := strings.Cut(pattern, "@")
		if strings.ContainsAny(name, "*?!") || slices.Contains(names, name) {
			continue
		}
		hint := "the recipe has no such user; a package may bring one"
		if near := nearest(name, names); len(near) > 0 {
			hint = "did you mean " + near[0] + "?"
		}
		l.warn("allowed-unknown", "sshd.AllowUsers", fmt.Sprintf("AllowUsers names %s, who does not exist in the image", name), hint, nil)
	}
}

// listed matches a name with a list of patterns of ssh_config(5): matched says
// that one fits, and a pattern with ! takes a name out again.
func listed(name string, patterns []string) (matched bool) {
	for _, p := range patterns {
		p, _, _ = strings.Cut(p, "@")
		p, not := strings.CutPrefix(p, "!")
		if ok, err := path.Match(strings.ReplaceAll(p, "[", `\[`), name); err == nil && ok {
			if not {
				return false
			}
			matched = true
		}
	}
	return matched
}
