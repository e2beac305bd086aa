package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"slipway/engine/distro"
	"slipway/engine/proc"
)

// installedName is the list of a root's packages, in its layer.
const installedName = "packages.txt"

// installers fill a root, by family.
var installers = map[string]func(*builder, context.Context, string) error{
	distro.Deb:    (*builder).installDeb,
	distro.RPM:    (*builder).installRPM,
	distro.Zypper: (*builder).installZypper,
	distro.Pacman: (*builder).installPacman,
}

// root installs the packages into an empty directory.
func (b *builder) root(ctx context.Context) error {
	return b.layer(StepRoot, b.state, func(dir string) error {
		lock, err := waitLock(ctx, filepath.Join(b.packages(), "lock"), func() {
			b.line(StepRoot, "waiting: another build is using the package cache")
		})
		if err != nil {
			return err
		}
		defer lock.Close()
		if err := b.checkNames(); err != nil {
			return err
		}
		if err := b.canLabel(); err != nil {
			return err // before minutes are spent on a root that cannot be finished
		}
		root := filepath.Join(dir, "root")
		err = installers[b.distro.Family](b, ctx, root)
		if unmounted := proc.UnmountBelow(root); unmounted != nil && err == nil {
			err = unmounted
		}
		if err != nil {
			return err
		}
		if err := b.listInstalled(ctx, dir); err != nil {
			return err
		}
		return b.labelRoot(ctx, root)
	})
}

// packages is the folder of the distribution's verified packages and indexes.
func (b *builder) packages() string {
	return filepath.Join(b.Dirs.Cache, packagesDir, b.distro.ID)
}

// mirrorCache is a folder of packages that are of this build's archives only.
func (b *builder) mirrorCache(name string) (string, error) {
	dir := filepath.Join(b.packages(), name+"-"+hashOf(b.Plan.Sources))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("create the package cache: %w", err)
	}
	return dir, nil
}

// install runs a package tool; its lines move the progress of the step.
func (b *builder) install(ctx context.Context, c proc.Cmd) error {
	progress := &installProgress{}
	b.log.line(StepRoot, "$ "+c.String())
	return proc.Run(ctx, c, func(l string) {
		b.line(StepRoot, l)
		if progress.line(l) {
			b.progress(StepRoot, progress.text, progress.done, progress.total)
		}
	})
}
