package live

import (
	"errors"

	"slipway/recipes"
)

// Offer is a strategy as an operator has to choose it: what it does to a server
// that writes, and whether this stack has it.
type Offer struct {
	Strategy string
	Name     string // "dm-snapshot thin"
	Note     string // who it is for, in a few words: "survives a reboot"
	Title    string // what it is, in a line
	// Upper takes the writes, Lower is read where nothing was written: words for
	// a picture. %s in Upper is the size; Lower is empty if there is no such layer.
	Upper, Lower string
	Full         string // what happens when it is full
	DF           string // whether df is honest about it
	Danger       bool   // once full, it cannot be emptied again
	// Refusal says why it cannot be had, nil if it can; Refused says so in a few
	// words: "needs dracut".
	Refusal *Refusal
	Refused string
	// Layout is the compiled one, and Edits are what choosing it changes in the
	// recipe: the strategy, and a size or label that it needs to be different.
	Layout Layout
	Edits  []recipes.Edit
}

// words are what is to be said of a strategy, whatever the stack. What happens
// when it is full was seen in boots with 64 MiB filled by writes of 4 MiB.
var words = map[string]Offer{
	Overlayfs: {Name: "overlayfs", Note: "its own room in RAM", Title: "overlayfs on its own tmpfs",
		Upper: "tmpfs in RAM, ≤ %s", Lower: "squashfs on the medium", Full: fullTmpfs, DF: "yes: df / is the truth"},
	OverlayfsRun: {Name: "overlayfs on /run", Note: "shares the room of /run", Title: "overlayfs on /run, which everybody writes to",
		Upper: "/run in RAM, ≤ %s", Lower: "squashfs on the medium",
		Full: "writes to / and to /run fail with ENOSPC, and services that need /run with them; deleting files makes room again", DF: "yes: df / shows /run"},
	DMSnapshot: {Name: "dm-snapshot", Note: "classic Fedora", Title: "device-mapper snapshot over an ext4 image",
		Upper: "snapshot in RAM, ≤ %s", Lower: "ext4 in the squashfs", Full: fullOverflow, DF: "no: df shows the ext4 inside, 52 % when a snapshot of 64 MiB was full", Danger: true},
	DMThin: {Name: "dm-snapshot thin", Note: "classic, gives discarded blocks back", Title: "thin device-mapper snapshot over an ext4 image",
		Upper: "thin pool in RAM, ≤ %s", Lower: "ext4 in the squashfs", Full: fullThin, DF: "no: df shows the ext4 inside, 51 % when a pool of 64 MiB was full"},
	RAM: {Name: "ram", Note: "whole image in RAM", Title: "the whole image copied to RAM, written to directly",
		Upper: "the image itself, in RAM", Full: fullTmpfs, DF: "yes: nothing lies below it"},
	Persistent: {Name: "persistent", Note: "survives a reboot", Title: "overlayfs on a disk of the machine",
		Upper: "a file system of a disk", Lower: "squashfs on the medium",
		Full: "writes fail with ENOSPC; deleting files makes room again, a reboot does not", DF: "yes: df / shows the file system of the disk"},
	Aufs: {Name: "aufs", Note: "the overlay before overlayfs", Title: "aufs, the overlay before overlayfs",
		Upper: "branch on a tmpfs, ≤ %s", Lower: "squashfs on the medium", Full: "not tried: Linux itself never had it", DF: "not tried"},
}

const (
	fullTmpfs    = "writes fail with ENOSPC; deleting files makes room again"
	fullOverflow = "the snapshot overflows: every write fails with EIO, also after deleting; read-only until a reboot"
	// fullInvalid is a snapshot of mode p or P: device-mapper/snapshot.rst.
	fullInvalid = "the snapshot turns invalid: not even reading works; dead until a hard reset"
	// fullThin: no_space_timeout of dm_thin_pool, device-mapper/thin-provisioning.rst.
	fullThin = "writes wait for a minute, then fail with EIO; deleting files makes room again"
)

// Offers returns every strategy, in the order in which recipes name them, the
// safest first.
func Offers(q Question) []Offer {
	var out []Offer
	for _, strategy := range recipes.Strategies {
		out = append(out, offer(q, strategy))
	}
	return out
}

func offer(q Question, strategy string) Offer {
	o := words[strategy]
	o.Strategy = strategy
	o.adapt(q.Stack)
	q.Overlay.Strategy = strategy
	o.Edits = []recipes.Edit{{Path: "overlay.strategy", Value: strategy}}
	var refusal *Refusal
	for { // each turn gives way in another value, of which there are two
		var err error
		if o.Layout, err = Compile(q); !errors.As(err, &refusal) {
			return o
		}
		text, ok := refusal.Value.(string)
		switch {
		case ok && refusal.Path == "overlay.size" && recipes.Size(text) != q.Overlay.Size:
			q.Overlay.Size = recipes.Size(text)
		case ok && refusal.Path == "overlay.label" && text != q.Overlay.Label:
			q.Overlay.Label = text
		default:
			o.Refusal, o.Refused = refusal, shortly(q)
			return o
		}
		o.Edits = append(o.Edits, recipes.Edit{Path: refusal.Path, Value: text})
	}
}

// adapt says what is different with a stack.
func (o *Offer) adapt(s Stack) {
	switch {
	case o.Strategy == DMSnapshot && s.ID == dracut.id && !overflows(s):
		o.Full = fullInvalid
	case o.Strategy == RAM && s.ID != dracut.id:
		o.Title, o.Upper, o.Lower = "the whole image copied to RAM, under an overlayfs", "tmpfs in RAM, ≤ %s", "squashfs in RAM"
		o.DF = "yes: df / is the truth"
	case s.ID == kiwi.id && o.Lower != "":
		o.Lower = "ext4 in the squashfs"
	}
}

// shortly says why a strategy cannot be had, as short as a list wants it.
func shortly(q Question) string {
	s, known := find(q.Stack.ID)
	if q.Overlay.Strategy == Aufs && (!known || s == &liveBoot) {
		return "not in this kernel"
	}
	if known && s.compiles[q.Overlay.Strategy] == nil {
		if has := others(q, s); len(has) > 0 {
			return "needs " + has[0]
		}
	}
	return "not with " + q.Stack.String()
}
