// Package tuitest helps to test screens: exact sizes, golden pictures, keys.
package tuitest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

// update is -update. Another test library may have registered it already.
var update = func() func() bool {
	if flag.Lookup("update") == nil {
		flag.Bool("update", false, "write the golden files anew")
	}
	return func() bool { return flag.Lookup("update").Value.String() == "true" }
}()

// Size is a terminal's size in cells.
type Size struct{ W, H int }

func (s Size) String() string { return fmt.Sprintf("%dx%d", s.W, s.H) }

// Sizes are the terminal sizes that every view is tested at.
var Sizes = []Size{{40, 10}, {60, 16}, {80, 24}, {120, 40}, {200, 60}}

// Body is the size of the screen inside the frame of a terminal.
func (s Size) Body() Size { return Size{max(s.W-2, 0), max(s.H-6, 0)} }

// Exact fails the test unless view is exactly w by h cells.
func Exact(t testing.TB, view string, w, h int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		t.Errorf("view has %d lines, want %d:\n%s", len(lines), h, ansi.Strip(view))
	}
	for i, l := range lines {
		if got := ansi.StringWidth(l); got != w {
			t.Errorf("line %d is %d cells wide, want %d: %q", i+1, got, w, ansi.Strip(l))
			return
		}
	}
}

// Golden compares a view, without its colours and blanks at line ends, with
// testdata/NAME.golden; go test -update writes the file.
func Golden(t testing.TB, name, view string) {
	t.Helper()
	var lines []string
	for _, l := range strings.Split(ansi.Strip(view), "\n") {
		lines = append(lines, strings.TrimRight(l, " "))
	}
	compare(t, filepath.Join("testdata", name+".golden"), strings.Join(lines, "\n")+"\n")
}

func compare(t testing.TB, path, got string) {
	t.Helper()
	if update() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		a, b := "", ""
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Errorf("%s differs at line %d:\n got %q\nwant %q\nwhole view:\n%s", path, i+1, a, b, got)
			return
		}
	}
}

// Updater is a screen, or anything that is updated like one.
type Updater interface{ Update(tea.Msg) tea.Cmd }

// Press sends keys by their names ("down", "enter", "ctrl+c", "a") and returns
// the messages of the commands that came back; batches are opened.
func Press(u Updater, keys ...string) []tea.Msg {
	var msgs []tea.Msg
	for _, k := range keys {
		msgs = append(msgs, Run(u.Update(KeyMsg(k)))...)
	}
	return msgs
}

// Type sends text rune by rune.
func Type(u Updater, text string) []tea.Msg {
	var msgs []tea.Msg
	for _, r := range text {
		msgs = append(msgs, Press(u, string(r))...)
	}
	return msgs
}

// Run executes a command and returns its messages; batches are opened.
func Run(cmd tea.Cmd) []tea.Msg {
	if cmd == nil {
		return nil
	}
	switch msg := cmd().(type) {
	case nil:
		return nil
	case tea.BatchMsg:
		var msgs []tea.Msg
		for _, c := range msg {
			msgs = append(msgs, Run(c)...)
		}
		return msgs
	default:
		return []tea.Msg{msg}
	}
}

// KeyMsg is the message of a key by its Bubble Tea name.
func KeyMsg(name string) tea.KeyMsg {
	if name == " " || name == "space" {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	if len([]rune(name)) == 1 {
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
	}
	for t := tea.KeyType(-100); t < 130; t++ {
		if k := (tea.KeyMsg{Type: t}); k.String() == name {
			return k
		}
	}
	panic("no key is named " + name)
}

// Colour lets styles draw with the given profile for the rest of the test.
func Colour(t testing.TB, p termenv.Profile, dark bool) {
	was, wasDark := lipgloss.ColorProfile(), lipgloss.HasDarkBackground()
	lipgloss.SetColorProfile(p)
	lipgloss.SetHasDarkBackground(dark)
	t.Cleanup(func() {
		lipgloss.SetColorProfile(was)
		lipgloss.SetHasDarkBackground(wasDark)
	})
}
