package system

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine/distro"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// text adds a line for a value that is typed; fallback is what holds without it.
func (s *Screen) text(label, path, value, fallback string, about func(int) []string) {
	it := tui.FormItem{Label: label, Value: value, Edit: func(text string) error { return s.session.Give(path, text) }}
	if value == "" && fallback != "" {
		it.Value, it.Default = fallback, true
	}
	s.rows = append(s.rows, row{FormItem: it, about: about})
}

func (s *Screen) machine() {
	r := s.session.Recipe()
	s.text("Host name", "system.hostname", r.System.Hostname, r.Name,
		explain("Host name", "The name of every machine that boots this image, unless the network gives it another one. Left out it is the recipe's name."))
	s.text("Timezone", "system.timezone", r.System.Timezone, "as the image has it",
		explain("Timezone", "Such as Europe/Berlin or Etc/UTC. Anything but UTC needs the package tzdata in the image."))
	s.text("Locale", "system.locale", r.System.Locale, "as the image has it",
		explain("Locale", "The language and character set of logins, such as C.UTF-8 or en_US.UTF-8. Any but C.UTF-8 is made by locale-gen and needs the package locales."))
	s.kernel(r)
	s.text("Command line", "kernel.cmdline", r.Kernel.Cmdline, "",
		explain("Kernel command line", "Added after the boot options that the overlay screen shows. The last console= is the one that init writes to; a serial console is where a test boot looks."))
	s.selinux(r)
}

// kernels are the packages that Debian has for amd64, with who wants which.
var kernels = []tui.Choice{
	{Label: "linux-image-amd64", Note: "every machine"},
	{Label: "linux-image-cloud-amd64", Note: "virtual machines: small, no AHCI, no hardware drivers"},
	{Label: "linux-image-rt-amd64", Note: "bounded latency"},
}

func (s *Screen) kernel(r recipes.Recipe) {
	it := tui.FormItem{Label: "Kernel", Value: r.Kernel.Package, Do: func() tea.Cmd { return s.pickKernel(r.Kernel.Package) }}
	if d, err := distro.Find(r.Distro.ID); err == nil && r.Kernel.Package == "" {
		it.Value, it.Default, it.Note = d.Kernel(r), true, "the distro's default"
	}
	s.rows = append(s.rows, row{FormItem: it,
		about: explain("Kernel package", "The generic kernel drives real machines; the cloud kernel is smaller and boots quicker, but knows virtual hardware only.")})
}

// pickKernel offers the known kernels, and a field for any other one.
func (s *Screen) pickKernel(now string) tea.Cmd {
	chosen := slices.IndexFunc(kernels, func(c tui.Choice) bool { return c.Label == now })
	items := append(slices.Clone(kernels), tui.Choice{Label: "the distro's default"}, tui.Choice{Label: "another package …"})
	return tui.Open(tui.NewPick("Kernel package", items, chosen, func(i int) tea.Cmd {
		switch {
		case i < len(kernels):
			return session.Complain(s.session.Give("kernel.package", items[i].Label))
		case i == len(kernels):
			return session.Complain(s.session.Unset("kernel.package"))
		}
		return s.prompt("Kernel package", "Name of the package", "kernel.package", now)
	}))
}

func (s *Screen) services() {
	v := s.session.Recipe().System.Services
	for _, l := range []struct {
		label, key string
		names      []string
		about      string
	}{
		{"Enabled", "enabled", v.Enabled, "Units that are started at boot, whatever the distro says. \".service\" may be left out; separate names by spaces."},
		{"Disabled", "disabled", v.Disabled, "Units that are not started at boot, unless another one asks for them."},
		{"Masked", "masked", v.Masked, "Units that cannot be started at all, by nobody."},
	} {
		s.rows = append(s.rows, row{
			FormItem: tui.FormItem{Label: l.label, Value: strings.Join(l.names, " "), Edit: func(text string) error {
				return s.session.Give("system.services."+l.key, names(text))
			}},
			about: explain(l.label+" services", l.about),
		})
	}
}

// names splits what was typed or pasted at spaces and commas, without doubles.
func names(text string) []string {
	var out []string
	for _, n := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

const listSysctl = "a parameter"

func (s *Screen) sysctl() {
	values := s.session.Recipe().System.Sysctl
	for _, name := range slices.Sorted(maps.Keys(values)) {
		path := recipes.Join("system", "sysctl", name)
		s.rows = append(s.rows, row{
			FormItem: tui.FormItem{Label: name, Value: fmt.Sprint(values[name]), Edit: func(text string) error {
				return s.session.Set(path, scalar(text))
			}},
			about:  explain(name, "Set by systemd-sysctl at every boot, before the network is there."),
			add:    listSysctl,
			remove: func() error { return s.session.Unset(path) },
		})
	}
	s.adder(listSysctl, "name = value", func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.TrimSpace(value) == "" {
			return errors.New("write it as name = value, such as net.ipv4.ip_forward = 1")
		}
		if _, there := values[name]; there {
			return fmt.Errorf("%s is there already: edit its line", name)
		}
		return s.session.Set(recipes.Join("system", "sysctl", name), scalar(value))
	}, "A kernel parameter of sysctl(8), written as name = value.")
}

// scalar reads a number or a boolean where the text is one.
func scalar(text string) any {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if text == "true" || text == "false" {
		return text == "true"
	}
	return text
}

// adder adds the line that adds to a list.
func (s *Screen) adder(list, hint string, take func(string) error, about string) {
	s.rows = append(s.rows, row{
		FormItem: tui.FormItem{Label: "add " + list, Value: hint, Default: true, Edit: func(text string) error {
			if text = strings.TrimSpace(text); text == "" {
				return nil
			}
			return take(text)
		}},
		about: explain("Add "+list, about),
		add:   list,
	})
}
