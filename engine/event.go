package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"slipway/engine/smoke"
)

// Event is one thing that happened in a run. The kinds are sealed: the types
// below are all there are. In JSON every event is an object with a "kind".
// Times are data: a reader never asks a clock.
type Event interface{ kind() string }

// Status is how a step, or a whole run, ended.
type Status string

const (
	Done      Status = "done"
	Cached    Status = "cached"
	Skipped   Status = "skipped"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// PlanReady is the first event of every run.
type PlanReady struct {
	Time   time.Time `json:"time"`
	Recipe string    `json:"recipe"`
	Steps  []Step    `json:"steps"`
	Log    string    `json:"log"` // path of the complete log, already being written
}

// StepStarted says that a step runs, and which of its inputs made that necessary.
type StepStarted struct {
	Time    time.Time `json:"time"`
	Step    string    `json:"step"`
	Reasons []string  `json:"reasons,omitempty"`
}

// Progress is the newest known state of a running step. Total is 0 if unknown.
type Progress struct {
	Step  string `json:"step"`
	Text  string `json:"text,omitempty"`
	Done  int64  `json:"done"`
	Total int64  `json:"total,omitempty"`
}

// Output is some lines of a step's log, without line ends. They are in the log
// file before this event exists.
type Output struct {
	Step  string   `json:"step"`
	Lines []string `json:"lines"`
}

// StepDone ends a step.
type StepDone struct {
	Time    time.Time     `json:"time"`
	Step    string        `json:"step"`
	Status  Status        `json:"status"`
	Took    time.Duration `json:"took_ns"`
	Key     string        `json:"key,omitempty"` // content hash of the step's inputs
	Reasons []string      `json:"reasons,omitempty"`
	Error   *StepError    `json:"error,omitempty"`
}

// Booting says that a machine was started, how, and what will be checked.
type Booting struct {
	Time    time.Time     `json:"time"`
	Path    string        `json:"path"`   // boot path: "direct" or "iso"
	Accel   string        `json:"accel"`  // "kvm" or "tcg"
	Reason  string        `json:"reason"` // why this accelerator, in a user's words
	Timeout time.Duration `json:"timeout_ns"`
	Overlay string        `json:"overlay,omitempty"` // what the recipe asks for
	Checks  []smoke.Plan  `json:"checks"`
}

// Console is raw bytes of the guest's serial console.
type Console struct {
	Data []byte `json:"data"`
}

// CheckStarted says that a check is being tried.
type CheckStarted struct {
	Time  time.Time `json:"time"`
	Check string    `json:"check"` // smoke.Plan.ID
}

// CheckDone is a check's result.
type CheckDone struct {
	Time   time.Time    `json:"time"`
	Result smoke.Result `json:"result"`
}

// Gauge is how full the running guest's overlay is, every few seconds from the
// moment at which it can be asked.
type Gauge struct {
	Time time.Time  `json:"time"`
	Room smoke.Room `json:"room"`
}

// Rehearsed is one point of a rehearsal that was reached.
type Rehearsed struct {
	Time  time.Time   `json:"time"`
	Point smoke.Point `json:"point"`
}

// Finished is the last event of every run.
type Finished struct {
	Time    time.Time      `json:"time"`
	Status  Status         `json:"status"`
	Took    time.Duration  `json:"took_ns"`
	Build   string         `json:"build,omitempty"`   // the build's directory
	Cleaned []string       `json:"cleaned,omitempty"` // what a cancelled or failed run removed
	Error   *StepError     `json:"error,omitempty"`
	Verdict *smoke.Verdict `json:"verdict,omitempty"`
	// Rehearsal is set if the overlay was filled and the guest told how it bore it.
	Rehearsal *smoke.Rehearsal `json:"rehearsal,omitempty"`
}

func (PlanReady) kind() string    { return "plan-ready" }
func (StepStarted) kind() string  { return "step-started" }
func (Progress) kind() string     { return "progress" }
func (Output) kind() string       { return "output" }
func (StepDone) kind() string     { return "step-done" }
func (Booting) kind() string      { return "booting" }
func (Console) kind() string      { return "console" }
func (CheckStarted) kind() string { return "check-started" }
func (CheckDone) kind() string    { return "check-done" }
func (Gauge) kind() string        { return "gauge" }
func (Rehearsed) kind() string    { return "rehearsed" }
func (Finished) kind() string     { return "finished" }

var kinds = func() map[string]reflect.Type {
	m := map[string]reflect.Type{}
	for _, e := range []Event{PlanReady{}, StepStarted{}, Progress{}, Output{}, StepDone{},
		Booting{}, Console{}, CheckStarted{}, CheckDone{}, Gauge{}, Rehearsed{}, Finished{}} {
		m[e.kind()] = reflect.TypeOf(e)
	}
	return m
}()

// MarshalEvent returns the event as one JSON object, "kind" first.
func MarshalEvent(e Event) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", e.kind(), err)
	}
	head := fmt.Sprintf(`{"kind":%q`, e.kind())
	if !bytes.Equal(body, []byte("{}")) {
		head += ","
	}
	return append([]byte(head), body[1:]...), nil
}

// UnmarshalEvent reads what MarshalEvent wrote.
func UnmarshalEvent(line []byte) (Event, error) {
	var head struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	t, ok := kinds[head.Kind]
	if !ok {
		return nil, fmt.Errorf("event of unknown kind %q", head.Kind)
	}
	p := reflect.New(t)
	if err := json.Unmarshal(line, p.Interface()); err != nil {
		return nil, fmt.Errorf("event %s: %w", head.Kind, err)
	}
	return p.Elem().Interface().(Event), nil
}

// StepError is a failure as an operator needs it: what happened, where, and
// what to do next.
type StepError struct {
	Step    string   `json:"step"`
	Message string   `json:"message"`           // lower case, names the cause
	Command string   `json:"command,omitempty"` // as a shell would take it
	Exit    string   `json:"exit,omitempty"`    // "exit status 25", "killed (SIGKILL)"
	Last    []string `json:"last,omitempty"`    // its last lines
	Hint    string   `json:"hint,omitempty"`    // what to do next
	Log     string   `json:"log,omitempty"`     // path of the complete log
}

func (e *StepError) Error() string { return e.Step + ": " + e.Message }

// Text prints the whole error for a terminal, one item a line.
func (e *StepError) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s failed: %s\n", e.Step, e.Message)
	if e.Command != "" {
		fmt.Fprintf(&b, "  command: %s\n", e.Command)
	}
	if e.Exit != "" {
		fmt.Fprintf(&b, "  ended:   %s\n", e.Exit)
	}
	for _, l := range e.Last {
		fmt.Fprintf(&b, "  | %s\n", l)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "  hint:    %s\n", e.Hint)
	}
	if e.Log != "" {
		fmt.Fprintf(&b, "  log:     %s\n", e.Log)
	}
	return b.String()
}
