package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/engine"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// A script must be able to tell a bad image from a matrix with holes in it.
func TestMatrixExitStatus(t *testing.T) {
	running := context.Background()
	stopped, cancel := context.WithCancelCause(running)
	cancel(interrupted{syscall.SIGINT})
	rows := func(words ...string) (b engine.Board) {
		for _, w := range words {
			b.Rows = append(b.Rows, engine.Row{Word: w})
		}
		return b
	}
	unrehearsed := engine.Board{Rows: []engine.Row{{Word: engine.RowPass, Outcome: engine.NotTried}}}
	dead := engine.Board{Rows: []engine.Row{{Word: engine.RowPass, Outcome: smoke.Dead}}}
	for _, c := range []struct {
		name   string
		ctx    context.Context
		board  engine.Board
		unkept error
		want   int
	}{
		{"all pass", running, rows(engine.RowPass, engine.RowPass), nil, 0},
		{"a rehearsal is no check", running, dead, nil, 0},
		{"one fails", running, rows(engine.RowPass, engine.RowFail), nil, 1},
		{"one fails, one could not run", running, rows(engine.RowFail, engine.RowNotRun), nil, 2},
		{"not rehearsed", running, unrehearsed, nil, 2},
		{"not kept", running, rows(engine.RowPass), errors.New("disk full"), 2},
		{"stopped", stopped, rows(engine.RowPass, engine.RowFail, engine.RowStopped), nil, 130},
		{"done before the signal took hold", stopped, rows(engine.RowPass), nil, 0},
	} {
		if got := status(matrixResult(c.ctx, c.board, c.unkept)); got != c.want {
			t.Errorf("%s: exits %d, want %d", c.name, got, c.want)
		}
	}
}

// A board with holes that a signal tore does not replace a whole one.
func TestWriteMatrix(t *testing.T) {
	page := filepath.Join(t.TempDir(), "matrix.md")
	whole := engine.Board{Rows: []engine.Row{{Recipe: "web", Word: engine.RowFail, Origin: "real"}}}
	if err := writeMatrix(whole, page); err != nil {
		t.Fatal(err)
	}
	torn := engine.Board{Rows: []engine.Row{{Recipe: "web", Word: engine.RowStopped}}}
	if err := writeMatrix(torn, page); err == nil || !strings.Contains(err.Error(), "was not written") {
		t.Errorf("a cancelled board: %v", err)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "| web |") || !strings.Contains(string(text), "FAIL (real)") {
		t.Errorf("%v:\n%s", err, text)
	}
}

// What the docs say that Debian's policy lacks is what the recipes of the tests add.
func TestPolicyOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("docs/selinux.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/board/policy.sh")
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	for line := range strings.Lines(string(script)) {
		if strings.HasPrefix(line, "(") {
			rules++
			if !strings.Contains(string(page), line) {
				t.Errorf("docs/selinux.md lacks %s", line)
			}
		}
	}
	if rules < 11 {
		t.Errorf("%d rules", rules)
	}
}

// The board of the docs is whole: a row that passes for each recipe of the project's
// own, and where its packages came from.
func TestBoardOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("docs/matrix.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/board/*.toml")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d recipes (%v)", len(files), err)
	}
	rows := 0
	for _, f := range files {
		doc, err := recipes.Load(f)
		if err != nil {
			t.Fatal(err)
		}
		r, origin := doc.Recipe, "fixture"
		if r.Distro.ID == "debian" {
			origin = "real"
		}
		begin := "| " + r.Name + " | " + r.Distro.ID + " " + r.Distro.Release + " | "
		for line := range strings.Lines(string(page)) {
			if strings.HasPrefix(line, begin) && strings.Contains(line, " | **PASS ("+origin+")** | ") {
				rows++
			}
		}
	}
	if rows != len(files) {
		t.Errorf("%d rows pass, of %d recipes: make board", rows, len(files))
	}
}
