package screens

import (
	"slipway/screens/boot"
	"slipway/screens/build"
	"slipway/screens/distro"
	"slipway/screens/library"
	"slipway/screens/output"
	"slipway/screens/overlay"
	"slipway/screens/packages"
	"slipway/screens/session"
	"slipway/screens/ssh"
	"slipway/screens/system"
	"slipway/tui"
)

// newPlaces makes every screen there is.
func newPlaces(s *session.Session) map[session.Place]tui.Screen {
	return map[session.Place]tui.Screen{
		session.Library:  library.New(s),
		session.Distro:   distro.New(s),
		session.Overlay:  overlay.New(s),
		session.Packages: packages.New(s),
		session.SSH:      ssh.New(s),
		session.System:   system.New(s),
		session.Output:   output.New(s),
		session.Build:    build.New(s),
		session.Boot:     boot.New(s),
	}
}

// steps are the places that n and p walk.
var steps = []session.Place{session.Library, session.Distro, session.Overlay, session.Packages,
	session.SSH, session.System, session.Output}

// tabs are the places as the frame names them.
func tabs(active session.Place) []tui.Tab {
	all := []struct {
		place session.Place
		tab   tui.Tab
	}{
		{session.Library, tui.Tab{Key: "0", Name: "Library", Spare: true}},
		{session.Distro, tui.Tab{Key: "1", Name: "Distro"}},
		{session.Overlay, tui.Tab{Key: "2", Name: "Overlay"}},
		{session.Packages, tui.Tab{Key: "3", Name: "Packages"}},
		{session.SSH, tui.Tab{Key: "4", Name: "SSH"}},
		{session.System, tui.Tab{Key: "5", Name: "System"}},
		{session.Output, tui.Tab{Key: "6", Name: "Output"}},
		{session.Build, tui.Tab{Key: "b", Name: "Build", Verb: true}},
		{session.Boot, tui.Tab{Key: "t", Name: "Test boot", Short: "Boot", Verb: true}},
	}
	var out []tui.Tab
	for _, p := range all {
		p.tab.Active = p.place == active
		out = append(out, p.tab)
	}
	return append(out, tui.Tab{Key: "s", Name: "Save", Verb: true})
}
