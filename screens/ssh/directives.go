package ssh

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

var (
	keyToggle = tui.Bind("toggle", "space", " ")
	keyReset  = tui.Bind("back to the default", "d", "d", "delete")
	keyTake   = tui.Doing(tui.KeyEnter, "take it")
	keyLeave  = tui.Doing(tui.KeyBack, "leave it")
	keyAll    = tui.Doing(tui.KeyBack, "all directives")
)

// directives is the table of every directive of sshd_config(5).
type directives struct {
	session *session.Session
	table   *tui.Table
	order   []recipes.Directive // all, those that the recipe sets first
	shown   []recipes.Directive // that pass the filter
	filter  *tui.Field          // while it is typed
	query   string
	editor  *tui.Field // while a value is typed
	wrong   string     // why the last value was refused
}

func newDirectives(s *session.Session) directives {
	t := tui.NewTable(tui.Column{Title: "Directive", Width: 31},
		tui.Column{Title: "Value", Weight: 3}, tui.Column{Title: "Distro default", Weight: 3, Muted: true, Least: 60},
		tui.Column{Title: "Why", Weight: 7, Muted: true, Least: 96})
	t.Empty = "no directive is called so; esc shows all"
	return directives{session: s, table: t}
}

func (d *directives) capturing() bool { return d.editor != nil || d.filter != nil }

// title counts what the recipe sets.
func (d *directives) title() string {
	title := fmt.Sprintf("Directives, %d of %d set", d.set(), len(d.order))
	if d.query != "" {
		title = fmt.Sprintf("%d of %d directives have %q", len(d.shown), len(d.order), d.query)
	}
	if blocks, ok := d.session.Recipe().SSHD["Match"].([]map[string]any); ok {
		title += ", " + count(len(blocks), "Match block") + " in the file"
	}
	return title
}

func (d *directives) set() int {
	n := 0
	for _, dir := range d.order {
		if _, ok := d.value(dir); ok {
			n++
		}
	}
	return n
}

// sort puts what the recipe sets first.
func (d *directives) sort() {
	at := d.name()
	d.order = recipes.Directives()
	slices.SortStableFunc(d.order, func(a, b recipes.Directive) int {
		_, setA := d.value(a)
		_, setB := d.value(b)
		switch {
		case setA == setB:
			return 0
		case setA:
			return -1
		}
		return 1
	})
	d.fill()
	d.moveTo(at)
}

// fill applies the filter.
func (d *directives) fill() {
	d.shown = nil
	words := strings.Fields(strings.ToLower(d.query))
	for _, dir := range d.order {
		hay := strings.ToLower(dir.Name + " " + dir.Meaning)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(hay, w) }) {
			d.shown = append(d.shown, dir)
		}
	}
	if len(words) > 0 {
		// A name is what is mostly looked for.
		slices.SortStableFunc(d.shown, func(a, b recipes.Directive) int {
			return cmp.Compare(rank(a, words[0]), rank(b, words[0]))
		})
	}
	d.table.SetSource(len(d.shown), d.row)
}

func rank(d recipes.Directive, word string) int {
	name := strings.ToLower(d.Name)
	switch {
	case strings.HasPrefix(name, word):
		return 0
	case strings.Contains(name, word):
		return 1
	}
	return 2
}

func (d *directives) row(i int) tui.Row {
	dir := d.shown[i]
	v, set := d.value(dir)
	r := tui.Row{Cells: []string{dir.Name, tui.Muted.Render("—"), d.fallback(dir), dir.Meaning}}
	if set {
		r.Cells[1], r.Mark = spell(v), tui.Accent.Render(tui.MarkOn)
	}
	if _, ok := d.problem(dir); ok {
		r.Mark = tui.Warn.Render(tui.MarkWarn)
	}
	return r
}

// problem is what the linter says of a directive.
func (d *directives) problem(dir recipes.Directive) (recipes.Problem, bool) {
	for _, p := range d.session.Problems() {
		if p.Path == "sshd."+dir.Name || strings.HasPrefix(p.Path, "sshd."+dir.Name+"[") {
			return p, true
		}
	}
	return recipes.Problem{}, false
}

func (d *directives) value(dir recipes.Directive) (any, bool) {
	v, ok := d.session.Recipe().SSHD[dir.Name]
	return v, ok
}

func (d *directives) fallback(dir recipes.Directive) string {
	return dir.DefaultOn(d.session.Recipe().Distro.ID)
}

// selected is the directive under the cursor.
func (d *directives) selected() (recipes.Directive, bool) {
	if i := d.table.Cursor(); i >= 0 && i < len(d.shown) {
		return d.shown[i], true
	}
	return recipes.Directive{}, false
}

func (d *directives) name() string {
	dir, _ := d.selected()
	return dir.Name
}

func (d *directives) moveTo(name string) {
	for i, dir := range d.shown {
		if dir.Name == name {
			d.table.SetCursor(i)
		}
	}
}

func (d *directives) keys() []key.Binding {
	switch {
	case d.editor != nil:
		return []key.Binding{keyTake, keyLeave}
	case d.filter != nil:
		return []key.Binding{tui.KeyMove, tui.Doing(tui.KeyEnter, "keep the filter"), keyAll}
	}
	enter, toggle, reset, all := tui.KeyEdit, keyToggle, keyReset, keyAll
	dir, ok := d.selected()
	_, set := d.value(dir)
	enter.SetEnabled(ok)
	toggle.SetEnabled(ok && isSwitch(dir))
	reset.SetEnabled(ok && set)
	all.SetEnabled(d.query != "")
	if ok && (isSwitch(dir) || dir.Kind == recipes.KindEnum) {
		enter = tui.Doing(enter, "choose")
	}
	return []key.Binding{tui.KeyMove, enter, toggle, reset, tui.Doing(tui.KeySearch, "filter"), all}
}

// isSwitch reports whether a directive is just yes or no.
func isSwitch(d recipes.Directive) bool { return d.Kind == recipes.KindBool && len(d.Values) == 0 }

func (d *directives) update(k tea.KeyMsg) tea.Cmd {
	switch {
	case d.editor != nil:
		return d.typing(k)
	case d.filter != nil:
		d.filtering(k)
		return nil
	case key.Matches(k, tui.KeySearch):
		d.filter = tui.NewField(d.query, "part of a name or of its meaning")
		return nil
	case d.query != "" && key.Matches(k, keyAll):
		d.search("")
		return nil
	}
	if d.table.Update(k) {
		d.wrong = ""
	}
	dir, ok := d.selected()
	if !ok {
		return nil
	}
	_, set := d.value(dir)
	switch {
	case key.Matches(k, tui.KeyEnter):
		return d.edit(dir)
	case isSwitch(dir) && key.Matches(k, keyToggle):
		return d.toggle(dir)
	case set && key.Matches(k, keyReset):
		return d.give(dir, nil)
	}
	return nil
}

func (d *directives) filtering(k tea.KeyMsg) {
	switch {
	case key.Matches(k, tui.KeyBack):
		d.filter = nil
		d.search("")
	case key.Matches(k, tui.KeyEnter):
		d.filter = nil
	case k.Type == tea.KeyUp || k.Type == tea.KeyDown || k.Type == tea.KeyPgUp || k.Type == tea.KeyPgDown:
		d.table.Update(k)
	case d.filter.Update(k):
		d.search(d.filter.Value())
	}
}

// search filters the table; the cursor stays on its directive when the filter
// goes, and on the best one while it is typed.
func (d *directives) search(query string) {
	at := d.name()
	d.query = query
	d.fill()
	d.table.SetCursor(0)
	if query == "" {
		d.moveTo(at)
	}
}
