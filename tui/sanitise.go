package tui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// tabWidth is how far apart tab stops are in a terminal.
const tabWidth = 8

// Sanitise makes one line of a program's output safe to draw: of what was
// written over by carriage returns the last part stays, tabs become blanks,
// colours (SGR) are kept and closed, every other control sequence goes.
func Sanitise(line string) string {
	if clean(line) {
		return line
	}
	if !utf8.ValidString(line) {
		line = strings.ToValidUTF8(line, "\uFFFD")
	}
	line = strings.TrimRight(line, "\r\n")
	if i := strings.LastIndexByte(line, '\r'); i >= 0 {
		line = line[i+1:]
	}
	var b strings.Builder
	var state byte
	column, styled := 0, false
	for len(line) > 0 {
		seq, width, n, next := ansi.DecodeSequence(line, state, nil)
		state, line = next, line[n:]
		switch {
		case width > 0:
			b.WriteString(seq)
			column += width
		case seq == "\t":
			gap := tabWidth - column%tabWidth
			b.WriteString(strings.Repeat(" ", gap))
			column += gap
		case isSGR(seq):
			b.WriteString(seq)
			styled = true
		}
	}
	if styled {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

// clean reports that a line needs nothing done: the common case, and quick.
func clean(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

func isSGR(seq string) bool {
	return strings.HasPrefix(seq, "\x1b[") && strings.HasSuffix(seq, "m") && !strings.ContainsAny(seq, "<=>?")
}
