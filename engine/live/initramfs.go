package live

// MadeFrom are the places in the root that a stack's initramfs is made from: a
// change below one of them means that it must be made again.
func (s Stack) MadeFrom() []string {
	common := []string{"etc/modprobe.d", "etc/modules", "etc/modules-load.d", "etc/udev/rules.d", "etc/kernel",
		"usr/lib/modules", "usr/lib/firmware", "lib/modules", "lib/firmware", "boot"}
	if s.ID == "live-boot" || s.ID == "casper" {
		return append(common, "etc/initramfs-tools", "etc/live", "usr/share/initramfs-tools")
	}
	return append(common, "etc/dracut.conf", "etc/dracut.conf.d", "usr/lib/dracut")
}
