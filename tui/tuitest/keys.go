package tuitest

import (
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Keyed is a screen as far as its keys go.
type Keyed interface {
	Updater
	View() string
	Keys() []key.Binding
}

// KeysWork fails the test for every enabled binding of the screen whose keys
// all do nothing: no key of it changes the view or returns a command. Each key
// meets a screen that make has just made.
func KeysWork(t *testing.T, make func() Keyed) {
	t.Helper()
	for _, b := range make().Keys() {
		if !b.Enabled() {
			continue
		}
		works := false
		for _, k := range b.Keys() {
			works = works || hasEffect(make(), k)
		}
		if !works {
			t.Errorf("%s (%s) does nothing", b.Help().Key, b.Help().Desc)
		}
	}
}

// KeysIdle fails the test for every given key that has an effect.
func KeysIdle(t *testing.T, make func() Keyed, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if hasEffect(make(), k) {
			t.Errorf("%s does something", k)
		}
	}
}

func hasEffect(s Keyed, k string) bool {
	before := s.View()
	var cmd tea.Cmd = s.Update(KeyMsg(k))
	return cmd != nil || s.View() != before
}
