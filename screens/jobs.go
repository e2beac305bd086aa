package screens

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/screens/session"
	"slipway/tui"
)

// tick redraws clocks once a second while a job runs.
type tick struct{ job int }

func ticking(job int) tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return tick{job} })
}

func (a *App) tick(t tick) tea.Cmd {
	if j := a.session.Running(); j != nil && j.ID == t.job {
		return a.clock(t.job)
	}
	return nil
}

// visit shows the build or the test boot. It starts one, too, unless one is
// under way or the last one is of the recipe as it is now: then pressing the
// key once more, there, starts another.
func (a *App) visit(p session.Place) tea.Cmd {
	j := a.session.Job()
	if a.session.Running() != nil {
		if a.at == p {
			return nil
		}
		return a.show(p)
	}
	fresh := j != nil && j.Kind == p && j.Revision == a.session.Revision()
	if fresh && a.at != p {
		return a.show(p)
	}
	return a.start(p, engine.BootOptions{})
}

// start begins a build or a test boot of the recipe as it is now and shows it; o is
// the test boot's.
func (a *App) start(kind session.Place, o engine.BootOptions) tea.Cmd {
	if j := a.session.Running(); j != nil {
		return session.Complain(fmt.Errorf("%s of %s is still running", noun(j.Kind), j.Recipe))
	}
	if p := a.session.Problems().Errors(); len(p) > 0 {
		return tea.Batch(a.lint(), session.Complain(fmt.Errorf("the recipe has %s: it cannot be built", count(len(p), "error"))))
	}
	var run *engine.Run
	if kind == session.Boot {
		run = a.boot(a.snapshot(), o)
	} else {
		run = a.build(a.snapshot())
	}
	j := a.session.Start(kind, run)
	j.Rehearse = o.Rehearse
	// A test boot builds first, in view: Booting then leads on to its screen.
	return tea.Batch(a.broadcast(session.JobStarted{Job: j}), a.show(session.Build),
		j.Receive(a.session.Context()), a.clock(j.ID))
}

// events takes what happened in the job, and asks for more.
func (a *App) events(msg session.Events) tea.Cmd {
	j := a.session.Job()
	if j == nil || j.ID != msg.Job {
		return nil
	}
	was := j.Booting
	j.Apply(msg.Events)
	cmds := []tea.Cmd{a.broadcast(msg)}
	if j.Booting && !was && a.at == session.Build {
		cmds = append(cmds, a.show(session.Boot))
	}
	if !j.Over {
		return tea.Batch(append(cmds, j.Receive(a.session.Context()))...)
	}
	cmds = append(cmds, a.session.ReadIndex()) // a build has brought one, or a newer one
	if a.leaving.cancelled {
		cmds = append(cmds, a.gone())
	}
	return tea.Batch(cmds...)
}

// askCancel asks before a run is stopped.
func (a *App) askCancel() tea.Cmd {
	j := a.session.Running()
	if j == nil {
		return nil
	}
	cancel := func() tea.Msg { j.Run.Cancel(); return nil }
	return tui.Open(tui.NewConfirm("Cancel "+noun(j.Kind),
		fmt.Sprintf("%s of %s has been running for %s. What it made so far and is complete stays in the cache.",
			upper(noun(j.Kind)), j.Recipe, session.Clock(a.session.Now().Sub(j.Started))),
		tui.Answer{Key: "y", Does: "cancel " + noun(j.Kind), Cmd: cancel}))
}

func noun(kind session.Place) string {
	if kind == session.Boot {
		return "the test boot"
	}
	return "the build"
}
