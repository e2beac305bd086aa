package engine

import (
	"fmt"
	"os"
	"path/filepath"

	"slipway/engine/live"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// PathInRAM is a way to boot without a medium that stays: the squashfs is
// fetched or copied to RAM before it is used, as fetch= of live-boot and livenet
// of dracut do.
const PathInRAM = "in-ram"

// What a machine has taken of its memory when its start-up is over. Measured:
// memory minus MemAvailable in guests of debian-vm (Debian 12, cloud kernel 6.1,
// systemd, sshd, networkd, nothing asked of them yet), in MiB:
//
//	live-boot, dracut 059, flat, 1 GiB          214 to 220
//	kiwi 9.24.56, nested, 1 GiB                        232
//	dracut dm-snapshot, nested, 1 GiB                  238
//	dracut thin, nested, 1 GiB                         251
//	live-boot, medium of 167 in RAM, 1 / 2 GiB   366 / 395
//	dracut dm-snapshot, nested, SELinux, 1 GiB   297 to 320
//	dracut, ext4 of 403 and 64 free in RAM, 2 GiB      655
//
// The same image gives figures up to 15 MiB apart from one boot to the next.
const (
	// baseRAM is the kernel, its tables that do not grow with the memory, the
	// programs of such a system and what lies on its small tmpfs mounts.
	baseRAM = 199 << 20
	// perRAM: the kernel describes each page of 4 KiB in 64 bytes (struct page).
	perRAM = 4096 / 64
	// nestedRAM is what a second file system inside the first keeps in caches
	// that MemAvailable does not count on.
	nestedRAM = 20 << 20
	// thinRAM is what a thin pool holds beyond a snapshot.
	thinRAM = 15 << 20
	// selinuxRAM is a loaded policy, and the labels of what is in the kernel's caches:
	// Debian 12's policy.
	selinuxRAM = 70 << 20
)

// MachineMemory is the memory of a recipe's test machine in bytes.
func MachineMemory(r recipes.Recipe) int64 { return memory(r.Boot) }

// PredictRAM says how many bytes of a machine's memory are taken right after a
// boot of the build in dir: what MemAvailable will be short of memory. path is
// smoke.Direct, smoke.ISO or PathInRAM. What a recipe's own services take is not
// known and not counted. An overlay takes what is written to it, later.
func PredictRAM(rec Record, dir string, memory int64, path string) (int64, error) {
	image, err := imageInRAM(rec, dir, path)
	if err != nil {
		return 0, fmt.Errorf("predict the memory: %w", err)
	}
	taken := baseRAM + memory/perRAM + image
	if rec.Layout.Nested {
		taken += nestedRAM
	}
	if rec.Layout.Kind == live.KindThin {
		taken += thinRAM
	}
	if rec.Keys[StepLabel] != "" { // only with SELinux there is that step
		taken += selinuxRAM
	}
	return taken, nil
}

// imageInRAM is how many bytes of the image lie in RAM and cannot be dropped.
// Pages read from a medium can, and do not count.
func imageInRAM(rec Record, dir, path string) (int64, error) {
	l := rec.Layout
	var sum int64
	add := func(name string) error {
		st, err := os.Stat(filepath.Join(dir, name))
		if err == nil {
			sum += st.Size()
		}
		return err
	}
	switch path {
	case PathInRAM:
		if err := add(squashfsName); err != nil {
			return 0, err
		}
	case smoke.Direct, smoke.ISO:
		if l.InRAM && l.Kind != live.KindImage {
			// toram of live-boot copies all that is on the medium.
			if err := add(rec.Recipe + ".iso"); err != nil {
				return 0, err
			}
		}
	default:
		return 0, fmt.Errorf("boot path %q is not known", path)
	}
	if l.Kind == live.KindImage {
		// Free blocks are holes in the squashfs and stay holes in the copy.
		size, _, err := l.Size.Parse()
		if err != nil {
			return 0, fmt.Errorf("size of the image: %w", err)
		}
		sum += size - l.Room
	}
	return sum, nil
}
