package library

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"slipway/engine/smoke"
)

// What came from a mirror of the tests says so beside the word.
func TestVerdictOfAFixtureSaysSo(t *testing.T) {
	for _, word := range []string{"PASS", "FAIL"} {
		e := entry{verdict: &smoke.Verdict{Word: word, Fixture: true}}
		if got := ansi.Strip(e.word()); !strings.Contains(got, word+" (fixture)") {
			t.Errorf("%s is told as %q", word, got)
		}
	}
}
