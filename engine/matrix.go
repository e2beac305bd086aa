package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/engine/smoke"
	"slipway/recipes"
)

// matrixDir lies beside the recipes' builds; no recipe can have that name.
const matrixDir = "_matrix"

// boardName is the board's file in the folder of a matrix.
const boardName = "board.json"

// MatrixOptions say how several recipes are tried. The zero value boots each
// once, one after the other.
type MatrixOptions struct {
	Paths    []string // boot paths of each recipe, in this order; default smoke.Direct
	Rehearse bool     // fill the overlay after the checks
	Jobs     int      // recipes at once; default 1
}

// MatrixEvent is something that happened in a run of a matrix: an event of the
// run, or the end of a row.
type MatrixEvent struct {
	Recipe string
	Path   string // of the boot; empty: it is of the build
	Event  Event
	Row    *Row // set if it is finished; then there is no Event
}

// Matrix builds the recipes and boots each on every path. At most o.Jobs recipes
// are worked on at once, of which at most one is being built; the paths of one
// recipe share its build and are booted one after the other. tell is called for
// everything that happens, never twice at once.
//
// What fails is a row of the board. The error is for a board or reports that
// could not be kept; nothing was started if the board then has no rows. When ctx
// ends, all stops and is waited for.
func (e *Engine) Matrix(ctx context.Context, docs []*recipes.Document, o MatrixOptions, tell func(MatrixEvent)) (Board, error) {
	m := matrix{build: e.Build, boot: e.BootBuilt, builds: e.Dirs.Builds, folders: []string{e.Dirs.Builds, e.Dirs.Cache}, options: o, tell: tell, now: time.Now}
	if err := e.Dirs.create(); err != nil {
		return Board{}, err
	}
	return m.run(ctx, docs)
}

// matrix is a matrix under way.
type matrix struct {
	build   func(context.Context, *recipes.Document) *Run
	boot    func(ctx context.Context, r recipes.Recipe, dir string, o BootOptions) *Run
	builds  string   // folder of all builds
	dir     string   // of the board
	folders []string // that Slipway writes to
	beside  []string // folders of the recipes
	options MatrixOptions
	now     func() time.Time

	telling sync.Mutex
	tell    func(MatrixEvent)
}

func (m *matrix) run(ctx context.Context, docs []*recipes.Document) (Board, error) {
	start := m.now().UTC()
	m.dir = filepath.Join(m.builds, matrixDir, start.Format("20060102-150405.000"))
	if err := os.MkdirAll(m.dir, 0o755); err != nil {
		return Board{}, fmt.Errorf("create the board's folder: %w", err)
	}
	paths := m.options.Paths
	if len(paths) == 0 {
		paths = []string{smoke.Direct}
	}
	board := Board{Time: start, Dir: m.dir}
	for _, doc := range docs {
		if dir, err := filepath.Abs(doc.Dir()); err == nil {
			m.beside = append(m.beside, dir)
		}
		for _, path := range paths {
			board.Rows = append(board.Rows, m.row(doc.Recipe, path))
		}
	}
	errs := make([]error, len(docs))
	var lanes errgroup.Group
	lanes.SetLimit(max(m.options.Jobs, 1))
	for i, doc := range docs {
		rows := board.Rows[i*len(paths) : (i+1)*len(paths)]
		built := make(chan struct{})
		lanes.Go(func() error {
			errs[i] = m.lane(ctx, doc, rows, built)
			return nil
		})
		<-built // so builds run one after the other, in the order asked for
	}
	_ = lanes.Wait() // each lane's error is in its place
	board.Took = m.now().Sub(start)
	errs = append(errs, writeJSON(filepath.Join(m.dir, boardName), board))
	return board, errors.Join(errs...)
}

// lane builds one recipe, closes built, and boots it on every path. Its rows are
// final, and told, when it returns.
func (m *matrix) lane(ctx context.Context, doc *recipes.Document, rows []Row, built chan<- struct{}) error {
	if ctx.Err() != nil {
		close(built)
		m.over(rows)
		return nil
	}
	end := m.follow(m.build(ctx, doc), doc.Recipe.Name, "", func(Event) {})
	close(built)
	if end.Status != Done {
		for i := range rows {
			m.built(&rows[i], end)
			end.Cleaned = nil // the first row tells it
		}
		err := m.keepLog(rows, end)
		m.over(rows)
		return err
	}
	var errs []error
	for i := range rows {
		row := &rows[i]
		m.built(row, end)
		if ctx.Err() == nil {
			errs = append(errs, m.try(ctx, doc, end.Build, row))
		}
		m.over(rows[i : i+1])
	}
	return errors.Join(errs...)
}

// try boots a build on a row's path.
func (m *matrix) try(ctx context.Context, doc *recipes.Document, dir string, row *Row) error {
	var started bool
	var untried *StepError
	run := m.boot(ctx, doc.Recipe, dir, BootOptions{Path: row.Path, Rehearse: m.options.Rehearse})
	end := m.follow(run, row.Recipe, row.Path, func(e Event) {
		switch e := e.(type) {
		case Booting:
			started = true
		case StepDone:
			if e.Step == StepRehearse {
				untried = e.Error
			}
		}
	})
	if m.options.Rehearse && end.Verdict != nil {
		row.Outcome = NotTried
		if untried != nil {
			row.Rehearsal = m.portable(untried.Message)
		}
	}
	m.booted(row, doc.Recipe, end)
	if end.Status == Cancelled && started {
		row.Cleaned = append(row.Cleaned, "the machine of "+row.Recipe+", "+row.Path+" boot: stopped")
	}
	return m.keep(row, dir, end)
}

// follow tells a run's events to its end, also past a cancellation.
func (m *matrix) follow(run *Run, recipe, path string, see func(Event)) Finished {
	// The background context never ends, so Each returns when the run does.
	_ = run.Each(context.Background(), func(e Event) {
		see(e)
		m.say(MatrixEvent{Recipe: recipe, Path: path, Event: e})
	})
	return run.Wait()
}

// over tells that rows are final.
func (m *matrix) over(rows []Row) {
	for _, row := range rows {
		m.say(MatrixEvent{Recipe: row.Recipe, Path: row.Path, Row: &row})
	}
}

func (m *matrix) say(e MatrixEvent) {
	m.telling.Lock()
	defer m.telling.Unlock()
	m.tell(e)
}
