package live

import (
	"fmt"
	"slices"
	"strings"

	"slipway/recipes"
)

// dracut is its modules dmsquash-live and overlayfs, as Fedora and its kin boot.
// Sources: modules.d/*dmsquash-live/dmsquash-live-root.sh and
// modules.d/*overlayfs/*.sh of the tags 042 to 111, dracut.cmdline(7).
//
// What changed, by the tag that has it first:
//
//	042  rd.live.overlay.size, rd.live.overlay.thin; 512 MiB before
//	044  the snapshot is "PO 8" instead of "p 8": when full it overflows and can
//	     still be read, instead of turning invalid (97be9335)
//	045  rd.live.overlay.overlayfs, over an image
//	049  a squashfs may hold the root itself, which is then flat: overlayfs
//	058  the module overlayfs mounts the overlay, rather than dmsquash-live
//	100  the thin device is as large as the pool instead of as the image
//	106  rd.live.overlay.nouserconfirmprompt; a flat image is known by /usr
//	110  rd.live.overlay -> rd.overlay, rd.live.overlay.overlayfs -> rd.overlay;
//	     the old names still work
//	111  rd.overlay=tmpfs:size=…, which dmsquash-live takes for a device named
//	     tmpfs to look for an overlay on: not used, the hook works for all
var dracut = stack{
	id: "dracut", image: "LiveOS/squashfs.img", oldest: "042",
	compiles: map[string]func(Question) (Layout, error){
		Overlayfs: dracutOverlayfs, OverlayfsRun: dracutRun, DMSnapshot: dracutSnapshot, DMThin: dracutThin, RAM: dracutRAM, Persistent: dracutPersistent,
	},
	lacks:   map[string]lack{Aufs: {why: "no dracut ever mounted an aufs", nearest: Overlayfs}},
	options: dracutOptions,
	maker:   withDracut,
	home: home{
		modules:  []string{"usr/lib/dracut/modules.d/*dmsquash-live/dmsquash-live-root.sh"},
		packages: []string{"dracut", "dracut-live"},
		file:     "usr/lib/dracut/dracut-version.sh",
		versions: []string{"dracut-live", "dracut-core", "dracut"},
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

// flatFrom is the first version that boots a squashfs which holds the root.
const flatFrom = "049"

var noFlat = lack{why: "before dracut 049 the squashfs has to hold an image, which only dm-snapshot writes to", nearest: DMSnapshot}

// overflows reports whether a full snapshot can still be read.
func overflows(s Stack) bool { return s.from("044") }

// dracutOverlayfs has no option for the size of the upper directory, which lies
// on /run: the hook mounts a tmpfs of that size and links /run/overlayfs to it,
// which every version honours.
func dracutOverlayfs(q Question) (Layout, error) {
	if !q.Stack.from(flatFrom) {
		return Layout{}, noFlat
	}
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
	if !q.Stack.from(flatFrom) {
		return Layout{}, noFlat
	}
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
	l := Layout{Nested: true, Room: room(n * mib), Options: dracutBase(q, fmt.Sprintf("rd.live.overlay.size=%d", n)), Kind: KindSnapshot, Size: inUnit(n)}
	if overflows(q.Stack) {
		l.warn("overlay-overflows", "overlay.strategy", "once the snapshot is full, nothing can be written until a reboot, whatever is deleted; df does not show it",
			"overlayfs recovers when files are deleted")
	} else {
		l.warn("overlay-dies", "overlay.strategy", "once the snapshot is full, "+q.Stack.String()+" cannot even be read any more: dead until a hard reset; df does not show it",
			"overlayfs recovers when files are deleted, with dracut 049 or newer")
	}
	return l, nil
}

// dracutThin: the pool's files lie in /run/initramfs/thin-overlay; the hook
// mounts a tmpfs there that holds data and metadata, a tenth of it. Mounted with
// discard, ext4 gives the blocks of deleted files back to the pool, and so the
// memory to the machine: without it, a full pool stays full.
func dracutThin(q Question) (Layout, error) {
	if q.Stack.from("100") {
		return Layout{}, lack{why: "since dracut 100 the writable device is as large as the overlay, and the image does not fit", nearest: DMSnapshot}
	}
	n, err := mebibytes(q, "a thin pool")
	if err != nil {
		return Layout{}, err
	}
	l := Layout{Nested: true, Room: room(n * mib), Hook: true, Kind: KindThin, Size: inUnit(n),
		Options: dracutBase(q, "rd.live.overlay.thin=1", fmt.Sprintf("rd.live.overlay.size=%d", n), fmt.Sprintf("slipway.thin=size=%dm", n+(n+9)/10+1), "rootflags=discard")}
	l.warn("overlay-stalls", "overlay.strategy", "once the pool is full, writes wait for a minute and then fail; df does not show it", "overlayfs fails at once and recovers when files are deleted")
	return l, nil
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
	if !q.Stack.from(flatFrom) {
		return Layout{}, noFlat
	}
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

// dracutOptions: dmsquash-live-root.sh, overlayfs and dracut.cmdline(7) of the
// tags. Names without rd. were read until 103.
var dracutOptions = slices.Concat(
	own(ownSource, "root", "rd.live.image"),
	own(ownMedium, "rd.live.dir", "rd.live.squashimg"),
	own(ownRAM, "rd.live.ram", "rd.writable.fsimg"),
	own(ownHook, "slipway.overlay", "slipway.thin", "slipway.fsimg"),
	aliases("104", [2]string{"live_dir", "rd.live.dir"}, [2]string{"live_ram", "rd.live.ram"}, [2]string{"writable_fsimg", "rd.writable.fsimg"},
		[2]string{"reset_overlay", "rd.live.overlay.reset"}, [2]string{"readonly_overlay", "rd.live.overlay.readonly"},
		[2]string{"overlay", "rd.live.overlay"}, [2]string{"check", "rd.live.check"}, [2]string{"rdlivedebug", "rd.live.debug"}),
	[]option{
		{name: "rd.live.overlay", own: ownStrategy, waits: dracutWaits},
		{name: "rd.overlay", since: "110", own: ownStrategy},
		{name: "rd.live.overlay.overlayfs", since: "045", own: ownStrategy},
		{name: "rd.live.overlay.thin", own: ownStrategy},
		{name: "rootflags"}, // a recipe's, but where it is compiled
		{name: "rd.live.overlay.size", own: ownSize, needs: []string{DMSnapshot, DMThin}, unit: bareMiB},
		{name: "rd.live.overlay.cowfs", since: "058", own: "the module dmsquash-live-autooverlay would partition the disk"},
		{name: "rd.live.overlay.nouserconfirmprompt", since: "106"},
		{name: "rd.live.overlay.reset", now: "rd.overlay.reset", nowSince: "110", needs: onDisk},
		{name: "rd.live.overlay.readonly", own: ownOverlay, needs: onDisk},
		{name: "rd.overlay.reset", since: "110", needs: onDisk},
		{name: "rd.overlay.readonly", since: "110", own: ownOverlay, needs: onDisk},
		{name: "rd.overlay.crypt", since: "111", own: ownOverlay},
		{name: "rd.live.check", waits: func(s Stack, _ string) string {
			if s.from("105") {
				return "it reads the whole medium, which Esc ends, and halts for 12 hours if that fails"
			}
			return "it reads the whole medium, which Esc ends, and stops if that fails"
		}},
		{name: "rd.break", waits: always("it opens a shell in the initramfs")},
	})

// dracutWaits: a device without the overlay that is looked for asks for Enter,
// unless a version knows the option that Slipway sets against it.
func dracutWaits(s Stack, value string) string {
	if s.from("106") || !device(value) {
		return ""
	}
	return "if there is no overlay on " + value + ", it asks for Enter on the console"
}
