package live

// kiwi is the dracut module kiwi-live, as openSUSE boots. Sources:
// 90kiwi-live/kiwi-live-lib.sh and kiwi-live-root.sh of kiwi-dracut-live
// 9.24.56.
var kiwi = stack{
	id: "kiwi", image: "LiveOS/squashfs.img", oldest: "9.20",
	compiles: map[string]func(Question) (Layout, error){Overlayfs: kiwiOverlayfs, Persistent: kiwiPersistent},
	lacks: map[string]lack{
		OverlayfsRun: {why: "its overlay always has a tmpfs of its own", nearest: Overlayfs},
		DMSnapshot:   {why: "it always mounts an overlayfs", nearest: Overlayfs},
		DMThin:       {why: "it always mounts an overlayfs", nearest: Overlayfs},
		RAM:          {why: "it reads the medium as long as the machine runs", nearest: Overlayfs},
		Aufs:         {why: "it always mounts an overlayfs", nearest: Overlayfs},
	},
	options: kiwiOptions,
	home: home{
		modules:  []string{"usr/lib/dracut/modules.d/*kiwi-live/kiwi-live-root.sh"},
		packages: []string{"dracut", "kiwi-dracut-live"},
		dpkg:     []string{"kiwi-dracut-live", "dracut-kiwi-live"},
	},
}

// kiwiOverlayfs: a tmpfs at /run/overlay, mounted with size= as it is said; the
// image is always nested, and never written to.
func kiwiOverlayfs(q Question) (Layout, error) {
	size, word, err := tmpfsSize(q)
	if err != nil {
		return Layout{}, err
	}
	return Layout{Nested: true, Options: []string{"root=live:CDLABEL=" + q.Label, "rd.live.image", "rd.live.overlay.size=" + word}, Kind: KindTmpfs, Size: size}, nil
}

// kiwiLabel is the label of kiwi's own partition; no option changes it.
const kiwiLabel = "cow"

func kiwiPersistent(q Question) (Layout, error) {
	if q.Overlay.Label != "" && q.Overlay.Label != kiwiLabel {
		return Layout{}, &Refusal{Code: "overlay-label-fixed", Path: "overlay.label", Message: "kiwi keeps a persistent overlay on a file system with the label cow, and on no other",
			Hint: "nearest: cow", Value: kiwiLabel}
	}
	l := Layout{Nested: true, Options: []string{"root=live:CDLABEL=" + q.Label, "rd.live.image", "rd.live.overlay.persistent=1"}, Kind: KindDisk, Label: kiwiLabel}
	l.warn("overlay-partitions", "overlay.strategy", "where no file system has the label cow, kiwi makes a partition on the disk that it boots from, with fdisk",
		"boot it only from disks that are for this image; from a CD the overlay stays in RAM")
	l.sizeUnused(q, "the partition takes what is free on the disk")
	return l, nil
}
