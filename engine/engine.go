package engine

import (
	"fmt"
	"os"
	"path/filepath"
)

// Dirs are the only places that Slipway writes to.
type Dirs struct {
	Cache  string `json:"cache"`  // layers, packages, work in progress; may be deleted at any time
	Builds string `json:"builds"` // finished builds: <recipe>/<stamp>/, <recipe>/current, <recipe>/logs/
}

// DefaultDirs follows SLIPWAY_CACHE and SLIPWAY_BUILDS, else the XDG base
// directories: ~/.cache/slipway and ~/.local/share/slipway/builds.
func DefaultDirs() Dirs {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/var/lib/slipway"
	}
	pick := func(own, xdg, fallback, sub string) string {
		if v := os.Getenv(own); v != "" {
			if abs, err := filepath.Abs(v); err == nil {
				return abs
			}
			return v
		}
		if v := os.Getenv(xdg); filepath.IsAbs(v) {
			return filepath.Join(v, sub)
		}
		return filepath.Join(home, fallback, sub)
	}
	return Dirs{
		Cache:  pick("SLIPWAY_CACHE", "XDG_CACHE_HOME", ".cache", "slipway"),
		Builds: pick("SLIPWAY_BUILDS", "XDG_DATA_HOME", ".local/share", "slipway/builds"),
	}
}

// Engine builds and boots recipes.
type Engine struct {
	Dirs Dirs

	indexes indexes
}

// New returns an engine that writes below d only.
func New(d Dirs) *Engine { return &Engine{Dirs: d} }

func (d Dirs) create() error {
	// Private: packages in the cache were verified when they were downloaded.
	for _, dir := range []string{d.Cache, d.Builds} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("create %s: %w", dir, err)
		}
	}
	return nil
}

// Current returns the directory of the recipe's newest finished build.
func (e *Engine) Current(recipe string) (string, error) {
	dir, err := filepath.EvalSymlinks(filepath.Join(e.Dirs.Builds, recipe, "current"))
	if err != nil {
		return "", fmt.Errorf("recipe %s has no finished build", recipe)
	}
	return dir, nil
}
