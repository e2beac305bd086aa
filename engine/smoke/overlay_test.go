package smoke

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine/live"
	"slipway/recipes"
)

// Systems as truthScript shows them.
const (
	onTmpfs = "root=overlay overlay\ndf=overlay 536870912 1048576 535822336 overlay /\n" +
		"upper=tmpfs 536870912 1048576 535822336 tmpfs /run/live/overlay\nmemory=1000000\n"
	onOwn = "root=overlay LiveOS_rootfs\ndf=overlay 67108864 4194304 62914560 LiveOS_rootfs /\n" +
		"upper=tmpfs 67108864 4194304 62914560 slipway /run/slipway-overlay\nmemory=1000000\n"
	onRun = "root=overlay LiveOS_rootfs\ndf=overlay 204800000 8192000 196608000 LiveOS_rootfs /\n" +
		"upper=tmpfs 204800000 8192000 196608000 tmpfs /run\nmemory=1000000\n"
	onSnapshot = "root=ext4 /dev/mapper/live-rw\ndf=ext4 1054752768 568000000 430000000 /dev/mapper/live-rw /\n" +
		"table=live-rw 0 2097152 snapshot 7:1 7:2 PO 8\nstatus=live-rw 0 2097152 snapshot 2024/131072 16\nstore=131072\nmemory=1000000\n"
	onThin = "root=ext4 /dev/mapper/live-rw\ndf=ext4 1054752768 568000000 430000000 /dev/mapper/live-rw /\n" +
		"table=live-rw 0 2097152 thin 254:0 0 7:1\npooltable=live-overlay-pool: 0 131072 thin-pool 7:2 7:3 1024 1024 0\n" +
		"pool=live-overlay-pool: 0 131072 thin-pool 1 12/1638 32/128 - rw discard_passdown queue_if_no_space - 1024\nmemory=1000000\n"
	inImage = "root=ext4 /dev/mapper/live-rw\ndf=ext4 520000000 260000000 250000000 /dev/mapper/live-rw /\n" +
		"table=live-rw 0 1048576 linear 7:1 0\nmemory=1000000\nloop=/dev/loop0 11:0 /LiveOS/squashfs.img\nloop=/dev/loop1 0:26 /run/initramfs/fsimg/rootfs.img\n"
	onDiskFS = "root=overlay overlay\ndf=overlay 520000000 1048576 490000000 overlay /\n" +
		"upper=ext4 520000000 1048576 490000000 /dev/vdb /run/live/persistence/vdb\nlabel=persistence\nmemory=1000000\n"
)

func asks(kind string, size recipes.Size, options ...string) live.Layout {
	strategy := map[string]string{live.KindTmpfs: live.Overlayfs, live.KindRun: live.OverlayfsRun, live.KindSnapshot: live.DMSnapshot,
		live.KindThin: live.DMThin, live.KindImage: live.RAM, live.KindDisk: live.Persistent}[kind]
	return live.Layout{Strategy: strategy, Kind: kind, Size: size, Options: options}
}

func inRAM(l live.Layout) live.Layout { l.InRAM = true; return l }

func labelled(l live.Layout, label string) live.Layout { l.Label = label; return l }

func TestJudgeOverlay(t *testing.T) {
	const dmsize = "rd.live.overlay.size=64"
	for _, tt := range []struct {
		name, output string
		layout       live.Layout
		status       Status
		words, hint  string
	}{
		{"tmpfs", onTmpfs, asks(live.KindTmpfs, "512MiB"), Pass, "overlayfs on a tmpfs of its own, 512 MiB, 0 % used", ""},
		{"tmpfs behind links", onOwn, asks(live.KindTmpfs, "64MiB"), Pass, "64 MiB, 6 % used", ""},
		{"percent of what the guest has", strings.ReplaceAll(onTmpfs, "536870912", "512000000"), asks(live.KindTmpfs, "50%"), Pass, "488 MiB", ""},
		{"within two percent", strings.ReplaceAll(onTmpfs, "536870912", "527000000"), asks(live.KindTmpfs, "512MiB"), Pass, "503 MiB", ""},
		{"unsaid is half", strings.ReplaceAll(onTmpfs, "536870912", "512000000"), asks(live.KindTmpfs, ""), Pass, "", ""},
		{"run", onRun, asks(live.KindRun, "20%"), Pass, "overlayfs on /run, 195 MiB, 4 % used", ""},
		{"run of any size", onRun, asks(live.KindRun, ""), Pass, "", ""},
		{"snapshot", onSnapshot, asks(live.KindSnapshot, "64MiB"), Pass, "dm-snapshot, 64 MiB, 1 % used", ""},
		{"thin", onThin, asks(live.KindThin, "64MiB"), Pass, "dm-snapshot on a thin pool, 64 MiB, 25 % used", ""},
		{"image", inImage, asks(live.KindImage, "512MiB"), Pass, "the image itself, writable, 512 MiB, 50 % used", ""},
		{"disk", onDiskFS, labelled(asks(live.KindDisk, ""), "persistence"), Pass, "overlayfs on /dev/vdb (ext4, label persistence)", ""},
		{"toram", onTmpfs + "loop=/dev/loop0 0:24 /run/live/medium/live/filesystem.squashfs\n", inRAM(asks(live.KindTmpfs, "512MiB")), Pass, "", ""},

		{"size ignored", onTmpfs + "cmdline=boot=live overlay-size=256m", asks(live.KindTmpfs, "256MiB", "boot=live", "overlay-size=256m"), Fail,
			"the overlay has 512 MiB, the recipe asks for 256 MiB", "this initramfs ignores overlay-size=256m"},
		{"size lost", onTmpfs + "cmdline=boot=live", asks(live.KindTmpfs, "256MiB", "boot=live", "overlay-size=256m"), Fail,
			"asks for 256 MiB", "the kernel command line lacks overlay-size=256m"},
		{"hook did not run", onRun + "cmdline=slipway.overlay=size=64m", asks(live.KindTmpfs, "64MiB", "slipway.overlay=size=64m"), Fail,
			"root is overlayfs on /run, the recipe asks for overlayfs, 64 MiB", "ignores slipway.overlay=size=64m"},
		{"no snapshot", onRun + "cmdline=" + dmsize, asks(live.KindSnapshot, "64MiB", dmsize), Fail, "root is overlayfs on /run, the recipe asks for dm-snapshot", "ignores " + dmsize},
		{"snapshot of the default size", strings.ReplaceAll(onSnapshot, "/131072", "/67108864"), asks(live.KindSnapshot, "64MiB", dmsize), Fail,
			"the overlay has 32 GiB, the recipe asks for 64 MiB", "lacks " + dmsize},
		{"snapshot instead of thin", onSnapshot, asks(live.KindThin, "64MiB", "rd.live.overlay.thin=1"), Fail, "root is dm-snapshot, the recipe asks for dm-snapshot-thin", "lacks rd.live.overlay.thin=1"},
		{"thin pool of another size", strings.ReplaceAll(onThin, "32/128", "32/256"), asks(live.KindThin, "64MiB"), Fail, "has 128 MiB", ""},
		{"image on the medium", strings.ReplaceAll(inImage, "0:26", "7:0"), asks(live.KindImage, "512MiB"), Fail, "used from /run/initramfs/fsimg/rootfs.img, not from RAM", ""},
		{"image of another size", strings.ReplaceAll(inImage, "1048576 linear", "2097152 linear"), asks(live.KindImage, "512MiB"), Fail, "has 1 GiB", ""},
		{"toram ignored", onTmpfs + "loop=/dev/loop0 254:0 /run/live/medium/live/filesystem.squashfs\ncmdline=boot=live toram", inRAM(asks(live.KindTmpfs, "512MiB", "toram")), Fail,
			"used from /run/live/medium/live/filesystem.squashfs, not from RAM", "ignores toram"},
		{"another disk", strings.ReplaceAll(onDiskFS, "label=persistence", "label=data"), labelled(asks(live.KindDisk, ""), "persistence"), Fail, `with the label "data"`, ""},
		{"persistence not found", onTmpfs + "cmdline=boot=live persistence", labelled(asks(live.KindDisk, "", "persistence"), "persistence"), Fail,
			"root is overlayfs on a tmpfs of its own, the recipe asks for overlayfs on the disk persistence", "ignores persistence"},
		{"a disk", "root=ext4 /dev/sda1\ndf=ext4 1 1 1 /dev/sda1 /\nmemory=1000000", asks(live.KindTmpfs, "256MiB"), Fail, "root is ext4 on /dev/sda1", "live stack"},
		{"no dmsetup", "root=ext4 /dev/mapper/live-rw\ntable=live-rw sh: 1: dmsetup: not found", asks(live.KindSnapshot, "64MiB"), Fail, "dmsetup: not found", ""},
		{"no answer", "", asks(live.KindTmpfs, "256MiB"), Fail, "root is nothing", ""},
		{"upper on what is no tmpfs", "root=overlay overlay\nupper=ramfs 0 0 0 none /x", asks(live.KindTmpfs, ""), Fail, "root is overlayfs on ramfs", ""},
	} {
		expect(t, tt.name, judgeOverlay(facts(tt.output), tt.layout), tt.status, tt.words, tt.hint)
	}
}

func TestRoom(t *testing.T) {
	for name, tt := range map[string]struct {
		output string
		want   Room
	}{
		"tmpfs":    {onOwn, Room{live.KindTmpfs, 4194304, 67108864, "tmpfs /run/slipway-overlay"}},
		"run":      {onRun, Room{live.KindRun, 8192000, 204800000, "tmpfs /run"}},
		"snapshot": {onSnapshot, Room{live.KindSnapshot, 2024 * 512, 64 << 20, "dmsetup status live-rw"}},
		"overflow": {strings.Replace(onSnapshot, "2024/131072 16", "Overflow", 1), Room{live.KindSnapshot, 64 << 20, 64 << 20, "dmsetup status live-rw: Overflow"}},
		"thin":     {onThin, Room{live.KindThin, 16 << 20, 64 << 20, "dmsetup status live-overlay-pool"}},
		"thin full": {strings.Replace(strings.Replace(onThin, "32/128", "128/128", 1), "- rw", "- out_of_data_space", 1),
			Room{live.KindThin, 64 << 20, 64 << 20, "dmsetup status live-overlay-pool: out_of_data_space"}},
		"thin failed": {strings.Replace(onThin, "1 12/1638 32/128 - rw discard_passdown queue_if_no_space - 1024", "Fail", 1),
			Room{live.KindThin, 64 << 20, 64 << 20, "dmsetup status live-overlay-pool: Fail"}},
		"image": {inImage, Room{live.KindImage, 260000000, 520000000, "ext4 on /dev/mapper/live-rw"}},
		"disk":  {onDiskFS, Room{live.KindDisk, 1048576, 520000000, "ext4 on /dev/vdb"}},
		"none":  {"root=ext4 /dev/sda1", Room{}},
	} {
		if got := readTruth(facts(tt.output)).room(); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestOverlayText(t *testing.T) {
	for _, tt := range []struct {
		layout live.Layout
		want   string
	}{
		{asks(live.KindTmpfs, ""), "overlayfs, half of the memory"},
		{asks(live.KindTmpfs, "512MiB"), "overlayfs, 512 MiB"},
		{asks(live.KindTmpfs, "2G"), "overlayfs, 2 GiB"},
		{inRAM(asks(live.KindTmpfs, "25%")), "overlayfs, 25 % of the memory, image in RAM"},
		{asks(live.KindRun, ""), "overlayfs on /run"},
		{asks(live.KindSnapshot, "64MiB"), "dm-snapshot, 64 MiB"},
		{asks(live.KindThin, "64MiB"), "dm-snapshot-thin, 64 MiB"},
		{asks(live.KindImage, "512MiB"), "an image in RAM, 512 MiB"},
		{labelled(asks(live.KindDisk, ""), "persistence"), "overlayfs on the disk persistence"},
	} {
		if got := OverlayText(tt.layout); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.layout, got, tt.want)
		}
	}
}

// The script is run by this host's sh, with programs that say what those of a
// guest said.
func TestTruthScript(t *testing.T) {
	for name, tt := range map[string]struct {
		programs map[string]string
		want     Room
	}{
		"tmpfs": {map[string]string{
			"findmnt": "overlay overlay rw,relatime,lowerdir=/run/live/rootfs/filesystem.squashfs/,upperdir=/run/live/overlay/rw,workdir=/run/live/overlay/work",
			"df":      "Type 1B-blocks Used Avail Filesystem Mounted on\noverlay 67108864 4096 67104768 overlay /\ntmpfs 67108864 4096 67104768 tmpfs /run/live/overlay",
		}, Room{live.KindTmpfs, 4096, 67108864, "tmpfs /run/live/overlay"}},
		"disk": {map[string]string{
			"findmnt": "overlay LiveOS_rootfs rw,lowerdir=/run/rootfsbase,upperdir=/run/overlayfs,workdir=/run/ovlwork",
			"df":      "Type 1B-blocks Used Avail Filesystem Mounted on\noverlay 9 1 8 LiveOS_rootfs /\next4 9 1 8 /dev/vdb /run/initramfs/overlayfs",
			"lsblk":   "persistence",
		}, Room{live.KindDisk, 1, 9, "ext4 on /dev/vdb"}},
		"overflow": {map[string]string{
			"findmnt": "ext4 /dev/mapper/live-rw rw,relatime",
			"df":      "Type 1B-blocks Used Avail Filesystem Mounted on\next4 9 1 8 /dev/mapper/live-rw /",
			"dmsetup": "0 2097152 snapshot 7:1 7:2 PO 8\n--\n0 2097152 snapshot Overflow",
		}, Room{live.KindSnapshot, 64 << 20, 64 << 20, "dmsetup status live-rw: Overflow"}},
		"thin": {map[string]string{
			"findmnt": "ext4 /dev/mapper/live-rw rw,relatime",
			"df":      "Type 1B-blocks Used Avail Filesystem Mounted on\next4 9 1 8 /dev/mapper/live-rw /",
			"dmsetup": "0 2097152 thin 254:0 0 7:1\n--\nlive-overlay-pool: 0 131072 thin-pool 7:2 7:3 1024 1024 0\n--\n" +
				"live-overlay-pool: 0 131072 thin-pool 1 12/1638 32/128 - rw discard_passdown queue_if_no_space - 1024",
		}, Room{live.KindThin, 16 << 20, 64 << 20, "dmsetup status live-overlay-pool"}},
	} {
		dir := t.TempDir()
		for program, says := range tt.programs {
			// What it says on its first call, its second, ..., parted by lines "--".
			for i, part := range strings.Split(says, "\n--\n") {
				write(t, filepath.Join(dir, fmt.Sprintf("%s.%d", program, i)), part+"\n", 0o644)
			}
			write(t, filepath.Join(dir, program), fmt.Sprintf("#!/bin/sh\nn=$(cat %[1]s.n 2>/dev/null || echo 0)\ncat %[1]s.$n\necho $((n+1)) > %[1]s.n\n", filepath.Join(dir, program)), 0o755)
		}
		write(t, filepath.Join(dir, "7:2/size"), "131072\n", 0o644)
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", strings.ReplaceAll(truthScript, "/sys/dev/block", dir))
		cmd.Env = append(os.Environ(), "PATH="+dir+":/usr/bin:/bin")
		out, err := cmd.CombinedOutput()
		if got := readTruth(facts(string(out))).room(); err != nil || got != tt.want {
			t.Errorf("%s: %+v, want %+v (%v)\n%s", name, got, tt.want, err, out)
		}
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}
