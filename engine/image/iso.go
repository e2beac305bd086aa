package image

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"slipway/engine/proc"
)

// ISO is a medium that boots by BIOS, from a CD or written to a disk.
type ISO struct {
	Name     string // of the recipe: becomes the volume's label
	Kernel   string
	Initrd   string
	Squashfs string
	Image    string // where the stack looks for the squashfs: "live/filesystem.squashfs"
	Cmdline  string
	Epoch    int64 // SOURCE_DATE_EPOCH
}

// isolinuxFiles are BIOS boot loaders of the host, by the places that Debian,
// Fedora, Arch and openSUSE use.
var isolinuxFiles = map[string][]string{
	"isolinux.bin": {"/usr/lib/ISOLINUX/isolinux.bin", "/usr/share/syslinux/isolinux.bin", "/usr/lib/syslinux/bios/isolinux.bin"},
	"ldlinux.c32":  {"/usr/lib/syslinux/modules/bios/ldlinux.c32", "/usr/share/syslinux/ldlinux.c32", "/usr/lib/syslinux/bios/ldlinux.c32"},
	"isohdpfx.bin": {"/usr/lib/ISOLINUX/isohdpfx.bin", "/usr/share/syslinux/isohdpfx.bin", "/usr/lib/syslinux/bios/isohdpfx.bin"},
}

// BootLoaderFile returns the host's copy of a file of isolinux.
func BootLoaderFile(name string) (string, error) {
	for _, p := range isolinuxFiles[name] {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		}
	}
	return "", &proc.NotFoundError{Program: name + " (isolinux)"}
}

// Label is a recipe's ISO 9660 volume identifier: at most 32 of A-Z, 0-9 and _.
func Label(name string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
	return s[:min(len(s), 32)]
}

// Menu is isolinux's configuration: it boots at once, with the console on the
// serial port too.
func (i ISO) Menu() string {
	return fmt.Sprintf(`SERIAL 0 115200
DEFAULT live
PROMPT 0
TIMEOUT 10
LABEL live
  KERNEL /live/vmlinuz
  INITRD /live/initrd.img
  APPEND %s
`, i.Cmdline)
}

// Cmd writes the boot loader's configuration into work and returns the command
// that makes the medium (xorriso(1) in its mkisofs emulation).
func (i ISO) Cmd(work, file string) (proc.Cmd, error) {
	boot := filepath.Join(work, "isolinux")
	if err := os.MkdirAll(boot, 0o755); err != nil {
		return proc.Cmd{}, err
	}
	// The kernel of isolinux cuts longer command lines without a word.
	if len(i.Cmdline) > 2047 {
		return proc.Cmd{}, fmt.Errorf("the kernel command line has %d bytes; a BIOS boot loader takes 2047", len(i.Cmdline))
	}
	if err := os.WriteFile(filepath.Join(boot, "isolinux.cfg"), []byte(i.Menu()), 0o644); err != nil {
		return proc.Cmd{}, err
	}
	paths := map[string]string{}
	for name := range isolinuxFiles {
		p, err := BootLoaderFile(name)
		if err != nil {
			return proc.Cmd{}, err
		}
		paths[name] = p
	}
	return proc.Cmd{Path: "xorriso", Env: []string{"SOURCE_DATE_EPOCH=" + strconv.FormatInt(i.Epoch, 10)}, Args: i.args(boot, file, paths)}, nil
}

// args is pure. -boot-load-size 4, -boot-info-table: what isolinux requires;
// isohybrid makes the medium boot from a disk as well.
func (i ISO) args(boot, file string, loader map[string]string) []string {
	stamp := time.Unix(i.Epoch, 0).UTC().Format("2006010215040500")
	return []string{"-as", "mkisofs", "-quiet", "-output", file, "-volid", Label(i.Name), "-rational-rock", "-joliet", "-iso-level", "3",
		"--modification-date=" + stamp,
		"-eltorito-boot", "isolinux/isolinux.bin", "-eltorito-catalog", "isolinux/boot.cat", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table",
		"-isohybrid-mbr", loader["isohdpfx.bin"],
		"-graft-points",
		"/isolinux/isolinux.bin=" + loader["isolinux.bin"],
		"/isolinux/ldlinux.c32=" + loader["ldlinux.c32"],
		"/isolinux/isolinux.cfg=" + filepath.Join(boot, "isolinux.cfg"),
		"/live/vmlinuz=" + i.Kernel,
		"/live/initrd.img=" + i.Initrd,
		"/" + i.Image + "=" + i.Squashfs,
	}
}
