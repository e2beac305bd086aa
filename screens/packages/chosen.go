package packages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine/distro"
	"slipway/screens/session"
	"slipway/tui"
)

type kind int

const (
	included  kind = iota
	excluded       // must not be there
	automatic      // comes by itself: the kernel and the live stack
)

// item is one package of the recipe.
type item struct {
	kind    kind
	text    string // as the recipe has it: "curl=7.88.1-10"
	name    string
	at      int  // its index in the recipe's list
	unknown bool // the index does not have it
}

// chosen is the pane of what the recipe takes.
type chosen struct {
	session *session.Session
	items   []item
	table   *tui.Table

	// What the index says of them, as of the last answer.
	revision            int
	near                map[string][]string // of unknown names
	brings              map[string][]string // what else would not be there without it
	inRoot              map[string]bool     // everything that is installed
	total               int                 // packages
	download, installed int64
}

// weighed is what the recipe's packages come to.
type weighed struct {
	revision int
	chosen
}

func newChosen(s *session.Session) chosen {
	t := tui.NewTable(tui.Column{}, tui.Column{Width: 7, Right: true, Muted: true, Least: 46}, tui.Column{Width: 10, Muted: true, Least: 30})
	t.Empty = "none: a adds packages by name"
	return chosen{session: s, table: t}
}

func (c *chosen) selected() (item, bool) {
	if i := c.table.Cursor(); i >= 0 && i < len(c.items) {
		return c.items[i], true
	}
	return item{}, false
}

// kindOf says how the recipe names a package.
func (c *chosen) kindOf(name string) (kind, bool) {
	for _, it := range c.items {
		if it.name == name {
			return it.kind, true
		}
	}
	return 0, false
}

// fill lists the recipe's packages: what it includes in its own order, what it
// excludes, then what comes by itself.
func (c *chosen) fill(x *index) {
	r := c.session.Recipe()
	c.items = nil
	d, noDistro := distro.Find(r.Distro.ID)
	add := func(k kind, at int, text string) {
		it := item{kind: k, text: text, name: x.name(text), at: at}
		it.unknown = x.ready() && x.Take(text, d.Arch(r)) == distro.Unknown
		c.items = append(c.items, it)
	}
	for i, p := range r.Packages.Include {
		add(included, i, p)
	}
	for i, p := range r.Packages.Exclude {
		add(excluded, i, p)
	}
	if noDistro == nil {
		for _, p := range d.Packages(r) {
			if !slices.Contains(r.Packages.Include, p) {
				add(automatic, -1, p)
			}
		}
	}
	c.table.SetSource(len(c.items), func(i int) tui.Row { return c.row(i, x) })
}

func (c *chosen) row(i int, x *index) tui.Row {
	it := c.items[i]
	r := tui.Row{Cells: []string{it.text, "", ""}}
	if x.ready() {
		if p, ok := x.Find(it.name); ok {
			r.Cells[1] = size(p.Installed)
		}
	}
	switch n := len(c.brings[it.name]); {
	case it.unknown:
		r.Mark, r.Cells[2] = tui.Bad.Render(tui.MarkFailed), "unknown"
	case it.kind == excluded:
		r.Mark, r.Cells[2] = tui.Warn.Render(tui.MarkSkipped), "excluded"
	case it.kind == automatic:
		r.Style, r.Cells[2] = &tui.Muted, "by itself"
	case n > 0:
		r.Cells[2] = fmt.Sprintf("brings %d", n)
	}
	return r
}

// weigh asks the index in the background what the packages come to.
func (s *Screen) weigh() tea.Cmd {
	d, err := distro.Find(s.session.Recipe().Distro.ID)
	if !s.index.ready() || err != nil {
		return nil
	}
	x, revision, wishes := s.index.Index, s.session.Revision(), d.Packages(s.session.Recipe())
	var unknown []string
	for _, it := range s.chosen.items {
		if it.unknown {
			unknown = append(unknown, it.name)
		}
	}
	return func() tea.Msg {
		w := weighed{revision, chosen{near: map[string][]string{}, brings: map[string][]string{}, inRoot: map[string]bool{}}}
		all := x.Root(wishes)
		for _, p := range all {
			w.inRoot[p.Name] = true
			w.total++
			w.download += p.Download
			w.installed += p.Installed
		}
		for i, wish := range wishes {
			name := x.Name(wish)
			w.brings[name] = missing(all, x.Root(slices.Delete(slices.Clone(wishes), i, i+1)), name)
		}
		for _, name := range unknown {
			w.near[name] = x.Nearest(name, 5)
		}
		return w
	}
}

// missing are the names in all but not in some, without one of them.
func missing(all, some []*distro.Package, but string) []string {
	there := make(map[*distro.Package]bool, len(some))
	for _, p := range some {
		there[p] = true
	}
	var names []string
	for _, p := range all {
		if !there[p] && p.Name != but {
			names = append(names, p.Name)
		}
	}
	return names
}

func (c *chosen) weighed(w weighed, x *index) {
	if w.revision != c.session.Revision() {
		return
	}
	c.near, c.brings, c.inRoot = w.near, w.brings, w.inRoot
	c.total, c.download, c.installed = w.total, w.download, w.installed
	c.fill(x)
}

func (s *Screen) chosenKey(k tea.KeyMsg) tea.Cmd {
	it, ok := s.chosen.selected()
	switch {
	case ok && it.kind != automatic && key.Matches(k, keyRemove):
		return s.remove(it)
	case ok && it.unknown && key.Matches(k, keyNearest):
		return s.pickNearest(it)
	case ok && key.Matches(k, keyDetails):
		return s.details(it.name)
	}
	s.chosen.table.Update(k)
	return nil
}

func list(k kind) string {
	if k == excluded {
		return "packages.exclude"
	}
	return "packages.include"
}

func (s *Screen) remove(it item) tea.Cmd {
	if err := s.session.Unset(fmt.Sprintf("%s[%d]", list(it.kind), it.at)); err != nil {
		return session.Complain(err)
	}
	return session.Say("removed " + it.text + "; u brings it back")
}

// toggle adds the selected package of the index, or takes it out again.
func (s *Screen) toggle() tea.Cmd {
	p, ok := s.search.selected()
	if !ok {
		return nil
	}
	for _, it := range s.chosen.items {
		if it.name == p.Name && it.kind != automatic {
			return s.remove(it)
		}
	}
	if err := s.add("packages.include", []string{p.Name}); err != nil {
		return session.Complain(err)
	}
	return session.Say("added " + p.Name)
}

// pickNearest offers the names that an unknown one may have meant.
func (s *Screen) pickNearest(it item) tea.Cmd {
	near := s.chosen.near[it.name]
	if len(near) == 0 {
		return nil
	}
	var items []tui.Choice
	for _, n := range near {
		c := tui.Choice{Label: n}
		if p, ok := s.index.Find(n); ok {
			c.Note = p.Summary
		}
		items = append(items, c)
	}
	return tui.Open(tui.NewPick("Instead of "+it.name, items, -1, func(i int) tea.Cmd {
		return session.Complain(s.session.Set(fmt.Sprintf("%s[%d]", list(it.kind), it.at), near[i]))
	}))
}

// askNames asks for names, one or many, typed or pasted.
func (s *Screen) askNames(title, path string) tea.Cmd {
	p := tui.NewPrompt(title, "Names, separated by spaces; several can be pasted at once", "", func(text string) tea.Cmd {
		return session.Complain(s.add(path, names(text)))
	})
	p.Check = func(text string) string {
		return s.session.Try(func(t *session.Session) error { return (&Screen{session: t}).add(path, names(text)) })
	}
	return tui.Open(p)
}

// add puts names into a list of the recipe; those that are there are left out.
func (s *Screen) add(path string, more []string) error {
	have := s.session.Recipe().Packages.Include
	if path == "packages.exclude" {
		have = s.session.Recipe().Packages.Exclude
	}
	out := slices.Clone(have)
	for _, n := range more {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	if len(out) == len(have) {
		return nil
	}
	return s.session.Set(path, out)
}

func names(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
}

func (s *Screen) viewChosen(w, h int) string {
	r := s.session.Recipe()
	head := counted(len(r.Packages.Include), "package") + " chosen"
	if n := len(r.Packages.Exclude); n > 0 {
		head += fmt.Sprintf(", %d excluded", n)
	}
	s.chosen.table.Blur = s.onSearch
	s.chosen.table.SetSize(w, h-1)
	return tui.Above(tui.Fit(tui.Heading.Render(head), w), s.chosen.table.View())
}
