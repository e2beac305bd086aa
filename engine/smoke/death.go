package smoke

import (
	"regexp"
	"strings"
)

// fatal are console lines after which nothing good comes. $1 of the message is
// the line's first group.
var fatal = []struct {
	line          *regexp.Regexp
	message, hint string
}{
	{regexp.MustCompile(`Kernel panic - not syncing: VFS: Unable to mount root fs`),
		"the kernel panicked: it found no root", "the initramfs is missing or was not unpacked: does the kernel match it, and is the memory large enough?"},
	{regexp.MustCompile(`Kernel panic - not syncing: (System is deadlocked on memory|Out of memory.*)`),
		"the kernel panicked: $1", "the guest has too little memory: raise memory in [boot]"},
	{regexp.MustCompile(`Kernel panic - not syncing: (Attempted to kill init!.*?)(?: \]?---)?$`),
		"the kernel panicked: $1", "the first program ended: is it systemd, and did something on the command line replace it?"},
	{regexp.MustCompile(`Kernel panic - not syncing: (.*?)(?: \]?---)?$`),
		"the kernel panicked: $1", "the lines above the panic say what failed"},
	{regexp.MustCompile(`Unable to find a medium containing a live file system`),
		"the initramfs found no live image", "it looks for live/*.squashfs on every disk: is the driver of the medium in the initramfs, and boot=live on the command line?"},
	{regexp.MustCompile(`^\(initramfs\)`),
		"the initramfs gave up and opened a shell", "the lines above the prompt say what it missed; the shell can be typed into"},
	{regexp.MustCompile(`^(?:dracut|rdsosreport):? .*(?:emergency shell|/run/initramfs/rdsosreport\.txt)|^dracut:/#`),
		"the initramfs gave up and opened a shell", "the lines above the prompt say what it missed; the shell can be typed into"},
	{regexp.MustCompile(`You are in (emergency|rescue) mode|Cannot open access to console, the root account is locked`),
		"the system stopped in emergency mode", "a mount or another unit that local-fs.target needs has failed; the lines above name it"},
	{regexp.MustCompile(`^\[!!!!!!\] (.*), freezing\.|^systemd\[1\]: Freezing execution`),
		"systemd stopped: $1", "the lines above say why"},
	{regexp.MustCompile(`^No bootable device|^Boot failed: not a bootable disk|^ERROR: No configuration file found|^Could not find kernel image: (.*)`),
		"the firmware or boot loader found nothing to boot", "the medium has no boot loader that a BIOS can start"},
}

// deathIn recognises a line that ends a boot; nil for any other.
func deathIn(line string) *Death {
	for _, f := range fatal {
		m := f.line.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		message := strings.TrimRight(string(f.line.ExpandString(nil, f.message, line, m)), ": ")
		return &Death{Message: message, Hint: f.hint}
	}
	return nil
}
