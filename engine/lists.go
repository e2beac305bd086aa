package engine

import (
	"fmt"
	"os"
	"path/filepath"

	"slipway/engine/distro"
	"slipway/recipes"
)

// Lists returns the directory where the builds of a recipe keep apt's indexes:
// that of its own mirror, else the newest of another mirror for the same
// release, whose names are the same. The error is os.ErrNotExist before the
// first build of the release.
func (e *Engine) Lists(r recipes.Recipe) (string, error) {
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return "", err
	}
	sources, _ := d.Sources(r, distro.ThisHost())
	packages := filepath.Join(e.Dirs.Cache, packagesDir, d.ID)
	own := filepath.Join(packages, "lists-"+sourcesID(sources, r.Distro.Release))
	newest, when := "", int64(0)
	all, _ := filepath.Glob(filepath.Join(packages, "lists-"+r.Distro.Release+"-*"))
	for _, dir := range all {
		if files, _ := filepath.Glob(filepath.Join(dir, "*_Packages")); len(files) == 0 {
			continue
		}
		if dir == own {
			return own, nil
		}
		if info, err := os.Stat(dir); err == nil && info.ModTime().UnixNano() > when {
			newest, when = dir, info.ModTime().UnixNano()
		}
	}
	if newest == "" {
		return "", fmt.Errorf("package index of %s %s: %w", d.ID, r.Distro.Release, os.ErrNotExist)
	}
	return newest, nil
}
