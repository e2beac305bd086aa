package live

// casper is Ubuntu's. Sources: casper(7) and scripts/casper of casper 1.470.
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
		Aufs:         {why: "it went over to overlayfs with the kernels of Ubuntu", nearest: Overlayfs},
	},
	options: casperOptions,
	home: home{
		modules:  []string{"usr/share/initramfs-tools/scripts/casper"},
		packages: []string{"casper"},
		dpkg:     []string{"casper"},
	},
}

// casperTmpfs mounts its tmpfs without a size.
func casperTmpfs(q Question, toram bool) (Layout, error) {
	if q.Overlay.Size != "" && q.Overlay.Size != half {
		return Layout{}, sizeRefused(q, "overlay-size-fixed", "it has no option for the size of its tmpfs, which the kernel makes half of the memory", half)
	}
	l := Layout{Options: []string{"boot=casper", "nopersistent"}, Kind: KindTmpfs, Size: half, InRAM: toram}
	if toram {
		l.Options = append(l.Options, "toram")
	}
	return l, nil
}

// casperPersistent looks for the label by version: casper-rw, and since 1.427
// writable.
func casperPersistent(q Question) (Layout, error) {
	label := "casper-rw"
	if q.Stack.from("1.427") {
		label = "writable"
	}
	if q.Overlay.Label != "" && q.Overlay.Label != label {
		return Layout{}, &Refusal{Code: "overlay-label-fixed", Path: "overlay.label", Message: q.Stack.String() + " keeps a persistent overlay on a file system with the label " + label + ", and on no other",
			Hint: "nearest: " + label, Value: label}
	}
	l := Layout{Options: []string{"boot=casper", "persistent"}, Kind: KindDisk, Label: label}
	l.warn("overlay-falls-back", "overlay.strategy", "without a file system "+label+" casper boots with an overlay in RAM and only says so in its log", "label a partition")
	l.sizeUnused(q, "the file system is as large as it is")
	return l, nil
}
