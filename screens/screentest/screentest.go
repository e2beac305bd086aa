// Package screentest helps to test screens: recorded runs, a session on a small
// recipe, a clock that stands still.
package screentest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/session"
)

// Began is when all recorded runs begin.
var Began = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

// Recipe is the recipe of Session.
const Recipe = `name = "debian-vm"

[distro]
id = "debian"
release = "bookworm"

[overlay]
strategy = "overlayfs"
size = "50%"

[packages]
include = ["openssh-server", "sudo", "xauth"]

[sshd]
AddressFamily = "inet"
X11Forwarding = true
PermitRootLogin = "no"

[[users]]
name = "ops"
groups = ["sudo"]
authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx1mHqBBWjGmYq2Qd1hTtJ1mBv3l8v6xg9m0sYyq3bE ops@example"]

[boot]
memory = "1GiB"

[[checks]]
name = "time zone is UTC"
command = "readlink /etc/localtime"
prints = "UTC"
`

// Session returns a session on Recipe, its engine in the test's own folder, its
// clock at the given time after Began.
func Session(t testing.TB, after time.Duration) *session.Session {
	t.Helper()
	doc, err := recipes.Parse("", []byte(Recipe))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := session.New(t.Context(), engine.New(engine.Dirs{Cache: dir + "/cache", Builds: dir + "/builds"}), doc)
	s.FetchIndex = func(context.Context, *recipes.Document) error { return errors.New("no network in tests") }
	s.Now = func() time.Time { return Began.Add(after) }
	return s
}

// recordings are what Events has read: many tests look at the same run.
var recordings = map[string][]engine.Event{}

// Events reads a recorded run, one event a line. The events are not to be changed.
func Events(t testing.TB, path string) []engine.Event {
	t.Helper()
	if events, ok := recordings[path]; ok {
		return events
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var events []engine.Event
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		e, err := engine.UnmarshalEvent(lines.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		events = append(events, e)
	}
	recordings[path] = events
	return events
}

// SetClock lets the session's clock stand half a minute after the last event.
func SetClock(s *session.Session, events []engine.Event) {
	last := Began
	for _, e := range events {
		switch e := e.(type) {
		case engine.StepStarted:
			last = e.Time
		case engine.StepDone:
			last = e.Time
		case engine.CheckStarted:
			last = e.Time
		case engine.CheckDone:
			last = e.Time
		case engine.Booting:
			last = e.Time
		case engine.Finished:
			last = e.Time
		}
	}
	s.Now = func() time.Time { return last.Add(31200 * time.Millisecond) }
}

// Until is the events before the first one that stop accepts.
func Until(events []engine.Event, stop func(engine.Event) bool) []engine.Event {
	for i, e := range events {
		if stop(e) {
			return events[:i]
		}
	}
	return events
}

// Updater is a screen.
type Updater interface{ Update(tea.Msg) tea.Cmd }

// Play starts a job of the events on the session and shows it to the screen, as
// the app does.
func Play(s *session.Session, screen Updater, kind session.Place, events []engine.Event) *session.Job {
	j := s.Start(kind, engine.Replay(events))
	j.Started = Began
	screen.Update(session.JobStarted{Job: j})
	j.Apply(events)
	screen.Update(session.Events{Job: j.ID, Events: events})
	return j
}
