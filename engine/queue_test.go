package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"
	"time"

	"slipway/engine/smoke"
)

func TestEventsSurviveJSON(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	events := []Event{
		PlanReady{Time: now, Recipe: "r", Steps: []Step{{Name: "root", Does: "x", Inputs: []Input{{"a", "b"}}}}, Log: "/l"},
		StepStarted{Time: now, Step: "root", Reasons: []string{"because"}},
		Progress{Step: "root", Text: "t", Done: 1, Total: 2},
		Output{Step: "root", Lines: []string{"one", "twö"}},
		StepDone{Time: now, Step: "root", Status: Failed, Took: time.Second, Error: &StepError{Step: "root", Message: "m", Last: []string{"l"}}},
		Booting{Time: now, Path: "direct", Accel: "tcg", Checks: []smoke.Plan{{ID: "kernel", Title: "kernel started"}}},
		Console{Data: []byte("\x1b[0m\xff")},
		CheckStarted{Time: now, Check: "kernel"},
		CheckDone{Time: now, Result: smoke.Result{Plan: smoke.Plan{ID: "kernel"}, Status: smoke.Fail, Cause: "c"}},
		Gauge{Time: now, Room: smoke.Room{Kind: "tmpfs", Used: 1, Size: 2, Source: "tmpfs /run"}},
		Rehearsed{Time: now, Point: smoke.Point{Name: "full", Wrote: 3, Error: "No space left on device", Works: []string{"read a file"}}},
		Finished{Time: now, Status: Done, Verdict: &smoke.Verdict{Word: "PASS"}, Rehearsal: &smoke.Rehearsal{Outcome: smoke.Recovers}},
	}
	seen := map[string]bool{}
	for _, e := range events {
		b, err := MarshalEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := UnmarshalEvent(b)
		if err != nil || !reflect.DeepEqual(e, back) {
			t.Errorf("%s: %v\n%#v\n%#v", b, err, e, back)
		}
		seen[e.kind()] = true
	}
	for k := range kinds {
		if !seen[k] {
			t.Errorf("kind %s is not in this test", k)
		}
	}
	for _, bad := range []string{"", "{", `{"kind":"other"}`, `{"kind":"output","lines":3}`} {
		if e, err := UnmarshalEvent([]byte(bad)); err == nil {
			t.Errorf("%q gave %v", bad, e)
		}
	}
}

func TestQueueNeverBlocksAndMerges(t *testing.T) {
	q := newQueue()
	q.put(StepStarted{Step: "root"})
	for i := range 200_000 {
		q.put(Output{Step: "root", Lines: []string{fmt.Sprint(i)}})
		q.put(Progress{Step: "root", Done: int64(i)})
	}
	q.put(StepDone{Step: "root", Status: Done})
	q.close()
	events, err := q.receive(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	lines, last, progress, structure, told := 0, "", []int64{}, 0, 0
	for _, e := range events {
		switch e := e.(type) {
		case Output:
			lines += len(e.Lines)
			last = e.Lines[len(e.Lines)-1]
			if e.Lines[0] == unread {
				told++
			}
		case Progress:
			progress = append(progress, e.Done)
		default:
			structure++
		}
	}
	if structure != 2 || lines > maxLines || lines < maxLines/2-1 || last != "199999" {
		t.Errorf("%d structural events, %d lines, last %s", structure, lines, last)
	}
	if told != 1 {
		t.Errorf("the gap was told %d times", told)
	}
	if len(progress) != 1 || progress[0] != 199_999 {
		t.Errorf("progress %v: want the newest only", progress)
	}
	if _, err := q.receive(context.Background(), 0); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
}

func TestConsoleIsBounded(t *testing.T) {
	q := newQueue()
	for range 64 {
		q.put(Console{Data: make([]byte, 64<<10)})
	}
	q.put(Console{Data: []byte("end")})
	events := q.take()
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	data := events[0].(Console).Data
	if len(data) > maxConsole || string(data[len(data)-3:]) != "end" {
		t.Errorf("%d bytes, ending %q", len(data), data[len(data)-3:])
	}
}

func TestRunSurvivesPanicAndCancel(t *testing.T) {
	r := newRun(context.Background(), func(context.Context, *Run) Finished { panic("seeded") })
	if f := r.Wait(); f.Status != Failed || f.Error == nil {
		t.Errorf("a panic gave %+v", f)
	}
	r = newRun(context.Background(), func(ctx context.Context, r *Run) Finished {
		<-ctx.Done()
		return Finished{Status: Cancelled}
	})
	r.Cancel()
	r.Cancel()
	if f := r.Wait(); f.Status != Cancelled {
		t.Errorf("cancel gave %+v", f)
	}
}
