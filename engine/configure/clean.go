package configure

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/xattr"
	"golang.org/x/sys/unix"

	"slipway/recipes"
)

// sameOnEveryMachine must not be in an image: a fleet would share it.
var sameOnEveryMachine = []string{
	"/etc/ssh/ssh_host_*",
	"/var/lib/dbus/machine-id",
	"/var/lib/systemd/random-seed",
	"/var/lib/systemd/credential.secret",
	"/etc/.pwd.lock",
}

// ofTheBuilder are caches, logs and settings that only the build needed.
var ofTheBuilder = []string{
	"/etc/resolv.conf",
	"/etc/apt/apt.conf.d/99mmdebstrap",
	"/etc/dpkg/dpkg.cfg.d/99mmdebstrap",
	"/var/cache/apt/*.bin",
	"/var/cache/apt/archives/*",
	"/var/cache/debconf/*-old",
	"/var/cache/ldconfig/aux-cache",
	"/var/lib/apt/lists/*",
	"/var/lib/dpkg/*-old",
	"/var/log/apt",
	"/var/log/bootstrap.log",
	"/var/log/dpkg.log",
	"/var/log/alternatives.log",
	"/boot/initramfs-*.img", // made by a kernel's scripts, for the machine that builds
	"/etc/pacman.d/gnupg",
	"/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/zypp", "/var/cache/pacman/pkg/*",
	"/var/lib/pacman/sync",
	"/var/lib/dnf/history.sqlite*", "/usr/lib/sysimage/libdnf5/transaction_history.sqlite*", // have the command line, with paths of the host
	"/var/lib/dnf/system-repo.lock",
	"/var/log/dnf*", "/var/log/hawkey.log", "/var/log/zypper.log", "/var/log/zypp", "/var/log/pacman.log", "/var/log/rpmpkgs",
	"/root/.rpmdb", "/root/.gnupg", "/root/.rpmmacros",
	"/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-",
	"/root/.bash_history",
	// Labels made again at boot would fill the overlay: the build makes them.
	"/.autorelabel",
}

// clean takes out what must not be shared and what tells of the builder.
func (r *Root) clean(ctx context.Context, rc recipes.Recipe) error {
	for _, pattern := range append(append([]string{}, sameOnEveryMachine...), ofTheBuilder...) {
		if err := r.removeMatching(pattern); err != nil {
			return err
		}
	}
	if err := r.dropACLs(); err != nil {
		return err
	}
	// Empty, not absent: systemd then makes an id at boot without taking the
	// boot for the first one of an installation (machine-id(5)).
	if err := r.write("/etc/machine-id", nil, 0o444); err != nil {
		return err
	}
	if r.exists("/lib/systemd/systemd-resolved") || r.exists("/usr/lib/systemd/systemd-resolved") {
		return r.link("../run/systemd/resolve/stub-resolv.conf", "/etc/resolv.conf")
	}
	return nil
}

// madeAtBoot have access control lists that systemd sets again at every boot
// (tmpfiles.d(5), its own systemd.conf).
var madeAtBoot = []string{"/var/log/journal"}

// dropACLs takes POSIX ACLs off where a boot restores them: squashfs cannot
// carry them (it knows user., trusted. and security. attributes only), and an
// ACL that would be lost elsewhere must fail the comparison with the image.
func (r *Root) dropACLs() error {
	for _, dir := range madeAtBoot {
		p, err := r.path(dir)
		if err != nil {
			return err
		}
		for _, name := range []string{"system.posix_acl_access", "system.posix_acl_default"} {
			err := xattr.LRemove(p, name)
			switch {
			case err == nil:
				r.Log(dir + ": " + name + " is left to the boot, which sets it again")
			case !errors.Is(err, xattr.ENOATTR) && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTSUP):
				return fmt.Errorf("%s: %w", dir, err)
			}
		}
	}
	return nil
}

func (r *Root) removeMatching(pattern string) error {
	dir, err := r.path(filepath.Dir(pattern))
	if err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(dir, filepath.Base(pattern)))
	if err != nil {
		return fmt.Errorf("clean %s: %w", pattern, err)
	}
	for _, p := range found {
		if err := os.RemoveAll(p); err != nil {
			return fmt.Errorf("clean %s: %w", pattern, err)
		}
	}
	return nil
}

// Shared returns what of a finished root would be the same on every machine of
// a fleet; a root with any of it is not packed.
func Shared(root string) []string {
	r := &Root{Dir: root}
	var found []string
	for _, pattern := range sameOnEveryMachine[:1] {
		dir, err := r.path(filepath.Dir(pattern))
		if err != nil {
			continue
		}
		keys, _ := filepath.Glob(filepath.Join(dir, filepath.Base(pattern)))
		for _, k := range keys {
			found = append(found, "/etc/ssh/"+filepath.Base(k))
		}
	}
	if id, err := r.read("/etc/machine-id"); err == nil && len(id) > 0 && string(id) != "uninitialized\n" {
		found = append(found, "/etc/machine-id")
	}
	return found
}
