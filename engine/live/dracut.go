package live

import (
	"fmt"
	"strings"

	"slipway/recipes"
)

// dracut is its modules dmsquash-live and overlayfs, as Fedora and its kin boot.
// Sources: modules.d/*dmsquash-live/dmsquash-live-root.sh and
// modules.d/*overlayfs/*.sh of the tags 044 to 111, dracut.cmdline(7).
//
// What changed, by the tag that has it first:
//
//	044  the snapshot is "PO 8" instead of "p 8": when full it overflows and can
//	     still be read, instead of turning invalid (97be9335)
//	058  the module overlayfs mounts the overlay, rather than dmsquash-live
//	100  the thin device is as large as the pool instead of as the image
//	106  rd.live.overlay.nouserconfirmprompt; a flat image is known by /usr
//	110  rd.live.overlay -> rd.overlay, rd.live.overlay.overlayfs -> rd.overlay;
//	     the old names still work
//	111  rd.overlay=tmpfs:size=…, which dmsquash-live takes for a device named
//	     tmpfs to look for an overlay on: not used, the hook works for all
var dracut = stack{
	id: "dracut", image: "LiveOS/squashfs.img", oldest: "044",
	compiles: map[string]func(Question) (Layout, error){
		Overlayfs: dracutOverlayfs, OverlayfsRun: dracutRun, DMSnapshot: dracutSnapshot, DMThin: dracutThin, RAM: dracutRAM, Persistent: dracutPersistent,
	},
	lacks:   map[string]lack{Aufs: {why: "no dracut ever mounted an aufs", nearest: Overlayfs}},
	options: dracutOptions,
	home: home{
		modules:  []string{"usr/lib/dracut/modules.d/*dmsquash-live/dmsquash-live-root.sh"},
		packages: []string{"dracut", "dracut-live"},
		file:     "usr/lib/dracut/dracut-version.sh",
		dpkg:     []string{"dracut-live", "dracut-core", "dracut"},
	},
}

// dracutBase begins the kernel command line.
func dracutBase(q Question, more ...string) []string {
	out := append([]string{"root=live:CDLABEL=" + q.Label, "rd.live.image"}, more...)
	if q.Stack.from("106") {
		out = append(out, "rd.live.overlay.nouserconfirmprompt=1")
	}
	return out
}

// overlayfsOption asks for an overlayfs.
func overlayfsOption(s Stack) string {
	if s.from("110") {
		return "rd.overlay=1"
	}
	return "rd.live.overlay.overlayfs=1"
}

// dracutOverlayfs has no option for the size of the upper directory, which lies
// on /run: the hook mounts a tmpfs of that size and links /run/overlayfs to it,
// which every version honours.
func dracutOverlayfs(q Question) (Layout, error) {
	size, word, err := tmpfsSize(q)
	if err != nil {
		return Layout{}, err
	}
	return Layout{Options: dracutBase(q, overlayfsOption(q.Stack), "slipway.overlay=size="+word), Hook: true, Kind: KindTmpfs, Size: size}, nil
}

// runSize is what systemd lets /run grow to: TMPFS_LIMITS_RUN in its
// src/shared/mount-util.h, since version 246.
const runSize recipes.Size = "20%"

func dracutRun(q Question) (Layout, error) {
	if q.Overlay.Size != "" && q.Overlay.Size != runSize {
		r := sizeRefused(q, "overlay-size-fixed", "/run has the size that systemd gives it", runSize)
		r.Hint += "; or strategy = \"overlayfs\", which has a tmpfs of its own"
		return Layout{}, r
	}
	l := Layout{Options: dracutBase(q, overlayfsOption(q.Stack)), Kind: KindRun, Size: runSize}
	l.warn("overlay-on-run", "overlay.strategy", "the overlay shares /run: when it is full, so is /run, and services that need it fail",
		"overlayfs has a tmpfs of its own")
	return l, nil
}

// room is how much of a nested image is free: more than the overlay can take,
// so that the overlay is what fills up.
func room(size int64) int64 { return max(512*mib, size/4*5) }

func dracutSnapshot(q Question) (Layout, error) {
	n, err := mebibytes(q, "a dm-snapshot")
	if err != nil {
		return Layout{}, err
	}
	return Layout{Nested: true, Room: room(n * mib), Options: dracutBase(q, fmt.Sprintf("rd.live.overlay.size=%d", n)), Kind: KindSnapshot, Size: inUnit(n)}, nil
}

// dracutThin: the pool's files lie in /run/initramfs/thin-overlay; the hook
// mounts a tmpfs there that holds data and metadata, a tenth of it.
func dracutThin(q Question) (Layout, error) {
	if q.Stack.from("100") {
		return Layout{}, lack{why: "since dracut 100 the writable device is as large as the overlay, and the image does not fit", nearest: DMSnapshot}
	}
	n, err := mebibytes(q, "a thin pool")
	if err != nil {
		return Layout{}, err
	}
	return Layout{Nested: true, Room: room(n * mib), Hook: true, Kind: KindThin, Size: inUnit(n),
		Options: dracutBase(q, "rd.live.overlay.thin=1", fmt.Sprintf("rd.live.overlay.size=%d", n), fmt.Sprintf("slipway.thin=size=%dm", n+(n+9)/10+1))}, nil
}

// dracutRAM copies the ext4 image to RAM and writes to that: there is no overlay
// then, and the size is what is free in the image.
func dracutRAM(q Question) (Layout, error) {
	n, err := mebibytes(q, "the image's free room")
	if err != nil {
		return Layout{}, err
	}
	return Layout{Nested: true, Room: n * mib, Hook: true, InRAM: true, Kind: KindImage,
		Options: dracutBase(q, "rd.writable.fsimg=1", "slipway.fsimg=size=100%")}, nil
}

// dracutPersistent needs the directories /overlayfs and /ovlwork on the file
// system with that label.
func dracutPersistent(q Question) (Layout, error) {
	label := q.Overlay.Label
	if label == "" {
		label = "persistence"
	}
	at := "LABEL=" + label + ":/overlayfs"
	options := []string{"rd.live.overlay=" + at, "rd.live.overlay.overlayfs=1"}
	if q.Stack.from("110") {
		options = []string{"rd.overlay=" + at}
	}
	l := Layout{Options: dracutBase(q, options...), Kind: KindDisk, Label: label}
	hint := "make the directories /overlayfs and /ovlwork on a file system with that label"
	if q.Stack.from("106") {
		l.warn("overlay-falls-back", "overlay.strategy",
			fmt.Sprintf("without a file system %q with /overlayfs and /ovlwork, dracut boots with an overlay on /run and only says so in its log", label), hint)
	} else {
		l.warn("overlay-waits", "overlay.strategy",
			fmt.Sprintf("without a file system %q with /overlayfs and /ovlwork, %s waits for Enter on the console", label, q.Stack), hint)
	}
	l.sizeUnused(q, "the file system is as large as it is")
	return l, nil
}

// device reports whether a value of rd.live.overlay names a device.
func device(value string) bool { return value != "" && !strings.EqualFold(value, "none") }
