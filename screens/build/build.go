// Package build is the screen on which an image is made: the plan before, the
// steps and the live log while, and how it ended after.
package build

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/screens/session"
	"slipway/tui"
)

var (
	keyOnly   = tui.Bind("only this step", "enter", "enter")
	keyAll    = tui.Bind("all steps", "esc", "esc")
	keyRetry  = tui.Bind("retry", "r", "r")
	keyCancel = tui.Bind("cancel", "c", "c")
	keyPath   = tui.Bind("path of the log", "o", "o")
	keyAgain  = tui.Bind("build again", "b", "b")
	keyPane   = tui.Bind("to the log", "tab", "tab", "shift+tab")
	keyBoot   = tui.Bind("test boot", "t", "t")
	keyScroll = tui.Bind("scroll the log", "pgup pgdn", "pgup", "pgdown")
)

// step is one step of the plan and what became of it.
type step struct {
	engine.Step
	status   engine.Status // "" while it has not ended
	running  bool
	started  time.Time
	took     time.Duration
	reasons  []string
	progress engine.Progress
}

// good reports that the step has what it was for.
func (s step) good() bool {
	return s.status == engine.Done || s.status == engine.Cached || s.status == engine.Skipped
}

// Screen is the build screen.
type Screen struct {
	s    *session.Session
	w, h int

	job   *session.Job // nil: the plan is shown
	steps []step
	list  tui.Window
	log   *tui.LogView
	inLog bool // ↑↓ scroll the log
	moved bool // the user chose a step: the cursor no longer follows

	plan    planned
	planID  int
	history map[string]time.Duration // how long steps took when they last ran
}

// New returns the build screen.
func New(s *session.Session) *Screen {
	return &Screen{s: s, log: tui.NewLogView(tui.NewLog()), history: map[string]time.Duration{}}
}

// Title names the screen.
func (b *Screen) Title() string { return "Build" }

// Capturing says that a search is being typed.
func (b *Screen) Capturing() bool { return b.log.Capturing() }

// Keys are what can be pressed now.
func (b *Screen) Keys() []key.Binding {
	if b.log.Capturing() {
		return b.log.Keys()
	}
	if b.job == nil {
		return []key.Binding{tui.KeyMove}
	}
	over := b.job.Over
	retry, cancel, again, boot := keyRetry, keyCancel, keyAgain, keyBoot
	failed := over && b.job.End.Status != engine.Done
	retry.SetEnabled(failed)
	cancel.SetEnabled(!over)
	again.SetEnabled(over && !failed)
	boot.SetEnabled(over && !failed)
	only, all, pane := keyOnly, keyAll, keyPane
	if b.inLog {
		pane = tui.Doing(pane, "to the steps")
	}
	only.SetEnabled(!b.inLog)
	all.SetEnabled(b.log.Filtered() != "")
	keys := []key.Binding{retry, boot, cancel, only, all, pane}
	keys = append(keys, b.log.Keys()...)
	return append(keys, keyPath, tui.KeyMove, keyScroll, again)
}

// Update handles keys, the plan and what happens in the run.
func (b *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tui.Shown, session.Changed:
		return b.askPlan()
	case planned:
		b.takePlan(msg)
	case session.JobStarted:
		b.begin(msg.Job)
	case session.Events:
		if b.job != nil && b.job.ID == msg.Job {
			for _, e := range msg.Events {
				b.apply(e)
			}
		}
	case tea.KeyMsg:
		return b.key(msg)
	}
	return nil
}

func (b *Screen) key(k tea.KeyMsg) tea.Cmd {
	if b.log.Capturing() {
		b.log.Update(k)
		return nil
	}
	if b.job == nil {
		b.list.Update(k)
		return nil
	}
	failed := b.job.Over && b.job.End.Status != engine.Done
	switch {
	case key.Matches(k, keyRetry) && failed:
		return tui.Send(session.Again(b.job))
	case key.Matches(k, keyCancel) && !b.job.Over:
		return tui.Send(session.CancelJob{})
	case key.Matches(k, keyAgain) && b.job.Over:
		return tui.Send(session.RunBuild{})
	case key.Matches(k, keyBoot) && b.job.Over:
		return tui.Send(session.RunBoot{})
	case key.Matches(k, keyPath):
		return session.Say("the whole log: " + b.job.Log)
	case key.Matches(k, keyPane):
		b.inLog = !b.inLog
	case key.Matches(k, keyAll) && b.log.Filtered() != "":
		b.log.Filter("")
	case key.Matches(k, keyOnly) && !b.inLog:
		b.only()
	case !b.inLog && key.Matches(k, tui.KeyUp, tui.KeyDown):
		b.list.Update(k)
		b.moved = true
	default:
		b.log.Update(k)
	}
	return nil
}

// only shows the lines of the selected step, or all again if they are shown.
func (b *Screen) only() {
	i := b.list.Cursor()
	if i < 0 || b.log.Filtered() == b.steps[i].Name {
		b.log.Filter("")
		return
	}
	b.log.Filter(b.steps[i].Name)
}

// begin clears the screen for a new run.
func (b *Screen) begin(j *session.Job) {
	b.job, b.steps, b.inLog, b.moved = j, nil, false, false
	b.log = tui.NewLogView(tui.NewLog())
	b.list = tui.Window{}
	b.SetSize(b.w, b.h)
}

func (b *Screen) apply(e engine.Event) {
	switch e := e.(type) {
	case engine.PlanReady:
		b.steps = make([]step, len(e.Steps))
		for i, s := range e.Steps {
			b.steps[i].Step = s
		}
		b.list.SetLen(len(b.steps))
	case engine.StepStarted:
		if s := b.step(e.Step); s != nil {
			s.running, s.started, s.reasons = true, e.Time, e.Reasons
			b.follow(e.Step)
		}
	case engine.Progress:
		if s := b.step(e.Step); s != nil {
			s.progress = e
		}
	case engine.Output:
		b.log.Log.Append(e.Step, e.Lines...)
	case engine.StepDone:
		b.ended(e)
	case engine.Finished:
		for i := range b.steps {
			b.steps[i].running = false
		}
	}
	b.SetSize(b.w, b.h)
}

func (b *Screen) ended(e engine.StepDone) {
	s := b.step(e.Step)
	if s == nil || e.Status == engine.Cancelled && !s.running {
		return // it never began
	}
	s.running, s.status, s.took = false, e.Status, e.Took
	if e.Reasons != nil {
		s.reasons = e.Reasons
	}
	if e.Status == engine.Done {
		b.history[e.Step] = e.Took
	}
	b.follow(e.Step)
}

// follow keeps the cursor on the step under way until the user moves it.
func (b *Screen) follow(name string) {
	for i := range b.steps {
		if b.steps[i].Name == name && !b.moved {
			b.list.SetCursor(i)
		}
	}
}

func (b *Screen) step(name string) *step {
	for i := range b.steps {
		if b.steps[i].Name == name {
			return &b.steps[i]
		}
	}
	return nil
}
