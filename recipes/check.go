package recipes

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// checker holds a recipe's values against the model and gathers what is wrong.
type checker struct {
	src      source
	tree     *tree
	problems Problems
	// partial says that some of the source could not be read, so that what is
	// missing may only be hidden.
	partial bool
	release string // the recipe's distro.release, as far as it can be read
}

// at reports a problem with the value at a path.
func (c *checker) at(p place, problem Problem) {
	c.spot(c.tree.where(p), p, problem)
}

// atKey reports a problem with a key rather than with its value.
func (c *checker) atKey(p place, problem Problem) {
	at := c.tree.where(p)
	if n, _ := c.tree.find(p); n != nil && !n.key.empty() {
		at = n.key
	}
	c.spot(at, p, problem)
}

func (c *checker) spot(at span, p place, problem Problem) {
	if len(c.problems) >= maxProblem {
		return
	}
	problem.Path = p.String()
	c.problems = append(c.problems, c.src.problem(at, problem))
}

// value holds a decoded value against a type of the model, everything in it
// included.
func (c *checker) value(p place, v any, t reflect.Type) {
	if p.general() == "sshd" {
		c.sshd(p, v)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		m, ok := v.(map[string]any)
		if !ok {
			c.wrongType(p, v, t)
			return
		}
		c.table(p, m, t)
	case reflect.Slice:
		c.list(p, v, t)
	case reflect.Map:
		m, ok := v.(map[string]any)
		if !ok {
			c.wrongType(p, v, t)
			return
		}
		c.openTable(p, m)
	default:
		if !fits(v, t) {
			c.wrongType(p, v, t)
			return
		}
		c.rules(p, v)
	}
}

// fits reports whether a scalar has the type that the model asks for.
func fits(v any, t reflect.Type) bool {
	switch v.(type) {
	case string:
		return t.Kind() == reflect.String
	case bool:
		return t.Kind() == reflect.Bool
	case int64:
		return t.Kind() == reflect.Int
	}
	return false
}

// table checks the keys of a table, and that nothing required is missing.
func (c *checker) table(p place, m map[string]any, t reflect.Type) {
	names := modelNames(t)
	for _, f := range modelFields(t) {
		v, given := m[f.name]
		switch {
		case given:
			c.value(p.child(f.name), v, f.typ)
			if s, ok := v.(string); ok && f.required && s == "" {
				c.at(p.child(f.name), Problem{Code: "missing", Message: f.name + " is empty"})
			}
		case f.required:
			c.missing(p.child(f.name))
		case f.typ.Kind() == reflect.Struct:
			c.table(p.child(f.name), nil, f.typ) // its required keys
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(names, name) {
			c.unknown(p.child(name), names)
		}
	}
	c.tableRules(p, m)
}

func (c *checker) missing(p place) {
	if c.partial {
		return
	}
	hint := ""
	if example := examples[p.general()]; example != "" {
		hint = fmt.Sprintf("add %s = %s", p[len(p)-1].key, example)
		if len(p) > 1 && p[len(p)-2].index < 0 {
			hint += " to [" + p[:len(p)-1].String() + "]"
		}
	}
	c.at(p, Problem{Code: "missing", Message: p.String() + " is missing", Hint: hint})
}

// examples show what a required value looks like.
var examples = map[string]string{
	"name": `"my-image"`, "distro.id": `"debian"`, "distro.release": `"bookworm"`, "overlay.strategy": `"overlayfs"`,
	"repositories.name": `"example"`, "repositories.uri": `"https://packages.example.org/debian"`,
	"repositories.suite": `"stable"`, "repositories.key": `"keys/example.asc"`,
	"users.name": `"ops"`, "files.path": `"/etc/motd"`, "hooks.at": `"after-configure"`,
	"checks.name": `"time is synchronised"`, "checks.command": `"chronyc waitsync 1"`,
}

// list checks an array of text, of numbers or of tables.
func (c *checker) list(p place, v any, t reflect.Type) {
	var items []any
	switch v := v.(type) {
	case []any:
		items = v
	case []map[string]any:
		for _, m := range v {
			items = append(items, m)
		}
	default:
		c.wrongType(p, v, t)
		return
	}
	for i, item := range items {
		c.value(p.element(i), item, t.Elem())
	}
	c.listRules(p, items)
}

// openTable checks a table of any keys: sysctl.
func (c *checker) openTable(p place, m map[string]any) {
	flat := flatten(m)
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		c.sysctl(p.child(key), key, flat[key])
	}
}

// flatten turns nested tables, which is what a dotted key makes, into keys
// with dots in them.
func flatten(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if sub, ok := v.(map[string]any); ok {
			for k2, v2 := range flatten(sub) {
				out[k+"."+k2] = v2
			}
			continue
		}
		out[k] = v
	}
	return out
}

func (c *checker) wrongType(p place, v any, t reflect.Type) {
	hint := ""
	text, isText := v.(string)
	number, isNumber := v.(int64)
	switch {
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Int && isNumber:
		hint = fmt.Sprintf("write it as [%d]", number)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String && isText:
		hint = fmt.Sprintf("write it as [%s]", quoteString(text))
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		hint = fmt.Sprintf("begin each one with a line [[%s]]", p.String())
	case t.Kind() == reflect.Struct:
		hint = fmt.Sprintf("begin it with a line [%s]", p.String())
	case t.Kind() == reflect.Bool && isText:
		hint = "write true or false, without quotes"
	case t.Kind() == reflect.Int && isText:
		hint = "write it without quotes"
	case t.Kind() == reflect.String:
		if n, ok := v.(int64); ok {
			hint = fmt.Sprintf(`write it in quotes: "%d"`, n)
		}
	}
	want := typeName(t)
	if t.Kind() != reflect.String {
		want = "a " + want
	}
	c.at(p, Problem{Code: "wrong-type", Message: fmt.Sprintf("%s is %s, want %s", p.String(), valueName(v), want), Hint: hint})
}

// unknown reports a key that the model does not have.
func (c *checker) unknown(p place, known []string) {
	name := p[len(p)-1].key
	hint := "known here: " + strings.Join(known, ", ")
	if near := nearest(name, known); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	} else if home := homeOf(name); home != "" {
		hint = "that belongs to " + home
	}
	where := ""
	if len(p) > 1 {
		where = " in " + p[:len(p)-1].String()
	}
	c.atKey(p, Problem{Code: "unknown-key", Message: fmt.Sprintf("unknown key %s%s", quoteKey(name), where), Hint: hint})
}

// homeOf names the one section that has a key of this name.
func homeOf(name string) string {
	home := ""
	for _, f := range Fields() {
		if i := strings.LastIndexByte(f.Path, '.'); i >= 0 && f.Path[i+1:] == name {
			if home != "" {
				return ""
			}
			section := f.Path[:i]
			if home = "[" + section + "]"; strings.HasSuffix(section, "[]") {
				home = "[[" + strings.TrimSuffix(section, "[]") + "]]"
			}
		}
	}
	return home
}

// nearest returns the names most like a wrong one: the best, and at most one
// more that is just as good. A difference in case alone counts as nothing, and
// the beginning of a name is near to it.
func nearest(name string, known []string) []string {
	const enough, begun = 0.5, 0.75
	best, near := 0.0, []string(nil)
	for _, k := range known {
		a, b := strings.ToLower(name), strings.ToLower(k)
		s := levenshtein.Match(a, b, nil)
		if len(a) > 2 && strings.HasPrefix(b, a) {
			s = max(s, begun)
		}
		switch {
		case s < enough || s < best:
		case s > best:
			best, near = s, []string{k}
		case len(near) < 2:
			near = append(near, k)
		}
	}
	return near
}
