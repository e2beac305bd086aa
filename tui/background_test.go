package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/tui/tuitest"
)

func TestBackgroundFromTheTerminalsAnswer(t *testing.T) {
	for _, c := range []struct {
		reply    string
		dark, ok bool
	}{
		{"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\\x1b[?62;c", true, true},
		{"\x1b]11;rgb:ffff/ffff/dddd\x07\x1b[?1;2c", false, true},
		{"\x1b]11;rgb:00/2b/36\x1b\\", true, true},
		{"\x1b[?1;2c", false, false},
		{"\x1b]11;rgb:\x1b\\", false, false},
		{"\x1b]11;rgb:1/2", false, false},
		{"\x1b]11;rgb:zz/zz/zz\x1b\\", false, false},
		{"", false, false},
	} {
		if dark, ok := darkReply([]byte(c.reply)); dark != c.dark || ok != c.ok {
			t.Errorf("%q: dark %v, ok %v", c.reply, dark, ok)
		}
	}
	for s, dark := range map[string]bool{"15;0": true, "0;15": false, "0;default;15": false, "12;8": true, "x": true, "0;7": false} {
		if darkFGBG(s) != dark {
			t.Errorf("COLORFGBG=%s: dark is %v", s, !dark)
		}
	}
}

func TestLateAnswerIsNotTyping(t *testing.T) {
	l := &lateReply{}
	pass := func(msg tea.Msg) bool { return l.filter(nil, msg) != nil }
	alt := func(r rune) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: true} }
	for _, msg := range []tea.Msg{alt(']'), tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("11;rgb:1e1e/1e1e/1e1e")}, alt('\\')} {
		if pass(msg) {
			t.Errorf("%v reaches the screens", msg)
		}
	}
	for _, msg := range []tea.Msg{tuitest.KeyMsg("b"), tuitest.KeyMsg("1"), tea.WindowSizeMsg{}} {
		if !pass(msg) {
			t.Errorf("%v after the answer is lost", msg)
		}
	}
	pass(alt(']'))
	if !pass(tuitest.KeyMsg("q")) || !pass(tuitest.KeyMsg("b")) {
		t.Error("a key that is no part of an answer is lost")
	}
}
