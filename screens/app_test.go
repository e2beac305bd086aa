package screens

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui/tuitest"
)

// appAt returns the workbench at a size, with runs that replay recordings.
func appAt(t *testing.T, size tuitest.Size, after time.Duration) *App {
	t.Helper()
	a := newApp(screentest.Session(t, after))
	a.build = func(*recipes.Document) *engine.Run {
		return engine.Replay(screentest.Events(t, "build/testdata/build.jsonl"))
	}
	a.boot = func(*recipes.Document, engine.BootOptions) *engine.Run {
		return engine.Replay(screentest.Events(t, "boot/testdata/pass.jsonl"))
	}
	a.clock = func(int) tea.Cmd { return nil }
	a.resize(size.W, size.H)
	return a
}

// play gives the app a run of recorded events that has not ended, or has.
func play(a *App, kind session.Place, events []engine.Event) *session.Job {
	j := a.session.Start(kind, engine.Replay(events))
	j.Started = screentest.Began
	a.broadcast(session.JobStarted{Job: j})
	a.Update(session.Events{Job: j.ID, Events: events})
	return j
}

func midBuild(t *testing.T) []engine.Event {
	return screentest.Until(screentest.Events(t, "build/testdata/build.jsonl"), func(e engine.Event) bool {
		p, ok := e.(engine.Progress)
		return ok && p.Step == "root" && p.Total > 100 && p.Done > 100
	})
}

// ipv6Off makes a recipe whose X11 forwarding will be refused.
func ipv6Off(t *testing.T, a *App) {
	t.Helper()
	doc, err := recipes.Parse("fleet-base.toml", []byte(`name = "fleet-base"
distro = { id = "debian", release = "bookworm" }
overlay = { strategy = "overlayfs", size = "50%" }
packages = { include = ["openssh-server", "xauth"] }

[sshd]
X11Forwarding = true # for the installers

[[users]]
name = "ops"
authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx1mHqBBWjGmYq2Qd1hTtJ1mBv3l8v6xg9m0sYyq3bE ops@example"]

[system.sysctl]
"net.ipv6.conf.all.disable_ipv6" = 1

[[files]]
path = "/etc/systemd/network/80-dhcp.network"
content = "[Match]\nType=ether\n[Network]\nDHCP=yes\n"

[system.services]
enabled = ["systemd-networkd", "ssh"]
`))
	if err != nil {
		t.Fatal(err)
	}
	a.session.SetDoc(doc)
}

func TestFrame(t *testing.T) {
	states := map[string]func(*App){
		"ssh":       func(a *App) { a.show(session.SSH) },
		"building":  func(a *App) { play(a, session.Build, midBuild(t)); a.show(session.Build) },
		"elsewhere": func(a *App) { play(a, session.Build, midBuild(t)); a.show(session.SSH) },
		"verdict": func(a *App) {
			play(a, session.Boot, screentest.Events(t, "boot/testdata/fail.jsonl"))
			a.show(session.SSH)
		},
		"help": func(a *App) { a.show(session.Build); a.Update(tuitest.Run(a.help())[0]) },
		"quit-building": func(a *App) {
			play(a, session.Build, midBuild(t))
			a.leaving.asked = true
			a.Update(tuitest.Run(a.quit())[0])
		},
		"cancelling": func(a *App) { play(a, session.Build, midBuild(t)); a.cancelAndGo() },
		"lint":       func(a *App) { ipv6Off(t, a); do(a, tuitest.KeyMsg("w")) },
		"fixed":      func(a *App) { ipv6Off(t, a); press(a, "w", "f") },
		"save":       func(a *App) { press(a, "s") },
		"notice":     func(a *App) { a.Update(session.Notice{Text: "saved to ./debian-vm.toml"}) },
	}
	for name, set := range states {
		for _, size := range tuitest.Sizes {
			t.Run(name+"/"+size.String(), func(t *testing.T) {
				a := appAt(t, size, 31*time.Second)
				for place := session.Library; place < session.Build; place++ {
					a.places[place] = newEmpty(a.places[place].Title())
				}
				a.resize(size.W, size.H)
				set(a)
				tuitest.Exact(t, a.View(), size.W, size.H)
				tuitest.Golden(t, name+"-"+size.String(), a.View())
			})
		}
	}
}
