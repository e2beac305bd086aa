package engine

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"slipway/engine/image"
	"slipway/engine/live"
	"slipway/engine/proc"
)

const (
	kernelName = "vmlinuz"
	initrdName = "initrd.img"
)

// initramfs takes kernel and initramfs out of the root.
func (b *builder) initramfs(ctx context.Context) error {
	if err := b.compile(); err != nil {
		return err
	}
	changed, err := b.initramfsChanges()
	if err != nil {
		return err
	}
	more := append([]Input{{StepRoot, b.keys[StepRoot]}}, changed...)
	maker, given, text := b.layout.Stack.Maker()
	if maker != "" {
		more = append(more, Input{given, hashBytes([]byte(text))}, Input{"profile", b.Recipe.Output.Profile})
	}
	return b.layer(StepInitramfs, more, func(dir string) error {
		switch {
		case maker != "":
			return b.makeInitramfs(ctx, dir)
		case len(changed) == 0:
			// It was made when the packages were installed.
			return takeKernel(b.lowers()[len(b.lowers())-1], dir)
		}
		return b.updateInitramfs(ctx, dir)
	})
}

// compile makes the layout anew for the stack that the root really has.
func (b *builder) compile() error {
	root := filepath.Join(b.at[StepRoot], "root")
	packages, err := b.installed()
	if err != nil {
		return err
	}
	found, err := live.Detect(root, b.layout.Stack.ID, packages)
	if err != nil {
		return err
	}
	if found != b.layout.Stack {
		b.line(StepInitramfs, fmt.Sprintf("the root has %s; %s was expected", found, b.layout.Stack))
	}
	q := live.Question{Stack: found, Overlay: b.Recipe.Overlay, Label: image.Label(b.Recipe.Name),
		Memory: memory(b.Recipe.Boot), Module: live.Modules(root)}
	if b.layout, err = live.Compile(q); err != nil {
		return err
	}
	for _, w := range b.layout.Warnings {
		b.line(StepInitramfs, "warning: "+w.Message)
	}
	return nil
}

// updateInitramfs makes it again where configure changed a file that it is made
// from.
func (b *builder) updateInitramfs(ctx context.Context, dir string) error {
	return b.mounted(StepInitramfs, dir, b.lowers(), func(root string) error {
		if err := proc.MountAPI(root); err != nil {
			return err
		}
		if err := b.exec(ctx, StepInitramfs, proc.Cmd{Path: "update-initramfs", Args: []string{"-u", "-k", "all"}, Root: root}); err != nil {
			return fmt.Errorf("make the initramfs: %w", err)
		}
		return takeKernel(root, dir)
	})
}

// initramfsOut is below the root's /run, a tmpfs of the build that no image ever
// sees.
const initramfsOut = "/run/slipway/initrd.img"

// makeInitramfs makes it in a root that is thrown away: what is left of the
// making has no place in the image.
func (b *builder) makeInitramfs(ctx context.Context, dir string) error {
	return b.mounted(StepInitramfs, b.space.dir, b.lowers(), func(root string) error {
		if err := proc.MountAPI(root); err != nil {
			return err
		}
		kernel, err := newestKernel(root)
		if err != nil {
			return err
		}
		if err := os.Mkdir(filepath.Join(root, filepath.Dir(initramfsOut)), 0o700); err != nil {
			return err
		}
		profile, err := image.ProfileOf(b.Recipe.Output.Profile)
		if err != nil {
			return err
		}
		stack := b.layout.Stack
		maker, given, text := stack.Maker()
		if err := os.WriteFile(filepath.Join(root, filepath.Dir(initramfsOut), given), []byte(text), 0o755); err != nil {
			return err
		}
		b.progress(StepInitramfs, maker+", for "+kernel.version, 0, 0)
		if err := b.exec(ctx, StepInitramfs, stack.Make(root, kernel.version, initramfsOut, profile.Level)); err != nil {
			return fmt.Errorf("make the initramfs: %w", err)
		}
		if err := copyFile(filepath.Join(root, initramfsOut), filepath.Join(dir, initrdName), 0o644); err != nil {
			return fmt.Errorf("take the initramfs: %w", err)
		}
		return takeFile(root, kernel.path, dir, kernelName)
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

// kernel is one that a root has.
type kernel struct {
	version string
	path    string // of its image, below the root
}

// kernelPlaces are where distributions keep kernels; * is the version. Those that
// have them beside their modules leave it to a boot loader to copy them.
var kernelPlaces = []string{"usr/lib/modules/*/vmlinuz", "boot/vmlinuz-*"}

// newestKernel finds the newest kernel in a root.
func newestKernel(root string) (kernel, error) {
	for _, place := range kernelPlaces {
		found, _ := filepath.Glob(filepath.Join(root, place))
		if len(found) == 0 {
			continue
		}
		sort.Slice(found, func(i, j int) bool { return modTime(found[i]).Before(modTime(found[j])) })
		path := strings.TrimPrefix(found[len(found)-1], root+"/")
		before, after, _ := strings.Cut(place, "*")
		return kernel{strings.TrimSuffix(strings.TrimPrefix(path, before), after), path}, nil
	}
	return kernel{}, hinted(fmt.Errorf("the root has no kernel: neither %s", strings.Join(kernelPlaces, " nor ")), "is kernel.package the name of a kernel image package?")
}

// takeKernel copies the newest kernel and its initramfs.
func takeKernel(root, dir string) error {
	k, err := newestKernel(root)
	if err != nil {
		return err
	}
	if err := takeFile(root, k.path, dir, kernelName); err != nil {
		return err
	}
	return takeFile(root, "boot/initrd.img-"+k.version, dir, initrdName)
}

func takeFile(root, name, dir, as string) error {
	if err := copyFile(filepath.Join(root, name), filepath.Join(dir, as), 0o644); err != nil {
		return fmt.Errorf("take the kernel: %w", err)
	}
	return nil
}
