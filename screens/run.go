package screens

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// cleanUp is how long leaving waits for a cancelled run when there is no screen
// left to say so on.
const cleanUp = 30 * time.Second

// first is the recipe that is open when none was asked for: small and quick.
const first = "debian-vm"

// Run shows the workbench on a recipe until the user leaves it or ctx ends; with
// no recipe it opens in the library. The terminal is given back as it was, also
// after a panic or when a signal ended ctx, and a run that is still under way
// then is cancelled and waited for.
func Run(ctx context.Context, e *engine.Engine, doc *recipes.Document) error {
	start := session.Distro
	if doc == nil {
		start = session.Library
		var ok bool
		if doc, ok = recipes.Builtin(first); !ok {
			return fmt.Errorf("no recipe is built in under the name %s", first)
		}
	}
	late := tui.DetectBackground(os.Stdin, os.Stdout)
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	a := newApp(session.New(inner, e, doc))
	a.at = start
	// Signals end ctx. Bubble Tea's own handler of them waits for ever to hand
	// one over to a program that ctx has ended already.
	p := tea.NewProgram(a, tea.WithAltScreen(), tea.WithContext(ctx), tea.WithFilter(late), tea.WithoutSignalHandler())
	_, err := p.Run()
	if j := a.session.Running(); j != nil {
		a.farewell = endRun(j)
	}
	for _, l := range a.farewell {
		fmt.Println(l)
	}
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil || errors.Is(err, tea.ErrInterrupted) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("workbench: %w", err)
	}
	return nil
}

// endRun cancels a run after the screen has gone and tells what became of it.
func endRun(j *session.Job) []string {
	j.Run.Cancel()
	ended := make(chan engine.Finished, 1)
	go func() { ended <- j.Run.Wait() }()
	select {
	case j.End = <-ended:
		return parting(j)
	case <-time.After(cleanUp):
		return []string{fmt.Sprintf("%s of %s did not end within %s", noun(j.Kind), j.Recipe, cleanUp)}
	}
}
