package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"

	"slipway/engine/distro"
	"slipway/engine/proc"
)

// installPacman fills a root with pacman.
func (b *builder) installPacman(ctx context.Context, root string) error {
	at := distro.PacmanPlaces{Root: root, Keys: filepath.Join(b.space.dir, "gnupg"), Log: filepath.Join(b.space.dir, "pacman.log")}
	var err error
	if at.Cache, err = b.mirrorCache("pacman"); err != nil {
		return err
	}
	if err := b.prepareRoot(root, "", ""); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(root, distro.PacmanDB), 0o755); err != nil {
		return err
	}
	if err := b.pacmanKeys(ctx, at.Keys); err != nil {
		return err
	}
	config := filepath.Join(b.space.dir, "pacman.conf")
	if err := os.WriteFile(config, []byte(distro.PacmanConf(b.Plan.Sources, b.distro.Arch(b.Recipe), at)), 0o644); err != nil {
		return err
	}
	p := distro.PacmanRun{Config: config, Packages: b.distro.Packages(b.Recipe)}
	if err := b.install(ctx, p.Refresh()); err != nil {
		return err
	}
	if err := b.pacmanExcludes(ctx, p); err != nil {
		return err
	}
	return b.install(ctx, p.Install())
}

// pacmanExcludes refuses a transaction that would bring an excluded package:
// pacman itself has no word for that.
func (b *builder) pacmanExcludes(ctx context.Context, p distro.PacmanRun) error {
	if len(b.Recipe.Packages.Exclude) == 0 {
		return nil
	}
	out, err := proc.Output(ctx, p.List())
	if err != nil {
		return fmt.Errorf("look at what would be installed: %w", err)
	}
	for name := range strings.FieldsSeq(out) {
		if slices.Contains(b.Recipe.Packages.Exclude, name) {
			return hinted(fmt.Errorf("package %s is excluded, but something that is to be installed needs it", name),
				"take it out of packages.exclude, or what needs it out of packages.include (pactree -r "+name+" tells)")
		}
	}
	return nil
}

// pacmanKeys makes a GnuPG home with the keys of all sources. As pacman-key(8)
// does, a key of this build's own signs those that are trusted from the start:
// of a distribution whose packagers are vouched for by others those others, by the
// list beside its keyring, else every key.
func (b *builder) pacmanKeys(ctx context.Context, home string) error {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	gpg := func(input string, args ...string) error {
		// An agent is started for the key below; it ends with the build's processes.
		c := proc.Cmd{Path: "gpg", Stdin: strings.NewReader(input), Args: append([]string{"--homedir", home, "--batch", "--yes", "--quiet", "--no-permission-warning", "--pinentry-mode", "loopback", "--passphrase", ""}, args...)}
		if err := proc.Run(ctx, c, func(l string) { b.log.line(StepRoot, l) }); err != nil {
			return fmt.Errorf("prepare the keys of pacman: %w", err)
		}
		return nil
	}
	if err := gpg("", "--quick-generate-key", "slipway", "ed25519", "cert", "never"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range b.Plan.Sources {
		if seen[s.SignedBy] {
			continue
		}
		seen[s.SignedBy] = true
		ring, err := keyring(s, b.space.dir)
		if err != nil {
			return err
		}
		if err := gpg("", "--import", ring); err != nil {
			return err
		}
		if err := b.trust(s, ring, gpg); err != nil {
			return err
		}
	}
	return gpg("", "--check-trustdb")
}

// fingerprints are those of the keys in a binary keyring.
func fingerprints(ring string) ([]string, error) {
	f, err := os.Open(ring)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	keys, err := openpgp.ReadKeyRing(f)
	if err != nil {
		return nil, err
	}
	var prints []string
	for _, k := range keys {
		prints = append(prints, fmt.Sprintf("%X", k.PrimaryKey.Fingerprint))
	}
	return prints, nil
}

// trust signs the keys of a source that are trusted from the start, and switches
// off those that are revoked.
func (b *builder) trust(s distro.Source, ring string, gpg func(input string, args ...string) error) error {
	list := strings.TrimSuffix(s.SignedBy, ".gpg")
	trusted, err := os.ReadFile(list + "-trusted")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keys of %s: %w", s.URI, err)
	}
	if err != nil { // a key file, not a distribution's keyring
		prints, err := fingerprints(ring)
		if err != nil {
			return fmt.Errorf("key of %s: %w", s.URI, err)
		}
		for _, f := range prints {
			if err := gpg("", "--quick-lsign-key", f); err != nil {
				return err
			}
		}
		return nil
	}
	for line := range strings.Lines(string(trusted)) {
		if print, _, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			if err := gpg("", "--quick-lsign-key", print); err != nil {
				return err
			}
		}
	}
	if err := gpg("", "--import-ownertrust", list+"-trusted"); err != nil {
		return err
	}
	revoked, err := os.ReadFile(list + "-revoked")
	if err != nil {
		return nil // none
	}
	for print := range strings.FieldsSeq(string(revoked)) {
		if err := gpg("disable\nquit\n", "--command-fd", "0", "--edit-key", print); err != nil {
			return err
		}
	}
	return nil
}
