// Package board gives the recipes of the project's own board the mirrors that the
// tests make, for distributions whose own are not asked.
package board

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"slipway/engine/enginetest/mirrors"
	"slipway/recipes"
)

// Recipe reads a recipe and points it to a made mirror below cache, and to its
// key; one of Debian stays as it is, for the real mirror. told is that of
// mirrors.Make.
func Recipe(ctx context.Context, file, cache string, told func(string)) (*recipes.Document, error) {
	doc, err := recipes.Load(file)
	if err != nil {
		return nil, err
	}
	kind := doc.Recipe.Distro.ID
	if !slices.Contains(mirrors.Kinds(), kind) {
		return doc, nil
	}
	m, err := mirrors.Make(ctx, cache, kind, told)
	if err != nil {
		return nil, err
	}
	if m.Release != doc.Recipe.Distro.Release {
		return nil, fmt.Errorf("%s: the mirror of %s has release %s", file, kind, m.Release)
	}
	if err := doc.Set("distro.mirror", m.URL); err != nil {
		return nil, err
	}
	return doc, doc.Set("distro.key", m.Key)
}

// Write writes all recipes of a folder with their mirrors, and the scripts beside
// them, into another folder, and returns the recipes' files.
func Write(ctx context.Context, from, to, cache string, told func(string)) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(from, "*.toml"))
	if err != nil {
		return nil, err
	}
	scripts, err := filepath.Glob(filepath.Join(from, "*.sh"))
	if err != nil {
		return nil, err
	}
	for _, f := range scripts {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(f)), text, 0o644); err != nil {
			return nil, err
		}
	}
	var written []string
	for _, f := range files {
		doc, err := Recipe(ctx, f, cache, told)
		if err != nil {
			return nil, err
		}
		out := filepath.Join(to, filepath.Base(f))
		if err := doc.SaveAs(out); err != nil {
			return nil, err
		}
		written = append(written, out)
	}
	return written, nil
}
