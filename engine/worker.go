package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"slipway/engine/distro"
	"slipway/engine/live"
	"slipway/engine/proc"
)

// WorkerVerb is the hidden verb under which this program starts itself again to
// build in private namespaces.
const WorkerVerb = "__worker"

// WorkerMain does the work and reports true if this process was started as a
// worker; main, and TestMain of tests that build, call it before all else.
func WorkerMain() bool {
	if len(os.Args) != 2 || os.Args[1] != WorkerVerb {
		return false
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func work() error {
	ctx, text, events, err := proc.Enter()
	if err != nil {
		return err
	}
	var j job
	if err := json.Unmarshal(text, &j); err != nil {
		return fmt.Errorf("worker: read the job: %w", err)
	}
	if j.Probe {
		return probe(j.Dirs)
	}
	run := newRun(ctx, func(ctx context.Context, r *Run) Finished { return runJob(ctx, j, r) })
	send(run, events)
	return nil
}

// send writes a run's events until it is over. Nobody may be listening any
// more: the work goes on to its clean-up all the same.
func send(run *Run, to io.Writer) {
	_ = run.Each(context.Background(), func(e Event) {
		if b, err := MarshalEvent(e); err == nil {
			_, _ = to.Write(append(b, '\n'))
		}
	})
}

// builder is one build under way, inside the worker.
type builder struct {
	job
	run    *Run
	log    *logFile
	space  *workspace
	layers layers
	distro distro.Distro
	layout live.Layout        // of the stack that the root has, once there is one
	keys   map[string]string  // of finished steps
	at     map[string]string  // where their layers are
	inputs map[string][]Input // of this run
	before map[string][]Input // of the last run of this recipe
	epoch  int64              // SOURCE_DATE_EPOCH: when the mirror's index was made
	state  []Input            // the mirror's state, input of the root
	// ownMirror: the plan's sources name the release's archives. Otherwise they
	// are the recipe's own repositories only, beside mmdebstrap's default mirror.
	ownMirror bool
	build     string // the finished build's directory
}

// step is one step's code. It is given an empty directory that becomes its layer.
type step struct {
	name string
	run  func(b *builder, ctx context.Context) error
}

var buildSteps = []step{
	{StepResolve, (*builder).resolve},
	{StepRoot, (*builder).root},
	{StepConfigure, (*builder).configure},
	{StepInitramfs, (*builder).initramfs},
	{StepLabel, (*builder).label},
	{StepPack, (*builder).pack},
	{StepMedia, (*builder).media},
	{StepManifest, (*builder).manifest},
}

// planned are the steps that this build has.
func (b *builder) planned() (steps []step) {
	for _, s := range buildSteps {
		if b.Plan.Step(s.name).Name != "" {
			steps = append(steps, s)
		}
	}
	return steps
}

// runJob runs the steps in order and cleans up whatever happens.
func runJob(ctx context.Context, j job, r *Run) (end Finished) {
	start := time.Now()
	b := &builder{job: j, run: r, keys: map[string]string{}, at: map[string]string{},
		inputs: map[string][]Input{}, before: map[string][]Input{},
		layers: layers{dir: filepath.Join(j.Dirs.Cache, layersDir)}}
	defer func() { end.Time, end.Took = time.Now(), time.Since(start) }()
	var err error
	logPath := filepath.Join(j.Dirs.Builds, j.Recipe.Name, "logs", j.Stamp+".log")
	if err = b.open(logPath); err != nil {
		return Finished{Status: Failed, Error: stepError("plan", err, "")}
	}
	r.emit(PlanReady{Time: start, Recipe: j.Recipe.Name, Steps: j.Plan.Steps, Log: logPath})
	end = b.steps(ctx)
	if end.Status != Done {
		end.Cleaned = []string{"work directory " + b.space.dir}
	}
	if err := b.space.remove(); err != nil {
		b.line("clean-up", err.Error())
		end.Cleaned = append(end.Cleaned, "not removed: "+err.Error())
	}
	b.log.Close()
	return end
}

func (b *builder) open(logPath string) (err error) {
	if err := proc.Protect(b.Dirs.Cache, b.Dirs.Builds); err != nil {
		return err
	}
	if b.distro, err = distro.Find(b.Recipe.Distro.ID); err != nil {
		return err
	}
	if b.layout, err = Layout(b.Recipe); err != nil {
		return err
	}
	if b.log, err = newLog(logPath); err != nil {
		return err
	}
	if b.space, err = newWorkspace(filepath.Join(b.Dirs.Cache, workDir), "build-"); err != nil {
		return err
	}
	tmp := filepath.Join(b.space.dir, "tmp")
	if err := os.Mkdir(tmp, 0o1777); err != nil {
		return err
	}
	os.Setenv("TMPDIR", tmp)
	if err := readJSON(b.inputsFile(), &b.before); err != nil {
		b.log.line("plan", err.Error()) // only the reasons are lost
	}
	return nil
}

func (b *builder) inputsFile() string {
	return filepath.Join(b.Dirs.Cache, inputsDir, b.Recipe.Name+".json")
}

func (b *builder) steps(ctx context.Context) Finished {
	for i, s := range b.planned() {
		if ctx.Err() != nil {
			return b.cancelled(i)
		}
		start := time.Now()
		err := s.run(b, ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			b.run.emit(StepDone{Time: time.Now(), Step: s.name, Status: Cancelled, Took: time.Since(start)})
			return b.cancelled(i + 1)
		case err != nil:
			b.line(s.name, "failed: "+err.Error())
			se := stepError(s.name, err, b.log.path)
			b.run.emit(StepDone{Time: time.Now(), Step: s.name, Status: Failed, Took: time.Since(start), Error: se})
			return Finished{Status: Failed, Error: se}
		}
	}
	if err := writeJSON(b.inputsFile(), b.inputs); err != nil {
		b.line("clean-up", err.Error())
	}
	if err := b.layers.trim(); err != nil {
		b.line("clean-up", err.Error())
	}
	return Finished{Status: Done, Build: b.build}
}

func (b *builder) cancelled(from int) Finished {
	for _, s := range b.planned()[from:] {
		b.run.emit(StepDone{Time: time.Now(), Step: s.name, Status: Cancelled})
	}
	return Finished{Status: Cancelled, Error: &StepError{Step: b.planned()[max(from-1, 0)].name, Message: "cancelled", Log: b.log.path}}
}

// line logs and shows one line of a step.
func (b *builder) line(step, text string) {
	b.log.line(step, text)
	b.run.emit(Output{Step: step, Lines: []string{text}})
}

// layer runs make for a step unless its layer exists. make gets the empty
// directory that becomes the layer. Inputs are the plan's, then more, which is
// only known now.
func (b *builder) layer(name string, more []Input, make func(dir string) error) error {
	start := time.Now()
	inputs := append(append([]Input{}, b.Plan.Step(name).Inputs...), more...)
	k := key(name, inputs)
	b.inputs[name], b.keys[name] = inputs, k
	if path, ok := b.layers.find(name, k); ok {
		b.at[name] = path
		b.log.line(name, "cached "+k)
		b.run.emit(StepDone{Time: time.Now(), Step: name, Status: Cached, Took: time.Since(start), Key: k})
		return nil
	}
	why := reasons(b.before[name], inputs)
	b.begin(name, why)
	dir := filepath.Join(b.space.dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := make(dir); err != nil {
		return err
	}
	path, err := b.layers.adopt(dir, name, k)
	if err != nil {
		return err
	}
	b.at[name] = path
	b.end(name, start, why)
	return nil
}

func (b *builder) begin(name string, why []string) {
	b.log.line(name, "begin: "+b.Plan.Step(name).Does)
	for _, w := range why {
		b.log.line(name, "because "+w)
	}
	b.run.emit(StepStarted{Time: time.Now(), Step: name, Reasons: why})
}

func (b *builder) end(name string, start time.Time, why []string) {
	b.log.line(name, fmt.Sprintf("done in %.1f s", time.Since(start).Seconds()))
	b.run.emit(StepDone{Time: time.Now(), Step: name, Status: Done, Took: time.Since(start), Key: b.keys[name], Reasons: why})
}

// exec runs a program of a step; its lines go to the log and the reader.
func (b *builder) exec(ctx context.Context, step string, c proc.Cmd) error {
	b.log.line(step, "$ "+c.String())
	return proc.Run(ctx, c, func(l string) { b.line(step, l) })
}

func (b *builder) progress(step, text string, done, total int64) {
	b.run.emit(Progress{Step: step, Text: text, Done: done, Total: total})
}
