package live

import (
	"fmt"

	"slipway/recipes"
)

// Compile returns the layout for a recipe's overlay on a stack. The error is a
// *Refusal.
func Compile(q Question) (Layout, error) {
	if q.Stack.ID != "live-boot" || q.Overlay.Strategy != Overlayfs {
		return Layout{}, &Refusal{Code: "overlay-unavailable", Path: "overlay.strategy", Message: fmt.Sprintf("overlay strategy %q is not available with %s", q.Overlay.Strategy, q.Stack)}
	}
	options := []string{"boot=live"}
	bytes, percent, err := q.Overlay.Size.Parse()
	switch {
	case q.Overlay.Size == "":
	case err != nil:
		return Layout{}, &Refusal{Code: "overlay-size", Path: "overlay.size", Message: err.Error()}
	case percent > 0:
		options = append(options, fmt.Sprintf("overlay-size=%d%%", percent))
	default:
		options = append(options, fmt.Sprintf("overlay-size=%dm", bytes>>20))
	}
	return Layout{Stack: q.Stack, Strategy: Overlayfs, Image: "live/filesystem.squashfs", Options: options, Kind: KindTmpfs, Size: q.Overlay.Size}, nil
}

// Lint looks for what the recipe's stack cannot do, ignores or has renamed.
func Lint(doc *recipes.Document, q Question) recipes.Problems { return nil }
