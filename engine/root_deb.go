package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"slipway/engine/distro"
	"slipway/engine/proc"
)

// installDeb fills a root with mmdebstrap.
func (b *builder) installDeb(ctx context.Context, root string) error {
	m, err := b.mmdebstrap(root)
	if err != nil {
		return err
	}
	return b.install(ctx, m)
}

// mmdebstrap prepares the directory and returns the command that fills it. The
// package cache is mounted where apt keeps packages and indexes, so that what
// was downloaded and verified once is not downloaded again.
func (b *builder) mmdebstrap(root string) (proc.Cmd, error) {
	for cache, target := range map[string]string{
		filepath.Join(b.packages(), "archives"):                                                  "var/cache/apt/archives",
		filepath.Join(b.packages(), "lists-"+sourcesID(b.Plan.Sources, b.Recipe.Distro.Release)): "var/lib/apt/lists",
	} {
		if err := os.MkdirAll(filepath.Join(cache, "partial"), 0o755); err != nil {
			return proc.Cmd{}, fmt.Errorf("create the package cache: %w", err)
		}
		if err := proc.Bind(cache, filepath.Join(root, target)); err != nil {
			return proc.Cmd{}, err
		}
	}
	if err := excludePackages(root, b.Recipe.Packages.Exclude); err != nil {
		return proc.Cmd{}, err
	}
	maker, _, _ := b.layout.Stack.Maker()
	m := distro.Mmdebstrap{Release: b.Recipe.Distro.Release, Arch: b.distro.Arch(b.Recipe), Root: root,
		Packages: b.distro.Packages(b.Recipe), Epoch: b.epoch, NoInitramfs: maker != ""}
	if len(b.Plan.Sources) == 0 {
		return m.Cmd(), nil
	}
	list := filepath.Join(b.space.dir, "slipway.sources")
	if b.ownMirror {
		m.Sources = list
	} else {
		list = filepath.Join(root, "etc/apt/sources.list.d/slipway.sources")
	}
	if err := os.MkdirAll(filepath.Dir(list), 0o755); err != nil {
		return proc.Cmd{}, err
	}
	if err := os.WriteFile(list, []byte(distro.Deb822(b.Plan.Sources)), 0o644); err != nil {
		return proc.Cmd{}, err
	}
	return m.Cmd(), nil
}

// sourcesID tells the indexes of different mirrors apart.
func sourcesID(sources []distro.Source, release string) string {
	return release + "-" + hashBytes([]byte(distro.Deb822(sources)))
}

// excludePackages forbids packages by apt_preferences(5): a dependency that
// needs one then fails with apt's own words instead of bringing it along.
func excludePackages(root string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	dir := filepath.Join(root, "etc/apt/preferences.d")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("exclude packages: %w", err)
	}
	text := "Package: " + strings.Join(names, " ") + "\nPin: release *\nPin-Priority: -1\n"
	return os.WriteFile(filepath.Join(dir, "slipway-exclude"), []byte(text), 0o644)
}
