package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"slipway/engine/proc"
)

// TryWorker does what every build begins with, and undoes it: namespaces with
// mapped ids, the host made read-only, an overlay on the cache's file system.
// The error says which of it this machine or user cannot do.
func (e *Engine) TryWorker(ctx context.Context) error {
	if err := e.Dirs.create(); err != nil {
		return err
	}
	text, err := json.Marshal(job{Dirs: e.Dirs, Probe: true})
	if err != nil {
		return err
	}
	w, err := proc.StartWorker(ctx, WorkerVerb, text)
	if err != nil {
		return err
	}
	defer w.Events.Close()
	_, _ = io.Copy(io.Discard, w.Events)
	err = w.Wait()
	var exit *proc.ExitError
	if errors.As(err, &exit) && len(exit.Last) > 0 {
		return errors.New(exit.Last[len(exit.Last)-1])
	}
	return err
}

// probe is the worker's side of TryWorker.
func probe(d Dirs) error {
	if err := proc.Protect(d.Cache, d.Builds); err != nil {
		return err
	}
	space, err := newWorkspace(filepath.Join(d.Cache, workDir), "probe-")
	if err != nil {
		return err
	}
	at := func(name string) string { return filepath.Join(space.dir, name) }
	for _, dir := range []string{"lower", "upper", "work"} {
		if err := os.Mkdir(at(dir), 0o755); err != nil {
			return errors.Join(err, space.remove())
		}
	}
	err = proc.Overlay(at("merged"), []string{at("lower")}, at("upper"), at("work"))
	if err == nil {
		err = os.WriteFile(at("merged/file"), []byte("x"), 0o644)
	}
	if err != nil {
		err = fmt.Errorf("the cache's file system cannot hold layers: %w", err)
	}
	return errors.Join(err, space.remove())
}
