package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"

	"slipway/engine"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// status is the exit status that an error of a verb becomes.
func status(err error) int {
	var s *statusError
	if errors.As(err, &s) {
		return s.status
	}
	return map[bool]int{true: 0, false: statusCannot}[err == nil]
}

// A script must be able to tell a bad image from a boot that never happened,
// and both from its own Ctrl-C.
func TestExitStatus(t *testing.T) {
	running := context.Background()
	stopped, cancel := context.WithCancelCause(running)
	cancel(interrupted{syscall.SIGTERM})
	step := &engine.StepError{Step: "pack", Message: "no space left on device"}
	verdict := func(word string) *smoke.Verdict { return &smoke.Verdict{Word: word} }
	for _, c := range []struct {
		name        string
		ctx         context.Context
		end         engine.Finished
		build, boot int
	}{
		{"pass", running, engine.Finished{Status: engine.Done, Verdict: verdict("PASS")}, 0, 0},
		{"fail", running, engine.Finished{Status: engine.Done, Verdict: verdict("FAIL")}, 0, 1},
		{"failed with a verdict", running, engine.Finished{Status: engine.Failed, Verdict: verdict("FAIL"), Error: step}, 1, 1},
		{"step failed", running, engine.Finished{Status: engine.Failed, Error: step}, 1, 2},
		{"no verdict", running, engine.Finished{Status: engine.Done}, 0, 2},
		{"terminated", stopped, engine.Finished{Status: engine.Cancelled}, 143, 143},
		{"cancelled by nobody", running, engine.Finished{Status: engine.Cancelled}, 1, 1},
		{"done before the signal took hold", stopped, engine.Finished{Status: engine.Done, Verdict: verdict("PASS")}, 0, 0},
	} {
		if got := status(buildResult(c.ctx, c.end)); got != c.build {
			t.Errorf("%s: build exits %d, want %d", c.name, got, c.build)
		}
		if got := status(bootResult(c.ctx, c.end)); got != c.boot {
			t.Errorf("%s: boot exits %d, want %d", c.name, got, c.boot)
		}
	}
}

func TestRehearsalExitStatus(t *testing.T) {
	running := context.Background()
	stopped, cancel := context.WithCancelCause(running)
	cancel(interrupted{syscall.SIGINT})
	of := func(outcome string) engine.Finished {
		return engine.Finished{Status: engine.Done, Verdict: &smoke.Verdict{Word: "FAIL"}, Rehearsal: &smoke.Rehearsal{Outcome: outcome}}
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		end  engine.Finished
		want int
	}{
		{"recovers", running, of(smoke.Recovers), 0},
		{"read-only", running, of(smoke.ReadOnly), 1},
		{"dead", running, of(smoke.Dead), 1},
		{"could not be tried", running, engine.Finished{Status: engine.Done, Verdict: &smoke.Verdict{Word: "PASS"}}, 2},
		{"no image", running, engine.Finished{Status: engine.Failed, Error: &engine.StepError{Step: "pack"}}, 2},
		{"stopped", stopped, engine.Finished{Status: engine.Cancelled}, 130},
	} {
		if got := status(rehearseResult(c.ctx, c.end)); got != c.want {
			t.Errorf("%s: exits %d, want %d", c.name, got, c.want)
		}
	}
}

func TestComplain(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"step", fail(1, &engine.StepError{Step: "root", Message: "no package is named sshh", Hint: "did you mean ssh?", Log: "/l"}).(*statusError).err,
			"slipway: root failed: no package is named sshh\n  hint:    did you mean ssh?\n  log:     /l\n"},
		{"problems", recipes.Problems{{File: "a.toml", Line: 1, Column: 2, Message: "one"}, {File: "a.toml", Line: 3, Column: 4, Message: "two"}},
			"a.toml:1:2: one\na.toml:3:4: two\n"},
		{"other", errors.New("no such file"), "slipway: no such file\n"},
		{"none", nil, ""},
	} {
		var b bytes.Buffer
		complain(&b, c.err)
		if got := b.String(); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, strings.TrimSpace(c.want))
		}
	}
}
