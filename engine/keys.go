package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp/armor"

	"slipway/engine/distro"
	"slipway/engine/proc"
	"slipway/recipes"
)

// signedBy names the keys by which the release's archives must be signed: key if
// the recipe names a file, which is its content, else the distribution's, as the
// host has them.
func signedBy(d distro.Distro, r recipes.Recipe, key []byte, archives []distro.Source) ([]distro.Source, error) {
	sources := append([]distro.Source{}, archives...)
	if len(sources) == 0 {
		return sources, nil
	}
	signer, err := signer(d, r, key)
	if err != nil {
		return nil, err
	}
	for i := range sources {
		sources[i].SignedBy = signer
	}
	return sources, nil
}

func signer(d distro.Distro, r recipes.Recipe, key []byte) (string, error) {
	if r.Distro.Key != "" {
		armoured, err := armourKey(key)
		if err != nil {
			return "", fmt.Errorf("distro.key %s: %w", r.Distro.Key, err)
		}
		return armoured, nil
	}
	var missing []string
	for _, files := range d.KeyFiles(r) {
		i := slices.IndexFunc(files, func(f string) bool { _, err := os.Stat(f); return err != nil })
		if i < 0 {
			return distro.JoinKeys(files), nil
		}
		missing = append(missing, files[i])
	}
	return "", hinted(fmt.Errorf("the keys of %s are missing: no file %s", d.Name, strings.Join(missing, " and no file ")),
		"the package "+d.Keys.Package+" brings them, if this machine's distribution has it (slipway doctor --distro "+d.ID+"); or name a file that holds them: distro.key in the recipe")
}

// armourKey returns a public key as ASCII armour, whichever form it has.
func armourKey(keyFile []byte) (string, error) {
	if bytes.Contains(keyFile, []byte("-----BEGIN PGP PUBLIC KEY BLOCK-----")) {
		return string(keyFile), nil
	}
	if len(keyFile) == 0 || keyFile[0]&0x80 == 0 {
		return "", errors.New("is not an OpenPGP public key")
	}
	var out bytes.Buffer
	w, err := armor.Encode(&out, "PGP PUBLIC KEY BLOCK", nil)
	if err == nil {
		_, err = w.Write(keyFile)
	}
	if err == nil {
		err = w.Close()
	}
	return out.String() + "\n", err
}

// keyPlace says where the keys of a source come from.
func keyPlace(s distro.Source) string {
	if strings.Contains(s.SignedBy, "\n") {
		return "the one that the recipe names"
	}
	return "those in " + strings.Join(distro.SplitKeys(s.SignedBy), " and ")
}

// keyText returns the keys of a source as ASCII armour.
func keyText(s distro.Source) (string, error) {
	if strings.Contains(s.SignedBy, "\n") {
		return s.SignedBy, nil
	}
	var all strings.Builder
	for _, file := range distro.SplitKeys(s.SignedBy) {
		raw, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("key of %s: %w", s.URI, err)
		}
		text, err := armourKey(raw)
		if err != nil {
			return "", fmt.Errorf("key of %s: %s %w", s.URI, file, err)
		}
		all.WriteString(strings.TrimSpace(text) + "\n")
	}
	return all.String(), nil
}

// keyring writes the keys of a source as gpgv(1) takes them, in dir.
func keyring(s distro.Source, dir string) (string, error) {
	text, err := keyText(s)
	if err != nil {
		return "", err
	}
	// A file of several keys may be several blocks of armour.
	var raw []byte
	for rest := strings.NewReader(text); ; {
		block, err := armor.Decode(rest)
		if errors.Is(err, io.EOF) && raw != nil {
			break
		}
		if err != nil {
			return "", fmt.Errorf("key of %s: %w", s.URI, err)
		}
		part, err := io.ReadAll(block.Body)
		if err != nil {
			return "", fmt.Errorf("key of %s: %w", s.URI, err)
		}
		raw = append(raw, part...)
	}
	file := filepath.Join(dir, "key.gpg")
	return file, os.WriteFile(file, raw, 0o644)
}

// signedIndex is an index whose signature was checked.
type signedIndex struct {
	text   []byte
	signed bool     // false: it has no signature, where the distribution makes none
	said   []string // by gpgv
}

// readSigned reads the signed index of a source and checks it; dir is for files
// that the check needs, and env names the variable that sets the mirror. A
// source that the mirror does not have is errAbsent.
func readSigned(ctx context.Context, s distro.Source, dir, env string) (x signedIndex, err error) {
	address, _ := s.Signed()
	x.text, err = fetch(ctx, address)
	if err == nil {
		err = x.verify(ctx, s, dir)
	}
	hint := "check distro.release and distro.mirror in the recipe"
	var down *mirrorDown
	switch {
	case errors.As(err, &down):
		down.env = env
	case errors.Is(err, errAbsent) && unsigned(ctx, s):
		// Not errAbsent: an archive that is optional must be signed all the same.
		err = hinted(fmt.Errorf("the suite %s of %s is not signed: the mirror has no %s", s.Suite, s.URI, address),
			"nothing unsigned is installed: choose a mirror that has the signature")
	case errors.Is(err, errAbsent) && s.Suite != "":
		err = hinted(fmt.Errorf("the mirror %s has no suite %q: %w", s.URI, s.Suite, err), hint)
	case errors.Is(err, errAbsent):
		err = hinted(fmt.Errorf("the mirror has no repository %s: %s: %w", s.Name, address, err), hint)
	}
	return x, err
}

// unsigned reports whether the mirror has an index of the suite, but none that is
// signed.
func unsigned(ctx context.Context, s distro.Source) bool {
	address, _ := s.Signed()
	plain, ok := strings.CutSuffix(address, "InRelease")
	if !ok {
		return false
	}
	_, err := fetch(ctx, plain+"Release")
	return err == nil
}

// notes are what an operator should know of the check.
func (x signedIndex) notes(s distro.Source) []string {
	if x.signed {
		return nil
	}
	return []string{s.Label() + ": the mirror does not sign its index; every package is signed, and checked"}
}

// verify checks an index against its source's keys, as the family's tool will
// again. An index without a signature is good only where the distribution does
// not sign its indexes.
func (x *signedIndex) verify(ctx context.Context, s distro.Source, dir string) error {
	ring, err := keyring(s, dir)
	if err != nil {
		return err
	}
	address, detached := s.Signed()
	c := proc.Cmd{Path: "gpgv", Args: []string{"--keyring", ring}, Stdin: bytes.NewReader(x.text)}
	if detached == "" {
		c.Args = append(c.Args, "--output", "/dev/null", "-")
	} else {
		signature, err := fetch(ctx, detached)
		switch {
		case errors.Is(err, errAbsent) && !s.IndexSigned:
			return nil
		case errors.Is(err, errAbsent):
			return hinted(fmt.Errorf("%s is not signed: the mirror has no %s", address, detached), "nothing was installed; choose a mirror that has the signature")
		case err != nil:
			return err
		}
		file := filepath.Join(dir, "index.sig")
		if err := os.WriteFile(file, signature, 0o644); err != nil {
			return err
		}
		c.Args = append(c.Args, file, "-")
	}
	out, err := proc.Output(ctx, c)
	x.said, x.signed = strings.Split(strings.TrimSpace(out), "\n"), err == nil
	if err != nil && proc.Code(err) > 0 {
		return hinted(fmt.Errorf("the signature of %s is not good: %w", address, err),
			"the mirror was tampered with, or is signed by another key than "+keyPlace(s)+"; nothing was installed")
	}
	return err
}
