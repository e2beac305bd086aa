// Package boot is the screen of a test boot: the machine's serial console live
// beside the list of checks, and the verdict.
package boot

import (
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/engine/smoke"
	"slipway/screens/session"
	"slipway/tui"
)

var (
	keyDetails  = tui.Bind("details", "enter", "enter")
	keyConsole  = tui.Bind("type into the console", "tab", "tab")
	keyHistory  = tui.Bind("console's history", "l", "l")
	keyLive     = tui.Bind("live console", "l", "l", "esc")
	keyCancel   = tui.Bind("cancel", "c", "c")
	keyAgain    = tui.Bind("boot again", "t", "t")
	keyRehearse = tui.Bind("rehearse a full overlay", "r", "r")
	keyPath     = tui.Bind("path of the log", "o", "o")
)

// check is one line of the list.
type check struct {
	smoke.Plan
	trying bool
	result *smoke.Result // nil while it has not been answered
}

// Screen is the test-boot screen.
type Screen struct {
	s    *session.Session
	w, h int

	job     *session.Job
	machine *engine.Booting // nil until the machine has started
	checks  []check
	points  []smoke.Point // of a rehearsal, as far as it has come
	untried string        // why a rehearsal that was asked for could not be
	room    *smoke.Room   // how full the overlay is; nil until the guest could be asked
	list    tui.Window    // over the checks, then the points
	moved   bool          // the user chose a row: it stays
	console *tui.Console
	history *tui.LogView // nil: the live console is shown
	typing  bool         // keys go to the guest
}

// New returns the test-boot screen.
func New(s *session.Session) *Screen { return &Screen{s: s, console: tui.NewConsole()} }

// Title names the screen.
func (b *Screen) Title() string { return "Test boot" }

// Capturing says that keys are text: for the guest or of a search.
func (b *Screen) Capturing() bool {
	return b.typing || b.history != nil && b.history.Capturing()
}

// Grabbing says that every key, ctrl-c too, goes to the guest.
func (b *Screen) Grabbing() bool { return b.typing }

// Keys are what can be pressed now.
func (b *Screen) Keys() []key.Binding {
	if b.typing {
		return b.console.Keys()
	}
	if b.job == nil {
		return []key.Binding{keyAgain, keyRehearse}
	}
	details, console, cancel, again, history, rehearse := keyDetails, keyConsole, keyCancel, keyAgain, keyHistory, keyRehearse
	details.SetEnabled(b.list.Cursor() >= 0)
	rehearse.SetEnabled(b.canRehearse())
	console.SetEnabled(b.live())
	cancel.SetEnabled(!b.job.Over)
	again.SetEnabled(b.job.Over)
	history.SetEnabled(b.machine != nil)
	if b.history != nil {
		if b.history.Capturing() {
			return b.history.Keys()
		}
		return append([]key.Binding{keyLive}, append(b.history.Keys(), cancel, again, rehearse, keyPath)...)
	}
	move := tui.KeyMove
	move.SetEnabled(len(b.checks)+len(b.points) > 1)
	return []key.Binding{details, console, again, rehearse, cancel, history, move, keyPath}
}

// live reports that there is a machine to type to.
func (b *Screen) live() bool { return b.machine != nil && !b.job.Over }

// selected is the check under the cursor; nil if there is none or a point is.
func (b *Screen) selected() *check {
	if i := b.list.Cursor(); i >= 0 && i < len(b.checks) {
		return &b.checks[i]
	}
	return nil
}

// Update handles keys and what happens in the run.
func (b *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case session.JobStarted:
		if msg.Job.Kind == session.Boot {
			b.begin(msg.Job)
		}
	case session.Events:
		if b.job == nil || b.job.ID != msg.Job {
			return nil
		}
		for _, e := range msg.Events {
			b.apply(e)
		}
		b.SetSize(b.w, b.h)
	case tea.KeyMsg:
		return b.key(msg)
	}
	return nil
}

func (b *Screen) key(k tea.KeyMsg) tea.Cmd {
	if b.typing {
		return b.send(k)
	}
	if b.history != nil && b.inHistory(k) {
		return nil
	}
	switch {
	case key.Matches(k, keyRehearse) && b.canRehearse():
		return b.rehearse()
	case b.job == nil && key.Matches(k, keyAgain):
		return tui.Send(session.RunBoot{})
	case b.job == nil:
	case key.Matches(k, keyAgain) && b.job.Over:
		return tui.Send(session.RunBoot{})
	case key.Matches(k, keyCancel) && !b.job.Over:
		return tui.Send(session.CancelJob{})
	case key.Matches(k, keyPath):
		return session.Say("the whole log: " + b.job.Log)
	case key.Matches(k, keyConsole) && b.live():
		b.typing, b.history = true, nil
		b.console.Focused = true
		b.SetSize(b.w, b.h)
	case key.Matches(k, keyHistory) && b.machine != nil:
		b.history = tui.NewLogView(b.console.Log())
		b.SetSize(b.w, b.h)
	case key.Matches(k, keyDetails) && b.selected() != nil:
		return tui.Open(tui.NewText(b.selected().Title, strings.Join(details(*b.selected(), b.w-8), "\n")))
	case key.Matches(k, keyDetails) && b.point(b.list.Cursor()) != nil:
		return tui.Open(tui.NewText("A full overlay, rehearsed", strings.Join(pointDetails(*b.point(b.list.Cursor()), b.w-8), "\n")))
	default:
		if b.list.Update(k) {
			b.moved = true
		}
	}
	return nil
}

// send types a key to the guest; ctrl-] gives the keys back.
func (b *Screen) send(k tea.KeyMsg) tea.Cmd {
	if key.Matches(k, tui.KeyLeaveConsole) {
		b.typing, b.console.Focused = false, false
		b.SetSize(b.w, b.h)
		return nil
	}
	run, p := b.job.Run, tui.KeyBytes(k)
	if len(p) == 0 {
		return nil
	}
	return func() tea.Msg { run.Type(p); return nil }
}

// inHistory handles a key for the console's history, if it is one.
func (b *Screen) inHistory(k tea.KeyMsg) bool {
	if !b.history.Capturing() && key.Matches(k, keyLive) {
		b.history = nil
		return true
	}
	return b.history.Update(k)
}

func (b *Screen) begin(j *session.Job) {
	b.job, b.machine, b.checks, b.points, b.room, b.history = j, nil, nil, nil, nil, nil
	b.typing, b.moved = false, false
	b.console, b.list = tui.NewConsole(), tui.Window{}
	b.SetSize(b.w, b.h)
}

func (b *Screen) apply(e engine.Event) {
	switch e := e.(type) {
	case engine.Booting:
		b.machine = &e
		b.checks = make([]check, len(e.Checks))
		for i, p := range e.Checks {
			b.checks[i].Plan = p
		}
		b.points, b.room, b.untried = nil, nil, ""
		b.list.SetLen(len(b.checks))
	case engine.Console:
		if reply := b.console.Write(e.Data); len(reply) > 0 {
			b.job.Run.Type(reply)
		}
	case engine.CheckStarted:
		if i := b.check(e.Check); i >= 0 {
			b.checks[i].trying = true
			b.follow(i)
		}
	case engine.CheckDone:
		if i := b.check(e.Result.ID); i >= 0 {
			r := e.Result
			b.checks[i].trying, b.checks[i].result = false, &r
			b.follow(i)
		}
	case engine.Gauge:
		b.room = &e.Room
	case engine.Rehearsed:
		b.reached(e.Point)
	case engine.StepDone:
		if e.Step == engine.StepRehearse && e.Error != nil {
			b.untried = e.Error.Message
		}
	case engine.Finished:
		b.finished(e)
	}
}

// finished ends what was under way and puts the cursor on the first failure.
func (b *Screen) finished(e engine.Finished) {
	b.typing, b.console.Focused = false, false
	if e.Verdict != nil {
		for i := range e.Verdict.Results {
			r := &e.Verdict.Results[i]
			if n := b.check(r.ID); n >= 0 {
				b.checks[n].result = r
			}
		}
	}
	for i := range b.checks {
		b.checks[i].trying = false
	}
	for i, c := range b.checks {
		if c.result != nil && c.result.Status == smoke.Fail && !b.moved {
			b.list.SetCursor(i)
			return
		}
	}
}

// follow keeps the newest check in view, and stays at the first failed one,
// until the user moves.
func (b *Screen) follow(i int) {
	if b.moved {
		return
	}
	for n, c := range b.checks {
		if c.result != nil && c.result.Status == smoke.Fail {
			i = n
			break
		}
	}
	b.list.SetCursor(i)
}

func (b *Screen) check(id string) int {
	for i := range b.checks {
		if b.checks[i].ID == id {
			return i
		}
	}
	return -1
}

// elapsed is the time since the machine started.
func (b *Screen) elapsed() time.Duration {
	switch {
	case b.job.Over && b.machine != nil && !b.job.End.Time.IsZero():
		return b.job.End.Time.Sub(b.machine.Time)
	case b.machine != nil:
		return b.s.Now().Sub(b.machine.Time)
	}
	return b.s.Now().Sub(b.job.Started)
}
