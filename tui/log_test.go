package tui

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"slipway/tui/tuitest"
)

func TestSanitise(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain stays", "Setting up sudo (1.9) ...", "Setting up sudo (1.9) ..."},
		{"last part after carriage returns", " 10%\r 50%\r100%", "100%"},
		{"carriage return at the end", "done\r", "done"},
		{"tabs", "a\tb\tc", "a       b       c"},
		{"tab after wide text", "日本\tx", "日本    x"},
		{"colour is kept and closed", "\x1b[32mok\x1b[0m", "\x1b[32mok\x1b[0m\x1b[0m"},
		{"colour left open is closed", "\x1b[31mred", "\x1b[31mred\x1b[0m"},
		{"cursor moves go", "a\x1b[2Jb\x1b[10;10Hc\x1b[K", "abc"},
		{"titles go", "\x1b]0;title\x07x", "x"},
		{"private modes go", "\x1b[?25lx\x1b[?2026h\x1b[>4;1m", "x"},
		{"bells and backspaces go", "a\x07b\x08c", "abc"},
		{"broken UTF-8 is marked", "a\xffb", "a\uFFFDb"},
		{"an escape cut off goes", "abc\x1b[3", "abc"},
		{"C1 controls go", "a\u009b31mb", "a\x1b[0mb"},
	} {
		got := Sanitise(c.in)
		if c.name == "C1 controls go" {
			if strings.ContainsRune(got, '\u009b') && Width(got) > 5 {
				t.Errorf("%s: %q", c.name, got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%s: Sanitise(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func FuzzSanitise(f *testing.F) {
	for _, s := range []string{"", "a\tb", "\x1b[31mx", "\r\r", "\x1b]0;t\x07", "\x1bP1$r\x1b\\", "日本"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := plain(Sanitise(in))
		for _, r := range out {
			if r < ' ' || r == 0x7f {
				t.Fatalf("Sanitise(%q) keeps %q", in, r)
			}
		}
		tuitest.Exact(t, Fit(Sanitise(in), 20), 20, 1)
	})
}

// small returns a log with tight bounds.
func small(lines, bytes int) *Log { return &Log{maxLines: lines, maxBytes: bytes} }

func TestLogKeepsTheNewestLines(t *testing.T) {
	l := small(10, 1<<20)
	for i := range 35 {
		l.Append([]string{"root", "pack"}[i%2], fmt.Sprint("line ", i))
	}
	if l.Len() != 10 || l.Total() != 35 {
		t.Fatalf("Len %d, Total %d", l.Len(), l.Total())
	}
	all, pack := l.part(""), l.part("pack")
	if got := l.Text(all.number(0)); got != "line 25" {
		t.Errorf("oldest line is %q", got)
	}
	if pack.len() != 5 || l.Text(pack.number(4)) != "line 33" {
		t.Errorf("pack has %d lines, newest %q", pack.len(), l.Text(pack.number(pack.len()-1)))
	}
	if l.part("none").len() != 0 {
		t.Error("a tag without lines has lines")
	}
}

func TestLogIsBoundInBytes(t *testing.T) {
	l := small(1000, 100)
	for range 50 {
		l.Append("root", strings.Repeat("x", 30))
	}
	if l.bytes > 100 || l.Len() != 3 {
		t.Errorf("%d bytes in %d lines", l.bytes, l.Len())
	}
	l.Append("root", strings.Repeat("y", 500))
	if l.Len() != 1 {
		t.Errorf("a line longer than the bound leaves %d lines", l.Len())
	}
}

func viewOf(lines int) *LogView {
	l := NewLog()
	for i := range lines {
		tag := "root"
		if i%10 == 9 {
			tag = "pack"
		}
		l.Append(tag, fmt.Sprintf("line %d of %s", i, tag))
	}
	v := NewLogView(l)
	v.SetSize(40, 6)
	return v
}

// press sends keys to a view and returns its first visible line.
func press(v *LogView, keys ...string) string {
	for _, k := range keys {
		v.Update(tuitest.KeyMsg(k))
	}
	return strings.TrimSpace(strings.SplitN(plain(v.View()), "\n", 2)[0])
}

func TestLogViewFollowsUntilScrolled(t *testing.T) {
	v := viewOf(100)
	if got := press(v); got != "line 95 of root" {
		t.Errorf("following shows %q first", got)
	}
	v.Log.Append("root", "new")
	if got := press(v); got != "line 96 of root" {
		t.Errorf("following a new line shows %q first", got)
	}
	if got := press(v, "up"); got != "line 95 of root" || v.follow {
		t.Errorf("scrolled up shows %q first", got)
	}
	v.Log.Append("root", "newer")
	if got := press(v); got != "line 95 of root" {
		t.Errorf("a new line moves a scrolled view to %q", got)
	}
	if got := press(v, "home"); got != "line 0 of root" {
		t.Errorf("home shows %q first", got)
	}
	press(v, "end")
	if !v.follow {
		t.Error("end does not follow")
	}
	press(v, "pgup", "pgdown")
	if !v.follow {
		t.Error("scrolling down to the end does not follow")
	}
}

func TestLogViewShowsOneStep(t *testing.T) {
	v := viewOf(100)
	v.Filter("pack")
	if got := press(v); got != "line 59 of pack" {
		t.Errorf("pack begins with %q", got)
	}
	if got := press(v, "home"); got != "line 9 of pack" {
		t.Errorf("home shows %q", got)
	}
}

func TestLogViewSearches(t *testing.T) {
	v := viewOf(100)
	press(v, "/")
	if !v.Capturing() {
		t.Fatal("/ does not take text")
	}
	press(v, "L", "I", "N", "E", " ", "4", "2", "enter")
	if v.at != -1 {
		t.Error("a search with capitals takes no notice of them")
	}
	press(v, "/", "l", "i", "n", "e", " ", "4", "enter")
	for _, want := range []int{49, 48, 47} {
		if v.at != want {
			t.Errorf("at line %d, want %d", v.at, want)
		}
		press(v, "N")
	}
	press(v, "n")
	if v.at != 47 {
		t.Errorf("n goes to %d, want 47", v.at)
	}
	press(v, "/", "esc")
	if v.match != nil {
		t.Error("esc keeps the search")
	}
}

func TestLogViewJumpsToErrors(t *testing.T) {
	v := viewOf(50)
	v.Log.Append("root", "Setting up libgpg-error0:amd64 (1.46-1) ...", "E: Unable to locate package x", "fine",
		"mksquashfs: FATAL ERROR: Failed to write", "fine")
	press(v, "e")
	if v.at != 51 {
		t.Errorf("e goes to line %d, want 51", v.at)
	}
	press(v, "e")
	if v.at != 53 {
		t.Errorf("e again goes to line %d, want 53", v.at)
	}
	quiet := viewOf(10)
	press(quiet, "e")
	if !strings.Contains(plain(quiet.View()), "no line tells") {
		t.Error("a log without errors says nothing")
	}
}

// TestLogViewOutlivesItsLines scrolls where lines have been dropped since.
func TestLogViewOutlivesItsLines(t *testing.T) {
	v := NewLogView(small(50, 1<<20))
	v.SetSize(30, 5)
	for i := range 50 {
		v.Log.Append("a", fmt.Sprint("line ", i))
	}
	press(v, "home", "/", "1", "enter")
	for i := range 500 {
		v.Log.Append("a", fmt.Sprint("more ", i))
		tuitest.Exact(t, v.View(), 30, 5)
		press(v, []string{"up", "n", "N", "down", "pgup"}[i%5])
	}
}

func TestLogViewIsExactAtAnySize(t *testing.T) {
	v := viewOf(20)
	v.Log.Append("root", strings.Repeat("very long ", 50), "\x1b[1;31m"+strings.Repeat("red ", 50), "日本語日本語日本語日本語日本語日本語日本語日本語")
	for _, keys := range [][]string{nil, {"/", "r", "e", "d"}, {"enter"}, {"right"}, {"e"}, {"home"}} {
		press(v, keys...)
		for w := 1; w < 60; w += 7 {
			for h := 1; h < 12; h += 3 {
				v.SetSize(w, h)
				tuitest.Exact(t, v.View(), w, h)
			}
		}
	}
}

// BenchmarkLogMillion takes a million lines as a build does, in batches with a
// drawing after each: `go test ./tui -bench LogMillion`. MiB is all the memory
// that the Go runtime has taken from the system by then.
func BenchmarkLogMillion(b *testing.B) {
	for b.Loop() {
		v := NewLogView(NewLog())
		v.SetSize(120, 40)
		batch := make([]string, 1000)
		for n := range 1000 {
			for i := range batch {
				batch[i] = fmt.Sprintf("Get:%d http://mirror.example/debian bookworm/main amd64 package-%d all 1.2-3 [%d kB]", i, n*1000+i, i)
			}
			v.Log.Append("root", batch...)
			v.View()
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/million")
}
