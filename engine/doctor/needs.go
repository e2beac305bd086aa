package doctor

// kind says how a need is looked for.
type kind int

const (
	program    kind = iota
	bootLoader      // a file of isolinux, wherever the host keeps those
	keyring         // a file of a distribution's archive keys
)

// need is something of the host that Slipway uses. Packages name what brings
// it, by package manager; a manager that is not in the map has no package for it.
type need struct {
	name     string // a keyring's is its path
	kind     kind
	why      string   // completes "needed to ..."
	other    []string // names that will do as well
	lesser   bool     // only an ordinary user needs it
	optional bool     // there is another way
	packages map[string]string
}

// The package names: Debian and Ubuntu (apt, tested), Fedora (dnf), Arch
// (pacman), openSUSE (zypper); the last three from their package lists, untested.
// Arch has mmdebstrap only in its user repository; openSUSE has no keyring of
// Debian's archive.
var needs = []need{
	{name: "mmdebstrap", why: "install packages into a new root",
		packages: map[string]string{"apt": "mmdebstrap", "dnf": "mmdebstrap"}},
	{name: "apt-get", why: "let mmdebstrap resolve and download packages",
		packages: map[string]string{"apt": "apt", "dnf": "apt", "pacman": "apt"}},
	{name: "gpgv", why: "check the signatures of package sources",
		packages: map[string]string{"apt": "gpgv", "dnf": "gnupg2", "pacman": "gnupg", "zypper": "gpg2"}},
	{name: "/usr/share/keyrings/debian-archive-keyring.gpg", kind: keyring, why: "know the keys of Debian's archive",
		packages: map[string]string{"apt": "debian-archive-keyring", "dnf": "debian-keyring", "pacman": "debian-archive-keyring"}},
	{name: "mksquashfs", why: "pack the image",
		packages: map[string]string{"apt": "squashfs-tools", "dnf": "squashfs-tools", "pacman": "squashfs-tools", "zypper": "squashfs"}},
	{name: "sqfs2tar", why: "read the extended attributes of a packed image",
		packages: map[string]string{"apt": "squashfs-tools-ng", "dnf": "squashfs-tools-ng", "zypper": "squashfs-tools-ng"}},
	{name: "mke2fs", why: "make the file system inside images for dm-snapshot and kiwi",
		packages: map[string]string{"apt": "e2fsprogs", "dnf": "e2fsprogs", "pacman": "e2fsprogs", "zypper": "e2fsprogs"}},
	{name: "debugfs", why: "compare that file system with the root",
		packages: map[string]string{"apt": "e2fsprogs", "dnf": "e2fsprogs", "pacman": "e2fsprogs", "zypper": "e2fsprogs"}},
	{name: "xorriso", why: "make the ISO",
		packages: map[string]string{"apt": "xorriso", "dnf": "xorriso", "pacman": "libisoburn", "zypper": "xorriso"}},
	{name: "isolinux.bin", kind: bootLoader, why: "make the ISO start by BIOS",
		packages: map[string]string{"apt": "isolinux", "dnf": "syslinux-nonlinux", "pacman": "syslinux", "zypper": "syslinux"}},
	{name: "ldlinux.c32", kind: bootLoader, why: "make the ISO start by BIOS",
		packages: map[string]string{"apt": "syslinux-common", "dnf": "syslinux-nonlinux", "pacman": "syslinux", "zypper": "syslinux"}},
	{name: "isohdpfx.bin", kind: bootLoader, why: "make the ISO start from a disk, too",
		packages: map[string]string{"apt": "isolinux", "dnf": "syslinux-nonlinux", "pacman": "syslinux", "zypper": "syslinux"}},
	{name: "qemu-system-x86_64", why: "boot an image to test it",
		packages: map[string]string{"apt": "qemu-system-x86", "dnf": "qemu-system-x86-core", "pacman": "qemu-system-x86", "zypper": "qemu-x86"}},
	{name: "newuidmap", why: "build without being root", lesser: true,
		packages: map[string]string{"apt": "uidmap", "dnf": "shadow-utils", "pacman": "shadow", "zypper": "shadow"}},
	{name: "newgidmap", why: "build without being root", lesser: true,
		packages: map[string]string{"apt": "uidmap", "dnf": "shadow-utils", "pacman": "shadow", "zypper": "shadow"}},
}

// testNeeds are used by the project's own tests alone.
var testNeeds = []need{
	{name: "tmux", why: "drive the terminal UI in a test",
		packages: map[string]string{"apt": "tmux", "dnf": "tmux", "pacman": "tmux", "zypper": "tmux"}},
	{name: "ssh-keygen", why: "make a host key for a test",
		packages: map[string]string{"apt": "openssh-client", "dnf": "openssh-clients", "pacman": "openssh", "zypper": "openssh-clients"}},
	{name: "sshd", why: "check sshd settings against the real program in a test",
		packages: map[string]string{"apt": "openssh-server", "dnf": "openssh-server", "pacman": "openssh", "zypper": "openssh-server"}},
	{name: "shellcheck", why: "check in a test that the gauge is plain POSIX shell",
		packages: map[string]string{"apt": "shellcheck", "dnf": "ShellCheck", "pacman": "shellcheck", "zypper": "ShellCheck"}},
	{name: "cpio", why: "copy a root in the ways that lose something, in a test",
		packages: map[string]string{"apt": "cpio", "dnf": "cpio", "pacman": "cpio", "zypper": "cpio"}},
	{name: "busybox", why: "run the gauge by another shell in a test",
		packages: map[string]string{"apt": "busybox", "dnf": "busybox", "pacman": "busybox", "zypper": "busybox"}},
	{name: "dnf", why: "fill a root from a made mirror in a test",
		packages: map[string]string{"apt": "dnf", "dnf": "dnf", "pacman": "dnf", "zypper": "dnf"}},
	{name: "zypper", why: "fill a root from a made mirror in a test",
		packages: map[string]string{"apt": "zypper", "dnf": "zypper", "zypper": "zypper"}},
	{name: "pacman", why: "fill a root from a made mirror in a test",
		packages: map[string]string{"apt": "pacman-package-manager", "dnf": "pacman", "pacman": "pacman"}},
	{name: "gpg", why: "sign the packages of a made mirror",
		packages: map[string]string{"apt": "gpg", "dnf": "gnupg2", "pacman": "gnupg", "zypper": "gpg2"}},
	{name: "rpmbuild", why: "make the packages of a mirror",
		packages: map[string]string{"apt": "rpm", "dnf": "rpm-build", "pacman": "rpm-tools", "zypper": "rpm-build"}},
	{name: "rpmsign", why: "sign the packages of a made mirror",
		packages: map[string]string{"apt": "rpm", "dnf": "rpm-sign", "pacman": "rpm-tools", "zypper": "rpm"}},
	{name: "createrepo_c", why: "make the index of a mirror",
		packages: map[string]string{"apt": "createrepo-c", "dnf": "createrepo_c", "pacman": "createrepo_c", "zypper": "createrepo_c"}},
	{name: "zstd", why: "make the index of a mirror",
		packages: map[string]string{"apt": "zstd", "dnf": "zstd", "pacman": "zstd", "zypper": "zstd"}},
	{name: "apt-ftparchive", why: "make the index of a mirror",
		packages: map[string]string{"apt": "apt-utils", "dnf": "apt-utils", "pacman": "apt"}},
	{name: "dpkg-deb", why: "make the packages of a mirror",
		packages: map[string]string{"apt": "dpkg", "dnf": "dpkg", "pacman": "dpkg", "zypper": "dpkg"}},
}
