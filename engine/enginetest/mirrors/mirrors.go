// Package mirrors makes small signed package mirrors for tests, in the formats
// and with the names of distributions whose own mirrors may be out of reach,
// out of Debian's binary packages. What is installed from one works and boots,
// and says of itself that it is no such distribution: VARIANT_ID=slipway-fixture
// in its os-release(5).
//
// Such a mirror proves how packages are asked for, checked and installed, and
// that the result boots. It does not prove what the real packages do.
package mirrors

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Mirror is a made repository.
type Mirror struct {
	Kind    string // one of Kinds
	Release string // the recipe's distro.release
	URL     string // file:///...: the recipe's distro.mirror
	Dir     string // the same as a path
	Key     string // file with the public key that is said to sign it, armoured
}

// Kinds are the mirrors that can be made: the recipe's distro.id.
func Kinds() []string { return []string{"fedora", "centos", "opensuse", "arch", "ubuntu"} }

//go:embed *.go
var source embed.FS

// Make returns the mirror of a kind, made below dir unless it is there already.
// dir is a cache folder that lasts: it keeps the Debian packages, the signing
// keys, and each mirror by what it was made of. told gets a line for each thing that
// takes time, and what the programs print. Making needs root, and the programs
// that `slipway doctor --tests` names.
func Make(ctx context.Context, dir, kind string, told func(string)) (Mirror, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Mirror{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Mirror{}, fmt.Errorf("cache of mirrors: %w", err)
	}
	// Two tests may want the same mirror at once.
	lock := flock.New(filepath.Join(dir, ".lock"))
	if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil {
		return Mirror{}, fmt.Errorf("wait for the cache of mirrors: %w", err)
	}
	defer lock.Close()
	keys, err := openKeys(dir)
	if err != nil {
		return Mirror{}, err
	}
	debian := filepath.Join(dir, "debian-"+hash(debianInputs()))
	t, err := loadTable(kind, "")
	if err != nil {
		return Mirror{}, err
	}
	of, err := inputs()
	if err != nil {
		return Mirror{}, err
	}
	at := filepath.Join(dir, kind+"-"+hash(append(of, debian, string(keys.public))))
	m := Mirror{Kind: kind, Release: t.Release, URL: "file://" + at, Dir: at, Key: filepath.Join(dir, publicKey)}
	now := time.Now()
	if err := os.Chtimes(at, now, now); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return m, err // the time tells prune that it is in use
	}
	if err := superset(ctx, debian, told); err != nil {
		return Mirror{}, err
	}
	if err := build(ctx, kind, debian, at, keys, told); err != nil {
		return Mirror{}, fmt.Errorf("mirror %s: %w", kind, err)
	}
	return m, errors.Join(prune(dir, kind), prune(dir, "debian"))
}

// kept is how many mirrors of a kind stay in the cache: more than one, for other
// checkouts.
const kept = 3

// prune removes the mirrors of a kind that were not used for longest, and what
// runs that were killed left.
func prune(dir, kind string) error {
	found, err := filepath.Glob(filepath.Join(dir, kind+"-*"))
	if err != nil {
		return err
	}
	used := map[string]time.Time{}
	for _, f := range found {
		st, err := os.Stat(f)
		if err != nil {
			return err
		}
		used[f] = st.ModTime()
	}
	slices.SortFunc(found, func(a, b string) int { return used[b].Compare(used[a]) })
	left, err := filepath.Glob(filepath.Join(dir, ".[dm]*-*")) // as os.MkdirTemp named them
	if err != nil {
		return err
	}
	for _, old := range append(found[min(kept, len(found)):], left...) {
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("remove an old mirror: %w", err)
		}
	}
	return nil
}

// build makes a mirror at a path where there is none yet.
func build(ctx context.Context, kind, debian, at string, k *keyring, told func(string)) error {
	work, err := os.MkdirTemp(filepath.Dir(at), ".mirror-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.Chmod(work, 0o755); err != nil {
		return err
	}
	d, err := readDebian(filepath.Join(debian, "root"))
	if err != nil {
		return err
	}
	kernel, err := d.kernel()
	if err != nil {
		return err
	}
	t, err := loadTable(kind, kernel)
	if err != nil {
		return err
	}
	if err := write(ctx, work, debian, d, t, k, told); err != nil {
		return err
	}
	return os.Rename(work, at)
}

// write makes the repositories of a table, in its format.
func write(ctx context.Context, dir, from string, d *debian, t *table, k *keyring, told func(string)) error {
	if t.Format == "apt" {
		return makeApt(ctx, dir, filepath.Join(from, "debs"), d, t, k, told)
	}
	packs, left, err := assemble(d, t)
	if err != nil {
		return err
	}
	for _, f := range left {
		told("in no package: /" + f)
	}
	if t.Format == "pacman" {
		return makePacman(ctx, dir, packs, t, k, told)
	}
	return makeRPMs(ctx, dir, packs, t, k, told)
}

// debianInputs are what the Debian root depends on.
func debianInputs() []string {
	return []string{mmdebstrap("root", "sources").String()}
}

// inputs are what a mirror depends on beside that: this program and its tables.
func inputs() ([]string, error) {
	var all []string
	for _, from := range []embed.FS{source, tables, standIns} {
		err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := fs.ReadFile(from, name)
			all = append(all, name, string(text))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func hash(of []string) string {
	h := sha256.New()
	for _, s := range of {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
