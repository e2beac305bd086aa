package distro

import "slipway/recipes"

// SELinux is a distribution's policy and what brings it to work.
type SELinux struct {
	Default string // mode if the recipe names none
	Policy  string // its name, and that of its folder in /etc/selinux
	// Packages bring the policy, setfiles, which labels files by it, and
	// getenforce and restorecon, which an administrator looks for.
	Packages []string
	// On are kernel options without which SELinux stays off, Off those that turn
	// it off.
	On, Off []string
	// Strict says that the policy was seen to deny programs the way through a /
	// that has only a tmpfs's own label, as overlayfs makes it.
	Strict bool
}

// selinuxOn makes SELinux the security module of any kernel that has it: Debian's
// have AppArmor in its place, those of Fedora and CentOS need nothing said.
var selinuxOn = []string{"security=selinux", "selinux=1"}

// SELinuxOff is the mode of a machine without SELinux.
const SELinuxOff = "disabled"

// SELinuxMode is the mode of the recipe's machine: one of recipes.SELinuxModes.
// Without a policy there is only SELinuxOff.
func (d Distro) SELinuxMode(r recipes.Recipe) string {
	switch {
	case d.SELinux == nil:
		return SELinuxOff
	case r.Security.SELinux != "":
		return r.Security.SELinux
	}
	return d.SELinux.Default
}

// selinuxPackages are those that the recipe's mode needs.
func (d Distro) selinuxPackages(r recipes.Recipe) []string {
	if d.SELinuxMode(r) == SELinuxOff {
		return nil
	}
	return d.SELinux.Packages
}

// SELinuxOptions are the kernel options that the recipe's mode needs.
func (d Distro) SELinuxOptions(r recipes.Recipe) []string {
	switch {
	case d.SELinux == nil:
		return nil
	case d.SELinuxMode(r) == SELinuxOff:
		return d.SELinux.Off
	}
	return d.SELinux.On
}
