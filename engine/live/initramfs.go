package live

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"slipway/engine/proc"
)

// MadeFrom are the places in the root that a stack's initramfs is made from: a
// change below one of them means that it must be made again.
func (s Stack) MadeFrom() []string {
	common := []string{"etc/modprobe.d", "etc/modules", "etc/modules-load.d", "etc/udev/rules.d", "etc/kernel",
		"usr/lib/modules", "usr/lib/firmware", "lib/modules", "lib/firmware", "boot"}
	if !s.Dracut() {
		return append(common, "etc/initramfs-tools", "etc/live", "usr/share/initramfs-tools")
	}
	return append(common, "etc/dracut.conf", "etc/dracut.conf.d", "usr/lib/dracut")
}

// Dracut reports whether dracut makes the stack's initramfs: kiwi-live is one
// of its modules.
func (s Stack) Dracut() bool { return s.ID == "dracut" || s.ID == "kiwi" }

// Hook is Slipway's own hook for an initramfs of dracut. It does nothing unless
// an option on the kernel command line asks it to, so every one holds it.
//
//go:embed hook.sh
var Hook string

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

// MakeDracut returns the command that makes the initramfs at out for a kernel
// of a root, inside it; hook is the path of Hook there, level is zstd's. Only drivers that the kernel
// has as modules are asked for: dracut stops at the first that is missing.
// dracut(8): --no-hostonly is what live modules require; without
// --no-early-microcode an archive of microcode in front would need its own
// padding.
func (s Stack) MakeDracut(root, kernel, hook, out string, level int) proc.Cmd {
	module := Modules(root)
	have := slices.DeleteFunc(slices.Clone(drivers), func(d string) bool { return !module(d) })
	modules := "dmsquash-live livenet"
	if s.ID == "kiwi" {
		modules = "kiwi-live"
	}
	return proc.Cmd{Path: "dracut", Root: root, Args: []string{"--force", "--no-hostonly", "--no-hostonly-cmdline", "--reproducible", "--no-early-microcode",
		"--compress", fmt.Sprintf("zstd -%d -q -T0", level), "--tmpdir", path.Dir(out), "--kver", kernel, "--add", modules, "--add-drivers", strings.Join(have, " "),
		"--filesystems", "squashfs ext4 iso9660 overlay vfat", "--include", hook, s.hookPlace(), out}}
}
