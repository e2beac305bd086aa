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

// installer fills a root.
type installer struct {
	programs [][]string // of the host: one of each
	run      func(b *builder, ctx context.Context, root string) error
}

// installers by family.
var installers = map[string]installer{
	distro.Deb:    {[][]string{{"mmdebstrap"}}, (*builder).installDeb},
	distro.RPM:    {[][]string{distro.DNFPrograms(), {"rpm"}}, (*builder).installRPM},
	distro.Zypper: {[][]string{{"zypper"}, {"rpm"}}, (*builder).installZypper},
	distro.Pacman: {[][]string{{"pacman"}, {"gpg"}}, (*builder).installPacman},
}

// have looks for the programs before minutes are spent.
func (b *builder) have(i installer) error {
	for _, names := range i.programs {
		if _, err := firstProgram(names); err != nil {
			return hinted(err, "slipway doctor --distro "+b.distro.ID+" says which package brings it; with --fix it installs it")
		}
	}
	return nil
}

// firstProgram is the path of the first of some programs that the host has.
func firstProgram(names []string) (string, error) {
	var err error
	for _, name := range names {
		path, e := proc.Look(name)
		if e == nil {
			return path, nil
		}
		err = e
	}
	return "", fmt.Errorf("install packages: %w", err)
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
		if err := b.checkNames(ctx); err != nil {
			return err
		}
		if err := b.canLabel(); err != nil {
			return err // before minutes are spent on a root that cannot be finished
		}
		tool := installers[b.distro.Family]
		if err := b.have(tool); err != nil {
			return err
		}
		root := filepath.Join(dir, "root")
		err = tool.run(b, ctx, root)
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
