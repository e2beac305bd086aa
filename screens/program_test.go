package screens

import (
	"bytes"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/teatest"

	"slipway/tui"
	"slipway/tui/tuitest"
)

// TestProgram runs the workbench as a program: a build in view, a test boot to
// its verdict, and the way out through the question about unsaved changes.
func TestProgram(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	p := teatest.NewTestModel(t, a, teatest.WithInitialTermSize(usual.W, usual.H))
	sees := func(text string) {
		t.Helper()
		teatest.WaitFor(t, p.Output(), func(screen []byte) bool { return bytes.Contains(screen, []byte(text)) },
			teatest.WithDuration(time.Minute), teatest.WithCheckInterval(10*time.Millisecond))
	}
	p.Send(tuitest.KeyMsg("b"))
	sees("7 of 7")
	p.Send(tuitest.KeyMsg("t"))
	sees("all 11 checks hold")
	p.Send(tuitest.KeyMsg("q"))
	sees(titleUnsaved)
	time.Sleep(2 * tui.Settle)
	p.Send(tuitest.KeyMsg("d"))
	p.WaitFinished(t, teatest.WithFinalTimeout(time.Minute))
	if j := p.FinalModel(t).(*App).session.Job(); j == nil || j.Verdict() == nil || !j.Verdict().Passed() {
		t.Errorf("the run ended as %+v", j)
	}
}
