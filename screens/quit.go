package screens

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/screens/session"
	"slipway/tui"
)

// leaving is how far the way out has been walked.
type leaving struct {
	asked     bool // about unsaved changes
	cancelled bool // the run; its clean-up is waited for
	afterSave bool // quitting goes on once the recipe is saved
}

// quitNow goes on quitting after a question was answered.
type quitNow struct{}

// quit leaves, after asking about unsaved changes and about a running job.
func (a *App) quit() tea.Cmd {
	if a.leaving.cancelled {
		return nil // the clean-up is under way, and said so
	}
	for _, d := range a.dialogs {
		if d.Title() == titleUnsaved || d.Title() == titleRunning {
			return nil // already asked
		}
	}
	if a.session.Doc().Changed() && !a.leaving.asked {
		return a.askUnsaved("quit", func() tea.Cmd {
			a.leaving.asked = true
			return tui.Send(quitNow{})
		}, func() tea.Cmd {
			a.leaving.afterSave = true
			return a.save()
		})
	}
	if j := a.session.Running(); j != nil {
		return a.askRunning(j)
	}
	return tea.Quit
}

const (
	titleUnsaved = "Unsaved changes"
	titleRunning = "Still running"
)

// askUnsaved asks what to do with changes before doing what would lose them.
func (a *App) askUnsaved(does string, discard, save func() tea.Cmd) tea.Cmd {
	return tui.Open(tui.NewConfirm(titleUnsaved,
		fmt.Sprintf("%s has changes that are not saved.", a.session.Recipe().Name),
		tui.Answer{Key: "s", Does: "save, then " + does, Cmd: func() tea.Msg { return later{save} }},
		tui.Answer{Key: "d", Does: "discard them and " + does, Cmd: func() tea.Msg { return later{discard} }}))
}

func (a *App) askRunning(j *session.Job) tea.Cmd {
	return tui.Open(tui.NewConfirm(titleRunning,
		fmt.Sprintf("%s of %s is under way. Quitting cancels it and waits until it has cleaned up.", upper(noun(j.Kind)), j.Recipe),
		tui.Answer{Key: "y", Does: "cancel it and quit", Cmd: func() tea.Msg { return later{a.cancelAndGo} }}))
}

// cancelAndGo stops the run; gone follows when it has cleaned up.
func (a *App) cancelAndGo() tea.Cmd {
	j := a.session.Running()
	if j == nil {
		return tea.Quit
	}
	a.leaving.cancelled = true
	a.dialogs = append(a.dialogs, waiting{noun(j.Kind)})
	return func() tea.Msg { j.Run.Cancel(); return nil }
}

// gone says what the cancelled run cleaned, and ends the program.
func (a *App) gone() tea.Cmd {
	a.farewell = parting(a.session.Job())
	return tea.Quit
}

// parting tells, after the screen is gone, what became of a run that was
// cancelled by leaving.
func parting(j *session.Job) []string {
	lines := []string{fmt.Sprintf("%s of %s: %s", strings.TrimPrefix(noun(j.Kind), "the "), j.Recipe, j.End.Status)}
	for _, c := range j.End.Cleaned {
		lines = append(lines, "  cleaned: "+c)
	}
	if j.Log != "" {
		lines = append(lines, "  log: "+j.Log)
	}
	return lines
}

// later carries work into the Update loop: answers of questions change the
// app's state, which commands must not.
type later struct{ do func() tea.Cmd }

// waiting is shown while a cancelled run cleans up. No key closes it.
type waiting struct{ what string }

func (w waiting) Title() string                  { return "Cancelling " + w.what }
func (w waiting) Update(tea.Msg) (bool, tea.Cmd) { return false, nil }
func (w waiting) View() string                   { return "Waiting until everything is cleaned up …" }
func (w waiting) SetSize(int, int)               {}
func (w waiting) Keys() []key.Binding            { return nil }
func (w waiting) Capturing() bool                { return true }
