package session

import (
	tea "github.com/charmbracelet/bubbletea"

	"slipway/recipes"
	"slipway/tui"
)

// Place names a screen.
type Place int

// The places, in the order of the tabs.
const (
	Library Place = iota
	Distro
	Overlay
	Packages
	SSH
	System
	Output
	Build
	Boot
)

// Changed is sent to every screen after the recipe was edited or another one
// was opened: for screens that keep something made from it.
type Changed struct{}

// OpenDocument asks for another recipe; unsaved changes are asked about first.
type OpenDocument struct{ Doc *recipes.Document }

// GotoScreen asks for another screen.
type GotoScreen struct{ Place Place }

// RunBuild asks for a build of the open recipe, RunBoot for a test boot of it,
// RunRehearse for one that fills the overlay at the end.
type (
	RunBuild    struct{}
	RunBoot     struct{}
	RunRehearse struct{}
)

// SaveDocument asks to save the open recipe, as s does.
type SaveDocument struct{}

// CancelJob asks to stop the run under way; the user is asked first.
type CancelJob struct{}

// Notice is a short message for the foot; the next key takes it away.
type Notice struct {
	Text string
	Bad  bool
}

// Open, Goto, Say and Complain return the commands that send these messages.
func Open(doc *recipes.Document) tea.Cmd { return tui.Send(OpenDocument{doc}) }

// Goto returns the command that shows a screen.
func Goto(p Place) tea.Cmd { return tui.Send(GotoScreen{p}) }

// Say shows text in the foot.
func Say(text string) tea.Cmd { return tui.Send(Notice{Text: text}) }

// Complain shows err in the foot; nil does nothing.
func Complain(err error) tea.Cmd {
	if err == nil {
		return nil
	}
	return tui.Send(Notice{Text: err.Error(), Bad: true})
}

// Again is the message that runs the same kind of job once more.
func Again(j *Job) tea.Msg {
	switch {
	case j.Rehearse:
		return RunRehearse{}
	case j.Kind == Boot:
		return RunBoot{}
	}
	return RunBuild{}
}
