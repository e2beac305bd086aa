package system

import (
	"slipway/engine/distro"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"

	tea "github.com/charmbracelet/bubbletea"
)

// modes are those of SELinux, with what each does.
var modes = []tui.Choice{
	{Label: "enforcing", Note: "what the policy forbids is refused"},
	{Label: "permissive", Note: "what the policy forbids is only noted"},
	{Label: distro.SELinuxOff, Note: "no policy, no labels"},
}

func (s *Screen) selinux(r recipes.Recipe) {
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return
	}
	it := tui.FormItem{Label: "SELinux", Value: r.Security.SELinux, Do: func() tea.Cmd { return s.pickMode(d, r.Security.SELinux) }}
	if it.Value == "" {
		it.Value, it.Default, it.Note = d.SELinuxMode(r), true, "the distro's default"
	}
	text := "Every file gets its label when the image is made, by the policy that is installed in it, and a test boot shows each thing that the policy refused. On most hosts only root may set labels, so building such an image takes root."
	if d.SELinux == nil {
		text = d.Name + " has no policy for SELinux that Slipway knows."
	}
	s.rows = append(s.rows, row{FormItem: it, about: explain("SELinux", text)})
}

// pickMode offers the modes that the distribution has.
func (s *Screen) pickMode(d distro.Distro, now string) tea.Cmd {
	items := append([]tui.Choice{}, modes...)
	chosen := len(items)
	for i := range items {
		if items[i].Label != distro.SELinuxOff && d.SELinux == nil {
			items[i].Disabled = d.Name + " has no policy"
		}
		if items[i].Label == now {
			chosen = i
		}
	}
	items = append(items, tui.Choice{Label: "the distro's default", Note: d.SELinuxMode(recipes.Recipe{})})
	return tui.Open(tui.NewPick("SELinux", items, chosen, func(i int) tea.Cmd {
		if i == len(modes) {
			return session.Complain(s.session.Unset("security.selinux"))
		}
		return session.Complain(s.session.Give("security.selinux", items[i].Label))
	}))
}
