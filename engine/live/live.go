// Package live knows the live-boot stacks that an initramfs can carry: where
// each looks for the image and which kernel options make it do what a recipe
// asks. A stack is data in a file of its own.
package live

import (
	"fmt"

	"slipway/recipes"
)

// Stack is one implementation of booting a live image.
type Stack struct {
	Name  string // "live-boot"
	Image string // path of the squashfs on the medium
	// Always are the options without which the stack does nothing.
	Always []string
	// Overlays compile a strategy's size into options.
	Overlays map[string]func(recipes.Size) ([]string, error)
	// InitramfsFiles are the places in the root that its initramfs is made
	// from: a change below one of them means that it must be made again.
	InitramfsFiles []string
}

// Layout is what an image must look like and be booted with.
type Layout struct {
	Stack   string
	Image   string
	Options []string
}

// Compile returns the layout for an overlay; an error names what the stack
// cannot do.
func Compile(s Stack, o recipes.Overlay) (Layout, error) {
	strategy := o.Strategy
	if strategy == "" {
		strategy = "overlayfs"
	}
	size, ok := s.Overlays[strategy]
	if !ok {
		return Layout{}, fmt.Errorf("overlay strategy %q is not available with %s", strategy, s.Name)
	}
	options, err := size(o.Size)
	if err != nil {
		return Layout{}, fmt.Errorf("overlay: %w", err)
	}
	return Layout{Stack: s.Name, Image: s.Image, Options: append(append([]string{}, s.Always...), options...)}, nil
}
