package progress

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"slipway/engine"
)

// recorded reads a stream of events as `--json` prints it.
func recorded(t *testing.T, name string) []engine.Event {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var events []engine.Event
	for _, line := range bytes.Split(bytes.TrimSpace(b), []byte("\n")) {
		e, err := engine.UnmarshalEvent(line)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func TestPrinters(t *testing.T) {
	for _, stream := range []string{"build", "failed", "cancelled", "boot", "recorded", "rehearsed"} {
		for name, printer := range map[string]func(*bytes.Buffer) Printer{
			"plain": func(b *bytes.Buffer) Printer { return Plain(b) },
			"quiet": func(b *bytes.Buffer) Printer { return Quiet(b) },
			"live":  func(b *bytes.Buffer) Printer { return Live(b, func() int { return 40 }) },
		} {
			t.Run(stream+"/"+name, func(t *testing.T) {
				var b bytes.Buffer
				events := recorded(t, stream)
				end := Follow(engine.Replay(events), printer(&b))
				if want := events[len(events)-1].(engine.Finished); end.Status != want.Status {
					t.Errorf("run ended %q, want %q", end.Status, want.Status)
				}
				golden.RequireEqual(t, b.Bytes())
			})
		}
	}
}

// What --json prints can be read again and printed by any other printer.
func TestJSONIsTheStream(t *testing.T) {
	var b bytes.Buffer
	Follow(engine.Replay(recorded(t, "boot")), JSON(&b))
	want, err := os.ReadFile("testdata/boot.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	// Neighbouring console bytes merge on their way to a reader.
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for i, line := range lines {
		if _, err := engine.UnmarshalEvent([]byte(line)); err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
	}
	if first, _, _ := strings.Cut(string(want), "\n"); lines[0] != first {
		t.Errorf("first line\n got %s\nwant %s", lines[0], first)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// A reader that went away ends neither the printer nor the run.
func TestBrokenWriter(t *testing.T) {
	for _, p := range []Printer{Plain(broken{}), Quiet(broken{}), JSON(broken{}), Live(broken{}, func() int { return 0 })} {
		if end := Follow(engine.Replay(recorded(t, "boot")), p); end.Verdict == nil || end.Verdict.Word != "FAIL" {
			t.Errorf("%T: the run's end was lost: %+v", p, end)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                         "0.0s",
		3100 * time.Millisecond:   "3.1s",
		59949 * time.Millisecond:  "59.9s",
		59960 * time.Millisecond:  "1m00s",
		62 * time.Second:          "1m02s",
		time.Hour + 5*time.Second: "1h00m05s",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                        "plain",
		"\x1b[32mgreen\x1b[0m\r":       "green",
		" 10%\r 50%\r100%\tdone":       "100%    done",
		"\x1b]0;title\x07text\x07":     "text",
		"cursor\x1b[2Jgone \x1b[H\x00": "cursorgone",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestJoiner(t *testing.T) {
	var j joiner
	got := append(j.add([]byte("one\ntw")), j.add([]byte("o\nthr"))...)
	got = append(got, j.rest()...)
	if want := "one two thr"; strings.Join(got, " ") != want {
		t.Errorf("lines %q, want %q", got, want)
	}
	if endless := j.add(bytes.Repeat([]byte("x"), longest+1)); len(endless) != 1 {
		t.Errorf("a line without an end gave %d lines, want 1", len(endless))
	}
}
