package distro

import (
	"strings"

	"slipway/engine/distro"
	"slipway/tui"
)

// planned is a distribution that Slipway does not build yet.
type planned struct {
	name  string
	root  string // what would fill its root
	stack string // the live stack of its initramfs
}

// later are in the order of the design; what they need is known from their own
// documentation.
var later = []planned{
	{"Ubuntu", "mmdebstrap, from an Ubuntu mirror", "casper: the image at casper/filesystem.squashfs, writes to a tmpfs"},
	{"Fedora", "dnf with --installroot", "dracut: the image at LiveOS/squashfs.img, a device-mapper snapshot or overlayfs"},
	{"CentOS Stream", "dnf with --installroot", "dracut: the image at LiveOS/squashfs.img, a device-mapper snapshot or overlayfs"},
	{"Arch", "pacstrap", "archiso: the image at arch/x86_64/airootfs.sfs, writes to a tmpfs of 256 MiB"},
	{"openSUSE", "zypper with --root", "kiwi: the image at LiveOS/squashfs.img, writes to a tmpfs"},
}

func (p planned) about(w int) []string {
	lines := []string{tui.Heading.Render(p.name), "", tui.Warn.Render("not built yet"), ""}
	lines = append(lines, tui.Prose("This version of Slipway fills no root and compiles no boot options for it, so it cannot be chosen. It would take:", w)...)
	return append(append(lines, ""), tui.Facts([]tui.Fact{{Name: "Root", Value: p.root}, {Name: "Live stack", Value: p.stack}}, w)...)
}

func aboutDistro(d distro.Distro, w int) []string {
	lines := []string{tui.Heading.Render(d.Name), ""}
	var stacks []string
	for _, s := range d.Stacks {
		stacks = append(stacks, s.ID)
	}
	return append(lines, tui.Facts([]tui.Fact{
		{Name: "Releases", Value: releaseNames(d)},
		{Name: "Root", Value: "filled by mmdebstrap; no recommended packages"},
		{Name: "Live stacks", Value: strings.Join(stacks, ", ") + ": chosen on Overlay"},
		{Name: "Signed by", Value: d.Keyring + " (package " + d.KeyringPackage + ")"},
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
	lines = append(lines, tui.Prose("The recipe's own comes first, else "+d.MirrorEnv+", else the host's apt sources, else mmdebstrap's default. Leave it out to build the same recipe near any mirror.", w)...)
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
			lines = append(lines, a.Suite+tui.Muted.Render("  if the mirror has it"))
		} else {
			lines = append(lines, a.Suite)
		}
		for _, l := range tui.Prose(a.URI+" "+strings.Join(a.Components, " "), w-2) {
			lines = append(lines, "  "+l)
		}
	}
	return append(append(lines, ""), tui.Facts([]tui.Fact{{Name: "Signed by", Value: d.Keyring}}, w)...)
}
