package boot

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"slipway/engine"
	"slipway/engine/smoke"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

const mib = 1 << 20

// point is one point of a rehearsal of 64 MiB; df's figures are of a file system
// of 1006 MiB if the truth is a snapshot's.
func point(name string, at time.Duration, used int64, more func(*smoke.Point)) smoke.Point {
	room := smoke.Room{Kind: "tmpfs", Used: used * mib, Size: 64 * mib, Source: "tmpfs /run/live/overlay"}
	p := smoke.Point{Name: name, At: at, Wrote: used * mib, Room: room, DF: room, Works: []string{"touch a file", "ssh login"}}
	if more != nil {
		more(&p)
	}
	return p
}

var recovered = []smoke.Point{
	point("start", 403*time.Second, 1, nil),
	point("50 %", 409*time.Second, 32, nil),
	point("90 %", 414*time.Second, 58, func(p *smoke.Point) { p.Gauge = "90 % of 64 MiB used" }),
	point("95 %", 418*time.Second, 61, nil),
	point("full", 425*time.Second, 64, func(p *smoke.Point) {
		p.Error, p.Works, p.Broken = "No space left on device", []string{"ssh login"}, []string{"touch a file"}
	}),
	point("deleted", 430*time.Second, 1, nil),
	point("written again", 434*time.Second, 9, nil),
}

func overflown(p *smoke.Point) {
	p.Room = smoke.Room{Kind: "dm-snapshot", Used: 64 * mib, Size: 64 * mib, Source: "dmsetup status live-rw: Overflow"}
	p.DF = smoke.Room{Used: 653 * mib, Size: 1006 * mib}
	p.Error, p.Works, p.Broken = "Input/output error", []string{"read a file"}, []string{"touch a file", "ssh login"}
}

var stuck = []smoke.Point{
	point("start", 403*time.Second, 1, func(p *smoke.Point) {
		p.Room.Kind, p.Room.Source, p.DF = "dm-snapshot", "dmsetup status live-rw", smoke.Room{Used: 589 * mib, Size: 1006 * mib}
	}),
	point("full", 425*time.Second, 64, overflown),
	point("deleted", 430*time.Second, 64, overflown),
}

// rehearse makes a screen that was asked for a rehearsal while the checks ran and
// has come to the given points; with an outcome the run is over.
func rehearse(t *testing.T, size tuitest.Size, points []smoke.Point, end *smoke.Rehearsal) *Screen {
	t.Helper()
	b := screenIn(t, "running", size)
	tuitest.Press(b, "r")
	all := screentest.Events(t, "testdata/pass.jsonl")
	events := append([]engine.Event(nil), all[len(screentest.Until(all, tryingX11)):]...)
	last := events[len(events)-1].(engine.Finished)
	events = events[:len(events)-1]
	for _, p := range points {
		events = append(events, engine.Gauge{Room: p.Room}, engine.Rehearsed{Point: p})
	}
	if end != nil {
		last.Rehearsal, last.Time = end, last.Time.Add(30*time.Second)
		events = append(events, last)
	}
	b.job.Apply(events)
	b.Update(session.Events{Job: b.job.ID, Events: events})
	return b
}

var outcomes = map[string]struct {
	points []smoke.Point
	end    *smoke.Rehearsal
}{
	"rehearsing": {recovered[:3], nil},
	"recovers":   {recovered, &smoke.Rehearsal{Outcome: smoke.Recovers, Verdict: "fills at 64 MiB with ENOSPC; recovers after deleting"}},
	"read-only":  {stuck, &smoke.Rehearsal{Outcome: smoke.ReadOnly, Verdict: "read-only until reboot; df said 65 % at that moment"}},
	"dead":       {stuck[:2], &smoke.Rehearsal{Outcome: smoke.Dead, Verdict: "dead until a hard reset"}},
}

func TestRehearsalViews(t *testing.T) {
	for name, o := range outcomes {
		for _, size := range tuitest.Sizes[1:] {
			body := size.Body()
			view := rehearse(t, body, o.points, o.end).View()
			tuitest.Exact(t, view, body.W, body.H)
			tuitest.Golden(t, name+"-"+size.String(), view)
		}
	}
}

func TestRehearsalInEverySize(t *testing.T) {
	for name, o := range outcomes {
		b := rehearse(t, tuitest.Size{W: 78, H: 18}, o.points, o.end)
		for _, w := range []int{1, 10, 40, 58, 77, 101, 151, 300} {
			for _, h := range []int{1, 3, 5, 10, 18, 54} {
				b.SetSize(w, h)
				tuitest.Exact(t, b.View(), w, h)
			}
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestRehearsalFollowsTheChecks(t *testing.T) {
	b := screenIn(t, "running", tuitest.Size{W: 78, H: 18})
	msgs := tuitest.Press(b, "r")
	if len(msgs) != 0 || !b.job.Rehearse {
		t.Fatalf("r answers %v", msgs)
	}
	if view := ansi.Strip(b.View()); !strings.Contains(view, "rehearsal  follows the checks") {
		t.Errorf("it is not said that one was asked for:\n%s", view)
	}
	tuitest.KeysIdle(t, func() tuitest.Keyed { return rehearse(t, tuitest.Size{W: 78, H: 18}, nil, nil) }, "r")
}

func TestRehearsalOfTheNextBoot(t *testing.T) {
	for _, b := range []*Screen{New(screentest.Session(t, 0)), screenIn(t, "pass", tuitest.Size{W: 78, H: 18})} {
		if msgs := tuitest.Press(b, "r"); len(msgs) != 1 || msgs[0] != (session.RunRehearse{}) {
			t.Errorf("r answers %v", msgs)
		}
	}
}

// A rehearsal that a guest does not live to see is spoken of.
func TestRehearsalThatWasNotReached(t *testing.T) {
	over := engine.Finished{Status: engine.Cancelled}
	for want, events := range map[string][]engine.Event{
		"rehearsal  did not come to an end": {over},
		"could not be tried: the machine is gone": {engine.StepDone{Step: engine.StepRehearse, Status: engine.Failed,
			Error: &engine.StepError{Message: "the machine is gone"}}, over},
	} {
		b := screenIn(t, "running", tuitest.Size{W: 78, H: 18})
		tuitest.Press(b, "r")
		b.job.Apply(events)
		b.Update(session.Events{Job: b.job.ID, Events: events})
		if view := ansi.Strip(b.View()); !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
}

func TestPointsAreRows(t *testing.T) {
	b := rehearse(t, tuitest.Size{W: 78, H: 18}, recovered, outcomes["recovers"].end)
	tuitest.Press(b, "up", "up")
	got := tuitest.Press(b, "enter")
	if len(got) != 1 {
		t.Fatalf("enter gives %v", got)
	}
	d := got[0].(tui.OpenDialog).Dialog
	d.SetSize(100, 40)
	said := strings.Join(strings.Fields(ansi.Strip(d.View())), " ")
	for _, want := range []string{"rehearsal: full", "written 64 MiB", "in truth 64 MiB of 64 MiB, 100 %", "No space left on device",
		"works ssh login", "broken touch a file", "7m05s after power-on"} {
		if !strings.Contains(said, want) {
			t.Errorf("the details lack %q:\n%s", want, d.View())
		}
	}
}

func TestGaugeLine(t *testing.T) {
	tuitest.Colour(t, termenv.Ascii, true)
	for _, c := range []struct {
		room smoke.Room
		want string
	}{
		{smoke.Room{Kind: "tmpfs", Used: 20 * mib, Size: 512 * mib, Source: "tmpfs /run/live/overlay"}, "▏ 4 % of 512 MiB  tmpfs /run/live/overlay"},
		{smoke.Room{Kind: "dm-snapshot", Used: 32 * mib, Size: 64 * mib, Source: "dmsetup status live-rw"}, "▏ 50 % of 64 MiB  dm-snapshot, dmsetup"},
		{smoke.Room{Kind: "dm-snapshot", Used: 64 * mib, Size: 64 * mib, Source: "dmsetup status live-rw: Invalid"}, "✗ Invalid: it takes no more writes"},
		{smoke.Room{Kind: "dm-thin", Used: 64 * mib, Size: 64 * mib, Source: "dmsetup status live-overlay-pool: out_of_data_space"}, "✗ out_of_data_space: it takes"},
		{smoke.Room{Kind: "disk", Source: "ext4 on /dev/vdb"}, "how full it is cannot be told  disk, ext4 on /dev/vdb"},
	} {
		b := screenIn(t, "running", tuitest.Size{W: 78, H: 18})
		b.Update(session.Events{Job: b.job.ID, Events: []engine.Event{engine.Gauge{Room: c.room}}})
		if view := b.View(); !strings.Contains(view, c.want) {
			t.Errorf("no %q in\n%s", c.want, view)
		}
	}
}
