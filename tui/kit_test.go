package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"slipway/tui/tuitest"
)

func TestFit(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want string
	}{
		{"abc", 5, "abc  "}, {"abcdef", 4, "abc…"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日… "}, {"", 2, "  "}, {"abc", 0, ""}, {"e\u0301a", 3, "e\u0301a "},
	} {
		if got := Fit(c.in, c.w); got != c.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
	if got := FitRight("12", 4); got != "  12" {
		t.Errorf("FitRight gives %q", got)
	}
	if got := Spread("left", "right", 12); got != "left   right" {
		t.Errorf("Spread gives %q", got)
	}
	for w := 1; w < 30; w++ {
		tuitest.Exact(t, Spread("something", "on the right", w), w, 1)
	}
}

func TestWrapKeepsOptionsWhole(t *testing.T) {
	got := Wrap("mmdebstrap --include=openssh-server bookworm", 24)
	want := []string{"mmdebstrap", "--include=openssh-server", "bookworm"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("Wrap gives %q, want %q", got, want)
	}
}

func TestOverKeepsTheSize(t *testing.T) {
	under := Box("\x1b[31m日本語日本語日本語 red to the end\x1b[0m\nsecond", 24, 4)
	for x := range 12 {
		tuitest.Exact(t, Over(under, "ab\ncd", x, 1), 24, 4)
	}
	if got := ansi.Strip(Over(Box("0123456789", 10, 1), "ab", 3, 0)); got != "012ab56789" {
		t.Errorf("Over gives %q", got)
	}
}

// TestLayout draws the parts of the frame as a picture.
func TestLayout(t *testing.T) {
	for _, size := range tuitest.Sizes {
		f := Layout(size.W, size.H)
		rows := make([][]byte, size.H)
		for y := range rows {
			rows[y] = []byte(strings.Repeat(".", size.W))
		}
		for name, r := range map[byte]Rect{'h': f.Header, 't': f.Tabs, 'b': f.Body, 'f': f.Foot} {
			for y := r.Y; y < r.Y+r.H; y++ {
				for x := r.X; x < r.X+r.W; x++ {
					if rows[y][x] != '.' {
						t.Fatalf("%s: parts overlap at %d,%d", size, x, y)
					}
					rows[y][x] = name
				}
			}
		}
		var lines []string
		for _, r := range rows {
			lines = append(lines, string(r))
		}
		tuitest.Golden(t, "layout-"+size.String(), strings.Join(lines, "\n"))
	}
}

func TestFrameAtEveryWidth(t *testing.T) {
	c := Chrome{Brand: "slipway", Name: "fleet-base", Changed: true, Summary: "debian bookworm · overlayfs 50% · 9 packages · iso",
		News: "▸ building fleet-base · root, 2 of 7", Left: "! 1 warning: X11 forwarding will be refused where IPv6 is off",
		Keys: []key.Binding{KeyMove, KeyEnter}, More: Bind("all keys", "?", "?"),
		Tabs: []Tab{{Key: "0", Name: "Library", Spare: true}, {Key: "1", Name: "Distro"}, {Key: "2", Name: "Overlay"}, {Key: "3", Name: "Packages", Active: true},
			{Key: "4", Name: "SSH"}, {Key: "5", Name: "System"}, {Key: "6", Name: "Output"}, {Key: "b", Name: "Build", Verb: true},
			{Key: "t", Name: "Test boot", Short: "Boot", Verb: true}, {Key: "s", Name: "Save", Verb: true}}}
	for w := MinWidth; w <= 210; w++ {
		view := c.Draw("body", w, MinHeight)
		tuitest.Exact(t, view, w, MinHeight)
		for _, must := range []string{"▸3 Packages", " b ", "↑↓ move  enter choose  ? all keys"} {
			if !strings.Contains(ansi.Strip(view), must) {
				t.Errorf("%d columns: %q is missing:\n%s", w, must, ansi.Strip(view))
			}
		}
	}
	for w := 1; w < MinWidth; w++ {
		tuitest.Exact(t, DrawSmall(w, 10, "PASS fleet-base: all 11 checks hold"), w, 10)
	}
}

func TestBars(t *testing.T) {
	for _, c := range []struct {
		done, total int64
		want        string
	}{{0, 10, "──────────"}, {1, 10, "╸─────────"}, {5, 10, "━━━━╸─────"}, {10, 10, "━━━━━━━━━━"}, {20, 10, "━━━━━━━━━━"}, {-1, 10, "──────────"}, {3, 0, "──────────"}} {
		if got := ansi.Strip(Bar(c.done, c.total, 10)); got != c.want {
			t.Errorf("Bar(%d, %d) = %s, want %s", c.done, c.total, got, c.want)
		}
	}
}

func TestGauge(t *testing.T) {
	for _, c := range []struct {
		used, size int64
		want       string
	}{{0, 100, "▕    ▏"}, {1, 100, "▕▏   ▏"}, {50, 100, "▕██  ▏"}, {100, 100, "▕████▏"}, {300, 100, "▕████▏"}, {5, 0, "▕    ▏"},
		{1 << 60, 1 << 61, "▕██  ▏"}} {
		if got := ansi.Strip(Gauge(c.used, c.size, 6)); got != c.want {
			t.Errorf("Gauge(%d, %d) = %s, want %s", c.used, c.size, got, c.want)
		}
	}
	if Gauge(1, 2, 2) != "" {
		t.Error("a gauge is drawn where there is no room")
	}
}

func TestWindowStaysInside(t *testing.T) {
	var w Window
	if w.Cursor() != -1 {
		t.Error("an empty window has a cursor")
	}
	w.SetLen(100)
	w.SetHeight(10)
	for i, k := range []string{"down", "pgdown", "end", "down", "up", "home", "up", "G", "k", "g", "j"} {
		w.Update(tuitest.KeyMsg(k))
		first, end := w.Visible()
		if c := w.Cursor(); c < first || c >= end || end-first != 10 || first < 0 || end > 100 {
			t.Errorf("after key %d (%s): cursor %d, rows %d to %d", i, k, c, first, end)
		}
	}
	w.SetCursor(99)
	w.SetLen(5)
	if first, end := w.Visible(); w.Cursor() != 4 || first != 0 || end != 5 {
		t.Errorf("a shorter list: cursor %d, rows %d to %d", w.Cursor(), first, end)
	}
}

func TestTableDrawsOnlyWhatIsVisible(t *testing.T) {
	tb := NewTable(Column{Title: "Name", Weight: 1}, Column{Title: "Size", Width: 8, Right: true}, Column{Title: "Summary", Weight: 2, Least: 60, Muted: true})
	asked := 0
	tb.SetSource(60000, func(i int) Row {
		asked++
		return Row{Cells: []string{fmt.Sprint("package-", i), "12 kB", "what it is for"}, Mark: MarkDone}
	})
	for _, w := range []int{20, 40, 59, 60, 80, 200} {
		tb.SetSize(w, 10)
		asked = 0
		tuitest.Exact(t, tb.View(), w, 10)
		if asked > 9 {
			t.Errorf("asked for %d rows to draw 9", asked)
		}
	}
	tb.SetSize(60, 5)
	tb.Update(tuitest.KeyMsg("end"))
	if !strings.Contains(ansi.Strip(tb.View()), "▸ ✓ package-59999") {
		t.Errorf("the last row is not shown:\n%s", ansi.Strip(tb.View()))
	}
	empty := NewTable(Column{Title: "Name"})
	empty.Empty = "nothing is chosen"
	empty.SetSize(30, 3)
	if !strings.Contains(empty.View(), "nothing is chosen") {
		t.Error("an empty table says nothing")
	}
}

func TestFieldEdits(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want string
		pos  int
	}{
		{[]string{"a", "b", "left", "c"}, "one twoacb", 9},
		{[]string{"backspace", "backspace"}, "one t", 5},
		{[]string{"ctrl+w"}, "one ", 4},
		{[]string{"home", "delete", "ctrl+right", "x"}, "nex two", 3},
		{[]string{"ctrl+left", "ctrl+u"}, "two", 0},
		{[]string{"home", "right", "ctrl+k"}, "o", 1},
		{[]string{"home", "left", "backspace", "end", "right", "delete"}, "one two", 7},
		{[]string{"space", "日"}, "one two 日", 9},
	} {
		f := NewField("one two", "")
		for _, k := range c.keys {
			f.Update(tuitest.KeyMsg(k))
		}
		if f.Value() != c.want || f.pos != c.pos {
			t.Errorf("%v: %q at %d, want %q at %d", c.keys, f.Value(), f.pos, c.want, c.pos)
		}
		for w := 1; w < 20; w++ {
			f.SetWidth(w)
			tuitest.Exact(t, f.View(), w, 1)
		}
	}
	f := NewField("", "")
	f.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("two\nlines\x1b[31m\n"), Paste: true})
	if f.Value() != "two lines[31m" {
		t.Errorf("pasted text becomes %q", f.Value())
	}
}

func TestFieldShowsItsCursorWithoutColours(t *testing.T) {
	tuitest.Colour(t, termenv.Ascii, true)
	f := NewField("ab", "")
	f.SetWidth(6)
	f.Update(tuitest.KeyMsg("left"))
	if got := f.View(); got != "a▏b   " {
		t.Errorf("field is drawn as %q", got)
	}
}

func TestFormEditsInPlace(t *testing.T) {
	value := "UTC"
	f := &Form{}
	f.SetSize(50, 6)
	items := func() []FormItem {
		return []FormItem{{Heading: "System"}, {Label: "hostname", Value: "fleet"}, {Label: "timezone", Value: value, Edit: func(s string) error {
			if s == "" {
				return errors.New("a time zone is needed")
			}
			value = s
			return nil
		}}}
	}
	f.SetItems(items())
	if f.Cursor() != 1 {
		t.Errorf("the cursor is on the heading")
	}
	for _, k := range []string{"enter", "down", "enter", "ctrl+u", "enter"} {
		f.Update(tuitest.KeyMsg(k))
	}
	if !f.Capturing() || !strings.Contains(ansi.Strip(f.View()), "✗ a time zone is needed") {
		t.Errorf("a refused value is not explained:\n%s", ansi.Strip(f.View()))
	}
	for _, k := range []string{"C", "E", "T", "enter"} {
		f.Update(tuitest.KeyMsg(k))
	}
	if value != "CET" || f.Capturing() {
		t.Errorf("value %q, capturing %v", value, f.Capturing())
	}
	f.SetItems(items())
	f.Update(tuitest.KeyMsg("enter"))
	f.Update(tuitest.KeyMsg("x"))
	f.Update(tuitest.KeyMsg("esc"))
	if value != "CET" || f.Capturing() {
		t.Errorf("esc takes the value %q", value)
	}
	for w := 4; w < 60; w += 5 {
		f.SetSize(w, 5)
		tuitest.Exact(t, f.View(), w, 5)
	}
}

func TestConfirmWaitsUntilItCouldBeRead(t *testing.T) {
	now := time.Unix(0, 0)
	answered := false
	c := NewConfirm("Sure", "Really?", Answer{Key: "y", Does: "do it", Cmd: func() tea.Msg { answered = true; return nil }})
	c.Now = func() time.Time { return now }
	c.SetSize(60, 10)
	if done, _ := c.Update(tuitest.KeyMsg("y")); done {
		t.Error("answered before it was drawn")
	}
	c.View()
	now = now.Add(Settle / 2)
	if done, _ := c.Update(tuitest.KeyMsg("y")); done {
		t.Error("answered before it could be read")
	}
	now = now.Add(Settle)
	if done, _ := c.Update(tuitest.KeyMsg("x")); done {
		t.Error("another key answers")
	}
	done, cmd := c.Update(tuitest.KeyMsg("y"))
	tuitest.Run(cmd)
	if !done || !answered {
		t.Errorf("done %v, answered %v", done, answered)
	}
}

func TestDialogsFitAnySize(t *testing.T) {
	long := strings.Repeat("a long line of text that must be wrapped somewhere, ", 20)
	dialogs := map[string]func() Dialog{
		"confirm": func() Dialog { return NewConfirm("A question", long, Answer{Key: "y", Does: "do it"}) },
		"prompt": func() Dialog {
			return NewPrompt("A prompt", "File name", "./x.toml", func(string) tea.Cmd { return nil })
		},
		"pick": func() Dialog {
			return NewPick("A list", []Choice{{Label: "a", Note: long}, {Label: "b", Disabled: "not here"}}, 0, func(int) tea.Cmd { return nil })
		},
		"text": func() Dialog { return NewText("A text", long+"\n"+long) },
		"help": func() Dialog { return NewHelp(KeyGroup{"Here", []key.Binding{KeyMove, KeyEnter}}) },
	}
	for name, make := range dialogs {
		for _, size := range append(tuitest.Sizes, tuitest.Size{W: 11, H: 4}, tuitest.Size{W: 20, H: 6}, tuitest.Size{W: 1, H: 1}) {
			under := Box("", size.W, size.H)
			t.Run(name+"/"+size.String(), func(t *testing.T) {
				tuitest.Exact(t, DrawDialog(under, make(), size.W, size.H), size.W, size.H)
			})
		}
	}
}

func TestPickChoosesOnlyWhatCanBeChosen(t *testing.T) {
	got := -1
	p := NewPick("Which", []Choice{{Label: "a"}, {Label: "b", Disabled: "not here"}}, 0, func(i int) tea.Cmd { got = i; return nil })
	p.SetSize(60, 10)
	p.Update(tuitest.KeyMsg("down"))
	if done, _ := p.Update(tuitest.KeyMsg("enter")); done || got != -1 {
		t.Error("a disabled choice can be chosen")
	}
	p.Update(tuitest.KeyMsg("up"))
	if done, _ := p.Update(tuitest.KeyMsg("enter")); !done || got != 0 {
		t.Errorf("done %v, chosen %d", done, got)
	}
}

// TestThemeHasValuesForEveryTerminal draws the theme in 16 and 256 colours on
// both backgrounds: each must differ from the others.
func TestThemeHasValuesForEveryTerminal(t *testing.T) {
	seen := map[string]string{}
	for _, p := range []termenv.Profile{termenv.ANSI, termenv.ANSI256, termenv.TrueColor} {
		for _, dark := range []bool{true, false} {
			name := fmt.Sprintf("%v dark=%v", p, dark)
			t.Run(name, func(t *testing.T) {
				tuitest.Colour(t, p, dark)
				look := Accent.Render("a") + Muted.Render("m") + Good.Render("g") + Warn.Render("w") + Bad.Render("b")
				if other, ok := seen[look]; ok {
					t.Errorf("looks as %s does", other)
				}
				seen[look] = name
			})
		}
	}
	tuitest.Colour(t, termenv.Ascii, true)
	if !Plain() || Accent.Render("a")+Strong.Render("b")+Match.Render("c") != "abc" {
		t.Error("there are escape sequences without colours")
	}
}
