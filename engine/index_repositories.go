package engine

import (
	"cmp"
	"context"
	"crypto"
	_ "crypto/sha256" // of crypto.SHA256
	_ "crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"slipway/engine/distro"
)

// largestListing bounds a listing whose index does not say how long it is; those
// of the largest distributions have 30 MiB.
const largestListing = 1 << 30

// repositories fetches the indexes of the families rpm, zypper and pacman.
type repositories struct {
	d    distro.Distro
	arch string
	dir  string            // a workspace on the file system of the cache
	told func(line string) // or nil
}

// fetch brings the directory lists up to date: each source's signed index,
// verified, and the packages of the listing that it vouches for. A listing that
// the cache has, by its checksum, is not downloaded again. If it fails, lists
// stays as it was.
func (f repositories) fetch(ctx context.Context, lists string, sources []distro.Source) error {
	fresh := filepath.Join(f.dir, "lists")
	for _, dir := range []string{fresh, filepath.Dir(lists)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("create the package cache: %w", err)
		}
	}
	for _, s := range sources {
		if err := f.source(ctx, s, lists, fresh); err != nil {
			return err
		}
	}
	now := time.Now()
	if err := os.Chtimes(fresh, now, now); err != nil {
		return err
	}
	if err := os.Rename(lists, filepath.Join(f.dir, "old")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("replace the index: %w", err)
	}
	if err := os.Rename(fresh, lists); err != nil {
		return fmt.Errorf("replace the index: %w", err)
	}
	return nil
}

func (f repositories) say(line string) {
	if f.told != nil {
		f.told(line)
	}
}

// source brings one source into fresh; beside lists may be what did not change.
func (f repositories) source(ctx context.Context, s distro.Source, lists, fresh string) error {
	address, _ := s.Signed()
	f.say("read " + address)
	x, err := readSigned(ctx, s, f.dir, f.d.MirrorEnv)
	if errors.Is(err, errAbsent) && s.Optional {
		f.say("the mirror has no " + s.Label() + ": left out")
		return os.WriteFile(filepath.Join(fresh, s.AbsentFile()), nil, 0o644)
	}
	if err != nil {
		return err
	}
	for _, note := range x.notes(s) {
		f.say(note)
	}
	if err := os.WriteFile(filepath.Join(fresh, s.SignedFile()), x.text, 0o644); err != nil {
		return err
	}
	l, err := s.Listing(x.text)
	if err != nil {
		return err
	}
	name := s.PackagesFile(f.arch, l)
	had, _ := filepath.Glob(filepath.Join(filepath.Dir(lists), "lists-*", name)) // whichever sources it was fetched with
	for _, file := range had {
		if os.Link(file, filepath.Join(fresh, name)) == nil {
			return nil
		}
	}
	listing := filepath.Join(fresh, s.SignedFile())
	if l.Path != "" {
		listing = filepath.Join(f.dir, "listing")
		if err := f.listing(ctx, s, l, listing); err != nil {
			return err
		}
		defer os.Remove(listing)
	}
	f.say("list the packages of " + s.Label())
	return f.keep(s, listing, filepath.Join(fresh, name))
}

// listing downloads a listing and holds it against the checksum in the signed
// index, before anything else reads it.
func (f repositories) listing(ctx context.Context, s distro.Source, l distro.Listing, file string) error {
	address := strings.TrimSuffix(s.URI, "/") + "/" + l.Path
	f.say("read " + address)
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	sum := map[string]crypto.Hash{"sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512}[l.Algo].New()
	err = download(ctx, address, io.MultiWriter(out, sum), cmp.Or(l.Size, largestListing))
	var down *mirrorDown
	switch {
	case errors.As(err, &down):
		down.env = f.d.MirrorEnv
		return err
	case errors.Is(err, errAbsent):
		return hinted(fmt.Errorf("the mirror's own index names a file that it does not have: %s", address), "it may be being updated: try again, or choose another mirror")
	case err != nil:
		return err
	}
	if got := sumText(sum); got != l.Sum {
		return hinted(fmt.Errorf("%s is not what the index of its repository says: its %s is %s, not %s", address, l.Algo, short(got), short(l.Sum)),
			"the mirror was tampered with, or is being updated; nothing of it was used")
	}
	return out.Close()
}

// keep writes the packages of a verified listing.
func (f repositories) keep(s distro.Source, listing, file string) error {
	in, err := os.Open(listing)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := s.Keep(out, in, f.arch); err != nil {
		return fmt.Errorf("package index of %s: %w", s.Label(), err)
	}
	return out.Close()
}

func sumText(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

func short(sum string) string { return sum[:min(len(sum), 16)] + "…" }

// readIndex brings the index of the archives as resolve has just seen them,
// where the family's tool does not leave its own in the cache: only so can
// checkNames speak before anything is unpacked. A mirror that cannot be reached
// any more is the tool's to tell.
func (b *builder) readIndex(ctx context.Context) error {
	if b.distro.Family == distro.Deb || len(b.Plan.Sources) == 0 {
		return nil
	}
	lists := filepath.Join(b.packages(), "lists-"+sourcesID(b.Plan.Sources, b.Recipe.Distro.Release))
	if b.current(lists) && len(b.distro.PackageFiles(lists, b.distro.Arch(b.Recipe))) > 0 {
		return nil
	}
	dir, err := os.MkdirTemp(b.space.dir, "index-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.progress(StepRoot, "read the package index", 0, 0)
	f := repositories{d: b.distro, arch: b.distro.Arch(b.Recipe), dir: dir, told: func(l string) { b.line(StepRoot, l) }}
	err = f.fetch(ctx, lists, b.Plan.Sources)
	var down *mirrorDown
	if errors.As(err, &down) && ctx.Err() == nil {
		b.line(StepRoot, "warning: "+err.Error())
		return nil
	}
	return err
}
