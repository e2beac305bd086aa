// Package image packs a root: squashfs, ISO, manifest; and proves that the
// packed image holds what the root holds.
package image

import (
	"fmt"
	"strconv"

	"slipway/engine/proc"
)

// Profile is how hard the squashfs is compressed.
type Profile struct {
	Name  string
	Level int // zstd
}

// ProfileOf returns the named profile; empty means draft. Measured on a 350 MiB
// root with two cores: zstd 3 packs in 1.9 s to 132 MiB, zstd 15 in 22.5 s to
// 118 MiB.
func ProfileOf(name string) (Profile, error) {
	switch name {
	case "", "draft":
		return Profile{"draft", 3}, nil
	case "release":
		return Profile{"release", 15}, nil
	}
	return Profile{}, fmt.Errorf("output profile %q: want draft or release", name)
}

func (p Profile) String() string { return fmt.Sprintf("%s: zstd level %d", p.Name, p.Level) }

// Squashfs returns the command that packs root into file, reproducibly: epoch
// (seconds) caps all times.
func Squashfs(root, file string, p Profile, epoch int64) proc.Cmd {
	return proc.Cmd{Path: "mksquashfs", Env: []string{"SOURCE_DATE_EPOCH=" + strconv.FormatInt(epoch, 10)},
		Args: []string{root, file, "-comp", "zstd", "-Xcompression-level", strconv.Itoa(p.Level), "-xattrs", "-noappend", "-no-progress"}}
}

// Extract returns the command that takes one file out of a squashfs to its place
// below dir, which it makes: unsquashfs(1). Holes stay holes.
func Extract(squashfs, name, dir string) proc.Cmd {
	return proc.Cmd{Path: "unsquashfs", Args: []string{"-no-progress", "-d", dir, squashfs, name}}
}
