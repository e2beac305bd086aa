package screens

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"slipway/screens/session"
)

// The line above every screen says it, too.
func TestNewsOfAFixtureSaySo(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	press(a, "t")
	if a.at != session.Boot {
		t.Fatalf("t ends at %v", a.at)
	}
	v := *a.session.Job().End.Verdict // it is of a recording that others replay
	v.Fixture = true
	a.session.Job().End.Verdict = &v
	if got := ansi.Strip(news(a.session)); !strings.Contains(got, "PASS (fixture) debian-vm") {
		t.Errorf("told as %q", got)
	}
}
