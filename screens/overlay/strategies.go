package overlay

import (
	"slipway/engine/live"
)

// strategy is one way to let a machine write although its image cannot be
// written to. What it does was seen in boots of it.
type strategy struct {
	id, name  string
	note      string // who it is for, in a few words
	title     string
	elsewhere string // where it is at home, if this stack does not have it
	upper     string // in the picture: what takes the writes, and where that lies; %s is the size
	lower     string // what is read where nothing was written; "" if there is no such layer
	full      string // what happens when it is full
	df        string // whether df shows it
	danger    bool   // a full one cannot be emptied again
}

var strategies = []strategy{
	{
		id: "overlayfs", name: "overlayfs", note: "recommended",
		title: "overlayfs on its own tmpfs",
		upper: "tmpfs in RAM, ≤ %s", lower: "squashfs on the medium",
		full: "writes fail with ENOSPC; deleting files makes room again",
		df:   "yes: df / is the truth",
	},
	{
		id: "dm-snapshot", name: "dm-snapshot", note: "classic Fedora", elsewhere: "needs dracut",
		title: "device-mapper snapshot over an ext4 image",
		upper: "snapshot in RAM, sparse", lower: "ext4 in the squashfs",
		full:   "the snapshot overflows: every write fails with EIO, also after deleting; read-only until a reboot, with older dracut dead until a reset",
		df:     "no: df shows the ext4 inside, 65 % full when nothing can be written any more",
		danger: true,
	},
	{
		id: "dm-snapshot-thin", name: "dm-snapshot thin", note: "", elsewhere: "needs dracut",
		title: "thin device-mapper snapshot",
		upper: "thin pool in RAM", lower: "ext4 in the squashfs",
		full: "not tried in a boot yet",
		df:   "no: df shows the ext4 inside, not the pool",
	},
	{
		id: "ram", name: "ram", note: "whole image in RAM", elsewhere: "not built yet",
		title: "the whole image copied to RAM, written to directly",
		upper: "the image itself, in RAM", lower: "",
		full: "not tried in a boot yet",
		df:   "yes: nothing lies below it",
	},
	{
		id: "persistent", name: "persistent", note: "survives a reboot", elsewhere: "not built yet",
		title: "overlayfs on a disk of the machine",
		upper: "a partition of a disk", lower: "squashfs on the medium",
		full: "not tried in a boot yet; a reboot does not empty it",
		df:   "yes: df / shows the partition",
	},
	{
		id: "aufs", name: "aufs", note: "", elsewhere: "no such kernel",
		title: "aufs, the overlay before overlayfs",
		upper: "branch on a tmpfs", lower: "squashfs on the medium",
		full: "not tried: Linux itself never had it",
		df:   "",
	},
}

func indexOf(id string) int {
	for i, st := range strategies {
		if st.id == id {
			return i
		}
	}
	return -1
}

// unavailable says why the strategy cannot be chosen; "" if it can. Whether it
// can is the live stack's to say.
func (st strategy) unavailable() string {
	if st.id == live.Overlayfs {
		return ""
	}
	if st.elsewhere != "" {
		return st.elsewhere
	}
	return "not here"
}
