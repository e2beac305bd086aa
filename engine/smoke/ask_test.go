package smoke

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/recipes"
)

var small = recipes.Recipe{Name: "r", Checks: []recipes.Check{{Name: "own", Command: "true"}}}

// asked asks a guest and returns the results by check, and how often each was
// announced.
func asked(t *testing.T, ctx context.Context, g *Guest) (map[string]Result, []string, error) {
	t.Helper()
	var started []string
	byID := map[string]Result{}
	results, err := g.Ask(ctx, func(p Plan) { started = append(started, p.ID) }, func(r Result) { byID[r.ID] = r })
	if len(results) != len(byID) {
		t.Errorf("%d results returned, %d told", len(results), len(byID))
	}
	return byID, started, err
}

func TestAskGuestThatDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Guest{Recipe: small, Path: Direct, Console: NewConsole(), Shell: NewShell(func([]byte) error { return nil }),
			PowerOn: time.Now(), Patience: time.Second}
		g.Console.Feed([]byte("[    0.000000] Linux version 6.1.0 (x)\n"))
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(30*time.Second, func() {
			cancel(&Death{Message: "the kernel panicked: x", Hint: "h", Last: []string{"last words"}})
		})
		results, started, err := asked(t, ctx, g)
		if err != nil || strings.Join(started, " ") != "kernel overlay" {
			t.Fatalf("%v, started %v", err, started)
		}
		r := results["overlay"]
		if r.Status != Fail || r.Cause != "the kernel panicked: x" || r.Hint != "h" || r.Output != "last words" || r.At != 30*time.Second {
			t.Errorf("%+v", r)
		}
		if r := results["kernel"]; r.Status != Pass || r.Found != "Linux 6.1.0" {
			t.Errorf("%+v", r)
		}
		for _, id := range []string{"multi-user", "units", "x11", "own-1"} {
			if r := results[id]; r.Status != Skipped || r.Cause != "not asked: the kernel panicked: x" {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestAskGuestThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Guest{Recipe: small, Path: ISO, Console: NewConsole(), Shell: NewShell(func([]byte) error { return nil }), PowerOn: time.Now(), Patience: time.Second}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(2*time.Minute, func() { cancel(&TimeoutError{After: 2 * time.Minute}) })
		results, _, err := asked(t, ctx, g)
		if r := results["kernel"]; err != nil || r.Status != Fail || r.Cause != "not within 2m0s after power-on" || !strings.Contains(r.Hint, "console=ttyS0") {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestAskCancelled(t *testing.T) {
	g := &Guest{Recipe: small, Path: Direct, Console: NewConsole(), Shell: NewShell(func([]byte) error { return nil }), Patience: time.Second}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if results, _, err := asked(t, ctx, g); !errors.Is(err, context.Canceled) || len(results) != 0 {
		t.Errorf("%d results, %v", len(results), err)
	}
}

// A command that never ends fails its own check and no other.
func TestAskSilentShell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Guest{Recipe: small, Path: Direct, Console: NewConsole(), PowerOn: time.Now(), Patience: time.Second, SSH: "127.0.0.1:1"}
		g.Shell = NewShell(func([]byte) error { return nil })
		g.Shell.Feed([]byte("<<ready 0 >>\n"))
		a := &asking{Guest: g}
		f, err := askOverlay(t.Context(), a)
		f, ended := g.explain(t.Context(), f, err)
		if f.status != Fail || f.cause != ErrNoAnswer.Error() || ended != nil {
			t.Errorf("%+v, ended %v", f, ended)
		}
	})
}

// On the ISO path, where no shell opened, what needs it is skipped with words, never passed.
func TestAskISO(t *testing.T) {
	g := &Guest{Recipe: small, Path: ISO, Console: NewConsole(), Shell: NewShell(func([]byte) error { return nil }), PowerOn: time.Now(), Patience: time.Millisecond, SSH: "127.0.0.1:1"}
	g.Console.Feed([]byte("[    0.000000] Linux version 6.1.0 (x)\nDebian ttyS0\n\nweb login: "))
	results, started, err := asked(t, t.Context(), g)
	if err != nil || strings.Join(started, " ") != "kernel prompt sshd host-key-shown" {
		t.Fatalf("%v, started %v", err, started)
	}
	for id, want := range map[string]Status{"kernel": Pass, "prompt": Pass, "sshd": Fail, "host-key-shown": Fail, "overlay": Skipped, "host-key": Skipped, "own-1": Skipped} {
		if r := results[id]; r.Status != want || want == Skipped && r.Cause != noShell {
			t.Errorf("%s: %+v", id, r)
		}
	}
}
