package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"slipway/engine/distro"
	"slipway/engine/proc"
	"slipway/recipes"
)

// FetchIndex downloads and verifies the package index of the recipe's release,
// so that it can be searched before the first build; see Lists. It needs no
// root: apt is given folders of ours.
func (e *Engine) FetchIndex(ctx context.Context, r recipes.Recipe) error {
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return err
	}
	sources, _ := d.Sources(r, distro.ThisHost())
	if len(sources) == 0 {
		return hinted(errors.New("no mirror is known before the first build"), "set distro.mirror in the recipe, or "+d.MirrorEnv)
	}
	if err := e.Dirs.create(); err != nil {
		return err
	}
	packages := filepath.Join(e.Dirs.Cache, packagesDir, d.ID)
	lock, err := waitLock(ctx, filepath.Join(packages, "lock"), func() {})
	if err != nil {
		return err
	}
	defer lock.Close()
	space, err := newWorkspace(filepath.Join(e.Dirs.Cache, workDir), "index-")
	if err != nil {
		return err
	}
	defer space.remove()
	lists := filepath.Join(packages, "lists-"+sourcesID(sources, r.Distro.Release))
	if err := os.MkdirAll(filepath.Join(lists, "partial"), 0o755); err != nil {
		return fmt.Errorf("create the package cache: %w", err)
	}
	list := filepath.Join(space.dir, "slipway.sources")
	conf := filepath.Join(space.dir, "apt.conf")
	for file, text := range map[string]string{list: distro.Deb822(sources), conf: distro.AptConf(space.dir, list, lists, d.Arch(r))} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	err = proc.Run(ctx, proc.Cmd{Path: "apt-get", Args: []string{"-q", "update"}, Env: []string{"APT_CONFIG=" + conf}}, nil)
	// A suite that the mirror need not have makes apt fail after it read the rest.
	main, _ := filepath.Glob(filepath.Join(lists, "*_dists_"+r.Distro.Release+"_*_Packages"))
	if err != nil && (len(main) == 0 || ctx.Err() != nil) {
		_ = os.RemoveAll(lists)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		step := stepError("index", err, "")
		return hinted(errors.New(strings.TrimSpace(step.Message)), step.Hint)
	}
	return nil
}
