package output

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// profile is a way to compress the image, with what it took for the same root
// of 350 MiB on two cores.
type profile struct{ name, short, about string }

var profiles = []profile{
	{"draft", "zstd 3: quick", "For the loop of edit and boot. A root of 350 MiB took 1.9 s and became 132 MiB."},
	{"release", "zstd 15: small", "For what is published. The same root took 22.5 s and became 118 MiB: 11 % less for twelve times the time."},
}

func (s *Screen) profiles() {
	said := s.session.Recipe().Output.Profile
	now := said
	if now == "" {
		now = profiles[0].name
	}
	for _, p := range profiles {
		r := row{FormItem: tui.FormItem{Label: p.name, Mark: tui.Radio(p.name == now), Option: true, Value: p.short}, about: prose(p.about)}
		if p.name != said {
			r.Do = func() tea.Cmd { return session.Complain(s.session.Set("output.profile", p.name)) }
		}
		s.rows = append(s.rows, r)
	}
}

// format is a form that the image can be given; later says why it cannot yet.
type format struct{ name, short, about, later string }

var formats = []format{
	{"iso", "boots by BIOS", "One file NAME.iso with kernel, initramfs and squashfs, and a boot loader.", ""},
	{"squashfs", "to boot it yourself", "The three files that a boot loader of your own needs, with the kernel's command line in cmdline. They lie in every build.", ""},
	{"netboot", "", "A folder to be served over HTTP.", "not built yet"},
	{"disk", "", "A disk image with a partition table.", "not built yet"},
}

func (s *Screen) formats() {
	now := s.session.Recipe().Output.Formats
	if len(now) == 0 {
		now = []string{"iso"}
	}
	for _, f := range formats {
		r := row{FormItem: tui.FormItem{Label: f.name, Option: true, Value: f.short}, about: prose(f.about)}
		if f.later != "" {
			r.Label, r.Value = tui.Muted.Render(f.name), tui.Muted.Render(f.later)
			s.rows = append(s.rows, r)
			continue
		}
		on := slices.Contains(now, f.name)
		r.Mark = box(on)
		r.toggle = func() error { return s.setFormat(now, f.name, !on) }
		r.Do = func() tea.Cmd { return session.Complain(s.setFormat(now, f.name, !on)) }
		s.rows = append(s.rows, r)
	}
}

// setFormat turns a format on or off; one must stay.
func (s *Screen) setFormat(now []string, name string, on bool) error {
	var out []string
	for _, f := range formats {
		if f.name == name && on || f.name != name && slices.Contains(now, f.name) {
			out = append(out, f.name)
		}
	}
	if len(out) == 0 {
		return fmt.Errorf("%s is the only format: turn another one on first", name)
	}
	return s.session.Set("output.formats", out)
}

func box(on bool) string {
	if on {
		return tui.Accent.Render(tui.MarkDone)
	}
	return tui.Muted.Render("·")
}

func (s *Screen) machine() {
	b := s.session.Recipe().Boot
	value := func(label, path, value, fallback, about string, take func(string) any) {
		it := tui.FormItem{Label: label, Value: value, Edit: func(text string) error { return s.session.Give(path, take(strings.TrimSpace(text))) }}
		if value == "" {
			it.Value, it.Default = fallback, true
		}
		s.rows = append(s.rows, row{FormItem: it, about: prose(about)})
	}
	same := func(text string) any { return text }
	cpus := ""
	if b.CPUs > 0 {
		cpus = fmt.Sprint(b.CPUs)
	}
	value("memory", "boot.memory", string(b.Memory), "1GiB", "Memory of the virtual machine. A size in percent of the overlay is a percentage of this.",
		func(text string) any { return strings.ReplaceAll(text, " ", "") })
	value("processors", "boot.cpus", cpus, "1", "Processors of the virtual machine. An emulated one is at its steadiest with 1.", func(text string) any { return scalar(text) })
	value("timeout", "boot.timeout", b.Timeout, "2m", "How long a boot and its checks may take on real hardware; where the machine is emulated it is longer by itself.", same)
	folder := filepath.Join(s.session.Engine.Dirs.Builds, s.session.Recipe().Name)
	s.rows = append(s.rows, row{FormItem: tui.FormItem{Label: "builds go to", Value: folder},
		about: prose(folder + "/ has a folder for every build, with its log; current is a link to the newest good one. SLIPWAY_BUILDS moves it.")})
}

// identity are the recipe's own name and description.
func (s *Screen) identity() {
	r := s.session.Recipe()
	s.rows = append(s.rows, row{
		FormItem: tui.FormItem{Label: "name", Value: r.Name, Edit: func(text string) error { return s.session.Set("name", strings.TrimSpace(text)) }},
		about:    prose("Names the ISO and the folder of the builds. Under a new name the recipe has no builds yet."),
	}, row{
		FormItem: tui.FormItem{Label: "description", Value: r.Description, Edit: func(text string) error { return s.session.Give("description", text) }},
		about:    prose("One line for the library."),
	})
}

// scalar is a number where the text is one; the recipe refuses anything else.
func scalar(text string) any {
	var n int64
	if _, err := fmt.Sscanf(text, "%d", &n); err == nil && fmt.Sprint(n) == text {
		return n
	}
	return text
}

func (s *Screen) checks() {
	all := s.session.Recipe().Checks
	for i, c := range all {
		at := fmt.Sprintf("checks[%d]", i)
		s.rows = append(s.rows, row{
			FormItem: tui.FormItem{Label: c.Name, Value: c.Command, Do: func() tea.Cmd { return s.menu(at, c) }},
			remove:   func() error { return s.session.Remove(at) },
			about:    func(w int) []string { return aboutCheck(c, w) },
		})
	}
	s.rows = append(s.rows, row{
		FormItem: tui.FormItem{Label: "add a check", Value: "asks for its command", Default: true, Do: s.askCheck},
		about:    prose("A command that is run as root in the booted image, beside the checks that are made always: kernel, overlay, units, sshd, keys, X11, machine-id."),
	})
}

func aboutCheck(c recipes.Check, w int) []string {
	prints := "anything: exit status 0 is enough"
	if c.Prints != "" {
		prints = c.Prints
	}
	return tui.Facts([]tui.Fact{{Name: "Runs", Value: c.Command}, {Name: "Must print", Value: prints}}, w)
}

// menu offers what can be changed of a check.
func (s *Screen) menu(at string, c recipes.Check) tea.Cmd {
	fields := []struct{ label, path, value, ask string }{
		{"Name", at + ".name", c.Name, "What must hold, in a few words"},
		{"Command", at + ".command", c.Command, "The command, as a shell takes it"},
		{"Must print", at + ".prints", c.Prints, "Text that it must print; empty: exit status 0 is enough"},
	}
	var items []tui.Choice
	for _, f := range fields {
		items = append(items, tui.Choice{Label: f.label, Note: f.value})
	}
	return tui.Open(tui.NewPick(c.Name, items, -1, func(i int) tea.Cmd {
		f := fields[i]
		p := tui.NewPrompt(c.Name, f.ask, f.value, func(text string) tea.Cmd { return session.Complain(s.session.Give(f.path, text)) })
		p.Check = func(text string) string {
			return s.session.Try(func(t *session.Session) error { return t.Give(f.path, text) })
		}
		return tui.Open(p)
	}))
}

// askCheck asks for a new check: its name, then its command.
func (s *Screen) askCheck() tea.Cmd {
	add := func(t *session.Session, name, command string) error {
		return t.Append("checks", map[string]any{"name": strings.TrimSpace(name), "command": strings.TrimSpace(command)})
	}
	name := tui.NewPrompt("Add a check", "What must hold, in a few words", "", func(name string) tea.Cmd {
		command := tui.NewPrompt(name, "The command that finds it out, as a shell takes it", "", func(command string) tea.Cmd {
			return session.Complain(add(s.session, name, command))
		})
		command.Check = func(command string) string {
			return s.session.Try(func(t *session.Session) error { return add(t, name, command) })
		}
		return tui.Open(command)
	})
	name.Check = func(name string) string {
		return s.session.Try(func(t *session.Session) error { return add(t, name, "true") })
	}
	return tui.Open(name)
}

func prose(text string) func(w int) []string {
	return func(w int) []string { return tui.Prose(text, w) }
}
