package tui

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// matcher says where in a plain line something begins and ends; -1 if nowhere.
type matcher func(line string) (from, to int)

// finding looks for text: without regard to case, unless it has a capital.
func finding(query string) matcher {
	exact := strings.ContainsFunc(query, unicode.IsUpper)
	return func(line string) (int, int) {
		if !exact {
			line = lower(line)
		}
		i := strings.Index(line, query)
		if i < 0 {
			return -1, -1
		}
		return i, i + len(query)
	}
}

// wordsOfFailure are what programs write when something went wrong.
var wordsOfFailure = []string{"error", "errors", "failed", "failure", "fatal", "panic", "cannot",
	"could not", "unable to", "no such file", "not found", "no space left", "permission denied", "traceback"}

// failing finds lines that tell of a failure. A package named libgpg-error0 is
// none: the word must stand alone.
func failing(line string) (int, int) {
	if strings.HasPrefix(line, "E: ") {
		return 0, 2
	}
	low := lower(line)
	for _, w := range wordsOfFailure {
		for at := 0; ; {
			i := strings.Index(low[at:], w)
			if i < 0 {
				break
			}
			from, to := at+i, at+i+len(w)
			if alone(low, from, to) {
				return from, to
			}
			at = to
		}
	}
	return -1, -1
}

// lower is s in lower case with every byte in its place; in the rare script
// where that is impossible, s itself.
func lower(s string) string {
	if low := strings.ToLower(s); len(low) == len(s) {
		return low
	}
	return s
}

// alone reports that s[from:to] is not a part of a longer name.
func alone(s string, from, to int) bool {
	part := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '/' || c == '.'
	}
	return (from == 0 || !part(s[from-1])) && (to >= len(s) || s[to] == '.' || !part(s[to]))
}

// find returns the place in the part of the next line that matches, from i on
// in the given direction, going round once; -1 if there is none.
func (p part) find(m matcher, i, dir int) int {
	n := p.len()
	for range n {
		i = ((i % n) + n) % n
		if from, _ := m(plain(p.log.Text(p.number(i)))); from >= 0 {
			return i
		}
		i += dir
	}
	return -1
}

// plain is a kept line without its colours.
func plain(s string) string {
	if strings.IndexByte(s, '\x1b') < 0 {
		return s
	}
	return ansi.Strip(s)
}
