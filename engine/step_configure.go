package engine

import (
	"context"
	"os"
	"path/filepath"

	"slipway/engine/configure"
	"slipway/engine/proc"
)

// mounted mounts the finished layers, with dir/upper over them, runs f on the
// merged root, and unmounts. Without dir the root is read-only.
func (b *builder) mounted(name, dir string, lower []string, f func(root string) error) (err error) {
	target := filepath.Join(b.space.dir, "merged-"+name)
	upper, work := "", ""
	if dir != "" {
		upper, work = filepath.Join(dir, "upper"), filepath.Join(b.space.dir, "overlay-"+name)
		for _, d := range []string{upper, work} {
			if err := os.Mkdir(d, 0o755); err != nil {
				return err
			}
		}
	}
	if upper == "" && len(lower) == 1 {
		return f(lower[0])
	}
	if err := proc.Overlay(target, lower, upper, work); err != nil {
		return hinted(err, "the cache must lie on a file system that overlayfs can write to (ext4, xfs, btrfs); see slipway doctor")
	}
	defer func() {
		if e := proc.UnmountBelow(target); e != nil && err == nil {
			err = e
		}
	}()
	return f(target)
}

// lowers are the layers that make up the root so far, topmost first.
func (b *builder) lowers() []string {
	dirs := []string{filepath.Join(b.at[StepRoot], "root")}
	for _, step := range b.overRoot() {
		dirs = append([]string{filepath.Join(b.at[step], "upper")}, dirs...)
	}
	return dirs
}

// overRoot are the finished steps that left something in the root, in order.
// The initramfs's making seldom does.
func (b *builder) overRoot() (steps []string) {
	for _, step := range []string{StepConfigure, StepInitramfs, StepLabel} {
		if st, err := os.Stat(filepath.Join(b.at[step], "upper")); b.at[step] != "" && err == nil && st.IsDir() {
			steps = append(steps, step)
		}
	}
	return steps
}

// lowerKeys are the keys of what makes up the root so far: inputs of what is
// made of it.
func (b *builder) lowerKeys() []Input {
	in := []Input{{StepRoot, b.keys[StepRoot]}}
	for _, step := range b.overRoot() {
		in = append(in, Input{step, b.keys[step]})
	}
	return in
}

// configure applies the recipe's settings in a layer over the root.
func (b *builder) configure(ctx context.Context) error {
	return b.layer(StepConfigure, []Input{{StepRoot, b.keys[StepRoot]}}, func(dir string) error {
		return b.mounted(StepConfigure, dir, b.lowers(), func(root string) error {
			if err := proc.MountAPI(root); err != nil {
				return err
			}
			r := &configure.Root{Dir: root, Distro: b.distro, Assets: b.Assets,
				Exec: func(ctx context.Context, c proc.Cmd) error { return b.exec(ctx, StepConfigure, c) },
				Log:  func(l string) { b.line(StepConfigure, l) }}
			parts := configure.Parts()
			for i, p := range parts {
				b.progress(StepConfigure, p.Name, int64(i), int64(len(parts)))
				if err := p.Run(r, ctx, b.Recipe); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
