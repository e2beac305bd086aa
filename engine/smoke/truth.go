package smoke

import (
	"fmt"
	"strconv"
	"strings"

	"slipway/engine/live"
)

// truthScript asks who takes the writes of the running root and how full that is.
// df alone does not know: over a snapshot it shows the file system in the image.
// It needs no room on the root and starts few programs: it runs every few seconds.
const truthScript = `set -- $(findmnt -no FSTYPE,SOURCE,OPTIONS /)
echo "root=$1 $2"
upper=
case $3 in *upperdir=*) upper=${3#*upperdir=}; upper=${upper%%,*} ;; esac
df -B1 --output=fstype,size,used,avail,source,target / $upper | {
	read -r titles; read -r line; echo "df=$line"
	[ -z "$upper" ] || { read -r fs size used avail source target; echo "upper=$fs $size $used $avail $source $target"
		case $fs in tmpfs) ;; *) echo "label=$(lsblk -dno LABEL "$source")" ;; esac; }
}
case $2 in
/dev/mapper/*)
	name=${2#/dev/mapper/}
	set -- $(dmsetup table "$name" 2>&1); echo "table=$name $*"
	case $3 in
	snapshot) echo "status=$name $(dmsetup status "$name")"; read -r sectors < "/sys/dev/block/$5/size"; echo "store=$sectors" ;;
	thin) dmsetup table --target thin-pool | sed 's/^/pooltable=/'; dmsetup status --target thin-pool | sed 's/^/pool=/' ;;
	esac ;;
esac
`

// truth is what truthScript saw.
type truth struct {
	fs, source string // of /
	df         mounted
	upper      *mounted // of the upper directory; nil if / is no overlay
	label      string   // of the upper directory's file system
	target     []string // of device mapper: "live-rw: 0 2097152 snapshot ..." in words
	status     string   // "dmsetup status live-rw: Overflow" without its numbers
	used, size int64    // of the snapshot's or the pool's own store
}

// mounted is a line of df.
type mounted struct {
	fs, source, target string
	size, used, avail  int64
}

func readTruth(f map[string][]string) truth {
	var t truth
	t.fs, t.source, _ = strings.Cut(one(f, "root"), " ")
	t.df = readMounted(one(f, "df"))
	if line := one(f, "upper"); line != "" {
		m := readMounted(line)
		t.upper, t.label = &m, one(f, "label")
	}
	t.target = strings.Fields(one(f, "table"))
	switch t.targetType() {
	case "snapshot":
		t.snapshot(strings.Fields(one(f, "status")), number(one(f, "store"))*sector)
	case "thin":
		t.pool(strings.Fields(one(f, "pooltable")), strings.Fields(one(f, "pool")))
	}
	return t
}

func readMounted(line string) mounted {
	w := strings.Fields(line)
	if len(w) < 6 {
		return mounted{}
	}
	return mounted{fs: w[0], size: number(w[1]), used: number(w[2]), avail: number(w[3]), source: w[4], target: strings.Join(w[5:], " ")}
}

const sector = 512

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// targetType is device mapper's word for what the root lies on: "snapshot"; "" if
// that is no device of its.
func (t truth) targetType() string {
	if len(t.target) < 4 {
		return ""
	}
	return t.target[3]
}

// deviceSize of the root's device, as device mapper has it.
func (t truth) deviceSize() int64 {
	if len(t.target) < 4 {
		return 0
	}
	return number(t.target[2]) * sector
}

// snapshot reads "live-rw 0 2097152 snapshot 2024/131072 16": used and all sectors
// of the store, or instead of them a word such as "Overflow".
func (t *truth) snapshot(status []string, store int64) {
	if len(status) < 5 {
		return
	}
	t.status = "dmsetup status " + status[0]
	used, all, ok := strings.Cut(status[4], "/")
	if ok {
		t.used, t.size = number(used)*sector, number(all)*sector
		return
	}
	t.status += ": " + strings.Join(status[4:], " ")
	t.used, t.size = store, store
}

// pool reads the table "NAME: 0 131072 thin-pool 7:2 7:3 1024 ...", whose eighth
// word is the sectors of a block, and the status "NAME: 0 131072 thin-pool 1
// 12/1638 44/128 - rw ...", whose seventh is used and all data blocks.
func (t *truth) pool(table, status []string) {
	if len(table) < 7 || len(status) < 5 {
		return
	}
	t.status = "dmsetup status " + strings.TrimSuffix(status[0], ":")
	if len(status) < 7 { // "Fail"
		t.status += ": " + strings.Join(status[4:], " ")
		t.size = number(table[2]) * sector
		t.used = t.size
		return
	}
	used, all, _ := strings.Cut(status[6], "/")
	block := number(table[6]) * sector
	t.used, t.size = number(used)*block, number(all)*block
	for _, word := range status[7:] {
		if word == "out_of_data_space" || word == "ro" {
			t.status += ": " + word
		}
	}
}

// kind is a Kind of package live; "" if nothing that a live stack makes takes the
// writes.
func (t truth) kind() string {
	switch {
	case t.upper != nil && t.upper.fs == "tmpfs" && t.upper.target == "/run":
		return live.KindRun
	case t.upper != nil && t.upper.fs == "tmpfs":
		return live.KindTmpfs
	case t.upper != nil && strings.HasPrefix(t.upper.source, "/dev/"):
		return live.KindDisk
	}
	switch t.targetType() {
	case "snapshot":
		return live.KindSnapshot
	case "thin":
		return live.KindThin
	case "linear":
		return live.KindImage
	}
	return ""
}

// room is how full what takes the writes is.
func (t truth) room() Room {
	r := Room{Kind: t.kind()}
	switch r.Kind {
	case live.KindTmpfs, live.KindRun:
		r.Used, r.Size, r.Source = t.upper.used, t.upper.size, "tmpfs "+t.upper.target
	case live.KindDisk:
		r.Used, r.Size, r.Source = t.upper.used, t.upper.size, t.upper.fs+" on "+t.upper.source
	case live.KindSnapshot, live.KindThin:
		r.Used, r.Size, r.Source = t.used, t.size, t.status
	case live.KindImage:
		r.Used, r.Size, r.Source = t.df.used, t.df.size, t.df.fs+" on "+t.source
	}
	return r
}

// String says what takes the writes, for people.
func (t truth) String() string {
	switch t.kind() {
	case live.KindTmpfs:
		return "overlayfs on a tmpfs of its own"
	case live.KindRun:
		return "overlayfs on /run"
	case live.KindDisk:
		label := ""
		if t.label != "" {
			label = ", label " + t.label
		}
		return fmt.Sprintf("overlayfs on %s (%s%s)", t.upper.source, t.upper.fs, label)
	case live.KindSnapshot:
		return "dm-snapshot"
	case live.KindThin:
		return "dm-snapshot on a thin pool"
	case live.KindImage:
		return "the image itself, writable"
	}
	switch {
	case t.fs == "":
		return "nothing"
	case t.upper != nil:
		return "overlayfs on " + orNothing(t.upper.fs)
	case len(t.target) > 0:
		return t.fs + " on " + strings.Join(t.target, " ")
	}
	return t.fs + " on " + orNothing(t.source)
}
