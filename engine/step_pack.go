package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/engine/configure"
	"slipway/engine/image"
)

// squashfsName is the packed root in a layer and in a build.
const squashfsName = "filesystem.squashfs"

// shownDifferences is how many differing files an error lists.
const shownDifferences = 12

// pack makes the squashfs and proves that it holds what the root holds.
func (b *builder) pack(ctx context.Context) error {
	more := []Input{{StepRoot, b.keys[StepRoot]}, {StepConfigure, b.keys[StepConfigure]}, {StepInitramfs, b.keys[StepInitramfs]}}
	return b.layer(StepPack, more, func(dir string) error {
		return b.mounted(StepPack, "", b.lowers(), func(root string) error {
			if shared := configure.Shared(root); len(shared) > 0 {
				return hinted(fmt.Errorf("every machine of the fleet would share %s", strings.Join(shared, " ")), "remove it from the recipe's files and hooks")
			}
			profile, err := image.ProfileOf(b.Recipe.Output.Profile)
			if err != nil {
				return err
			}
			file := filepath.Join(dir, squashfsName)
			b.progress(StepPack, "mksquashfs, "+profile.String(), 0, 0)
			if err := b.exec(ctx, StepPack, image.Squashfs(root, file, profile, b.epoch)); err != nil {
				return err
			}
			return b.compare(ctx, root, file)
		})
	})
}

func (b *builder) compare(ctx context.Context, root, file string) error {
	b.progress(StepPack, "compare every file with the root", 0, 0)
	var want, have image.Listing
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { want, err = image.ListRoot(root); return err })
	g.Go(func() (err error) { have, err = image.ListSquashfs(ctx, file); return err })
	if err := g.Wait(); err != nil {
		return err
	}
	if diff := image.Differences(want, have, shownDifferences); len(diff) > 0 {
		for _, d := range diff {
			b.line(StepPack, d)
		}
		return hinted(fmt.Errorf("the packed image is not what the root is: %s", diff[0]), "the differences are in the log; POSIX ACLs cannot be carried by squashfs: set them at boot with tmpfiles.d(5)")
	}
	xattrs := 0
	for _, e := range want {
		xattrs += len(e.Xattrs)
	}
	b.line(StepPack, fmt.Sprintf("%d files compared: owners, modes, links and %d extended attributes are the same", len(want), xattrs))
	return nil
}

// media makes the ISO around the packed root.
func (b *builder) media(ctx context.Context) error {
	more := []Input{{StepPack, b.keys[StepPack]}, {StepInitramfs, b.keys[StepInitramfs]}}
	return b.layer(StepMedia, more, func(dir string) error {
		line := stepInput(b.Plan.Step(StepMedia), "cmdline")
		if err := os.WriteFile(filepath.Join(dir, "cmdline"), []byte(line+"\n"), 0o644); err != nil {
			return err
		}
		for _, f := range formats(b.Recipe) {
			if f != "iso" {
				continue
			}
			iso := image.ISO{Name: b.Recipe.Name, Cmdline: line, Epoch: b.epoch, Image: b.stack.Image,
				Kernel:   filepath.Join(b.at[StepInitramfs], "vmlinuz"),
				Initrd:   filepath.Join(b.at[StepInitramfs], "initrd.img"),
				Squashfs: filepath.Join(b.at[StepPack], squashfsName)}
			c, err := iso.Cmd(b.space.dir, filepath.Join(dir, b.Recipe.Name+".iso"))
			if err != nil {
				return err
			}
			if err := b.exec(ctx, StepMedia, c); err != nil {
				return err
			}
		}
		return nil
	})
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
