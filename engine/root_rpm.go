package engine

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"slipway/engine/distro"
	"slipway/engine/proc"
)

// installRPM fills a root with dnf.
func (b *builder) installRPM(ctx context.Context, root string) error {
	program, err := firstProgram(distro.DNFPrograms())
	if err != nil {
		return err
	}
	keys, err := b.keyFiles()
	if err != nil {
		return err
	}
	cache, err := b.mirrorCache("dnf")
	if err != nil {
		return err
	}
	if err := b.prepareRoot(root, cache, distro.DNFCache); err != nil {
		return err
	}
	home, err := b.rpmHome()
	if err != nil {
		return err
	}
	config := filepath.Join(b.space.dir, "dnf.conf")
	if err := os.WriteFile(config, []byte(distro.DNFConf(b.Plan.Sources, keys, b.Recipe.Packages.Exclude)), 0o644); err != nil {
		return err
	}
	run := distro.DNFRun{Program: program, Config: config, Root: root, Release: b.Recipe.Distro.Release, Arch: b.distro.Arch(b.Recipe), Packages: b.distro.Packages(b.Recipe)}
	c := run.Cmd()
	c.Env = append(c.Env, home)
	return b.install(ctx, c)
}

// installZypper fills a root with zypper.
func (b *builder) installZypper(ctx context.Context, root string) error {
	keys, err := b.keyFiles()
	if err != nil {
		return err
	}
	cache, err := b.mirrorCache("zypp")
	if err != nil {
		return err
	}
	if err := b.prepareRoot(root, cache, distro.ZypperCache); err != nil {
		return err
	}
	home, err := b.rpmHome()
	if err != nil {
		return err
	}
	repos := filepath.Join(root, distro.ZypperRepos)
	if err := os.MkdirAll(repos, 0o755); err != nil {
		return err
	}
	for _, s := range b.Plan.Sources {
		if err := os.WriteFile(filepath.Join(repos, ownRepo+s.Name+".repo"), []byte(distro.ZypperRepo(s)), 0o644); err != nil {
			return err
		}
	}
	z := distro.ZypperRun{Root: root, Release: b.Recipe.Distro.Release, Packages: b.distro.Packages(b.Recipe)}
	commands := []proc.Cmd{}
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		commands = append(commands, proc.Cmd{Path: "rpm", Args: []string{"--root", root, "--import", k}})
	}
	for _, name := range b.Recipe.Packages.Exclude {
		commands = append(commands, z.Lock(name))
	}
	run := func(c proc.Cmd) error {
		c.Env = append(c.Env, home)
		if err := b.install(ctx, c); !distro.ZypperDone(proc.Code(err)) {
			return err
		}
		return nil
	}
	for _, c := range append(commands, z.Refresh()) {
		if err := run(c); err != nil {
			return err
		}
	}
	if err := run(z.Download()); err != nil && ctx.Err() == nil {
		b.line(StepRoot, "not everything could be downloaded ahead, zypper tries once more: "+err.Error())
	}
	if err := run(z.Install()); err != nil {
		return err
	}
	return withoutRepos(repos)
}

// ownRepo begins the names of repository files that the build alone needs.
const ownRepo = "slipway-"

// withoutRepos takes the build's repositories out of the root again: it may have
// brought files of its own, by a package.
func withoutRepos(dir string) error {
	own, err := filepath.Glob(filepath.Join(dir, ownRepo+"*.repo"))
	for _, f := range own {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// prepareRoot makes what a package tool of the host needs before the first
// package: devices, without which scripts leave files in their place, and the
// package cache where the tool looks for it.
func (b *builder) prepareRoot(root, cache, place string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	// rpm leaves it as it is: Distro.RPMMacros.
	own := filepath.Join(root, "proc")
	if err := errors.Join(os.Mkdir(own, 0o555), os.Chmod(own, 0o555)); err != nil { // whatever the umask is
		return err
	}
	if err := b.privateTmp(); err != nil {
		return err
	}
	if err := proc.MountDevices(root); err != nil {
		return err
	}
	if place == "" {
		return nil
	}
	return proc.Bind(cache, filepath.Join(root, place))
}

// privateTmp gives programs of the host a /tmp that goes with the build. A mirror
// that is a folder below it stays in sight.
func (b *builder) privateTmp() error {
	keep := []string{b.Dirs.Cache, b.Dirs.Builds}
	for _, s := range b.Plan.Sources {
		if u, err := url.Parse(s.URI); err == nil && u.Scheme == "file" {
			keep = append(keep, u.Path)
		}
	}
	return proc.PrivateTmp(keep...)
}

// rpmHome is the home folder, as a variable of the environment, in which programs
// of the host that use rpm find where the root's database lies.
func (b *builder) rpmHome() (string, error) {
	home := filepath.Join(b.space.dir, "rpm-home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", err
	}
	return "HOME=" + home, os.WriteFile(filepath.Join(home, ".rpmmacros"), []byte(b.distro.RPMMacros()), 0o644)
}

// keyFiles writes the public keys of each source, in ASCII armour.
func (b *builder) keyFiles() ([]string, error) {
	files := make([]string, len(b.Plan.Sources))
	for i, s := range b.Plan.Sources {
		text, err := keyText(s)
		if err != nil {
			return nil, err
		}
		files[i] = filepath.Join(b.space.dir, "key-"+hashBytes([]byte(text))+".asc")
		if err := os.WriteFile(files[i], []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	return files, nil
}
