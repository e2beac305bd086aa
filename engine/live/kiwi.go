package live

import (
	"slices"
)

// kiwi is the dracut module kiwi-live, as openSUSE boots. Sources:
// 90kiwi-live/kiwi-live-lib.sh and kiwi-live-root.sh of kiwi-dracut-live
// 9.24.56, and the tags v9.21.18, which gave the overlay a tmpfs of its own
// (89f85e45), to v10.3. Since v10.0.1 the squashfs may hold the root itself
// (8064538e); what all of them mount is the image inside.
var kiwi = stack{
	id: "kiwi", image: "LiveOS/squashfs.img", oldest: "9.21.18",
	compiles: map[string]func(Question) (Layout, error){Overlayfs: kiwiOverlayfs, Persistent: kiwiPersistent},
	lacks: map[string]lack{
		OverlayfsRun: {why: "its overlay always has a tmpfs of its own", nearest: Overlayfs},
		DMSnapshot:   {why: "it always mounts an overlayfs", nearest: Overlayfs},
		DMThin:       {why: "it always mounts an overlayfs", nearest: Overlayfs},
		RAM:          {why: "it reads the medium as long as the machine runs", nearest: Overlayfs},
		Aufs:         {why: "it always mounts an overlayfs", nearest: Overlayfs},
	},
	options: kiwiOptions,
	maker:   withDracut,
	home: home{
		modules:  []string{"usr/lib/dracut/modules.d/*kiwi-live/kiwi-live-lib.sh"},
		packages: []string{"dracut", "kiwi-dracut-live"},
		versions: []string{"kiwi-dracut-live", "dracut-kiwi-live"},
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
		return Layout{}, labelRefused(q, kiwiLabel)
	}
	l := Layout{Nested: true, Options: []string{"root=live:CDLABEL=" + q.Label, "rd.live.image", "rd.live.overlay.persistent=1"}, Kind: KindDisk, Label: kiwiLabel}
	l.warn("overlay-partitions", "overlay.strategy", "where no file system has the label cow, kiwi makes a partition on the disk that it boots from, with fdisk",
		"boot it only from disks that are for this image; from a CD the overlay stays in RAM")
	l.sizeUnused(q, "the partition takes what is free on the disk")
	return l, nil
}

// kiwiOptions: initGlobalOptions and getOverlayBaseDirectory in
// kiwi-live-lib.sh, kiwi-live-checkmedia.sh.
var kiwiOptions = slices.Concat(
	own(ownSource, "root", "rd.live.image", "rd.kiwi.live.pxe", "rd.kiwi.live.system"),
	own(ownMedium, "rd.live.dir", "rd.live.squashimg"),
	[]option{
		{name: "rd.live.overlay.size", own: ownSize, needs: []string{Overlayfs}, unit: bareBytes},
		{name: "rd.live.overlay.persistent", own: ownStrategy},
		{name: "rd.live.overlay.cowfs", needs: onDisk},
		{name: "rd.live.cowfile.mbsize", needs: onDisk},
		{name: "rd.live.cowfile.path", since: "10.0.22", needs: onDisk},
		{name: "rd.live.encrypt", since: "10.2.34", needs: onDisk, waits: always("it asks for a passphrase")},
		{name: "rd.live.check", waits: always(kiwiCheck)},
		{name: "mediacheck", waits: always(kiwiCheck)},
		{name: "rd.break", waits: always("it opens a shell in the initramfs")},
	})

const kiwiCheck = "it reads the whole medium and then waits 20 seconds for a key"
