// Package recipes is what a user writes: the Recipe, how it is read strictly
// from TOML, checked, linted, edited without disturbing a hand-written file,
// and saved. It knows nothing of how an image is built.
package recipes

// Recipe describes one live image, how it is test-booted and what it must show.
// The zero value of a field means "not said": the engine or the distro decides.
type Recipe struct {
	Name         string       `toml:"name"`
	Description  string       `toml:"description,omitempty"`
	Distro       Distro       `toml:"distro"`
	Live         Live         `toml:"live"`
	Overlay      Overlay      `toml:"overlay"`
	Packages     Packages     `toml:"packages"`
	Repositories []Repository `toml:"repositories,omitempty"`
	SSHD         SSHD         `toml:"sshd,omitempty"`
	Users        []User       `toml:"users,omitempty"`
	Files        []File       `toml:"files,omitempty"`
	System       System       `toml:"system"`
	Kernel       Kernel       `toml:"kernel"`
	Security     Security     `toml:"security"`
	Hooks        []Hook       `toml:"hooks,omitempty"`
	Output       Output       `toml:"output"`
	Boot         Boot         `toml:"boot"`
	Checks       []Check      `toml:"checks,omitempty"`
}

// Distro says which distribution and release the root is made of.
type Distro struct {
	ID      string `toml:"id"`      // "debian"
	Release string `toml:"release"` // suite: "bookworm"
	Arch    string `toml:"arch,omitempty"`
	// Mirror is the base URI of the package mirror. Empty: the environment,
	// then the host's own package sources, then the builder's default.
	Mirror string `toml:"mirror,omitempty"`
	// Key is the path of the public key file (armoured or binary) that signs the
	// mirror's index and packages, relative to the recipe's folder. Empty: the
	// distribution's keys, as the host has them.
	Key        string   `toml:"key,omitempty"`
	Components []string `toml:"components,omitempty"` // default ["main"]
}

// Distros are the distributions that a recipe can name.
var Distros = []string{"debian", "ubuntu", "fedora", "centos", "rocky", "alma", "arch", "opensuse"}

// Live says which implementation of booting a live image the initramfs carries.
type Live struct {
	// Stack is one of Stacks; empty: the distribution's own.
	Stack string `toml:"stack,omitempty"`
}

// Stacks are the live stacks that a recipe can ask for.
var Stacks = []string{"live-boot", "dracut", "kiwi", "casper", "archiso"}

// Overlay is what takes the writes of a machine that runs from a read-only image.
type Overlay struct {
	Strategy string `toml:"strategy"`       // one of Strategies
	Size     Size   `toml:"size,omitempty"` // "50%", "512MiB"
	// Label is the label of the file system that keeps a persistent overlay;
	// empty: the stack's own word for it.
	Label string `toml:"label,omitempty"`
	// Gauge puts a program into the image that watches how full the overlay is.
	// On, unless the recipe says false.
	Gauge bool `toml:"gauge,omitempty"`
	// WarnAt are the percentages at which the gauge warns; default DefaultWarnAt.
	WarnAt []int `toml:"warn_at,omitempty"`
	// WarnCommand runs when one of them is reached, by /bin/sh.
	WarnCommand string `toml:"warn_command,omitempty"`
}

// Strategies are the ways to let such a machine write, the safest first. Which
// of them a live stack has is known to slipway/engine/live.
var Strategies = []string{"overlayfs", "overlayfs-run", "dm-snapshot", "dm-snapshot-thin", "ram", "persistent", "aufs"}

// DefaultWarnAt are the percentages at which the gauge warns if a recipe names none.
var DefaultWarnAt = []int{80, 90, 95}

// Packages lists what is installed beyond the base system, and what must not be.
type Packages struct {
	Include []string `toml:"include,omitempty"`
	Exclude []string `toml:"exclude,omitempty"`
}

// Repository is one more signed package source.
type Repository struct {
	Name       string   `toml:"name"`
	URI        string   `toml:"uri"`
	Suite      string   `toml:"suite"`
	Components []string `toml:"components,omitempty"`
	// Key is the path of the public key file (armoured or binary) that signs
	// the repository, relative to the recipe's folder. Required.
	Key string `toml:"key"`
}

// SSHD holds directives of sshd_config(5) under their own names. Values are
// bool, int64, string or []any of those, checked against the Directives table;
// "Match" is an array of tables with "Criteria" and directives.
type SSHD map[string]any

// User is one account of the image.
type User struct {
	Name           string   `toml:"name"`
	UID            int      `toml:"uid,omitempty"`
	Groups         []string `toml:"groups,omitempty"`
	AuthorizedKeys []string `toml:"authorized_keys,omitempty"`
	PasswordHash   string   `toml:"password_hash,omitempty"` // crypt(5)
	Sudo           bool     `toml:"sudo,omitempty"`          // without a password
	Shell          string   `toml:"shell,omitempty"`         // default /bin/bash
}

// File is one file put into the image: inline Content, or Source (a path
// relative to the recipe's folder).
type File struct {
	Path    string `toml:"path"`
	Mode    string `toml:"mode,omitempty"`  // octal, default "0644"
	Owner   string `toml:"owner,omitempty"` // "user" or "user:group", default root:root
	Content string `toml:"content,omitempty"`
	Source  string `toml:"source,omitempty"`
}

// System is the machine's identity and services.
type System struct {
	Hostname string         `toml:"hostname,omitempty"`
	Timezone string         `toml:"timezone,omitempty"`
	Locale   string         `toml:"locale,omitempty"`
	Sysctl   map[string]any `toml:"sysctl,omitempty"` // string, int64 or bool values
	Services Services       `toml:"services"`
}

// Services are unit names; ".service" may be left out.
type Services struct {
	Enabled  []string `toml:"enabled,omitempty"`
	Disabled []string `toml:"disabled,omitempty"`
	Masked   []string `toml:"masked,omitempty"`
}

// Kernel is the kernel package and what is added to the compiled command line.
type Kernel struct {
	Package string `toml:"package,omitempty"` // "linux-image-amd64"
	Cmdline string `toml:"cmdline,omitempty"`
}

// Security is what watches over the programs of the running machine.
type Security struct {
	// SELinux is one of SELinuxModes; empty: the distribution decides.
	SELinux string `toml:"selinux,omitempty"`
}

// SELinuxModes are the modes of SELinux: what the policy forbids is refused, only
// noted, or SELinux is off.
var SELinuxModes = []string{"enforcing", "permissive", "disabled"}

// Hook is a script that runs inside the root (chroot) at a named point.
type Hook struct {
	Name   string `toml:"name,omitempty"`
	At     string `toml:"at"`               // "before-configure" | "after-configure"
	Script string `toml:"script,omitempty"` // inline, with its #! line
	Source string `toml:"source,omitempty"` // or a file beside the recipe
}

// Output says how the image is packed.
type Output struct {
	Profile string   `toml:"profile,omitempty"` // "draft" (default) | "release"
	Formats []string `toml:"formats,omitempty"` // default ["iso"]; also "squashfs"
}

// Boot is the virtual machine of the test boot.
type Boot struct {
	Memory  Size   `toml:"memory,omitempty"`  // default 1GiB
	CPUs    int    `toml:"cpus,omitempty"`    // default 1
	Timeout string `toml:"timeout,omitempty"` // Go duration on hardware, scaled when emulated; default "2m"
}

// Check is a command of the recipe's own that the booted image must satisfy.
type Check struct {
	Name    string `toml:"name"`
	Command string `toml:"command"`
	Prints  string `toml:"prints,omitempty"` // substring of its output; empty: exit status 0 is enough
}
