package packages

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/dustin/go-humanize"

	"slipway/engine/distro"
	"slipway/tui"
)

// foot says what the selected package is, and in its last line what all of
// them come to.
func (s *Screen) foot(w, h int) []string {
	lines := []string{tui.Rule(w)}
	if h > 2 {
		lines = append(lines, s.selectedLines(w)...)
		for len(lines) < h-1 {
			lines = append(lines, "")
		}
		lines = lines[:h-1]
	}
	return append(lines, s.sum(w))
}

func (s *Screen) selectedLines(w int) []string {
	name, unknown := "", false
	if s.onSearch {
		if p, ok := s.search.selected(); ok {
			name = p.Name
		}
	} else if it, ok := s.chosen.selected(); ok {
		name, unknown = it.name, it.unknown
	}
	if name == "" || !s.index.ready() {
		return nil
	}
	if unknown {
		line := tui.Bad.Render(tui.MarkFailed+" "+name+" is not in the index") + " of " + s.session.Recipe().Distro.Release
		if near := s.chosen.near[name]; len(near) > 0 {
			return []string{tui.Cut(line, w), tui.Cut("did you mean "+strings.Join(near, ", ")+"?", w)}
		}
		return []string{tui.Cut(line, w), tui.Muted.Render(tui.Cut("a repository of the recipe's own may have it", w))}
	}
	p, ok := s.index.Find(name)
	if !ok && s.providers(name) == "" {
		return []string{tui.Cut(tui.Strong.Render(name)+tui.Muted.Render("  is not a package of the index; the build will tell what it brings"), w)}
	}
	if !ok {
		return []string{tui.Cut(tui.Strong.Render(name)+tui.Muted.Render("  provided by ")+s.providers(name), w)}
	}
	facts := []string{}
	if p.Download > 0 {
		facts = append(facts, size(p.Download)+" to download")
	}
	if p.Installed > 0 {
		facts = append(facts, size(p.Installed)+" installed")
	}
	if b := s.chosen.brings[name]; len(b) > 0 {
		facts = append(facts, fmt.Sprintf("brings %d along: %s", len(b), strings.Join(b, " ")))
	} else if s.index.Base(name) {
		facts = append(facts, "in every image")
	} else if _, chosen := s.chosen.kindOf(name); !chosen && s.chosen.inRoot[name] {
		facts = append(facts, "comes along with the others")
	}
	return []string{
		tui.Cut(tui.Strong.Render(p.Name)+" "+tui.Muted.Render(p.Version)+"  "+p.Summary, w),
		tui.Muted.Render(tui.Cut(strings.Join(facts, " · "), w)),
	}
}

// sum is what the recipe's packages come to. The kernel, the live stack and
// the base system are in it.
func (s *Screen) sum(w int) string {
	if !s.index.ready() || s.chosen.total == 0 {
		return tui.Muted.Render(tui.Cut("sizes are known once the release's index is there", w))
	}
	left := fmt.Sprintf("together %s · %s to download · %s installed", counted(s.chosen.total, "package"),
		size(s.chosen.download), size(s.chosen.installed))
	return tui.Spread(left, tui.Muted.Render("index of "+s.age()), w)
}

func (s *Screen) age() string {
	return humanize.RelTime(s.index.of.at, s.session.Now(), "ago", "from now")
}

func (s *Screen) providers(name string) string {
	var names []string
	for _, p := range s.index.Providers(name) {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

// details shows all that the index says of a package.
func (s *Screen) details(name string) tea.Cmd {
	if !s.index.ready() {
		return nil
	}
	p, ok := s.index.Find(name)
	if !ok {
		if all := s.providers(name); all != "" {
			return tui.Open(tui.NewText(name, "No package itself: it is provided by "+all+"."))
		}
		return nil
	}
	with := s.adds(p.Name)
	facts := tui.Facts([]tui.Fact{
		{Name: "Version", Value: p.Version}, {Name: "Section", Value: p.Section}, {Name: "Priority", Value: p.Priority},
		{Name: "To download", Value: size(p.Download)}, {Name: "Installed", Value: size(p.Installed)},
		{Name: "Depends on", Value: p.Depends}, {Name: "Provides", Value: p.Provides},
		{Name: "Brings along", Value: with},
	}, max(min(s.w-6, 96), 20)) // as wide as the dialog will be
	return tui.Open(tui.NewText(p.Name, p.Summary+"\n\n"+strings.Join(facts, "\n")))
}

// adds is what a package brings along: what would go with it, or what would
// come with it if it is not chosen yet.
func (s *Screen) adds(name string) string {
	names := s.chosen.brings[name]
	if _, chosen := s.chosen.kindOf(name); !chosen {
		d, err := distro.Find(s.session.Recipe().Distro.ID)
		if err != nil {
			return ""
		}
		names = nil
		for _, p := range s.index.Brings(d.Packages(s.session.Recipe()), name) {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "nothing that is not there anyway"
	}
	return fmt.Sprintf("%d: %s", len(names), strings.Join(names, " "))
}
