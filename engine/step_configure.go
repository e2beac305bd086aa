package engine

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

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
	for _, step := range []string{StepConfigure, StepInitramfs} {
		upper := filepath.Join(b.at[step], "upper")
		if st, err := os.Stat(upper); b.at[step] != "" && err == nil && st.IsDir() {
			dirs = append([]string{upper}, dirs...)
		}
	}
	return dirs
}

// configure applies the recipe's settings in a layer over the root.
func (b *builder) configure(ctx context.Context) error {
	return b.layer(StepConfigure, []Input{{StepRoot, b.keys[StepRoot]}}, func(dir string) error {
		return b.mounted(StepConfigure, dir, b.lowers(), func(root string) error {
			if err := proc.MountAPI(root); err != nil {
				return err
			}
			r := &configure.Root{Dir: root, Assets: b.Assets,
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

// initramfs takes kernel and initramfs out of the root. The initramfs was made
// when the packages were installed; it is made again only if configure changed
// a file that it is made from.
func (b *builder) initramfs(ctx context.Context) error {
	changed, err := b.initramfsChanges()
	if err != nil {
		return err
	}
	more := []Input{{StepRoot, b.keys[StepRoot]}}
	for _, c := range changed {
		more = append(more, c)
	}
	return b.layer(StepInitramfs, more, func(dir string) error {
		if len(changed) == 0 {
			return takeKernel(b.lowers()[len(b.lowers())-1], dir)
		}
		return b.mounted(StepInitramfs, dir, b.lowers(), func(root string) error {
			if err := proc.MountAPI(root); err != nil {
				return err
			}
			if err := b.exec(ctx, StepInitramfs, proc.Cmd{Path: "update-initramfs", Args: []string{"-u", "-k", "all"}, Root: root}); err != nil {
				return fmt.Errorf("make the initramfs: %w", err)
			}
			return takeKernel(root, dir)
		})
	})
}

// initramfsChanges lists the files of the configure layer that the stack's
// initramfs is made from.
func (b *builder) initramfsChanges() ([]Input, error) {
	upper := filepath.Join(b.at[StepConfigure], "upper")
	var changed []Input
	err := filepath.WalkDir(upper, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimPrefix(path, upper+"/")
		for _, place := range b.layout.Stack.MadeFrom() {
			if name == place || strings.HasPrefix(name, place+"/") {
				changed = append(changed, Input{"/" + name, hashFile(path)})
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for changes of the initramfs: %w", err)
	}
	return changed, nil
}

// hashFile hashes a file, or the target of a link; a deleted file has none.
func hashFile(path string) string {
	if to, err := os.Readlink(path); err == nil {
		return hashBytes([]byte(to))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "deleted"
	}
	return hashBytes(b)
}

// takeKernel copies the newest kernel and its initramfs.
func takeKernel(root, dir string) error {
	kernels, _ := filepath.Glob(filepath.Join(root, "boot/vmlinuz-*"))
	if len(kernels) == 0 {
		return hinted(fmt.Errorf("the root has no kernel in /boot"), "is kernel.package the name of a kernel image package?")
	}
	sort.Slice(kernels, func(i, j int) bool { return modTime(kernels[i]).Before(modTime(kernels[j])) })
	version := strings.TrimPrefix(filepath.Base(kernels[len(kernels)-1]), "vmlinuz-")
	for from, to := range map[string]string{"vmlinuz-" + version: "vmlinuz", "initrd.img-" + version: "initrd.img"} {
		if err := copyFile(filepath.Join(root, "boot", from), filepath.Join(dir, to), 0o644); err != nil {
			return fmt.Errorf("take the kernel: %w", err)
		}
	}
	return nil
}
