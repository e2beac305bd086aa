// Package ssh is the screen of remote access: every directive of sshd, the
// users and their keys, and above both the answer to who can log in.
package ssh

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/screens/session"
	"slipway/tui"
)

// tallFrom is the height from which directives and users are shown together.
const tallFrom = 28

// Screen has two panes: directives, and users with their keys.
type Screen struct {
	session    *session.Session
	directives directives
	users      users
	onUsers    bool // which pane has the keys
	seen       int
	w, h       int
}

// New returns the screen.
func New(s *session.Session) tui.Screen { return newScreen(s) }

func newScreen(s *session.Session) *Screen {
	sc := &Screen{session: s, directives: newDirectives(s), users: users{session: s}}
	sc.follow(true)
	return sc
}

// Title is the screen's name.
func (s *Screen) Title() string { return "SSH" }

// SetSize sets the size in cells.
func (s *Screen) SetSize(w, h int) { s.w, s.h = w, h }

// Capturing says that a value is being typed.
func (s *Screen) Capturing() bool {
	return s.directives.capturing() || s.users.form.Capturing()
}

// Keys are what can be pressed now.
func (s *Screen) Keys() []key.Binding {
	pane := tui.Doing(tui.KeyPane, "users and keys")
	keys := s.directives.keys()
	if s.onUsers {
		pane = tui.Doing(tui.KeyPane, "directives")
		keys = s.users.keys()
	}
	if s.Capturing() {
		return keys
	}
	return append(keys, pane)
}

// Update routes keys to the pane that has them.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyMsg:
		switch {
		case !s.Capturing() && key.Matches(msg, tui.KeyPane):
			s.onUsers = !s.onUsers
		case s.onUsers:
			cmd = s.users.update(msg)
		default:
			cmd = s.directives.update(msg)
		}
	case tui.Shown:
		s.follow(true)
	case keysRead:
		cmd = s.users.take(msg)
	}
	if s.seen != s.session.Revision() {
		s.follow(false)
	}
	return cmd
}

// follow takes over what was edited. The changed directives come first when
// the screen is entered; then the order stays, so that a line that is being
// edited does not run away.
func (s *Screen) follow(entered bool) {
	s.seen = s.session.Revision()
	if entered {
		s.directives.sort()
	}
	s.directives.fill()
	s.users.fill()
}

// View draws who can log in, then the panes.
func (s *Screen) View() string {
	head := []string{tui.Fit(s.guard(), s.w)}
	if s.h < tallFrom {
		s.directives.table.Blur, s.users.form.Blur = false, false
		head = append(head, tui.Fit(s.tabs(), s.w))
		body := s.h - len(head)
		if s.onUsers {
			return tui.Box(tui.Above(append(head, s.users.view(s.w, body))...), s.w, s.h)
		}
		return tui.Box(tui.Above(append(head, s.directives.view(s.w, body))...), s.w, s.h)
	}
	s.directives.table.Blur, s.users.form.Blur = s.onUsers, !s.onUsers
	below := min(max(len(s.users.rows)+3, 10), s.h*2/5)
	above := s.h - below - 3
	return tui.Box(tui.Above(head[0], s.rule(s.directives.title(), !s.onUsers), s.directives.view(s.w, above),
		s.rule(s.users.title(), s.onUsers), s.users.view(s.w, below)), s.w, s.h)
}

// rule is a line that carries the title of the pane below it.
func (s *Screen) rule(title string, active bool) string {
	style := tui.Muted
	if active {
		style = tui.Selected
	}
	return tui.Line.Render("── ") + style.Render(title) + " " + tui.Rule(s.w-4-tui.Width(title))
}

// tabs names the two panes, the one that is shown marked.
func (s *Screen) tabs() string {
	names := []string{s.directives.title(), s.users.title()}
	for i, n := range names {
		if (i == 1) == s.onUsers {
			names[i] = tui.Selected.Render(tui.MarkSelected + " " + n)
		} else {
			names[i] = tui.Muted.Render("  " + n)
		}
	}
	return names[0] + "   " + names[1]
}

// guard is the line that says who can log in, by the linter's own rules.
func (s *Screen) guard() string {
	for _, p := range s.session.Problems() {
		if p.Code == "no-login" {
			return tui.Bad.Render(tui.MarkWarn + " locked out: " + p.Message)
		}
	}
	line := ""
	for _, l := range s.session.Doc().Logins(engine.Naming(s.session.Recipe())) {
		if len(l.Ways) == 0 {
			continue
		}
		if line != "" {
			line += tui.Muted.Render(" · ")
		}
		line += tui.Strong.Render(l.User) + " by " + join(l.Ways)
	}
	if line == "" {
		line = "by keys that the recipe does not show"
	}
	return tui.Good.Render(tui.MarkDone) + " can log in: " + line
}

// join lists words as people do: "a, b and c".
func join(words []string) string {
	out := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			out += " and "
		default:
			out += ", "
		}
		out += w
	}
	return out
}
