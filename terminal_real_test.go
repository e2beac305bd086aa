//go:build real

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// terminal is a shell in a tmux server of its own, driven as a person would:
// by keys, and by what can be read on the screen.
type terminal struct {
	t      *testing.T
	socket string
}

// newTerminal starts a shell in dir; the server ends with the test.
func newTerminal(t *testing.T, dir string, width, height int) *terminal {
	t.Helper()
	tm := &terminal{t, fmt.Sprintf("slipway-test-%d", os.Getpid())}
	tm.tmux("-f", os.DevNull, "new-session", "-d", "-c", dir, "-x", fmt.Sprint(width), "-y", fmt.Sprint(height),
		"env PS1='ready$ ' sh -i")
	t.Cleanup(func() { _ = exec.Command("tmux", "-L", tm.socket, "kill-server").Run() })
	tm.waitFor(`ready\$ *$`, time.Minute)
	return tm
}

func (tm *terminal) tmux(args ...string) string {
	tm.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-L", tm.socket}, args...)...).CombinedOutput()
	if err != nil {
		tm.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// keys presses keys by their tmux names: "b", "Enter", "C-c".
func (tm *terminal) keys(keys ...string) {
	tm.t.Helper()
	for _, k := range keys {
		tm.tmux("send-keys", k)
		// A person's pace: a key that comes with the one before it in a single
		// read could be taken for an escape sequence or a paste.
		time.Sleep(100 * time.Millisecond)
	}
}

// text types characters as they are.
func (tm *terminal) text(text string) {
	tm.t.Helper()
	tm.tmux("send-keys", "-l", text)
}

// line types text and Enter.
func (tm *terminal) line(text string) {
	tm.t.Helper()
	tm.text(text)
	tm.keys("Enter")
}

func (tm *terminal) screen() string {
	tm.t.Helper()
	return strings.TrimRight(tm.tmux("capture-pane", "-p"), "\n")
}

// waitFor polls until the screen matches, and returns it. The limit only ends
// a test that would wait for ever.
func (tm *terminal) waitFor(pattern string, limit time.Duration) string {
	tm.t.Helper()
	re := regexp.MustCompile(`(?m)` + pattern)
	for end := time.Now().Add(limit); ; time.Sleep(300 * time.Millisecond) {
		screen := tm.screen()
		if re.MatchString(screen) {
			return screen
		}
		if time.Now().After(end) {
			tm.t.Fatalf("no %q on the screen within %s:\n%s", pattern, limit, screen)
		}
	}
}

// settings are the terminal's, as `stty -a` prints them.
func (tm *terminal) settings(dir string) string {
	tm.t.Helper()
	file := filepath.Join(dir, "stty")
	tm.line("clear; stty -a > " + file + "; echo st''ored")
	tm.waitFor("^stored$", time.Minute)
	b, err := os.ReadFile(file)
	if err != nil {
		tm.t.Fatal(err)
	}
	return string(b)
}
