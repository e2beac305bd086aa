// Package screens is the workbench: one Bubble Tea model that draws the frame,
// routes keys to the screen that is shown and everything else to all of them,
// and owns what screens only ask for: opening, saving, running, quitting.
package screens

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// App is the whole program's model.
type App struct {
	session *session.Session
	places  map[session.Place]tui.Screen
	at      session.Place
	from    session.Place // where esc goes back to
	dialogs []tui.Dialog
	notice  *session.Notice
	w, h    int

	seen     int // the session's revision that screens know
	saving   bool
	opening  *recipes.Document // once the open one is saved
	leaving  leaving
	farewell []string // said after the terminal is given back

	// Ways into the engine; tests replace them.
	build func(*recipes.Document) *engine.Run
	boot  func(*recipes.Document, engine.BootOptions) *engine.Run
	clock func(job int) tea.Cmd // one tick later
}

// newApp returns the workbench on a session, showing the library.
func newApp(s *session.Session) *App {
	a := &App{session: s, places: newPlaces(s), seen: s.Revision(), clock: ticking}
	a.build = func(d *recipes.Document) *engine.Run { return s.Engine.Build(s.Context(), d) }
	a.boot = func(d *recipes.Document, o engine.BootOptions) *engine.Run { return s.Engine.Boot(s.Context(), d, o) }
	return a
}

// Init tells the first screen that it is shown, and has the index read for the
// linter.
func (a *App) Init() tea.Cmd {
	return tea.Batch(a.screen().Update(tui.Shown{}), a.session.FollowIndex())
}

func (a *App) screen() tui.Screen { return a.places[a.at] }

// Update routes a message; then screens hear if the recipe has changed.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := a.route(msg)
	if rev := a.session.Revision(); rev != a.seen {
		a.seen = rev
		cmd = tea.Batch(cmd, a.broadcast(session.Changed{}), a.session.FollowIndex())
	}
	return a, cmd
}

func (a *App) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.resize(msg.Width, msg.Height)
		return nil
	case tea.KeyMsg:
		return a.key(msg)
	case tui.OpenDialog:
		a.dialogs = append(a.dialogs, msg.Dialog)
		return nil
	case session.GotoScreen:
		return a.show(msg.Place)
	case session.Notice:
		return a.notify(msg)
	case session.OpenDocument:
		return a.open(msg.Doc)
	case session.SaveDocument:
		return a.save()
	case saveAs, saved:
		return a.saveStep(msg)
	case session.RunBuild:
		return a.start(session.Build, engine.BootOptions{})
	case session.RunBoot:
		return a.start(session.Boot, engine.BootOptions{})
	case session.RunRehearse:
		return a.start(session.Boot, engine.BootOptions{Rehearse: true})
	case session.CancelJob:
		return a.askCancel()
	case session.Events:
		return a.events(msg)
	case session.IndexRead:
		a.session.TakeIndex(msg)
		return nil
	case tick:
		return a.tick(msg)
	case quitNow:
		return a.quit()
	case later:
		return msg.do()
	}
	return a.broadcast(msg)
}

// broadcast sends a message to every screen and open dialog.
func (a *App) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for place := session.Library; place <= session.Boot; place++ {
		cmds = append(cmds, a.places[place].Update(msg))
	}
	for _, d := range a.dialogs {
		_, cmd := d.Update(msg)
		cmds = append(cmds, cmd)
	}
	return tea.Batch(cmds...)
}

// grabber is a screen that can want every key, ctrl-c too: a console.
type grabber interface{ Grabbing() bool }

// key gives a key to the dialog on top, else to the screen if it is the
// screen's, else to the app.
func (a *App) key(k tea.KeyMsg) tea.Cmd {
	a.notice = nil
	screen := a.screen()
	if g, ok := screen.(grabber); ok && g.Grabbing() && len(a.dialogs) == 0 {
		return screen.Update(k)
	}
	if key.Matches(k, keyKill) {
		return a.quit()
	}
	if top := len(a.dialogs) - 1; top >= 0 {
		d := a.dialogs[top]
		done, cmd := d.Update(k)
		if done {
			a.drop(d)
		}
		return cmd
	}
	if screen.Capturing() || key.Matches(k, screen.Keys()...) {
		return screen.Update(k)
	}
	if cmd, mine := a.verb(k); mine {
		return cmd
	}
	return screen.Update(k)
}

// notify says something in the foot; a complaint too long for it gets a box.
func (a *App) notify(n session.Notice) tea.Cmd {
	if n.Bad && tui.Width(n.Text) > a.w-20 {
		a.dialogs = append(a.dialogs, tui.NewText("That did not work", n.Text))
		return nil
	}
	a.notice = &n
	return nil
}

// drop closes a dialog, which need not be the top one any more.
func (a *App) drop(d tui.Dialog) {
	for i := len(a.dialogs) - 1; i >= 0; i-- {
		if a.dialogs[i] == d {
			a.dialogs = append(a.dialogs[:i:i], a.dialogs[i+1:]...)
			return
		}
	}
}

// verb does what a key means everywhere.
func (a *App) verb(k tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(k, keyBuild):
		return a.visit(session.Build), true
	case key.Matches(k, keyBoot):
		return a.visit(session.Boot), true
	case key.Matches(k, keySave):
		return a.save(), true
	case key.Matches(k, keyUndo):
		return session.Complain(a.session.Undo()), true
	case key.Matches(k, keyLint):
		return a.lint(), true
	case key.Matches(k, keyNext):
		return a.walk(1), true
	case key.Matches(k, keyPrevious):
		return a.walk(-1), true
	case key.Matches(k, keyDigits, keyLibrary):
		return a.show(session.Place(k.Runes[0] - '0')), true
	case key.Matches(k, tui.KeyBack):
		return a.show(a.from), true
	case key.Matches(k, keyHelp):
		return a.help(), true
	case key.Matches(k, keyQuit):
		return a.quit(), true
	}
	return nil, false
}

// show goes to a place.
func (a *App) show(p session.Place) tea.Cmd {
	if p == a.at {
		return nil
	}
	a.from, a.at = a.at, p
	return a.screen().Update(tui.Shown{})
}

// walk goes to the next or previous step; Build and Test boot are none.
func (a *App) walk(dir int) tea.Cmd {
	for i, p := range steps {
		if p == a.at {
			return a.show(steps[max(min(i+dir, len(steps)-1), 0)])
		}
	}
	return nil
}

// help shows all keys, the screen's own first. A key of everywhere that the
// screen has taken for itself is left out.
func (a *App) help() tea.Cmd {
	own := a.screen().Keys()
	taken := map[string]bool{}
	for _, b := range own {
		for _, k := range b.Keys() {
			taken[k] = taken[k] || b.Enabled()
		}
	}
	var everywhere []key.Binding
	for _, b := range []key.Binding{keyBuild, keyBoot, keySave, keyUndo, keyLint, keyDigits, keyNext, keyPrevious,
		keyLibrary, tui.KeyBack, keyHelp, keyQuit, keyKill} {
		if !taken[b.Keys()[0]] {
			everywhere = append(everywhere, b)
		}
	}
	return tui.Open(tui.NewHelp(
		tui.KeyGroup{Title: a.screen().Title(), Keys: own},
		tui.KeyGroup{Title: "Everywhere", Keys: everywhere}))
}

func (a *App) resize(w, h int) {
	a.w, a.h = w, h
	body := tui.Layout(w, h).Body
	for _, s := range a.places {
		s.SetSize(body.W, body.H)
	}
}
