package live

import (
	"fmt"
	"slices"
	"strings"
)

// liveBoot is Debian's own. Sources: lib/live/boot/9990-overlay.sh,
// 9990-cmdline-old and 9990-misc-helpers.sh of live-boot 20230131, and
// live-boot(7).
var liveBoot = stack{
	id: "live-boot", image: "live/filesystem.squashfs", oldest: "20151213",
	compiles: map[string]func(Question) (Layout, error){
		Overlayfs:  func(q Question) (Layout, error) { return liveBootTmpfs(q) },
		RAM:        liveBootRAM,
		Persistent: liveBootPersistent,
		Aufs:       liveBootAufs,
	},
	lacks: map[string]lack{
		OverlayfsRun: {why: "its overlay always has a tmpfs of its own", nearest: Overlayfs},
		DMSnapshot:   {why: "it mounts a squashfs that holds the root itself, no image inside", nearest: Overlayfs},
		DMThin:       {why: "it mounts a squashfs that holds the root itself, no image inside", nearest: Overlayfs},
	},
	options: liveBootOptions,
	home: home{
		modules:  []string{"usr/lib/live/boot", "lib/live/boot"},
		packages: []string{"live-boot", "live-boot-initramfs-tools"},
		versions: []string{"live-boot"},
	},
}

// liveBootTmpfs is the overlay in RAM: size= of a tmpfs at /run/live/overlay, 50 % if not said.
func liveBootTmpfs(q Question, more ...string) (Layout, error) {
	size, word, err := tmpfsSize(q)
	if err != nil {
		return Layout{}, err
	}
	options := append([]string{"boot=live"}, more...)
	if q.Overlay.Size != "" {
		options = append(options, "overlay-size="+word)
	}
	return Layout{Options: options, Kind: KindTmpfs, Size: size}, nil
}

// liveBootRAM copies the medium to a tmpfs of its own first; writes still go to
// an overlay.
func liveBootRAM(q Question) (Layout, error) {
	l, err := liveBootTmpfs(q, "toram")
	l.InRAM = true
	return l, err
}

// liveBootPersistent needs a file system with that label and a file
// persistence.conf with the line "/ union": persistence.conf(5).
func liveBootPersistent(q Question) (Layout, error) {
	const own = "persistence"
	l := Layout{Options: []string{"boot=live", "persistence"}, Kind: KindDisk, Label: own}
	if q.Overlay.Label != "" && q.Overlay.Label != own {
		l.Label = q.Overlay.Label
		l.Options = append(l.Options, "persistence-label="+l.Label)
	}
	if _, word, err := tmpfsSize(q); err != nil {
		return Layout{}, err
	} else if q.Overlay.Size != "" {
		l.Options = append(l.Options, "overlay-size="+word)
	}
	l.warn("overlay-falls-back", "overlay.strategy",
		fmt.Sprintf("without a file system %q that has persistence.conf, live-boot boots with an overlay in RAM and says nothing", l.Label),
		`label a partition and write "/ union" into its persistence.conf`)
	return l, nil
}

// liveBootAufs: union=aufs mounts a file system that no kernel of kernel.org
// has ever had. As long as the kernel is not known, there is a doubt.
func liveBootAufs(q Question) (Layout, error) {
	if q.Module != nil && !q.Module("aufs") {
		return Layout{}, &Refusal{Code: "overlay-unavailable", Path: "overlay.strategy",
			Message: "overlay strategy aufs is not available: the kernel has no module aufs; Linux itself never had it", Hint: "nearest: overlayfs, which does the same", Value: Overlayfs}
	}
	l, err := liveBootTmpfs(q, "union=aufs")
	if q.Module == nil {
		l.warn("overlay-unproven", "overlay.strategy", "whether the kernel has a module aufs shows only in the root; Linux itself never had it", "overlayfs does the same, with every kernel")
	}
	return l, err
}

// liveBootOptions: lib/live/boot/9990-cmdline-old.
var liveBootOptions = slices.Concat(
	own(ownMedium, "live-media", "bootfrom", "live-media-path", "module"),
	own(ownSource, "fetch", "httpfs", "ftpfs", "findiso", "fromiso", "isofrom", "netboot", "root"),
	own(ownRAM, "toram", "todisk"),
	own(ownOverlay, "nfsoverlay", "exposedroot", "plainroot", "skipunion"),
	[]option{
		{name: "boot", own: "Slipway sets it for the live stack"},
		{name: "components", own: "Slipway decides what runs in early user space"},
		{name: "overlay-size", own: ownSize, unit: bareBytes},
		{name: "union", own: ownStrategy},
		{name: "persistence", own: ownStrategy},
		{name: "persistent", now: "persistence", until: "3"}, // live-boot 3.0a1
		{name: "persistence-label", own: ownLabel, needs: onDisk},
		{name: "nopersistence", own: ownStrategy, needs: onDisk},
		{name: "persistence-media", needs: onDisk},
		{name: "persistence-method", own: ownOverlay, needs: onDisk},
		{name: "persistence-path", needs: onDisk},
		{name: "persistence-read-only", own: ownOverlay, needs: onDisk},
		{name: "persistence-storage", needs: onDisk},
		{name: "persistence-encryption", needs: onDisk, waits: func(_ Stack, value string) string {
			if strings.Contains(value, "luks") {
				return "it asks for the passphrase of an encrypted file system"
			}
			return ""
		}},
		{name: "break", waits: always("it opens a shell in the initramfs")}, // initramfs-tools(7)
	})

// onDisk are the strategies that keep what is written.
var onDisk = []string{Persistent}
