package live

import (
	"fmt"

	"slipway/recipes"
)

const (
	mib = 1 << 20
	// half is what a tmpfs gets if nobody says anything: tmpfs(5).
	half recipes.Size = "50%"
	// inMiB is the default where a size can only be said in MiB.
	inMiB = 512
)

// tmpfsSize is the size that a recipe asks for, and how mount(8) wants it said
// for a tmpfs: "50%", "512m".
func tmpfsSize(q Question) (size recipes.Size, word string, err error) {
	size = q.Overlay.Size
	if size == "" {
		size = half
	}
	bytes, percent, err := size.Parse()
	switch {
	case err != nil:
		return "", "", &Refusal{Code: "overlay-size", Path: "overlay.size", Message: err.Error(), Hint: "such as 50% or 512MiB"}
	case percent > 0:
		return size, fmt.Sprintf("%d%%", percent), nil
	case bytes%mib == 0:
		return size, fmt.Sprintf("%dm", bytes/mib), nil
	}
	return size, fmt.Sprintf("%dk", bytes>>10), nil
}

// mebibytes is the size for what can count in MiB only.
func mebibytes(q Question, what string) (int64, error) {
	if q.Overlay.Size == "" {
		return inMiB, nil
	}
	bytes, percent, err := q.Overlay.Size.Parse()
	switch {
	case err != nil:
		return 0, &Refusal{Code: "overlay-size", Path: "overlay.size", Message: err.Error(), Hint: "such as 512MiB"}
	case percent > 0:
		r := sizeRefused(q, "overlay-size-unit", what+" has a size in MiB, not a share of the memory", nearestMiB(q, percent))
		r.Hint += fmt.Sprintf(", %d%% of the test boot's memory", percent)
		return 0, r
	}
	return (bytes + mib - 1) / mib, nil
}

// nearestMiB is a percentage of the machine's memory in MiB.
func nearestMiB(q Question, percent int) recipes.Size {
	memory := q.Memory
	if memory == 0 {
		memory, _, _ = recipes.DefaultMemory.Parse()
	}
	return inUnit(memory * int64(percent) / 100 / mib)
}

func inUnit(n int64) recipes.Size { return recipes.Size(fmt.Sprintf("%dMiB", n)) }
