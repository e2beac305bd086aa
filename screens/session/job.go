package session

import (
	"context"
	"errors"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/engine/smoke"
)

// Job is a run as all screens know it: the newest one is kept after its end.
type Job struct {
	ID       int
	Kind     Place // Build or Boot
	Recipe   string
	Revision int // of the session's document when it started
	Run      *engine.Run
	Started  time.Time

	Rehearse bool // a full overlay was asked for, after the checks

	Booting bool // the machine of a test boot has started
	Steps   []engine.Step
	Step    string // the running step, or the last one
	Ended   int    // steps that are over
	Log     string // path of the complete log
	Checks  int    // of the test boot
	Checked int
	Over    bool
	End     engine.Finished
}

// Events is what happened in a job since the last Events.
type Events struct {
	Job    int
	Events []engine.Event
}

// JobStarted tells all screens that a run begins, before its first Events.
type JobStarted struct{ Job *Job }

// Job is the newest run, or nil.
func (s *Session) Job() *Job { return s.job }

// Running is the run under way, or nil.
func (s *Session) Running() *Job {
	if s.job != nil && !s.job.Over {
		return s.job
	}
	return nil
}

// Start makes run the session's job. Only the app calls it.
func (s *Session) Start(kind Place, run *engine.Run) *Job {
	id := 1
	if s.job != nil {
		id = s.job.ID + 1
	}
	s.job = &Job{ID: id, Kind: kind, Recipe: s.doc.Recipe.Name, Revision: s.revision, Run: run, Started: s.Now()}
	return s.job
}

// Receive waits for the next events of the job and returns them as one Events.
// It asks for nothing more: the app calls it again for every Events.
func (j *Job) Receive(ctx context.Context) tea.Cmd {
	run, id := j.Run, j.ID
	return func() tea.Msg {
		events, err := run.Receive(ctx)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil
		}
		if len(events) == 0 {
			return nil
		}
		return Events{Job: id, Events: events}
	}
}

// Apply keeps the job's own state up with its events.
func (j *Job) Apply(events []engine.Event) {
	for _, e := range events {
		switch e := e.(type) {
		case engine.PlanReady:
			j.Steps, j.Log = e.Steps, e.Log
		case engine.StepStarted:
			j.Step = e.Step
		case engine.StepDone:
			j.Step = e.Step
			j.Ended++
		case engine.Booting:
			j.Booting, j.Checks = true, len(e.Checks)
		case engine.CheckDone:
			j.Checked++
		case engine.Finished:
			j.Over, j.End = true, e
		}
	}
}

// Verdict is the verdict of a test boot that is over, or nil.
func (j *Job) Verdict() *smoke.Verdict { return j.End.Verdict }
