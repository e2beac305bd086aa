package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever a reader has seen is in the log file already.
func TestLinesAreOnDiskBeforeTheirEvent(t *testing.T) {
	log, err := newLog(filepath.Join(t.TempDir(), "logs", "x.log"))
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(context.Background(), func(_ context.Context, r *Run) Finished {
		b := &builder{run: r, log: log}
		for i := range 5000 {
			b.line(StepRoot, fmt.Sprintf("line %d.", i))
		}
		return Finished{Status: Done}
	})
	seen := 0
	err = r.Each(context.Background(), func(e Event) {
		o, ok := e.(Output)
		if !ok {
			return
		}
		onDisk, err := os.ReadFile(log.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range o.Lines {
			seen++
			if !strings.Contains(string(onDisk), " "+l+"\n") {
				t.Fatalf("%q was shown but is not in the log", l)
			}
		}
	})
	if err != nil || seen != 5000 {
		t.Errorf("%d lines, %v", seen, err)
	}
}

// A reader that never reads does not slow the work.
func TestAbsentReaderDoesNotHold(t *testing.T) {
	r := newRun(context.Background(), func(_ context.Context, r *Run) Finished {
		for range 100_000 {
			r.emit(Output{Step: StepRoot, Lines: []string{"x"}})
		}
		return Finished{Status: Done}
	})
	if f := r.Wait(); f.Status != Done {
		t.Errorf("%+v", f)
	}
}
