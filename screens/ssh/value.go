package ssh

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// edit opens what fits the directive's kind: a list to choose from, or a field.
func (d *directives) edit(dir recipes.Directive) tea.Cmd {
	d.wrong = ""
	v, _ := d.value(dir)
	words := dir.Values
	if dir.Kind == recipes.KindBool {
		words = append([]string{"yes", "no"}, words...)
	}
	if dir.Kind == recipes.KindBool || dir.Kind == recipes.KindEnum {
		return d.pick(dir, words, spell(v))
	}
	d.editor = tui.NewField(editable(dir, v), d.fallback(dir))
	return nil
}

// pick chooses among words, the distro's default being one more.
func (d *directives) pick(dir recipes.Directive, words []string, now string) tea.Cmd {
	var items []tui.Choice
	for _, w := range words {
		c := tui.Choice{Label: w}
		if w == d.fallback(dir) {
			c.Note = "as the distro's default"
		}
		items = append(items, c)
	}
	items = append(items, tui.Choice{Label: "not set", Note: "the distro's default holds: " + orNone(d.fallback(dir))})
	chosen := slices.Index(words, now)
	if chosen < 0 {
		chosen = len(items) - 1
	}
	return tui.Open(tui.NewPick(dir.Name, items, chosen, func(i int) tea.Cmd {
		if i == len(words) {
			return d.give(dir, nil)
		}
		return d.give(dir, parse(dir, words[i]))
	}))
}

// toggle turns what holds now into its opposite.
func (d *directives) toggle(dir recipes.Directive) tea.Cmd {
	now := d.fallback(dir)
	if v, set := d.value(dir); set {
		now = spell(v)
	}
	return d.give(dir, now != "yes")
}

func (d *directives) typing(k tea.KeyMsg) tea.Cmd {
	dir, ok := d.selected()
	switch {
	case !ok || key.Matches(k, keyLeave):
		d.editor, d.wrong = nil, ""
	case key.Matches(k, keyTake):
		var v any
		if text := strings.TrimSpace(d.editor.Value()); text != "" {
			was, _ := d.value(dir)
			v = asBefore(dir, was, parse(dir, text))
		}
		// What is refused stays in the field, with the reason below it.
		if d.try(dir, v) {
			d.editor = nil
		}
	case d.editor.Update(k):
		d.wrong = ""
	}
	return nil
}

// try sets a directive, or takes it out if v is nil, and keeps why not.
func (d *directives) try(dir recipes.Directive, v any) bool {
	var err error
	if v == nil {
		err = d.session.Unset("sshd." + dir.Name)
	} else {
		err = d.session.Set("sshd."+dir.Name, v)
	}
	d.wrong = session.Reason(err)
	return err == nil
}

func (d *directives) give(dir recipes.Directive, v any) tea.Cmd {
	if !d.try(dir, v) {
		return session.Complain(errors.New(d.wrong))
	}
	return nil
}

// several separates the values of a directive that may be given several times,
// while they are edited in one line.
func several(dir recipes.Directive) string {
	switch dir.Kind {
	case recipes.KindCommand:
		return " ; " // a command has commas and spaces of its own
	case recipes.KindText:
		return ", "
	}
	return " "
}

// parse makes the value of a directive from its text.
func parse(dir recipes.Directive, text string) any {
	if dir.Repeats && dir.Kind != recipes.KindWords {
		parts := strings.Fields(text)
		if sep := strings.TrimSpace(several(dir)); sep != "" {
			parts = strings.Split(text, sep)
		}
		var items []any
		for _, part := range parts {
			if part = strings.TrimSpace(part); part != "" {
				items = append(items, single(dir, part))
			}
		}
		if len(items) > 1 {
			return items
		}
	}
	return single(dir, text)
}

// asBefore keeps the form of a value that its author wrote as a list.
func asBefore(dir recipes.Directive, was, v any) any {
	text, isText := v.(string)
	if _, wasList := was.([]any); !wasList || !isText {
		return v
	}
	var parts []string
	switch dir.Kind {
	case recipes.KindWords:
		parts = strings.Fields(text)
	case recipes.KindAlgorithms:
		parts = strings.Split(text, ",")
	default:
		return v
	}
	if len(parts) < 2 || strings.Contains(text, `"`) {
		return v // one value, or words with spaces in them
	}
	return parts
}

func single(dir recipes.Directive, text string) any {
	switch dir.Kind {
	case recipes.KindBool:
		switch text {
		case "yes", "true":
			return true
		case "no", "false":
			return false
		}
	case recipes.KindInt, recipes.KindTime:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	}
	return text
}

// editable is a value as one line that parse reads back.
func editable(dir recipes.Directive, v any) string {
	items, ok := v.([]any)
	if !ok {
		return spell(v)
	}
	var parts []string
	for _, it := range items {
		parts = append(parts, spell(it))
	}
	if dir.Kind == recipes.KindAlgorithms {
		return strings.Join(parts, ",")
	}
	return strings.Join(parts, several(dir))
}

// spell writes a value as sshd_config does.
func spell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []any:
		var parts []string
		for _, it := range v {
			parts = append(parts, spell(it))
		}
		return strings.Join(parts, " ")
	}
	return fmt.Sprint(v)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// footLines is how many lines below the table speak of the selected directive.
const footLines = 3

func (d *directives) view(w, h int) string {
	foot := footLines
	if h < 10 {
		foot = 2
	}
	d.table.SetSize(w, max(h-foot, 1))
	return tui.Above(d.table.View(), tui.BoxLines(d.foot(w), w, foot))
}

// foot is the editor of the selected directive, or what can be said of it.
func (d *directives) foot(w int) []string {
	if d.filter != nil {
		d.filter.SetWidth(max(w-2, 1))
		return []string{tui.Accent.Render("/ ") + d.filter.View(), tui.Muted.Render(fmt.Sprintf("  %d of %d directives", len(d.shown), len(d.order)))}
	}
	dir, ok := d.selected()
	if !ok {
		return nil
	}
	if d.editor != nil {
		label := tui.Strong.Render(dir.Name) + tui.Accent.Render(" › ")
		d.editor.SetWidth(max(w-tui.Width(label), 1))
		lines := []string{label + d.editor.View()}
		if d.wrong != "" {
			return append(lines, red(tui.Wrap(tui.MarkFailed+" "+d.wrong, w))...)
		}
		return append(lines, tui.Prose("want "+wants(dir)+"; empty: "+orNone(d.fallback(dir)), w)...)
	}
	lines := []string{tui.Cut(tui.Strong.Render(dir.Name)+"  "+dir.Meaning, w)}
	if p, found := d.problem(dir); found {
		return append(lines, tui.Warn.Render(tui.Cut(tui.MarkWarn+" "+p.Message, w)), tui.Muted.Render(tui.Cut("  "+p.Hint, w)))
	}
	return append(lines, tui.Prose(fmt.Sprintf("allowed: %s · default: %s%s", wants(dir), orNone(d.fallback(dir)), since(dir)), w)...)
}

func red(lines []string) []string {
	for i, l := range lines {
		lines[i] = tui.Bad.Render(l)
	}
	return lines
}

// wants says which values a directive takes, in sshd's words.
func wants(dir recipes.Directive) string {
	s := strings.Replace(dir.Allows(), "true or false", "yes or no", 1)
	if dir.Repeats && dir.Kind != recipes.KindWords {
		between := strings.TrimSpace(several(dir))
		if between == "" {
			between = "a space"
		}
		s += "; several with " + between + " between"
	}
	return s
}

func since(dir recipes.Directive) string {
	if dir.Since == "" {
		return ""
	}
	return " · since OpenSSH " + dir.Since
}
