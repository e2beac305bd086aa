//go:build real

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A build that a signal stops, and stops again while it cleans up, says what it
// removed, leaves nothing behind, and exits as the signal demands.
func TestSignals(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		status int
	}{{syscall.SIGINT, 130}, {syscall.SIGTERM, 143}} {
		t.Run(c.signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			cache := filepath.Join(dir, "cache")
			cmd := exec.CommandContext(t.Context(), "slipway", "build", "--plain", "debian-vm")
			cmd.Env = append(os.Environ(), "SLIPWAY_CACHE="+cache, "SLIPWAY_BUILDS="+filepath.Join(dir, "builds"))
			var complaint bytes.Buffer
			cmd.Stderr = &complaint
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			said := awaitRoot(t, out, func() {
				_ = cmd.Process.Signal(c.signal)
				_ = cmd.Process.Signal(c.signal)
			})
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != c.status {
				t.Errorf("ended with %v, want status %d\n%s", err, c.status, complaint.String())
			}
			if !strings.Contains(said, "cleaned    work directory") || !strings.Contains(said, "- cancelled") {
				t.Errorf("does not say what was cleaned:\n%s", said)
			}
			if left, _ := filepath.Glob(filepath.Join(cache, "work", "build-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if mounts, err := os.ReadFile("/proc/mounts"); err != nil || bytes.Contains(mounts, []byte(dir)) {
				t.Errorf("mounts left behind (%v)", err)
			}
			if left := processesOn(t, cache); len(left) > 0 {
				t.Errorf("processes left behind: %q", left)
			}
		})
	}
}

// awaitRoot reads until the packages are being installed, calls stop, and
// returns all that follows.
func awaitRoot(t *testing.T, out io.Reader, stop func()) string {
	t.Helper()
	var rest strings.Builder
	stopped := false
	for s := bufio.NewScanner(out); s.Scan(); {
		if !stopped && strings.HasPrefix(s.Text(), "  root") && strings.Contains(s.Text(), "| I: extracting archives") {
			stop()
			stopped = true
		}
		if stopped {
			rest.WriteString(s.Text() + "\n")
		}
	}
	if !stopped {
		t.Error("the build ended before packages were extracted")
	}
	return rest.String()
}

// processesOn returns the command lines that name a directory.
func processesOn(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		if line, err := os.ReadFile(f); err == nil && bytes.Contains(line, []byte(dir)) {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}
