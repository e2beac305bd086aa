package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"slipway/engine/distro"
	"slipway/engine/proc"
	"slipway/recipes"
)

// FetchIndex downloads and verifies the package index of the recipe's release,
// so that it can be searched before the first build; see Index. It needs no
// root: apt, which does it for the family deb, is given folders of ours. told
// gets lines on how it goes, or is nil. If it fails, an index that was there before stays as it was; the error is
// a *StepError, or ctx's. Of the document only the recipe and its folder count.
func (e *Engine) FetchIndex(ctx context.Context, doc *recipes.Document, told func(line string)) error {
	err := e.fetchIndex(ctx, doc, told)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	step := stepError("index", err, "")
	step.Command, step.Exit, step.Last = "", "", nil // the message says it
	return step
}

func (e *Engine) fetchIndex(ctx context.Context, doc *recipes.Document, told func(line string)) error {
	r := doc.Recipe
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return err
	}
	all, _ := d.Sources(r, distro.ThisHost())
	if len(all) == 0 {
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
	key, err := ownKey(doc)
	if err != nil {
		return err
	}
	if all, err = signedBy(d, r, key, all); err != nil {
		return err
	}
	lists := filepath.Join(packages, "lists-"+sourcesID(all, r.Distro.Release))
	if d.Family != distro.Deb {
		return repositories{d: d, arch: d.Arch(r), dir: space.dir, told: told}.fetch(ctx, lists, all)
	}
	sources, absent, err := served(ctx, all)
	if err != nil {
		return err
	}
	if err := updateLists(ctx, space.dir, lists, d.Arch(r), sources, told); err != nil {
		if main, _ := filepath.Glob(filepath.Join(lists, "*_Packages")); len(main) == 0 {
			_ = os.RemoveAll(lists)
		}
		return err
	}
	for _, s := range absent {
		if err := os.WriteFile(filepath.Join(lists, s.AbsentFile()), nil, 0o644); err != nil {
			return err
		}
	}
	now := time.Now() // apt leaves the directory as it is where nothing was newer
	return os.Chtimes(lists, now, now)
}

// ownKey is the content of the key file that the recipe names, if it does.
func ownKey(doc *recipes.Document) ([]byte, error) {
	if doc.Recipe.Distro.Key == "" {
		return nil, nil
	}
	key, err := os.ReadFile(doc.Beside(doc.Recipe.Distro.Key))
	if err != nil {
		return nil, fmt.Errorf("distro.key: %w", err)
	}
	return key, nil
}

// served parts the optional suites that their mirror does not have from the
// others: for apt they would be errors like any other.
func served(ctx context.Context, sources []distro.Source) (there, absent []distro.Source, err error) {
	for _, s := range sources {
		if s.Optional {
			address, _ := s.Signed()
			if _, err := fetch(ctx, address); errors.Is(err, errAbsent) {
				absent = append(absent, s)
				continue
			} else if err != nil {
				return nil, nil, err
			}
		}
		there = append(there, s)
	}
	return there, absent, nil
}

// updateLists has apt bring a directory of indexes up to date and check them by
// the sources' keys.
func updateLists(ctx context.Context, dir, lists, arch string, sources []distro.Source, told func(string)) error {
	if err := os.MkdirAll(filepath.Join(lists, "partial"), 0o755); err != nil {
		return fmt.Errorf("create the package cache: %w", err)
	}
	list, conf := filepath.Join(dir, "slipway.sources"), filepath.Join(dir, "apt.conf")
	for file, text := range map[string]string{list: distro.Deb822(sources), conf: distro.AptConf(dir, list, lists, arch)} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return proc.Run(ctx, proc.Cmd{Path: "apt-get", Args: []string{"-q", "update"}, Env: []string{"APT_CONFIG=" + conf}}, told)
}
