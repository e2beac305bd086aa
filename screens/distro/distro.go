// Package distro is the screen where a recipe's distribution, release,
// architecture and mirror are chosen.
package distro

import (
	"cmp"
	"fmt"
	"runtime"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine/distro"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// Screen shows the distributions and releases that there are.
type Screen struct {
	session *session.Session
	host    distro.Host
	form    tui.Form
	about   []func(w int) []string // what is said of each line of the form
	from    sources
	seen    int
	w, h    int
}

// sources is where packages come from, found out in the background: it reads
// the host's apt sources.
type sources struct {
	revision int
	archives []distro.Source
	origin   string
}

// New returns the screen.
func New(s *session.Session) tui.Screen { return newScreen(s, distro.ThisHost()) }

func newScreen(s *session.Session, h distro.Host) *Screen {
	sc := &Screen{session: s, host: h}
	sc.fill()
	return sc
}

// Title is the screen's name.
func (s *Screen) Title() string { return "Distro" }

// SetSize sets the size in cells.
func (s *Screen) SetSize(w, h int) { s.w, s.h = w, h }

// Capturing says that a value is being typed.
func (s *Screen) Capturing() bool { return s.form.Capturing() }

// Keys are what can be pressed now.
func (s *Screen) Keys() []key.Binding { return s.form.Keys() }

// Update routes keys to the form and takes what was found out meanwhile.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case sources:
		if msg.revision == s.session.Revision() {
			s.from = msg
			s.fill()
		}
		return nil
	case carried:
		return s.take(msg)
	case tea.KeyMsg:
		cmd := s.form.Update(msg)
		return tea.Batch(cmd, s.follow())
	case session.Changed, tui.Shown:
		return s.follow()
	}
	return nil
}

// follow takes over what was edited, here or elsewhere.
func (s *Screen) follow() tea.Cmd {
	if s.seen == s.session.Revision() && s.from.revision == s.seen {
		return nil
	}
	s.fill()
	r, h, revision := s.session.Recipe(), s.host, s.seen
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return nil
	}
	return func() tea.Msg {
		archives, origin := d.Sources(r, h)
		return sources{revision, archives, origin}
	}
}

// View draws the choices, and what the selected one means.
func (s *Screen) View() string {
	return tui.ListAndDetail(s.w, s.h, 50, func(w, h int) string {
		s.form.SetSize(w, h)
		return s.form.View()
	}, func(w int) []string {
		i := s.form.Cursor()
		if i < 0 || s.about[i] == nil {
			return nil
		}
		return s.about[i](w)
	})
}

// fill makes the form from the recipe.
func (s *Screen) fill() {
	s.seen = s.session.Revision()
	s.about = nil
	r := s.session.Recipe()
	var items []tui.FormItem
	add := func(it tui.FormItem, about func(w int) []string) {
		items = append(items, it)
		s.about = append(s.about, about)
	}
	add(tui.FormItem{Heading: "Distribution"}, nil)
	s.distributions(r, add)
	add(tui.FormItem{Heading: "Release"}, nil)
	if d, err := distro.Find(r.Distro.ID); err == nil {
		s.releases(d, r, add)
		add(tui.FormItem{Heading: "Packages come from"}, nil)
		s.archive(d, r, add)
	}
	s.form.SetItems(items)
}

func (s *Screen) distributions(r recipes.Recipe, add func(tui.FormItem, func(int) []string)) {
	for _, d := range distro.All() {
		add(tui.FormItem{Label: d.Name, Mark: tui.Radio(d.ID == r.Distro.ID), Option: true, Value: countedReleases(d),
			Do: s.carry(d, r.Distro.ID)}, func(w int) []string { return aboutDistro(d, w) })
	}
}

func (s *Screen) releases(d distro.Distro, r recipes.Recipe, add func(tui.FormItem, func(int) []string)) {
	known := false
	for _, rel := range d.Releases {
		state := rel.Note[:strings.IndexAny(rel.Note+";", ";:")]
		chosen := rel.ID == r.Distro.Release
		known = known || chosen
		add(tui.FormItem{Label: rel.ID, Mark: tui.Radio(chosen), Option: true, Value: strings.TrimSpace(rel.Version + "  " + state),
			Do: s.choose("distro.release", rel.ID, r.Distro.Release)}, func(w int) []string { return aboutRelease(d, rel, w) })
	}
	other := tui.FormItem{Label: "another suite", Mark: tui.Radio(!known), Option: true,
		Edit: func(text string) error { return s.session.Give("distro.release", text) }}
	if !known {
		other.Value = r.Distro.Release
	}
	add(other, func(w int) []string {
		return append([]string{tui.Heading.Render("Another suite"), ""},
			tui.Prose("Any suite that the mirror serves, by the name of its folder below dists/. Slipway knows nothing of it: no security archive is added, and whether it boots only a test boot shows.", w)...)
	})
}

func (s *Screen) archive(d distro.Distro, r recipes.Recipe, add func(tui.FormItem, func(int) []string)) {
	arch := tui.FormItem{Label: "Architecture", Value: cmp.Or(r.Distro.Arch, runtime.GOARCH),
		Options: []tui.Choice{{Label: "amd64", Note: "64-bit PC"}, {Label: "arm64", Disabled: "not built yet"}},
		Edit:    func(text string) error { return s.session.Give("distro.arch", text) }}
	if r.Distro.Arch == "" {
		arch.Note, arch.Default = "this host's", true
	}
	add(arch, func(w int) []string {
		return append([]string{tui.Heading.Render("Architecture"), ""},
			tui.Prose("The processor that the image runs on. Left out of the recipe it is the one of the host that builds.", w)...)
	})
	mirror := tui.FormItem{Label: "Mirror", Value: r.Distro.Mirror, Note: "from " + s.from.origin,
		Edit: func(text string) error { return s.session.Give("distro.mirror", text) }}
	if r.Distro.Mirror == "" && len(s.from.archives) > 0 {
		mirror.Value, mirror.Default = s.from.archives[0].URI, true
	}
	if s.from.origin == "" {
		mirror.Note = ""
	}
	add(mirror, func(w int) []string { return s.aboutMirror(d, w) })
	key := tui.FormItem{Label: "Key", Value: r.Distro.Key, Edit: func(text string) error { return s.session.Give("distro.key", text) }}
	if r.Distro.Key == "" {
		key.Value, key.Default, key.Note = d.Name+"'s own", true, "as this host has it"
	}
	add(key, func(w int) []string {
		return append([]string{tui.Heading.Render("Key"), ""},
			tui.Prose("A file beside the recipe with the public key that signs a mirror of your own: its index and its packages. Left out, the distribution's keys are taken from this host. Signatures are always checked.", w)...)
	})
	if d.Family == distro.Deb {
		s.components(r, add)
	}
}

// components are parts of an archive of Debian's kind.
func (s *Screen) components(r recipes.Recipe, add func(tui.FormItem, func(int) []string)) {
	components := r.Distro.Components
	item := tui.FormItem{Label: "Components", Value: strings.Join(components, " "),
		Edit: func(text string) error {
			return s.session.Give("distro.components", strings.Fields(strings.ReplaceAll(text, ",", " ")))
		}}
	if len(components) == 0 {
		item.Value, item.Default, item.Note = "main", true, "the default"
	}
	add(item, func(w int) []string {
		return append([]string{tui.Heading.Render("Components"), ""},
			tui.Prose("Parts of the archive that packages are taken from: main, contrib, non-free, non-free-firmware. Separate them by spaces. Firmware for network cards and disk controllers lies in non-free-firmware.", w)...)
	})
}

func countedReleases(d distro.Distro) string {
	if len(d.Releases) == 1 {
		return "1 release"
	}
	return fmt.Sprintf("%d releases", len(d.Releases))
}

// choose returns what enter does on one of several: nothing on the chosen one.
func (s *Screen) choose(path, value, now string) func() tea.Cmd {
	if value == now {
		return nil
	}
	return func() tea.Cmd { return session.Complain(s.session.Set(path, value)) }
}

func releaseNames(d distro.Distro) string {
	var names []string
	for _, r := range d.Releases {
		names = append(names, r.ID)
	}
	return strings.Join(names, " ")
}
