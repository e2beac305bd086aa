package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// pack makes the squashfs. The media step proves it.
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
			b.progress(StepPack, "mksquashfs, "+profile.String(), 0, 0)
			return b.exec(ctx, StepPack, image.Squashfs(root, filepath.Join(dir, squashfsName), profile, b.epoch))
		})
	})
}

// media proves the packed root and makes the ISO around it, side by side: an
// edit should be ready to boot in seconds. Without the proof there is no medium.
func (b *builder) media(ctx context.Context) error {
	more := []Input{{StepPack, b.keys[StepPack]}, {StepInitramfs, b.keys[StepInitramfs]}}
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
		g, ctx := errgroup.WithContext(ctx)
		g.Go(func() (err error) { want, err = image.ListRoot(root); return err })
		g.Go(func() (err error) { have, err = image.ListSquashfs(ctx, file); return err })
		if err := g.Wait(); err != nil {
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

// medium makes the ISO, if the recipe wants one.
func (b *builder) medium(ctx context.Context, dir string) error {
	line := stepInput(b.Plan.Step(StepMedia), "cmdline")
	if err := os.WriteFile(filepath.Join(dir, "cmdline"), []byte(line+"\n"), 0o644); err != nil {
		return err
	}
	if !slices.Contains(formats(b.Recipe), "iso") {
		return nil
	}
	iso := image.ISO{Name: b.Recipe.Name, Cmdline: line, Epoch: b.epoch, Image: b.layout.Image,
		Kernel:   filepath.Join(b.at[StepInitramfs], "vmlinuz"),
		Initrd:   filepath.Join(b.at[StepInitramfs], "initrd.img"),
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
