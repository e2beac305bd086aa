package tui_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"slipway/tui"
	"slipway/tui/tuitest"
)

func TestFacts(t *testing.T) {
	got := tui.Facts([]tui.Fact{{Name: "Size", Value: "512 MiB"}, {Name: "Nothing", Value: ""}, {Name: "Long", Value: "words that need a second line"}}, 20)
	want := "Size  512 MiB\nLong  words that\n      need a second\n      line"
	if text := ansi.Strip(strings.Join(got, "\n")); text != want {
		t.Errorf("got\n%s", text)
	}
	for _, l := range tui.Facts([]tui.Fact{{Name: strings.Repeat("name", 20), Value: strings.Repeat("value", 20)}}, 7) {
		if tui.Width(l) > 7 {
			t.Errorf("%q is too wide", l)
		}
	}
}

func TestListAndDetail(t *testing.T) {
	list := func(w, h int) string { return tui.Box("▸ chosen", w, h) }
	detail := func(int) []string { return []string{"title", "", "one", "two", "three", "four"} }
	for _, size := range tuitest.Sizes {
		view := tui.ListAndDetail(size.W, size.H, 50, list, detail)
		tuitest.Exact(t, view, size.W, size.H)
		text := ansi.Strip(view)
		if strings.Contains(text, "│") != (size.W >= 72) {
			t.Errorf("%s: side by side is wrong:\n%s", size, text)
		}
		if !strings.Contains(text, "▸ chosen") || !strings.Contains(text, "title") {
			t.Errorf("%s: something is missing:\n%s", size, text)
		}
	}
	if tuitest.Exact(t, tui.ListAndDetail(40, 3, 50, list, detail), 40, 3); t.Failed() {
		t.Error("no room for the detail")
	}
}
