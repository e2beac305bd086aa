package live

// archiso is the hook archiso of mkinitcpio-archiso, as Arch boots. Sources:
// hooks/archiso and docs/README.bootparams of mkinitcpio-archiso.
var archiso = stack{
	id: "archiso", image: "arch/x86_64/airootfs.sfs", oldest: "48",
	compiles: map[string]func(Question) (Layout, error){
		Overlayfs:  func(q Question) (Layout, error) { return archisoTmpfs(q) },
		RAM:        archisoRAM,
		Persistent: archisoPersistent,
	},
	lacks: map[string]lack{
		OverlayfsRun: {why: "its overlay always has a tmpfs of its own", nearest: Overlayfs},
		DMSnapshot:   {why: "its snapshot is of a kind that cannot even be read when it is full", nearest: Overlayfs},
		DMThin:       {why: "it knows no thin pools", nearest: Overlayfs},
		Aufs:         {why: "it went over to overlayfs before it had this name", nearest: Overlayfs},
	},
	options: archisoOptions,
	home: home{
		modules:  []string{"usr/lib/initcpio/install/archiso", "usr/lib/initcpio/hooks/archiso"},
		packages: []string{"mkinitcpio-archiso"},
		pacman:   "mkinitcpio-archiso",
	},
}

func archisoBase(q Question) []string {
	return []string{"archisobasedir=arch", "archisolabel=" + q.Label}
}

// archisoTmpfs: cow_spacesize= is the size= of a tmpfs, and 256M if not said.
func archisoTmpfs(q Question, more ...string) (Layout, error) {
	size, word, err := tmpfsSize(q)
	if err != nil {
		return Layout{}, err
	}
	return Layout{Options: append(append(archisoBase(q), "cow_spacesize="+word), more...), Kind: KindTmpfs, Size: size}, nil
}

func archisoRAM(q Question) (Layout, error) {
	l, err := archisoTmpfs(q, "copytoram=y")
	l.InRAM = true
	return l, err
}

// archisoPersistent waits 30 seconds for the file system, and then drops to a
// shell.
func archisoPersistent(q Question) (Layout, error) {
	label := q.Overlay.Label
	if label == "" {
		label = "persistence"
	}
	l := Layout{Options: append(archisoBase(q), "cow_label="+label), Kind: KindDisk, Label: label}
	l.warn("overlay-waits", "overlay.strategy", "without a file system "+label+" the boot ends in a shell on the console", "label a partition")
	l.sizeUnused(q, "the file system is as large as it is")
	return l, nil
}
