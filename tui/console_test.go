package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"slipway/tui/tuitest"
)

func consoleWith(w, h int, bytes ...string) *Console {
	c := NewConsole()
	c.SetSize(w, h)
	for _, b := range bytes {
		c.Write([]byte(b))
	}
	return c
}

func TestConsoleShowsWhatTheGuestPrints(t *testing.T) {
	c := consoleWith(40, 4, "[  \x1b[0;32mOK\x1b[0m  ] Reached target\r\n", "\r\nlogin: ")
	view := ansi.Strip(c.View())
	if !strings.HasPrefix(view, "[  OK  ] Reached target ") || !strings.Contains(view, "\nlogin: ") {
		t.Errorf("the console shows %q", view)
	}
	tuitest.Exact(t, c.View(), 40, 4)
}

func TestConsoleTakesCharactersInPieces(t *testing.T) {
	c := consoleWith(20, 2)
	for _, b := range []byte("grün 日本 ✓") {
		c.Write([]byte{b})
	}
	if got := ansi.Strip(c.View()); !strings.HasPrefix(got, "grün") || !strings.Contains(got, "✓") {
		t.Errorf("the console shows %q", got)
	}
	tuitest.Exact(t, c.View(), 20, 2)
}

func TestConsoleAnswersTheGuest(t *testing.T) {
	c := consoleWith(80, 24, "ab")
	if got := c.Write([]byte("\x1b[6n")); string(got) != "\x1b[1;3R" {
		t.Errorf("asked for the cursor, it answers %q", got)
	}
	if got := c.Write([]byte("x")); len(got) != 0 {
		t.Errorf("unasked, it answers %q", got)
	}
}

func TestConsoleSurvivesAnything(t *testing.T) {
	c := consoleWith(30, 6)
	for _, s := range []string{"\x1b[999;999H", "\x1b[9999999999d", "\x1b[-1;-1r", "\x1b[1000L", "\x1b[1000P\x1b[1000@", "\x1b]0;" + strings.Repeat("t", 9000),
		"\x07\x1b[?1049h\x1b[?1049l", "\xff\xfe\xf0\x9f", "\x1b#8", "\x1b[38;5;300mx", "\x1b[38;2;1;2;3mx", strings.Repeat("x", 9000), "\x1bc"} {
		c.Write([]byte(s))
		tuitest.Exact(t, c.View(), 30, 6)
		c.SetSize(10+len(s)%50, 2+len(s)%9)
		tuitest.Exact(t, c.View(), c.w, c.h)
		c.SetSize(30, 6)
	}
}

func FuzzConsole(f *testing.F) {
	f.Add([]byte("\x1b[2J\x1b[10;10Hx\x1b[1;5r\x1b[31m"), uint8(20), uint8(5))
	f.Fuzz(func(t *testing.T, data []byte, w, h uint8) {
		c := consoleWith(30, 6)
		c.Focused = true
		c.Write(data)
		c.SetSize(int(w)+1, int(h%60)+1)
		tuitest.Exact(t, c.View(), c.w, c.h)
		c.Write(data)
		tuitest.Exact(t, c.View(), c.w, c.h)
	})
}

func TestConsoleKeepsItsHistory(t *testing.T) {
	c := consoleWith(20, 3)
	for range 50 {
		c.Write([]byte("a line\r\nanother \x1b[31mred\x1b[0m\r\n"))
	}
	if c.Log().Len() != 100 || plain(c.Log().Text(99)) != "another red" {
		t.Errorf("%d lines, last %q", c.Log().Len(), c.Log().Text(c.Log().Total()-1))
	}
	c.Write([]byte(strings.Repeat("endless", 10000)))
	if len(c.line) > 2*maxConsoleLine+70000 {
		t.Errorf("an endless line takes %d bytes", len(c.line))
	}
}

func TestConsoleShowsTheCursorWhenFocused(t *testing.T) {
	tuitest.Colour(t, termenv.Ascii, true)
	c := consoleWith(10, 1, "login: ")
	if got := c.View(); got != "login:    " {
		t.Errorf("without focus: %q", got)
	}
	c.Focused = true
	if got := c.View(); got != "login: █  " {
		t.Errorf("with focus: %q", got)
	}
	c.Write([]byte("a-long-name"))
	if got := c.View(); got != "long-name█" {
		t.Errorf("a cursor beyond the pane: %q", got)
	}
}

func TestKeyBytes(t *testing.T) {
	for _, c := range []struct {
		key  tea.KeyMsg
		want string
	}{
		{tuitest.KeyMsg("a"), "a"}, {tuitest.KeyMsg("ü"), "ü"}, {tuitest.KeyMsg("enter"), "\r"}, {tuitest.KeyMsg("tab"), "\t"},
		{tuitest.KeyMsg("space"), " "}, {tuitest.KeyMsg("backspace"), "\x7f"}, {tuitest.KeyMsg("esc"), "\x1b"}, {tuitest.KeyMsg("ctrl+c"), "\x03"},
		{tuitest.KeyMsg("up"), "\x1b[A"}, {tuitest.KeyMsg("delete"), "\x1b[3~"}, {tuitest.KeyMsg("f1"), "\x1bOP"}, {tuitest.KeyMsg("f12"), "\x1b[24~"},
		{tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("b"), Alt: true}, "\x1bb"},
		{tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("pasted text"), Paste: true}, "pasted text"},
	} {
		if got := string(KeyBytes(c.key)); got != c.want {
			t.Errorf("%s sends %q, want %q", c.key, got, c.want)
		}
	}
}
