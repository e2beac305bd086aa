package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/engine/configure"
	"slipway/engine/image"
	"slipway/engine/live"
	"slipway/engine/proc"
	"slipway/recipes"
)

// squashfsName is the packed root in a layer and in a build.
const squashfsName = "filesystem.squashfs"

// shownDifferences is how many differing files an error lists.
const shownDifferences = 12

// pack makes the squashfs. The media step proves it.
func (b *builder) pack(ctx context.Context) error {
	more := b.lowerKeys()
	if b.layout.Nested {
		more = append(more, Input{"ext4 room", fmt.Sprint(b.layout.Room)})
	}
	err := b.layer(StepPack, more, func(dir string) error {
		return b.mounted(StepPack, "", b.lowers(), func(root string) error {
			if shared := configure.Shared(root); len(shared) > 0 {
				return hinted(fmt.Errorf("every machine of the fleet would share %s", strings.Join(shared, " ")), "remove it from the recipe's files and hooks")
			}
			profile, err := image.ProfileOf(b.Recipe.Output.Profile)
			if err != nil {
				return err
			}
			if b.layout.Nested {
				if root, err = b.nest(ctx, root, dir); err != nil {
					return err
				}
			}
			b.progress(StepPack, "mksquashfs, "+profile.String(), 0, 0)
			return b.exec(ctx, StepPack, image.Squashfs(root, filepath.Join(dir, squashfsName), profile, b.epoch))
		})
	})
	if err != nil {
		return err
	}
	if b.layout.Kind == live.KindImage {
		return b.sizeOfNested()
	}
	return nil
}

// nestedSizeName holds the size of the ext4 in a squashfs, in bytes.
const nestedSizeName = "rootfs.size"

// nest puts the root into an ext4 of its own and returns the folder to pack.
func (b *builder) nest(ctx context.Context, root, dir string) (string, error) {
	outer := filepath.Join(b.space.dir, "nested")
	e, err := image.NewExt4(root, filepath.Join(outer, image.NestedName), b.layout.Room)
	if err != nil {
		return "", err
	}
	e.Label, e.Epoch = "root", b.epoch
	if err := os.MkdirAll(filepath.Dir(e.File), 0o755); err != nil {
		return "", fmt.Errorf("nest the root: %w", err)
	}
	b.progress(StepPack, fmt.Sprintf("ext4 of %d MiB", e.Bytes>>20), 0, 0)
	if err := b.exec(ctx, StepPack, e.Cmd()); err != nil {
		return "", err
	}
	return outer, os.WriteFile(filepath.Join(dir, nestedSizeName), []byte(fmt.Sprintln(e.Bytes)), 0o644)
}

// sizeOfNested completes the layout of an image whose root is written to where
// it lies.
func (b *builder) sizeOfNested() error {
	text, err := os.ReadFile(filepath.Join(b.at[StepPack], nestedSizeName))
	if err != nil {
		return fmt.Errorf("size of the nested root: %w", err)
	}
	bytes, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return fmt.Errorf("size of the nested root: %w", err)
	}
	b.layout.Size = recipes.Size(fmt.Sprintf("%dMiB", bytes>>20))
	return nil
}

// media proves the packed root and makes the ISO around it, side by side: an
// edit should be ready to boot in seconds. Without the proof there is no medium.
func (b *builder) media(ctx context.Context) error {
	more := []Input{{StepPack, b.keys[StepPack]}, {StepInitramfs, b.keys[StepInitramfs]}}
	if line := cmdline(b.layout, b.distro, b.Recipe); line != stepInput(b.Plan.Step(StepMedia), "cmdline") {
		more = append(more, Input{"cmdline for " + b.layout.Stack.String(), line})
	}
	return b.layer(StepMedia, more, func(dir string) error {
		b.progress(StepMedia, "compare every file with the root, and make the medium", 0, 0)
		g, ctx := errgroup.WithContext(ctx)
		g.Go(func() error { return b.prove(ctx) })
		g.Go(func() error { return b.medium(ctx, dir) })
		return g.Wait()
	})
}

// prove compares every file of the squashfs with the root. A squashfs that is
// not what the root is does not stay in the cache.
func (b *builder) prove(ctx context.Context) error {
	file := filepath.Join(b.at[StepPack], squashfsName)
	return b.mounted("proof", "", b.lowers(), func(root string) error {
		var want, have image.Listing
		g, listing := errgroup.WithContext(ctx)
		g.Go(func() (err error) { want, err = image.ListRoot(root); return err })
		if !b.layout.Nested {
			g.Go(func() (err error) { have, err = image.ListSquashfs(listing, file); return err })
		}
		err := g.Wait()
		if err == nil && b.layout.Nested {
			have, err = b.listNested(ctx, file, want)
		}
		if err != nil {
			return err
		}
		if diff := image.Differences(want, have, shownDifferences); len(diff) > 0 {
			for _, d := range diff {
				b.line(StepMedia, d)
			}
			return errors.Join(hinted(fmt.Errorf("the packed image is not what the root is: %s", diff[0]),
				"the differences are in the log; POSIX ACLs cannot be carried by squashfs: set them at boot with tmpfiles.d(5)"), removeAll(b.at[StepPack]))
		}
		xattrs := 0
		for _, e := range want {
			xattrs += len(e.Xattrs)
		}
		b.line(StepMedia, fmt.Sprintf("%d files compared: owners, modes, links and %d extended attributes are the same", len(want), xattrs))
		return nil
	})
}

// listNested takes the ext4 out of the squashfs again and lists what it holds:
// the proof is of what was packed, not of what was meant to be.
func (b *builder) listNested(ctx context.Context, squashfs string, want image.Listing) (image.Listing, error) {
	dir := filepath.Join(b.space.dir, "proof")
	defer os.RemoveAll(dir)
	if err := proc.Run(ctx, image.Extract(squashfs, image.NestedName, dir), nil); err != nil {
		return nil, fmt.Errorf("take the root out of the image: %w", err)
	}
	return image.ListExt4(ctx, filepath.Join(dir, image.NestedName), want)
}

// medium makes the ISO, if the recipe wants one.
func (b *builder) medium(ctx context.Context, dir string) error {
	line := cmdline(b.layout, b.distro, b.Recipe)
	if err := os.WriteFile(filepath.Join(dir, "cmdline"), []byte(line+"\n"), 0o644); err != nil {
		return err
	}
	if !slices.Contains(formats(b.Recipe), "iso") {
		return nil
	}
	iso := image.ISO{Name: b.Recipe.Name, Cmdline: line, Epoch: b.epoch, Image: b.layout.Image,
		Kernel:   filepath.Join(b.at[StepInitramfs], kernelName),
		Initrd:   filepath.Join(b.at[StepInitramfs], initrdName),
		Squashfs: filepath.Join(b.at[StepPack], squashfsName)}
	c, err := iso.Cmd(b.space.dir, filepath.Join(dir, b.Recipe.Name+".iso"))
	if err != nil {
		return err
	}
	return b.exec(ctx, StepMedia, c)
}

func stepInput(s Step, name string) string {
	for _, in := range s.Inputs {
		if in.Name == name {
			return in.Value
		}
	}
	return ""
}

func modTime(path string) time.Time {
	st, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return st.ModTime()
}
