package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// A directory of 200 broken recipes: the linter never panics, and every recipe
// gets a finding that points at one of its lines.
func TestLintOfBrokenRecipes(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("go", "test", "./recipes", "-run", "^TestCorpus$", "-count", "1", "-corpus", dir).CombinedOutput(); err != nil {
		t.Fatalf("make the broken recipes: %v\n%s", err, out)
	}
	cmd := exec.Command("slipway", "lint", dir)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != statusFailed {
		t.Fatalf("slipway lint: %v, want exit status %d\n%s", err, statusFailed, complaint.String())
	}
	if want := "slipway: 200 of 200 recipes cannot be built as they stand\n"; complaint.String() != want {
		t.Errorf("says %q, want %q", complaint.String(), want)
	}
	finding := regexp.MustCompile(`^` + regexp.QuoteMeta(dir) + `/([^:]+\.toml):([0-9]+):([0-9]+): .`)
	found := map[string]bool{}
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		m := finding.FindStringSubmatch(s.Text())
		if m == nil {
			continue // the line it points at, or a hint
		}
		text, err := os.ReadFile(filepath.Join(dir, m[1]))
		if err != nil {
			t.Fatal(err)
		}
		line, column := number(t, m[2]), number(t, m[3])
		if lines := bytes.Count(text, []byte("\n")) + 1; line < 1 || line > lines || column < 1 {
			t.Errorf("%s has %d lines, but: %s", m[1], lines, s.Text())
		}
		found[m[1]] = true
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.toml"))
	if err != nil || len(files) != 200 {
		t.Fatalf("%d broken recipes (%v), want 200", len(files), err)
	}
	for _, f := range files {
		if !found[filepath.Base(f)] {
			t.Errorf("nothing said about %s", f)
		}
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
