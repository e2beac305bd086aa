package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"slipway/engine/distro"
	"slipway/engine/proc"
	"slipway/recipes"
)

// job is what the worker is told: all it needs to know, nothing it must find out.
type job struct {
	Recipe recipes.Recipe `json:"recipe"`
	TOML   []byte         `json:"toml"` // the recipe as written, for the record
	Assets assets         `json:"assets"`
	Plan   Plan           `json:"plan"`
	Dirs   Dirs           `json:"dirs"`
	Stamp  string         `json:"stamp"`
	Probe  bool           `json:"probe,omitempty"` // only try whether a build could work
}

// Plan says what a build of the recipe would do. It reads the files that the
// recipe names and the host's package sources, and changes nothing.
func (e *Engine) Plan(doc *recipes.Document) (Plan, error) {
	j, err := e.job(doc, time.Now())
	return j.Plan, err
}

func (e *Engine) job(doc *recipes.Document, now time.Time) (job, error) {
	if errs := Lint(doc).Errors(); len(errs) > 0 {
		return job{}, errs
	}
	r := doc.Recipe
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return job{}, err
	}
	a, err := loadAssets(doc)
	if err != nil {
		return job{}, err
	}
	sources, origin := d.Sources(r, distro.ThisHost())
	plan, err := newPlan(r, a, d, sources, origin)
	if err != nil {
		return job{}, err
	}
	return job{Recipe: r, TOML: doc.Source, Assets: a, Plan: plan, Dirs: e.Dirs, Stamp: now.UTC().Format("20060102-150405.000")}, nil
}

// loadAssets reads every file that the recipe names, relative to its folder.
func loadAssets(doc *recipes.Document) (assets, error) {
	a := assets{}
	load := func(what, path string) error {
		if path == "" {
			return nil
		}
		b, err := os.ReadFile(doc.Beside(path))
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		a[path] = b
		return nil
	}
	var errs []error
	for _, f := range doc.Recipe.Files {
		errs = append(errs, load("file "+f.Path, f.Source))
	}
	for i, h := range doc.Recipe.Hooks {
		errs = append(errs, load(fmt.Sprintf("hook %d %s", i+1, h.Name), h.Source))
	}
	errs = append(errs, load("distro.key", doc.Recipe.Distro.Key))
	for _, r := range doc.Recipe.Repositories {
		errs = append(errs, load("repository "+r.Name+": key", r.Key))
	}
	return a, errors.Join(errs...)
}

// Build builds the recipe in a worker of its own. Steps whose inputs did not
// change are not run again. Finished.Build is the build's directory.
func (e *Engine) Build(ctx context.Context, doc *recipes.Document) *Run {
	return newRun(ctx, func(ctx context.Context, r *Run) Finished { return e.build(ctx, doc, r) })
}

// build runs the worker and passes its events on. The worker emits Finished
// itself unless it is killed.
func (e *Engine) build(ctx context.Context, doc *recipes.Document, r *Run) Finished {
	start := time.Now()
	fail := func(step string, err error) Finished {
		f := Finished{Time: time.Now(), Took: time.Since(start), Status: Failed, Error: stepError(step, err, "")}
		if ctx.Err() != nil {
			f.Status = Cancelled
		}
		return f
	}
	j, err := e.job(doc, start)
	if err != nil {
		return fail("plan", err)
	}
	if err := e.Dirs.create(); err != nil {
		return fail("plan", err)
	}
	text, err := json.Marshal(j)
	if err != nil {
		return fail("plan", err)
	}
	w, err := proc.StartWorker(ctx, WorkerVerb, text)
	if err != nil {
		return fail("plan", err)
	}
	defer w.Events.Close()
	var end *Finished
	step, log := "plan", ""
	in := bufio.NewReaderSize(w.Events, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		ev, err := UnmarshalEvent(line)
		if err != nil {
			continue
		}
		switch ev := ev.(type) {
		case Finished:
			end = &ev
			continue
		case PlanReady:
			log = ev.Log
		case StepStarted:
			step = ev.Step
		}
		r.emit(ev)
	}
	err = w.Wait()
	if end != nil {
		return *end
	}
	if err == nil {
		err = errors.New("the build worker ended without a word")
	}
	f := fail(step, fmt.Errorf("the build worker died: %w", err))
	f.Error.Log = log
	return f
}
