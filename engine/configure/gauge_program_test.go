package configure

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/recipes"
)

// Roots as the booted stacks show them in /proc/self/mountinfo.
const (
	liveBootRoot = "29 1 0:25 / / rw,noatime shared:1 - overlay overlay rw,lowerdir=/run/live/rootfs/filesystem.squashfs/,upperdir=/run/live/overlay/rw,workdir=/run/live/overlay/work"
	dracutRoot   = "29 1 0:25 / / rw,relatime - overlay LiveOS_rootfs rw,lowerdir=/run/rootfsbase,upperdir=/run/overlayfs,workdir=/run/ovlwork"
	liveRWRoot   = "29 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/live-rw rw"
	diskRoot     = "29 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro"
)

// dmsetup answers like the program, from what was recorded.
func (l *gaugeLab) dmsetup(answers map[string]string) {
	l.file("sys/dev/block/253:0/dm/name", "live-rw\n")
	script := `case "$*" in`
	for args, answer := range answers {
		script += "\n\"" + args + "\") echo '" + answer + "' ;;"
	}
	l.fake("dmsetup", script+"\n*) exit 1 ;;\nesac")
}

const (
	snapshotTable = "0 2097152 snapshot 7:1 7:2 PO 8"
	thinStatus    = "0 2097152 thin 81920 2097151"
	thinTable     = "0 131072 thin-pool 7:2 7:3 1024 1024 0 "
)

func TestGaugeTellsTheTruth(t *testing.T) {
	snapshot := func(status string) func(*gaugeLab) {
		return func(l *gaugeLab) {
			l.mounts(liveRWRoot)
			l.statfs("/", 143000, 257000, "")
			l.dmsetup(map[string]string{"status live-rw": status, "table live-rw": snapshotTable})
			l.file("sys/dev/block/7:2/size", "131072\n")
		}
	}
	thin := func(pool string) func(*gaugeLab) {
		return func(l *gaugeLab) {
			l.mounts(liveRWRoot)
			l.statfs("/", 143000, 257000, "")
			l.dmsetup(map[string]string{"status live-rw": thinStatus, "status live-overlay-pool": pool, "table live-overlay-pool": thinTable})
		}
	}
	// The image in RAM is a file of 1000 MiB, 600 of which are written.
	image := func(ramUsed int) func(*gaugeLab) {
		return func(l *gaugeLab) {
			l.mounts(liveRWRoot)
			l.statfs("/", 128000, 256000, "")
			l.dmsetup(map[string]string{"status live-rw": "0 2097152 linear ", "table live-rw": "0 2097152 linear 7:1 0"})
			l.file("sys/dev/block/7:1/loop/backing_file", "/run/initramfs/fsimg/rootfs.img\n")
			l.file("stat-L_run_initramfs_fsimg_rootfs.img", "1048576000 1228800 512\n")
			l.statfs("/run/initramfs/fsimg/rootfs.img", ramUsed, 200000, fmt.Sprintf("%d 1000 900 tmpfs", 200000-ramUsed))
		}
	}
	overlay := func(root, upper, fsname string, used int) func(*gaugeLab) {
		return func(l *gaugeLab) {
			l.mounts(root)
			l.statfs("/", used, 131072, "")
			l.statfs(upper, used, 131072, "1 1000 900 "+fsname)
			l.file("stat-L"+strings.ReplaceAll(upper, "/", "_"), "35\n")
			l.file("stat-L_run", "24\n")
		}
	}
	for _, c := range []struct {
		name       string
		machine    func(*gaugeLab)
		line       string
		kind       string
		used, size int64
		full       int
		warns      bool
	}{
		{"live-boot", overlay(liveBootRoot, "/run/live/overlay/rw", "tmpfs", 31488),
			"tmpfs 123 MiB of 512 MiB used (24 %), / is overlayfs", "tmpfs", 31488 * 4096, 512 << 20, 0, false},
		{"dracut flat", overlay(dracutRoot, "/run/overlayfs", "tmpfs", 131),
			"tmpfs 0.5 MiB of 512 MiB used (0 %), / is overlayfs", "tmpfs", 131 * 4096, 512 << 20, 0, false},
		{"on /run", func(l *gaugeLab) {
			overlay(dracutRoot, "/run/overlayfs", "tmpfs", 131071)(l)
			l.file("stat-L_run_overlayfs", "24\n")
		}, "run 512 MiB of 512 MiB used (99 %), / is overlayfs on /run, which fills with it", "run", 131071 * 4096, 512 << 20, 0, true},
		{"full", overlay(liveBootRoot, "/run/live/overlay/rw", "tmpfs", 131072),
			"tmpfs 512 MiB of 512 MiB used (100 %), / is overlayfs", "tmpfs", 512 << 20, 512 << 20, 1, true},
		{"persistent", overlay(liveBootRoot, "/run/live/overlay/rw", "ext2/ext3", 65536),
			"disk 256 MiB of 512 MiB used (50 %), / is overlayfs", "disk", 256 << 20, 512 << 20, 0, false},
		{"reserve", func(l *gaugeLab) { l.mounts(diskRoot); l.statfs("/", 245760, 262144, "0 1000 900 ext2/ext3") },
			"disk 960 MiB of 1024 MiB used (100 %), the rest is reserved, / is ext4", "disk", 960 << 20, 1 << 30, 1, true},
		{"upper out of sight", func(l *gaugeLab) { l.mounts(liveBootRoot); l.statfs("/", 65536, 131072, "") },
			"tmpfs 256 MiB of 512 MiB used (50 %), / is overlayfs", "tmpfs", 256 << 20, 512 << 20, 0, false},
		{"inodes", func(l *gaugeLab) { l.mounts(liveBootRoot); l.statfs("/", 65536, 131072, "65536 1000 20 tmpfs") },
			"tmpfs 256 MiB of 512 MiB used (50 %), its inodes 98 %, / is overlayfs", "tmpfs", 256 << 20, 512 << 20, 0, true},
		{"no inodes", func(l *gaugeLab) { l.mounts(liveBootRoot); l.statfs("/", 65536, 131072, "65536 1000 0 tmpfs") },
			"tmpfs 256 MiB of 512 MiB used (50 %), its inodes 100 %, / is overlayfs", "tmpfs", 256 << 20, 512 << 20, 1, true},
		{"no limit", func(l *gaugeLab) { l.mounts(liveBootRoot); l.statfs("/", 0, 0, "0 0 0 ramfs") },
			"tmpfs 0.0 MiB used, without a limit, / is overlayfs", "tmpfs", 0, 0, 0, false},
		{"aufs", func(l *gaugeLab) {
			l.mounts("29 1 0:25 / / rw - aufs aufs rw,si=8e2b3e1c")
			l.statfs("/", 65536, 131072, "")
		}, "tmpfs 256 MiB of 512 MiB used (50 %), / is aufs", "tmpfs", 256 << 20, 512 << 20, 0, false},
		{"dm-snapshot", snapshot("0 2097152 snapshot 2024/131072 16"),
			"dm-snapshot 1.0 MiB of 64 MiB used (1 %), / is ext4 on live-rw", "dm-snapshot", 2024 * 512, 64 << 20, 0, false},
		{"dm-snapshot overflow", snapshot("0 2097152 snapshot Overflow"),
			"dm-snapshot 64 MiB of 64 MiB used (100 %), overflowed: read-only until a reboot, / is ext4 on live-rw", "dm-snapshot", 64 << 20, 64 << 20, 1, true},
		{"dm-snapshot invalid", snapshot("0 2097152 snapshot Invalid"),
			"dm-snapshot 64 MiB of 64 MiB used (100 %), invalid: nothing works until a hard reset, / is ext4 on live-rw", "dm-snapshot", 64 << 20, 64 << 20, 1, true},
		{"dm-snapshot, small file system", func(l *gaugeLab) {
			snapshot("0 2097152 snapshot 65536/131072 16")(l)
			l.statfs("/", 257000, 257000, "")
		}, "dm-snapshot 32 MiB of 64 MiB used (50 %), its file system is full, / is ext4 on live-rw", "dm-snapshot", 32 << 20, 64 << 20, 1, true},
		{"thin", thin("0 131072 thin-pool 1 20/1638 64/128 - rw no_discard_passdown queue_if_no_space - 1024"),
			"dm-thin 32 MiB of 64 MiB used (50 %), / is ext4 on live-rw", "dm-thin", 32 << 20, 64 << 20, 0, false},
		{"thin metadata", thin("0 131072 thin-pool 1 1500/1638 64/128 - rw discard_passdown queue_if_no_space - 1024"),
			"dm-thin 32 MiB of 64 MiB used (50 %), its metadata 91 %, / is ext4 on live-rw", "dm-thin", 32 << 20, 64 << 20, 0, true},
		{"thin full", thin("0 131072 thin-pool 1 20/1638 128/128 - out_of_data_space discard_passdown queue_if_no_space - 1024"),
			"dm-thin 64 MiB of 64 MiB used (100 %), out of space: nothing new can be written, / is ext4 on live-rw", "dm-thin", 64 << 20, 64 << 20, 1, true},
		{"thin read-only", thin("0 131072 thin-pool 1 20/1638 120/128 - ro discard_passdown queue_if_no_space needs_check 1024"),
			"dm-thin 60 MiB of 64 MiB used (93 %), read-only until a reboot, / is ext4 on live-rw", "dm-thin", 60 << 20, 64 << 20, 1, true},
		{"thin failed", thin("0 131072 thin-pool Fail"),
			"dm-thin 64 MiB of 64 MiB used (100 %), failed: nothing can be written until a reboot, / is ext4 on live-rw", "dm-thin", 64 << 20, 64 << 20, 1, true},
		{"image in RAM", image(180000), "image 500 MiB of 1000 MiB used (50 %), / is ext4 in RAM", "image", 500 << 20, 1000 << 20, 0, false},
		{"image in too small a tmpfs", image(120000),
			"image 469 MiB of 781 MiB used (60 %), limited by the tmpfs that holds it, / is ext4 in RAM", "image", 120000 * 4096, 200000 * 4096, 0, false},
		{"installed", func(l *gaugeLab) { l.mounts(diskRoot); l.statfs("/", 8388608, 13107200, "") },
			"disk 32.0 GiB of 50.0 GiB used (64 %), / is ext4", "disk", 32 << 30, 50 << 30, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newGaugeLab(t)
			c.machine(l)
			if c.name == "image in RAM" { // all of the file is there: nothing can run out below it
				l.file("stat-L_run_initramfs_fsimg_rootfs.img", "1048576000 2048000 512\n")
			}
			if out, code := l.run(); out != c.line+"\n" || code != 0 {
				t.Errorf("prints %swants  %s, exit %d", out, c.line, code)
			}
			metrics := fmt.Sprintf(`# HELP slipway_overlay_bytes What takes the writes of this machine: bytes used and bytes in all.
# TYPE slipway_overlay_bytes gauge
slipway_overlay_bytes{kind=%[1]q,state="used"} %[2]d
slipway_overlay_bytes{kind=%[1]q,state="size"} %[3]d
# HELP slipway_overlay_full Whether ordinary programs cannot write any more: 1 if it is full or has failed.
# TYPE slipway_overlay_full gauge
slipway_overlay_full{kind=%[1]q} %[4]d
`, c.kind, c.used, c.size, c.full)
			if out, code := l.run("--prometheus"); out != metrics || code != 0 {
				t.Errorf("metrics, exit %d:\n%s", code, out)
			}
			if out, code := l.run("--check"); out != "" || code != 0 {
				t.Errorf("check, exit %d: %s", code, out)
			}
			if got := l.take("run/slipway/gauge/slipway_overlay.prom"); got+"\n" != metrics {
				t.Errorf("text file:\n%s", got)
			}
			if warned := l.take("wall"); (warned != "") != c.warns {
				t.Errorf("warned: %q", warned)
			}
		})
	}
}

// What cannot be told is told once, and is no failure of a unit.
func TestGaugeThatCannotTell(t *testing.T) {
	for why, machine := range map[string]func(*gaugeLab){
		"/ is ext4 on live-rw, and there is no dmsetup to ask":                         func(*gaugeLab) {},
		"/ is ext4 on live-rw, and dmsetup status gives no answer (only root may ask)": func(l *gaugeLab) { l.dmsetup(nil) },
	} {
		l := newGaugeLab(t)
		l.file("program", strings.ReplaceAll(string(mustRead(t, filepath.Join(l.dir, "program"))), ":/usr/bin:/bin\n", "\n"))
		for _, name := range []string{"sh", "mkdir", "rm", "mv", "cat", "tr", "timeout"} {
			l.fake(name, `exec /bin/`+name+` "$@"`)
		}
		l.file("sys/dev/block/253:0/dm/name", "live-rw\n")
		l.mounts(liveRWRoot)
		machine(l)
		if out, code := l.run(); out != "slipway-overlay: "+why+"\n" || code != 1 {
			t.Errorf("exit %d: %s", code, out)
		}
		for range 3 {
			if out, code := l.run("--check"); out != "" || code != 0 {
				t.Errorf("check, exit %d: %s", code, out)
			}
		}
		if told := l.take("logger"); strings.Count(told, "\n") != 0 || !strings.HasSuffix(told, "cannot tell how full the overlay is: "+why) {
			t.Errorf("told %q", told)
		}
	}
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGaugeWarnsOncePerThreshold(t *testing.T) {
	l := newGaugeLab(t)
	l.configure(recipes.Overlay{WarnCommand: "true"})
	l.mounts(liveBootRoot)
	const fails = "; when it is full, writes to / fail until files are deleted"
	for i, step := range []struct {
		used int // percent
		warn string
		unit string // instance of the command's unit
	}{
		{10, "", ""},
		{79, "", ""},
		{80, "tmpfs 80 MiB of 100 MiB used (80 %), above 80 %" + fails, "80"},
		{84, "", ""},
		{79, "", ""}, // not armed again yet
		{80, "", ""},
		{77, "", ""}, // still not
		{81, "", ""},
		{76, "", ""}, // armed
		{82, "tmpfs 82 MiB of 100 MiB used (82 %), above 80 %" + fails, "80"},
		{96, "tmpfs 96 MiB of 100 MiB used (96 %), above 95 %" + fails, "95"}, // one for both
		{91, "", ""},
		{94, "", ""},
		{95, "tmpfs 95 MiB of 100 MiB used (95 %), above 95 %" + fails, "95"},
		{100, "tmpfs 100 MiB of 100 MiB used (100 %): writes to / fail", "100"},
		{100, "", ""},
		{20, "", ""},
		{-1, "", ""}, // the memory is spoilt
		{100, "tmpfs 100 MiB of 100 MiB used (100 %): writes to / fail", "100"},
	} {
		if step.used < 0 {
			l.file("run/slipway/gauge/warned", "")
			continue
		}
		l.statfs("/", step.used*256, 100*256, "")
		if out, code := l.run("--check"); out != "" || code != 0 {
			t.Fatalf("reading %d: exit %d: %s", i, code, out)
		}
		want := step.warn
		if want != "" {
			want = "slipway-overlay: warning: " + want
		}
		if got := l.take("wall"); got != want {
			t.Errorf("reading %d, %d %%: users are told %q, want %q", i, step.used, got, want)
		}
		if got := l.take("dev/console"); got != want {
			t.Errorf("reading %d, %d %%: the console shows %q, want %q", i, step.used, got, want)
		}
		if got := l.take("logger"); want == "" && got != "" || want != "" && (!strings.HasPrefix(got, "-t slipway-overlay -p daemon.warning --id=") || !strings.HasSuffix(got, strings.TrimPrefix(want, "slipway-overlay: "))) {
			t.Errorf("reading %d, %d %%: the journal gets %q", i, step.used, got)
		}
		if step.unit != "" {
			step.unit = "--no-block start slipway-overlay-command@" + step.unit + ".service"
		}
		if got := l.take("systemctl"); got != step.unit {
			t.Errorf("reading %d, %d %%: starts %q, want %q", i, step.used, got, step.unit)
		}
	}
}

// The words say what will happen to this machine, not to some other.
func TestGaugeSaysWhatAFullOverlayDoes(t *testing.T) {
	for table, want := range map[string]string{
		snapshotTable:                    "when it is full, / is read-only until a reboot",
		"0 2097152 snapshot 7:1 7:2 P 8": "when it is full, nothing works until a hard reset",
	} {
		l := newGaugeLab(t)
		l.mounts(liveRWRoot)
		l.statfs("/", 143000, 257000, "")
		l.dmsetup(map[string]string{"status live-rw": "0 2097152 snapshot 110000/131072 16", "table live-rw": table})
		l.run("--check")
		if got := l.take("dev/console"); got != "slipway-overlay: warning: dm-snapshot 54 MiB of 64 MiB used (83 %), above 80 %; "+want {
			t.Errorf("%s: %s", table, got)
		}
	}
}

func TestGaugeCommand(t *testing.T) {
	l := newGaugeLab(t)
	l.mounts(liveBootRoot)
	l.statfs("/", 91*256, 100*256, "")
	l.configure(recipes.Overlay{WarnCommand: "printf '%s ' \"it's\" $SLIPWAY_OVERLAY_PERCENT $SLIPWAY_OVERLAY_KIND $SLIPWAY_OVERLAY_USED\necho $SLIPWAY_OVERLAY_SIZE $SLIPWAY_OVERLAY_THRESHOLD; exit 7"})
	if out, code := l.run("--command", "90"); out != "it's 91 tmpfs 95420416 104857600 90\n" || code != 7 {
		t.Errorf("exit %d: %q", code, out)
	}
	l.configure(recipes.Overlay{WarnCommand: "while :; do sleep 1; done"})
	if out, code := l.run("--command", "90"); code != 124 { // timeout(1): it was ended
		t.Errorf("a command without an end: exit %d: %s", code, out)
	}
	l.configure(recipes.Overlay{})
	if out, code := l.run("--command", "90"); out != "" || code != 0 {
		t.Errorf("no command: exit %d: %s", code, out)
	}
}

func TestGaugeWithASpoiltConfiguration(t *testing.T) {
	for conf, warns := range map[string]bool{
		"WARN_AT='80 90":                  true, // not a shell's: the defaults
		"":                                true,
		"WARN_AT='full 0 080 1000 x; rm'": false,
		"WARN_AT='full 81'\nexit 3":       true,
		"WARN_AT=82":                      false,
	} {
		l := newGaugeLab(t)
		l.mounts(liveBootRoot)
		l.statfs("/", 81*256, 100*256, "")
		l.file("etc/slipway/overlay.conf", conf+"\n")
		if out, code := l.run("--check"); out != "" || code != 0 {
			t.Errorf("%q: exit %d: %s", conf, code, out)
		}
		if got := l.take("wall"); (got != "") != warns {
			t.Errorf("%q: warned %q", conf, got)
		}
	}
}

func TestGaugeUsage(t *testing.T) {
	l := newGaugeLab(t)
	if out, code := l.run("--help"); code != 0 || !strings.HasPrefix(out, "usage: slipway-overlay [OPTION]\n") {
		t.Errorf("exit %d: %s", code, out)
	}
	if out, code := l.run("--verbose"); code != 2 || !strings.HasPrefix(out, "usage: ") {
		t.Errorf("exit %d: %s", code, out)
	}
}
