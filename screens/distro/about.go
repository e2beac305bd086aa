package distro

import (
	"strings"

	"slipway/engine/distro"
	"slipway/tui"
)

// filledBy says what makes a root, by family.
var filledBy = map[string]string{
	distro.Deb:    "filled by mmdebstrap; no recommended packages",
	distro.RPM:    "filled by dnf; no weak dependencies",
	distro.Zypper: "filled by zypper; no recommended packages",
	distro.Pacman: "filled by pacman; no optional dependencies",
}

func aboutDistro(d distro.Distro, w int) []string {
	lines := []string{tui.Heading.Render(d.Name), ""}
	var stacks []string
	for _, s := range d.Stacks {
		stacks = append(stacks, s.ID)
	}
	return append(lines, tui.Facts([]tui.Fact{
		{Name: "Releases", Value: releaseNames(d)},
		{Name: "Root", Value: filledBy[d.Family]},
		{Name: "Live stacks", Value: strings.Join(stacks, ", ") + ": chosen on Overlay"},
		{Name: "Signed by", Value: "keys of the package " + d.Keys.Package},
	}, w)...)
}

func aboutRelease(d distro.Distro, r distro.Release, w int) []string {
	title := d.Name
	if r.Version != "" {
		title += " " + r.Version
	}
	security := "none: fixes come with the suite itself"
	if r.Security {
		security = "from " + r.ID + "-security; updates from " + r.ID + "-updates"
	}
	var stacks []string
	for _, s := range d.Stacks {
		if v := s.Versions[r.ID]; v != "" {
			stacks = append(stacks, s.ID+" "+v)
		}
	}
	lines := []string{tui.Heading.Render(title + " " + r.ID), ""}
	return append(lines, tui.Facts([]tui.Fact{
		{Name: "State", Value: r.Note},
		{Name: "Fixes", Value: security},
		{Name: "Live stacks", Value: strings.Join(stacks, ", ")},
	}, w)...)
}

func (s *Screen) aboutMirror(d distro.Distro, w int) []string {
	lines := []string{tui.Heading.Render("Mirror"), ""}
	last := d.Name + "'s own"
	if d.Family == distro.Deb {
		last = "the host's apt sources, else mmdebstrap's default"
	}
	lines = append(lines, tui.Prose("The recipe's own comes first, else "+d.MirrorEnv+", else "+last+". Leave it out to build the same recipe near any mirror.", w)...)
	lines = append(lines, "")
	if s.from.origin == "" {
		return append(lines, tui.Muted.Render("looking …"))
	}
	lines = append(lines, tui.Facts([]tui.Fact{{Name: "Says", Value: s.from.origin}}, w)...)
	if len(s.from.archives) == 0 {
		return append(lines, tui.Prose("mmdebstrap picks the mirror when it runs.", w)...)
	}
	lines = append(lines, "")
	for _, a := range s.from.archives {
		if a.Optional {
			lines = append(lines, a.Label()+tui.Muted.Render("  if the mirror has it"))
		} else {
			lines = append(lines, a.Label())
		}
		for _, l := range tui.Prose(a.URI+" "+strings.Join(a.Components, " "), w-2) {
			lines = append(lines, "  "+l)
		}
	}
	signer := d.KeyFiles(s.session.Recipe())[0]
	if own := s.session.Recipe().Distro.Key; own != "" {
		signer = []string{own}
	}
	return append(append(lines, ""), tui.Facts([]tui.Fact{{Name: "Signed by", Value: strings.Join(signer, ", ")}}, w)...)
}
