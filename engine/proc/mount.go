package proc

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// All of these act on the worker's own mount namespace.

// Overlay mounts lower directories (topmost first) with upper over them at
// target; without upper the mount is read-only. userxattr keeps the overlay's
// own marks in user.overlay.*, which is all that a user namespace may write
// (kernel documentation, overlayfs, "Permission model"; Linux 5.11).
func Overlay(target string, lower []string, upper, work string) error {
	escape := strings.NewReplacer(`\`, `\\`, `:`, `\:`, `,`, `\,`)
	var dirs []string
	for _, l := range lower {
		dirs = append(dirs, escape.Replace(l))
	}
	data := "userxattr,lowerdir=" + strings.Join(dirs, ":")
	flags := uintptr(0)
	if upper == "" {
		flags = unix.MS_RDONLY
	} else {
		data += ",upperdir=" + escape.Replace(upper) + ",workdir=" + escape.Replace(work)
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		return fmt.Errorf("create the mount point: %w", err)
	}
	if err := unix.Mount("overlay", target, "overlay", flags, data); err != nil {
		return fmt.Errorf("mount an overlay on %s: %w", target, err)
	}
	return nil
}

// Bind mounts source, a file or a directory, at target, which is created.
func Bind(source, target string) error {
	st, err := os.Stat(source)
	if err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if st.IsDir() {
		err = os.MkdirAll(target, 0o755)
	} else if err = os.MkdirAll(filepath.Dir(target), 0o755); err == nil {
		err = touch(target)
	}
	if err != nil {
		return fmt.Errorf("create the mount point: %w", err)
	}
	if err := unix.Mount(source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("bind %s on %s: %w", source, target, err)
	}
	return nil
}

func touch(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

// devices are what programs expect below /dev of a root.
var devices = []string{"null", "zero", "full", "random", "urandom", "tty"}

func mountAt(fstype, target string, flags uintptr, data string) error {
	if err := os.MkdirAll(target, 0o755); err != nil {
		return fmt.Errorf("create %s: %w", target, err)
	}
	if err := unix.Mount(fstype, target, fstype, flags, data); err != nil {
		return fmt.Errorf("mount %s: %w", target, err)
	}
	return nil
}

// MountProc gives a root a /proc of its own, and nothing else: all other files
// that a program in it sees are the root's.
func MountProc(root string) error {
	return mountAt("proc", filepath.Join(root, "proc"), unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
}

// MountDevices gives a root /proc, and /dev with devices of the host: what a package
// tool of the host needs to fill it. All else that packages bring is the root's.
func MountDevices(root string) error {
	dev := filepath.Join(root, "dev")
	err := errors.Join(MountProc(root), mountAt("tmpfs", dev, unix.MS_NOSUID, "mode=0755"))
	for _, d := range devices {
		err = errors.Join(err, Bind("/dev/"+d, filepath.Join(dev, d)))
	}
	err = errors.Join(err, mountAt("devpts", filepath.Join(dev, "pts"), unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"),
		mountAt("tmpfs", filepath.Join(dev, "shm"), unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"))
	for link, to := range map[string]string{"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"} {
		err = errors.Join(err, os.Symlink(to, filepath.Join(dev, link)))
	}
	return err
}

// MountAPI gives a root what programs in it need: /proc, /sys, /dev with
// devices of the host, and empty /run and /tmp that do not stay.
func MountAPI(root string) error {
	return errors.Join(
		MountDevices(root),
		mountAt("tmpfs", filepath.Join(root, "run"), unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"),
		mountAt("tmpfs", filepath.Join(root, "tmp"), unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"),
		Bind("/sys", filepath.Join(root, "sys")),
	)
}

// Link makes a hard link between two writable directories. Protect made them
// mounts of their own, between which link(2) refuses to link; a private view of
// the directory that holds both, gone when this returns, is one mount.
func Link(from, to string) error {
	top := commonDir(filepath.Dir(from), filepath.Dir(to))
	fd, err := unix.OpenTree(unix.AT_FDCWD, top, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return fmt.Errorf("link %s: view %s: %w", to, top, err)
	}
	defer unix.Close(fd)
	if err := unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, &unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY}); err != nil {
		return fmt.Errorf("link %s: view %s: %w", to, top, err)
	}
	inside := func(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, top), "/") }
	if err := unix.Linkat(fd, inside(from), fd, inside(to), 0); err != nil {
		return fmt.Errorf("link %s: %w", to, err)
	}
	return nil
}

// commonDir returns the deepest directory that holds both.
func commonDir(a, b string) string {
	for a != b && !strings.HasPrefix(b, a+"/") {
		if a == "/" {
			return a
		}
		a = filepath.Dir(a)
	}
	return a
}

// UnmountBelow detaches every mount at or below dir, and fails if one stays.
// The outermost goes first and takes along what lies in it: a mount that came
// in with a recursive bind cannot be detached alone (mount_namespaces(7)).
func UnmountBelow(dir string) error {
	for left := mountsBelow(dir); len(left) > 0; left = mountsBelow(dir) {
		if err := unix.Unmount(left[0], unix.MNT_DETACH); err != nil {
			return fmt.Errorf("unmount %s: %w", left[0], err)
		}
	}
	return nil
}

// mountsBelow reads /proc/self/mountinfo (proc(5)), oldest mount first.
func mountsBelow(dir string) []string {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	defer f.Close()
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	var found []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		fields := strings.Fields(sc.Text())
		if len(fields) < 5 {
			continue
		}
		if p := unescape.Replace(fields[4]); p == dir || strings.HasPrefix(p, dir+"/") {
			found = append(found, p)
		}
	}
	return found
}
