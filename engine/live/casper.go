package live

import (
	"slices"
)

// casper is Ubuntu's. Sources: casper(7), scripts/casper, scripts/casper-helpers
// and debian/changelog of casper 1.470: nopersistent since 1.423, the label
// writable since 1.439; since 1.415 it makes a partition for persistence on a
// medium that can be written to, unless told not to.
var casper = stack{
	id: "casper", image: "casper/filesystem.squashfs", oldest: "1.394",
	compiles: map[string]func(Question) (Layout, error){
		Overlayfs:  func(q Question) (Layout, error) { return casperTmpfs(q, false) },
		RAM:        func(q Question) (Layout, error) { return casperTmpfs(q, true) },
		Persistent: casperPersistent,
	},
	lacks: map[string]lack{
		OverlayfsRun: {why: "its overlay always has a tmpfs of its own", nearest: Overlayfs},
		DMSnapshot:   {why: "it always mounts an overlayfs", nearest: Overlayfs},
		DMThin:       {why: "it always mounts an overlayfs", nearest: Overlayfs},
		Aufs:         {why: "it mounts an overlayfs and nothing else", nearest: Overlayfs},
	},
	options: casperOptions,
	home: home{
		modules:  []string{"usr/share/initramfs-tools/scripts/casper"},
		packages: []string{"casper"},
		versions: []string{"casper"},
	},
}

// casperTmpfs mounts its tmpfs without a size.
func casperTmpfs(q Question, toram bool) (Layout, error) {
	if q.Overlay.Size != "" && q.Overlay.Size != half {
		return Layout{}, sizeRefused(q, "overlay-size-fixed", "it has no option for the size of its tmpfs, which the kernel makes half of the memory", half)
	}
	l := Layout{Options: casperBase(), Kind: KindTmpfs, Size: half, InRAM: toram}
	if q.Stack.from("1.423") {
		l.Options = append(l.Options, "nopersistent")
	}
	if toram {
		l.Options = append(l.Options, "toram")
	}
	return l, nil
}

// casperBase: without noprompt a reboot waits for Enter, once the medium is out.
func casperBase() []string { return []string{"boot=casper", "noprompt"} }

// casperPersistent mounts the file system with its label; no option changes it.
func casperPersistent(q Question) (Layout, error) {
	label := "casper-rw"
	if q.Stack.from("1.439") {
		label = "writable"
	}
	if q.Overlay.Label != "" && q.Overlay.Label != label {
		return Layout{}, labelRefused(q, label)
	}
	l := Layout{Options: append(casperBase(), "persistent"), Kind: KindDisk, Label: label}
	if q.Stack.from("1.415") {
		l.warn("overlay-partitions", "overlay.strategy", "where no file system has the label "+label+", casper makes a partition on the disk that it boots from",
			"boot it only from disks that are for this image; from a CD the overlay stays in RAM")
	} else {
		l.warn("overlay-falls-back", "overlay.strategy", "without a file system "+label+" casper boots with an overlay in RAM and only says so in its log", "label a partition")
	}
	l.sizeUnused(q, "the file system is as large as it is")
	return l, nil
}

// casperOptions: casper(7) and scripts/casper.
var casperOptions = slices.Concat(
	own(ownMedium, "live-media", "bootfrom", "live-media-path", "layerfs-path"),
	own(ownSource, "url", "iso-url", "netboot", "root"),
	own(ownRAM, "toram", "todisk"),
	[]option{
		{name: "boot", own: "Slipway sets it for the live stack"},
		{name: "persistent", own: ownStrategy},
		{name: "nopersistent", since: "1.423", own: ownStrategy},
		{name: "persistent-path", needs: onDisk},
		{name: "noprompt"},
		{name: "break", waits: always("it opens a shell in the initramfs")}, // initramfs-tools(7)
	})
