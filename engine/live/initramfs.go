package live

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"slipway/engine/proc"
)

// maker is a program that makes the initramfs of stacks which a build makes one
// for, in a root that is thrown away.
type maker struct {
	name  string
	reads []string // the places in the root that it makes one from
	// given is the name of a file of Slipway's that it is given, text what it says.
	given, text string
	// command is told where the initramfs has to be; given lies beside that.
	command func(s Stack, root, kernel, out, given string, level int) proc.Cmd
}

// initramfsTools make an initramfs when packages are installed: a build only takes
// it, unless one of these has changed since.
var initramfsTools = []string{"etc/initramfs-tools", "etc/live", "usr/share/initramfs-tools"}

var (
	withDracut = &maker{"dracut", []string{"etc/dracut.conf", "etc/dracut.conf.d", "usr/lib/dracut"}, "hook.sh", hook, runDracut}
	// mkinitcpio(8), FILES.
	withMkinitcpio = &maker{"mkinitcpio", []string{"etc/mkinitcpio.conf", "etc/mkinitcpio.conf.d", "etc/initcpio", "usr/lib/initcpio"},
		"mkinitcpio.conf", mkinitcpioConf, runMkinitcpio}
)

// maker is nil where initramfs-tools make the stack's initramfs.
func (s Stack) maker() *maker {
	if known, ok := find(s.ID); ok {
		return known.maker
	}
	return nil
}

// Maker names the program with which a build makes the stack's initramfs; "" if
// installing the packages does. given is the name of a file that the program needs,
// and text what that says.
func (s Stack) Maker() (program, given, text string) {
	if m := s.maker(); m != nil {
		return m.name, m.given, m.text
	}
	return "", "", ""
}

// Make returns the command that makes the initramfs at out for a kernel of a
// root, inside it, by the stack's Maker. The file that this needs lies beside out;
// level is zstd's.
func (s Stack) Make(root, kernel, out string, level int) proc.Cmd {
	m := s.maker()
	return m.command(s, root, kernel, out, path.Join(path.Dir(out), m.given), level)
}

// MadeFrom are the places in the root that a stack's initramfs is made from: a
// change below one of them means that it must be made again.
func (s Stack) MadeFrom() []string {
	places := []string{"etc/modprobe.d", "etc/modules", "etc/modules-load.d", "etc/udev/rules.d", "etc/kernel",
		"usr/lib/modules", "usr/lib/firmware", "lib/modules", "lib/firmware", "boot"}
	if m := s.maker(); m != nil {
		return append(places, m.reads...)
	}
	return append(places, initramfsTools...)
}

// hook is Slipway's own for an initramfs of dracut. It does nothing unless an
// option on the kernel command line asks it to, so every one holds it.
//
//go:embed hook.sh
var hook string

// hookPlace is where an initramfs has the scripts to run before udev starts
// (dracut.modules(7)); inst_hook in dracut-init.sh says where, since 102 in /var.
func (s Stack) hookPlace() string {
	const place = "/lib/dracut/hooks/pre-udev/05-slipway.sh"
	if s.ID == "dracut" && s.from("102") {
		return "/var" + place
	}
	return place
}

// drivers bring the medium and the network of common servers and virtual
// machines; dracut takes those of network cards by itself.
var drivers = []string{"overlay", "loop", "squashfs", "isofs", "ext4", "dm-snapshot", "dm-thin-pool", "virtio_blk", "virtio_net", "virtio_scsi",
	"virtio_pci", "sr_mod", "ata_piix", "ahci", "sd_mod", "usb-storage", "uas", "nvme"}

// runDracut asks only for drivers that the kernel has as modules: dracut stops at
// the first that is missing. dracut(8): --no-hostonly is what live modules require;
// without --no-early-microcode an archive of microcode in front would need its own
// padding.
func runDracut(s Stack, root, kernel, out, hook string, level int) proc.Cmd {
	module := Modules(root)
	have := slices.DeleteFunc(slices.Clone(drivers), func(d string) bool { return !module(d) })
	modules := "dmsquash-live livenet"
	if s.ID == "kiwi" {
		modules = "kiwi-live" // one of dracut's modules
	}
	return proc.Cmd{Path: "dracut", Root: root, Args: []string{"--force", "--no-hostonly", "--no-hostonly-cmdline", "--reproducible", "--no-early-microcode",
		"--compress", fmt.Sprintf("zstd -%d -q -T0", level), "--tmpdir", path.Dir(out), "--kver", kernel, "--add", modules, "--add-drivers", strings.Join(have, " "),
		"--filesystems", "squashfs ext4 iso9660 overlay vfat", "--include", hook, s.hookPlace(), out}}
}

// mkinitcpioConf keeps what a root's own configuration adds, but for the hooks:
// these find a live image, and leave nothing out for want of it on the machine that
// builds. It is a script of bash (mkinitcpio.conf(5)).
const mkinitcpioConf = `for own in /etc/mkinitcpio.conf /etc/mkinitcpio.conf.d/*.conf; do
	[[ ! -r $own ]] || . "$own"
done
HOOKS=(base udev modconf archiso block filesystems keyboard)
COMPRESSION=zstd
COMPRESSION_OPTIONS=("-$SLIPWAY_LEVEL" -q)
`

// runMkinitcpio: mkinitcpio(8). A configuration that is named on the command line
// is the only one that is read.
func runMkinitcpio(_ Stack, root, kernel, out, conf string, level int) proc.Cmd {
	return proc.Cmd{Path: "mkinitcpio", Root: root, Env: []string{fmt.Sprintf("SLIPWAY_LEVEL=%d", level)},
		Args: []string{"--config", conf, "--kernel", kernel, "--generate", out, "-t", path.Dir(out), "--nocolor"}}
}
