package mirrors

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"slipway/engine/distro"
	"slipway/engine/proc"
	"slipway/recipes"
)

// debianRelease is whose packages the mirrors are made of.
const debianRelease = "bookworm"

// wanted are the packages of the root that all mirrors are made of, with what
// they depend on.
var wanted = []string{
	// a system that boots
	"usr-is-merged", "systemd-sysv", "systemd-resolved", "udev", "kmod", "dbus", "libpam-systemd", "linux-image-cloud-amd64", "e2fsprogs", "dmsetup",
	// remote access
	"openssh-server", "xauth", "sudo", "iproute2", "iputils-ping", "iputils-arping", "ca-certificates", "curl", "passwd", "login",
	// live stacks; of what they need, some is in the list forced
	"dracut", "dracut-live", "dracut-network", "dialog", "parted", "xorriso", "libinih1", "liburcu8", "libedit2", "zstd", "xz-utils", "busybox", "cpio",
	// SELinux
	"policycoreutils", "selinux-policy-default", "selinux-utils", "libcap2-bin",
	// what NetworkManager needs, which comes without Python and polkit
	"libbluetooth3", "libcurl3-gnutls", "libglib2.0-0", "libjansson4", "libmm-glib0", "libndp0", "libnewt0.52", "libnm0", "libteamdctl0",
	// tools
	"less", "pciutils", "procps", "vim-tiny", "nano", "tzdata", "hostname",
}

// forced are installed without all that they depend on: Python, polkit.
var forced = []string{"xfsprogs", "kiwi-dracut-live", "network-manager"}

// besides are downloaded only: they are for the mirror of Debian's own format,
// and cannot be installed beside dracut.
var besides = []string{"initramfs-tools", "initramfs-tools-core", "klibc-utils", "libklibc", "live-boot", "live-boot-initramfs-tools"}

// leftOut are paths that no mirror needs.
var leftOut = []string{"/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"}

const archives = "var/cache/apt/archives"

// superset makes the Debian root at dir, unless it is there: dir/root, and
// dir/debs with the packages as they were downloaded.
func superset(ctx context.Context, dir string, told func(string)) error {
	now := time.Now()
	if err := os.Chtimes(dir, now, now); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d, err := distro.Find("debian")
	if err != nil {
		return err
	}
	sources, origin := d.Sources(recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: debianRelease}}, distro.ThisHost())
	if len(sources) == 0 {
		return errors.New("this host names no Debian mirror in its apt sources: set SLIPWAY_DEBIAN_MIRROR")
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), ".debian-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.Chmod(work, 0o755); err != nil {
		return err
	}
	list := filepath.Join(work, "sources")
	if err := os.WriteFile(list, []byte(distro.Deb822(sources)), 0o644); err != nil {
		return err
	}
	told("installing Debian " + debianRelease + " from " + sources[0].URI + " (" + origin + ")")
	root := filepath.Join(work, "root")
	if err := proc.Run(ctx, mmdebstrap(root, list), told); err != nil {
		return fmt.Errorf("install the Debian packages: %w", err)
	}
	if err := os.Rename(filepath.Join(root, archives), filepath.Join(work, "debs")); err != nil {
		return err
	}
	return os.Rename(work, dir)
}

// mmdebstrap runs in a mount namespace of its own: in root mode it mounts in
// the root, and killed it would leave that mounted.
func mmdebstrap(root, sources string) proc.Cmd {
	args := []string{"--mount", "--propagation", "private", "--",
		"mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", "--architectures=amd64",
		"--include=" + strings.Join(wanted, ","),
		`--aptopt=Apt::Install-Recommends "false"`, `--aptopt=APT::Sandbox::User "root"`, "--dpkgopt=force-unsafe-io",
		"--skip=download/empty,essential/unlink,cleanup/apt"}
	for _, p := range leftOut {
		args = append(args, "--dpkgopt=path-exclude="+p)
	}
	var files []string
	for _, p := range forced {
		files = append(files, "/"+archives+"/"+p+"_*.deb")
	}
	args = append(args,
		`--customize-hook=cd "$1/`+archives+`" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get download `+strings.Join(append(append([]string{}, besides...), forced...), " "),
		`--customize-hook=chroot "$1" sh -c "dpkg --force-depends --install `+strings.Join(files, " ")+`"`,
		debianRelease, root, sources)
	// INITRD=No: no initramfs is made that nobody uses.
	return proc.Cmd{Path: "unshare", Args: args, Env: []string{"INITRD=No"}}
}
