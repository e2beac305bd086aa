package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestStringIsWhatAShellTakes(t *testing.T) {
	c := Cmd{Path: "mmdebstrap", Args: []string{"--include=a,b", `Apt::X "false"`, "it's", ""}, Root: "/r"}
	if got, want := c.String(), `chroot /r mmdebstrap --include=a,b 'Apt::X "false"' 'it'\''s' ''`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRunMergesOutputsInOrder(t *testing.T) {
	var lines []string
	err := Run(context.Background(), Cmd{Path: "sh", Args: []string{"-c", "for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf tail"}}, func(l string) { lines = append(lines, l) })
	if err != nil || strings.Join(lines, ",") != "out 1,err 1,out 2,err 2,out 3,err 3,tail" {
		t.Errorf("%v: %q", err, lines)
	}
}

func TestFailuresSayHow(t *testing.T) {
	run := func(script string) *ExitError {
		var e *ExitError
		err := Run(context.Background(), Cmd{Path: "sh", Args: []string{"-c", script}}, nil)
		if !errors.As(err, &e) {
			t.Fatalf("%s: %v", script, err)
		}
		return e
	}
	if e := run("echo why; exit 25"); e.Code != 25 || e.Exit != "exit status 25" || e.Last[0] != "why" || Code(e) != 25 {
		t.Errorf("%+v", e)
	}
	if e := run("kill -KILL $$"); e.Exit != "killed by SIGKILL" || e.Code != -1 {
		t.Errorf("%+v", e)
	}
	if e := run("seq 100; exit 1"); len(e.Last) != lastLines || e.Last[lastLines-1] != "100" {
		t.Errorf("last lines %v", e.Last)
	}
	var missing *NotFoundError
	if err := Run(context.Background(), Cmd{Path: "no-such-program"}, nil); !errors.As(err, &missing) || missing.Program != "no-such-program" {
		t.Errorf("%v", err)
	}
}

func TestEnvironmentIsMinimal(t *testing.T) {
	t.Setenv("SECRET_TOKEN", "x")
	out, err := Output(context.Background(), Cmd{Path: "env", Env: []string{"OWN=1"}})
	if err != nil || strings.Contains(out, "SECRET_TOKEN") || !strings.Contains(out, "OWN=1") || !strings.Contains(out, "LC_ALL=C.UTF-8") {
		t.Errorf("%v\n%s", err, out)
	}
}

// A cancelled program goes with all its children, also those that ignore SIGTERM's parent.
func TestCancelEndsTheWholeGroup(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	child := 0
	err := Run(ctx, Cmd{Path: "sh", Args: []string{"-c", "sleep 1000 & echo $!; wait"}}, func(l string) {
		fmt.Sscan(l, &child)
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for child != 0 && alive(child) {
		if time.Now().After(deadline) {
			t.Fatalf("child %d lives", child)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// alive reports whether pid runs; a zombie that init has yet to reap does not.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(b), ") Z ")
}

func TestAChildThatKeepsThePipeDoesNotHangUs(t *testing.T) {
	done := make(chan error, 1)
	go func() {
		done <- Run(context.Background(), Cmd{Path: "sh", Args: []string{"-c", "setsid sleep 60 & pid=$!; sleep 0.5; echo $pid"}}, func(l string) {
			pid := 0
			fmt.Sscan(l, &pid)
			t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
		})
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Run waits for a child that was left behind")
	}
}

func TestStdinIsClosedOrGiven(t *testing.T) {
	if out, err := Output(context.Background(), Cmd{Path: "cat"}); err != nil || out != "" {
		t.Errorf("%v %q", err, out)
	}
	if out, err := Output(context.Background(), Cmd{Path: "cat", Stdin: strings.NewReader("secret\n")}); err != nil || out != "secret\n" {
		t.Errorf("%v %q", err, out)
	}
}

func TestCopyGivesBytesAndErrors(t *testing.T) {
	var b bytes.Buffer
	if err := Copy(context.Background(), Cmd{Path: "printf", Args: []string{`a\000b`}}, &b); err != nil || b.String() != "a\x00b" {
		t.Errorf("%v %q", err, b.String())
	}
	var e *ExitError
	if err := Copy(context.Background(), Cmd{Path: "sh", Args: []string{"-c", "echo why >&2; exit 3"}}, &b); !errors.As(err, &e) || e.Code != 3 || e.Last[0] != "why" {
		t.Errorf("%v", err)
	}
}
