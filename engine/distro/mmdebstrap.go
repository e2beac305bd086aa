package distro

import (
	"fmt"
	"strconv"
	"strings"

	"slipway/engine/proc"
)

// Mmdebstrap is one run of mmdebstrap(1) (1.3) that fills Root. Signatures are
// checked; no option turns that off.
type Mmdebstrap struct {
	Release  string
	Arch     string
	Root     string
	Packages []string
	Sources  string // a deb822 file; empty: mmdebstrap's default mirror
	Epoch    int64  // SOURCE_DATE_EPOCH
	// NoInitramfs keeps the kernel's installation from making an initramfs, where
	// one is made later: INITRD=No, honoured by Debian's kernel hooks of
	// initramfs-tools and dracut.
	NoInitramfs bool
}

// Cmd returns the command. It runs as root of a namespace, with the package
// cache mounted in Root already: so the checks for an empty directory and the
// clean-up of apt's caches are left out; the configure step empties them.
func (m Mmdebstrap) Cmd() proc.Cmd {
	args := []string{"--mode=root", "--variant=minbase", "--format=directory", "--verbose",
		"--architectures=" + m.Arch,
		"--include=" + strings.Join(m.Packages, ","),
		`--aptopt=Apt::Install-Recommends "false"`,
		// The package cache is private; apt would warn that its own user cannot read it.
		`--aptopt=APT::Sandbox::User "root"`,
		`--dpkgopt=force-unsafe-io`,
		// A namespace without a network of its own may not mount /sys (sysfs(5)).
		"--skip=check/empty,download/empty,essential/unlink,cleanup/apt,chroot/mount/sys",
		m.Release, m.Root}
	if m.Sources != "" {
		args = append(args, m.Sources)
	}
	env := []string{"SOURCE_DATE_EPOCH=" + strconv.FormatInt(m.Epoch, 10)}
	if m.NoInitramfs {
		env = append(env, "INITRD=No")
	}
	return proc.Cmd{Path: "mmdebstrap", Args: args, Env: env}
}

// AptConf is a configuration (apt.conf(5)) for fetching the indexes of a sources
// file into lists, with no other state than in dir. APT_CONFIG must name it:
// only there it is read early enough to keep the host's own configuration, and
// the commands that it hangs on an update, out.
func AptConf(dir, sources, lists, arch string) string {
	var b strings.Builder
	for _, o := range [][2]string{
		{"Dir::Etc::Main", "/dev/null"}, {"Dir::Etc::Parts", "/dev/null"}, {"Dir::Etc::SourceList", sources}, {"Dir::Etc::SourceParts", "/dev/null"},
		{"Dir::State", dir}, {"Dir::State::Lists", lists}, {"Dir::State::Status", "/dev/null"}, {"Dir::Cache", dir},
		{"APT::Architecture", arch}, {"APT::Architectures", arch}, {"APT::Sandbox::User", "root"}, {"Acquire::Languages", "none"},
		// Otherwise apt calls it a success when a mirror cannot be reached.
		{"APT::Update::Error-Mode", "any"},
	} {
		fmt.Fprintf(&b, "%s %q;\n", o[0], o[1])
	}
	return b.String()
}
