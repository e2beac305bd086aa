// Package live knows the live-boot stacks that an initramfs can carry: where
// each looks for the image, how a strategy of the overlay becomes an image
// layout and kernel options, and which options a stack ignores, has renamed or
// reads in other units. A stack is data in a file of its own.
package live

import (
	"strings"

	"slipway/recipes"
)

// Stack is one implementation of booting a live image, in a version.
type Stack struct {
	// ID is "live-boot", "dracut", "kiwi", "casper" or "archiso".
	ID string `json:"id"`
	// Version as it was read in a root, without the packager's revision: "059",
	// "20230131". As expected of a release as long as there is no root.
	Version string `json:"version"`
}

// String is the stack for people: "dracut 059".
func (s Stack) String() string { return strings.TrimSpace(s.ID + " " + s.Version) }

// Strategies of the overlay, as recipes name them.
const (
	Overlayfs    = "overlayfs"        // on a tmpfs of its own
	OverlayfsRun = "overlayfs-run"    // on /run, which has to share its room
	DMSnapshot   = "dm-snapshot"      // device-mapper snapshot over an ext4 image
	DMThin       = "dm-snapshot-thin" // the same on a thin pool
	RAM          = "ram"              // the image itself in RAM
	Persistent   = "persistent"       // on a file system that survives a reboot
	Aufs         = "aufs"
)

// Kinds of what takes the writes, as the running system shows it. The gauge in
// the image and the metrics use the same words.
const (
	KindTmpfs    = "tmpfs"       // upper directory of an overlayfs on a tmpfs of its own
	KindRun      = "run"         // upper directory on /run
	KindSnapshot = "dm-snapshot" // exception store of a dm-snapshot
	KindThin     = "dm-thin"     // data blocks of a thin pool
	KindImage    = "image"       // the root's own file system, writable, in RAM
	KindDisk     = "disk"        // upper directory on a file system of a disk
)

// Question is what a layout is compiled from.
type Question struct {
	Stack   Stack
	Overlay recipes.Overlay
	// Versions of the stacks that the same release has, by ID; nil: not known.
	Versions map[string]string
	Label    string // volume label of the medium
	// Memory of the machine in bytes: what a percentage is of where the stack
	// itself can only count in MiB. 0: not known.
	Memory int64
	// Module reports whether the image's kernel has a module; nil: not known yet.
	Module func(name string) bool
}

// Layout is what an image must look like, what it is booted with and what the
// booted system must show.
type Layout struct {
	Stack    Stack  `json:"stack"`
	Strategy string `json:"strategy"`
	// Image is the squashfs's path on the medium: "live/filesystem.squashfs".
	Image string `json:"image"`
	// Nested: the squashfs holds LiveOS/rootfs.img, an ext4 that holds the root,
	// instead of the root itself. Room is how much of it is free, in bytes.
	Nested bool  `json:"nested,omitempty"`
	Room   int64 `json:"room,omitempty"`
	// Options are the kernel options, without those of the recipe.
	Options []string `json:"options"`
	// Hook: the initramfs must hold Slipway's own hook, which the options speak to.
	Hook bool `json:"hook,omitempty"`
	// InRAM: the squashfs is copied to RAM before it is used.
	InRAM bool `json:"in_ram,omitempty"`
	// Kind and Size are what the booted system must show. Size as in a recipe:
	// "50%" of its memory, or bytes; for KindImage and KindDisk, where the layout
	// does not decide it, empty.
	Kind string       `json:"kind"`
	Size recipes.Size `json:"size,omitempty"`
	// Label of the file system that a persistent overlay lies on.
	Label string `json:"label,omitempty"`
	// Warnings are what an operator should know of this layout.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Warning is something that a layout does and an operator would not expect.
type Warning struct {
	Code    string `json:"code"`           // stable: "overlay-on-run"
	Path    string `json:"path"`           // of the recipe's value: "overlay.strategy"
	Message string `json:"message"`        // lower case, one line
	Hint    string `json:"hint,omitempty"` // what to do about it
}

// Refusal is the error for what a stack cannot do.
type Refusal struct {
	Code    string // stable: "overlay-unavailable", "overlay-size-unit"
	Path    string // of the recipe's value that cannot be
	Message string
	Hint    string // the nearest thing that works
	// Value at Path that would work, for a fix; nil if there is none.
	Value any
}

func (r *Refusal) Error() string { return r.Message }
