package progress

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"slipway/engine"
	"slipway/engine/smoke"
)

// seededBoard is the board of the engine's own test: a row of each kind.
func seededBoard(t *testing.T) engine.Board {
	t.Helper()
	text, err := os.ReadFile("../testdata/board.json")
	if err != nil {
		t.Fatal(err)
	}
	board := engine.Board{Dir: "/builds/_matrix/20261123-100000.000"}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	return board
}

// happens is what a matrix tells of two recipes at once, one of them cancelled.
func happens(t *testing.T) []engine.MatrixEvent {
	t.Helper()
	of := func(recipe, path string, events ...engine.Event) (all []engine.MatrixEvent) {
		for _, e := range events {
			all = append(all, engine.MatrixEvent{Recipe: recipe, Path: path, Event: e})
		}
		return all
	}
	board := seededBoard(t)
	good, hangs := board.Rows[0], engine.Row{}
	for _, r := range board.Rows {
		if r.Recipe == "hangs" && r.Path == smoke.Direct {
			hangs = r
		}
	}
	events := of("good", "", engine.PlanReady{Recipe: "good", Log: "/builds/good/logs/1.log"}, engine.StepStarted{Step: "root"},
		engine.Progress{Step: "root", Text: "unpacking\x1b[1m", Done: 1, Total: 2}, engine.Output{Step: "root", Lines: []string{"not shown"}}, engine.Finished{Status: engine.Done, Took: 3 * time.Minute})
	events = append(events, of("good", "direct", engine.Booting{Path: "direct", Accel: "tcg", Timeout: 12 * time.Minute, Checks: make([]smoke.Plan, 11)},
		engine.CheckDone{Result: smoke.Result{Plan: smoke.Plan{Title: "kernel started"}, Status: smoke.Pass}})...)
	events = append(events, of("hangs", "", engine.PlanReady{Recipe: "hangs", Log: "/builds/hangs/logs/1.log"}, engine.StepStarted{Step: "pack"})...)
	events = append(events, of("good", "direct", engine.Rehearsed{Point: smoke.Point{Name: "90 %"}})...)
	events = append(events, engine.MatrixEvent{Recipe: "good", Path: "direct", Row: &good})
	return append(events, engine.MatrixEvent{Recipe: "hangs", Path: "direct", Row: &hangs})
}

func TestMatrixPrinters(t *testing.T) {
	for name, printer := range map[string]func(*bytes.Buffer) MatrixPrinter{
		"plain": func(b *bytes.Buffer) MatrixPrinter { return Matrix(b, nil, false) },
		"live":  func(b *bytes.Buffer) MatrixPrinter { return Matrix(b, func() int { return 60 }, true) },
		"json":  func(b *bytes.Buffer) MatrixPrinter { return MatrixJSON(b) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			p := printer(&b)
			for _, e := range happens(t) {
				p.Print(e)
			}
			p.Board(seededBoard(t))
			golden.RequireEqual(t, b.Bytes())
		})
	}
}

func TestMarkdown(t *testing.T) {
	page := Markdown(seededBoard(t))
	golden.RequireEqual(t, []byte(page))
	if strings.Contains(page, "/builds") {
		t.Error("the page names a folder of this machine")
	}
	var rows, widths = 0, map[int]bool{}
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "|") {
			rows++
			widths[strings.Count(line, "|")-strings.Count(line, `\|`)] = true
		}
	}
	if rows != 2+len(seededBoard(t).Rows) || len(widths) != 1 {
		t.Errorf("%d rows of %v cells", rows, widths)
	}
}

// A reader that went away ends no matrix.
func TestMatrixBrokenWriter(t *testing.T) {
	for _, p := range []MatrixPrinter{Matrix(broken{}, func() int { return 0 }, true), MatrixJSON(broken{})} {
		for _, e := range happens(t) {
			p.Print(e)
		}
		p.Board(engine.Board{Rows: []engine.Row{{Word: errors.New("unknown").Error()}}})
	}
}
