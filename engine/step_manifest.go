package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	securejoin "github.com/cyphar/filepath-securejoin"
	"github.com/google/renameio/v2"
	"golang.org/x/sync/errgroup"

	"slipway/engine/live"
	"slipway/engine/proc"
)

// Record is build.json: what a build was made of.
type Record struct {
	Recipe string             `json:"recipe"`
	Key    string             `json:"key"` // of the manifest step: all that went into the build
	Made   time.Time          `json:"made"`
	Origin string             `json:"origin"` // who named the mirror
	Mirror []Input            `json:"mirror"` // its state
	Keys   map[string]string  `json:"keys"`   // of each step
	Inputs map[string][]Input `json:"inputs"`
	// Fixture: the packages came from a small mirror of the tests, under the
	// distribution's names; see fromFixture.
	Fixture bool `json:"fixture,omitempty"`
	// Layout is what the image is, how it is booted, and what it must show.
	Layout live.Layout `json:"layout"`
}

// ReadRecord returns what a build was made of. dir is the build's directory.
func ReadRecord(dir string) (Record, error) {
	var r Record
	err := readJSON(filepath.Join(dir, recordName), &r)
	return r, err
}

const recordName = "build.json"

// making marks a build directory that is not finished.
const making = ".making-"

// manifest gathers the results in a directory of their own and moves the
// recipe's current link to it. A build that is already current is kept.
func (b *builder) manifest(ctx context.Context) error {
	start := time.Now()
	inputs := append([]Input{}, b.Plan.Step(StepManifest).Inputs...)
	for _, s := range []string{StepRoot, StepConfigure, StepInitramfs, StepPack, StepMedia} {
		inputs = append(inputs, Input{s, b.keys[s]})
	}
	k := key(StepManifest, inputs)
	b.inputs[StepManifest], b.keys[StepManifest] = inputs, k
	builds := filepath.Join(b.Dirs.Builds, b.Recipe.Name)
	if dir, err := filepath.EvalSymlinks(filepath.Join(builds, "current")); err == nil && isBuildOf(dir, k) {
		b.build = dir
		b.run.emit(StepDone{Time: time.Now(), Step: StepManifest, Status: Cached, Took: time.Since(start), Key: k})
		return nil
	}
	why := reasons(b.before[StepManifest], inputs)
	b.begin(StepManifest, why)
	space, err := newWorkspace(builds, making)
	if err != nil {
		return err
	}
	defer space.remove()
	if err := b.gather(ctx, space.dir); err != nil {
		return err
	}
	// The last moment to stop: what is renamed below is a finished build.
	if ctx.Err() != nil {
		return ctx.Err()
	}
	b.build = filepath.Join(builds, b.Stamp)
	if err := os.Rename(space.dir, b.build); err != nil {
		return fmt.Errorf("finish the build: %w", err)
	}
	if err := renameio.Symlink(b.Stamp, filepath.Join(builds, "current")); err != nil {
		return fmt.Errorf("move the current link: %w", err)
	}
	b.end(StepManifest, start, why)
	return nil
}

// isBuildOf reports whether dir is a whole build with the given key.
func isBuildOf(dir, key string) bool {
	var r Record
	return readJSON(filepath.Join(dir, recordName), &r) == nil && r.Key == key
}

// gather fills the build directory. Large files are hard links to the cache's
// where the file system allows it.
func (b *builder) gather(ctx context.Context, dir string) error {
	links := map[string]string{
		kernelName:   filepath.Join(b.at[StepInitramfs], kernelName),
		initrdName:   filepath.Join(b.at[StepInitramfs], initrdName),
		squashfsName: filepath.Join(b.at[StepPack], squashfsName),
		"cmdline":    filepath.Join(b.at[StepMedia], "cmdline"),
	}
	iso := b.Recipe.Name + ".iso"
	if _, err := os.Stat(filepath.Join(b.at[StepMedia], iso)); err == nil {
		links[iso] = filepath.Join(b.at[StepMedia], iso)
	}
	for name, from := range links {
		to := filepath.Join(dir, name)
		if err := proc.Link(from, to); err != nil {
			b.log.line(StepManifest, "copied: "+err.Error())
			if err := copyFile(from, to, 0o644); err != nil {
				return fmt.Errorf("gather %s: %w", name, err)
			}
		}
	}
	list, err := os.ReadFile(filepath.Join(b.at[StepRoot], installedName))
	if err != nil {
		return fmt.Errorf("list packages: %w", err)
	}
	for name, text := range map[string][]byte{installedName: list, "recipe.toml": b.TOML} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	record := Record{Recipe: b.Recipe.Name, Key: b.keys[StepManifest], Made: time.Now().UTC(), Origin: b.Plan.Origin, Mirror: b.state, Keys: b.keys, Inputs: b.inputs, Layout: b.layout,
		Fixture: fromFixture(filepath.Join(b.at[StepRoot], "root"))}
	if err := writeJSON(filepath.Join(dir, recordName), record); err != nil {
		return err
	}
	if err := checksums(ctx, dir); err != nil {
		return err
	}
	// The log goes on until the run is over: a hard link has all of it.
	if err := os.Link(b.log.path, filepath.Join(dir, "build.log")); err != nil {
		return fmt.Errorf("gather the log: %w", err)
	}
	return nil
}

// fromFixture reports whether a root says of itself, in os-release(5), that its
// packages are those of a test mirror: so it cannot be forgotten on the way.
func fromFixture(root string) bool {
	for _, file := range []string{"usr/lib/os-release", "etc/os-release"} {
		path, err := securejoin.SecureJoin(root, file)
		if err != nil {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for l := range strings.Lines(string(text)) {
			if name, value, _ := strings.Cut(strings.TrimSpace(l), "="); name == "VARIANT_ID" && strings.Trim(value, `"'`) == "slipway-fixture" {
				return true
			}
		}
	}
	return false
}

// checksums writes SHA256SUMS as sha256sum(1) does, over all files present.
func checksums(ctx context.Context, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("checksums: %w", err)
	}
	sums := make([]string, len(entries))
	g, ctx := errgroup.WithContext(ctx)
	for i, e := range entries {
		g.Go(func() error {
			sum, err := sha256File(ctx, filepath.Join(dir, e.Name()))
			sums[i] = sum + "  " + e.Name() + "\n"
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("checksums: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(strings.Join(sums, "")), 0o644)
}

func sha256File(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for {
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return "", err
		}
	}
}

func copyFile(from, to string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	return out.Close()
}
