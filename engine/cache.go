package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"

	"slipway/engine/proc"
)

// The cache folder:
//
//	layers/<step>-<key>/   results of finished steps, found by the hash of their inputs
//	packages/<distro>/     verified packages, and the indexes of each mirror
//	inputs/<recipe>.json   the inputs of each step of the last run, to say what changed
//	work/<id>/             work in progress, locked by the process that works there
const (
	layersDir   = "layers"
	packagesDir = "packages"
	inputsDir   = "inputs"
	workDir     = "work"
)

// keepLayers is how many results of each step stay in the cache.
const keepLayers = 6

// workspace is a directory of work in progress. Its lock ends with the process,
// so that what a killed one left is known to be abandoned.
type workspace struct {
	dir  string
	lock *flock.Flock
}

// newWorkspace removes what abandoned runs left under parent and makes a new
// directory there.
func newWorkspace(parent, prefix string) (*workspace, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("create %s: %w", parent, err)
	}
	// Held while directories come and go, so that a sweep never meets one whose
	// lock is not yet taken.
	guard := flock.New(filepath.Join(parent, "."+prefix+"guard"))
	if err := guard.Lock(); err != nil {
		return nil, fmt.Errorf("lock %s: %w", parent, err)
	}
	defer guard.Close()
	if err := sweep(parent, prefix); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return nil, fmt.Errorf("create a work directory: %w", err)
	}
	w := &workspace{dir: dir, lock: flock.New(dir + lockSuffix)}
	if err := w.lock.Lock(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), w.remove())
	}
	return w, os.Chmod(dir, 0o755)
}

// lockSuffix: the lock lies beside the directory, not in it, because the
// directory itself may become a result.
const lockSuffix = ".lock"

// sweep removes the work directories under parent that nobody holds.
func sweep(parent, prefix string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("read %s: %w", parent, err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), lockSuffix)
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		w := &workspace{dir: filepath.Join(parent, name), lock: flock.New(filepath.Join(parent, name) + lockSuffix)}
		free, err := w.lock.TryLock()
		if err != nil || !free {
			continue
		}
		if err := w.remove(); err != nil {
			return fmt.Errorf("remove what an earlier run left: %w", err)
		}
	}
	return nil
}

// remove unmounts all below the directory, then deletes it. What cannot be
// unmounted is never deleted: it may be the package cache, or the host's /dev.
func (w *workspace) remove() error {
	err := proc.UnmountBelow(w.dir)
	if err == nil {
		err = removeAll(w.dir)
	}
	_ = os.Remove(w.dir + lockSuffix)
	return errors.Join(err, w.lock.Close())
}

// removeAll is os.RemoveAll that also removes directories without write
// permission, which the overlay's work directory is.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(dir)
}

// layers are the results of finished steps. Those that were found are locked as long
// as the process lives, so that no other one removes what is mounted here.
type layers struct {
	dir  string
	held []*os.File
}

func (l *layers) path(step, key string) string { return filepath.Join(l.dir, step+"-"+key) }

// find returns a finished layer, marks it as used now and holds it.
func (l *layers) find(step, key string) (string, bool) {
	p := l.path(step, key)
	f, err := lockDir(p, unix.LOCK_SH)
	if err != nil {
		return p, false
	}
	l.held = append(l.held, f)
	now := time.Now()
	_ = os.Chtimes(p, now, now)
	return p, true
}

// lockDir locks a directory (flock(2)), without waiting for one that is locked
// otherwise. The lock ends when the file is closed. One that was removed before it
// was locked is os.ErrNotExist.
func lockDir(dir string, how int) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
	if err == nil {
		var there fs.FileInfo
		if there, err = os.Stat(dir); err == nil {
			if mine, statErr := f.Stat(); statErr != nil || !os.SameFile(mine, there) {
				err = fs.ErrNotExist
			}
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// adopt makes a finished work directory a layer, in one move. If another run
// was faster with the same layer, that one is used.
func (l *layers) adopt(dir, step, key string) (string, error) {
	p := l.path(step, key)
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return "", fmt.Errorf("create %s: %w", l.dir, err)
	}
	if err := os.Rename(dir, p); err != nil {
		if _, ok := l.find(step, key); ok {
			return p, removeAll(dir)
		}
		return "", fmt.Errorf("keep the layer of %s: %w", step, err)
	}
	l.find(step, key)
	return p, nil
}

// trim removes the oldest layers of each step beyond keepLayers, but for those that
// somebody holds.
func (l *layers) trim() error {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return fmt.Errorf("read %s: %w", l.dir, err)
	}
	bySteps := map[string][]fs.FileInfo{}
	for _, e := range entries {
		step, _, _ := strings.Cut(e.Name(), "-")
		if info, err := e.Info(); err == nil {
			bySteps[step] = append(bySteps[step], info)
		}
	}
	for _, infos := range bySteps {
		sort.Slice(infos, func(i, j int) bool { return infos[i].ModTime().After(infos[j].ModTime()) })
		for _, info := range infos[min(keepLayers, len(infos)):] {
			dir := filepath.Join(l.dir, info.Name())
			held, err := lockDir(dir, unix.LOCK_EX)
			if err != nil {
				continue // in use, or gone
			}
			if err := errors.Join(removeAll(dir), held.Close()); err != nil {
				return fmt.Errorf("remove an old layer: %w", err)
			}
		}
	}
	return nil
}

// readJSON reads a file into v; a missing file leaves v as it is.
func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// writeJSON replaces a file in one step. It is not flushed to the disk: that
// would wait for the hundreds of megabytes that a build has just written, and
// all of it is made again if a power cut takes it.
func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	fresh := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err == nil {
		err = os.WriteFile(fresh, append(b, '\n'), 0o644)
	}
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// waitLock takes an exclusive lock on file, calling waiting once if that takes
// time.
func waitLock(ctx context.Context, file string, waiting func()) (*flock.Flock, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, fmt.Errorf("create %s: %w", filepath.Dir(file), err)
	}
	l := flock.New(file)
	if ok, err := l.TryLock(); ok || err != nil {
		return l, err
	}
	waiting()
	if _, err := l.TryLockContext(ctx, 200*time.Millisecond); err != nil {
		return nil, err
	}
	return l, nil
}
