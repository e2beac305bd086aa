package recipes

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Set gives one value of the recipe, or a whole table or list of it, a new
// value: Set("sshd.AddressFamily", "inet"), Set("users[0].groups",
// []string{"adm"}). Only the bytes of that value change in the text; one that
// is missing so far is written where it belongs. A path that ends in [] adds
// the value to a list that does not have it yet. The error is Problems if the
// recipe does not allow the value; nothing has changed then.
func (d *Document) Set(path string, value any) error {
	path, add := strings.CutSuffix(path, "[]")
	at, err := parsePlace(path)
	if err != nil {
		return err
	}
	if value == nil {
		return d.Unset(path)
	}
	if add {
		return d.add(path, at, value)
	}
	plain, err := toPlain(value)
	if err != nil {
		return fmt.Errorf("set %s: %w", path, err)
	}
	values := d.plain
	want, err := with(values, at, plain)
	if err != nil {
		return fmt.Errorf("set %s: %w", path, err)
	}
	was, _ := lookup(values, at)
	return d.change("set "+path, want, func(p *patch) error { return p.set(at, was, plain) })
}

// add adds one value to a list.
func (d *Document) add(path string, at place, value any) error {
	plain, err := toPlain(value)
	if err != nil {
		return fmt.Errorf("add to %s: %w", path, err)
	}
	if table, ok := plain.(map[string]any); ok {
		return d.Append(path, table)
	}
	was, _ := lookup(d.plain, at)
	items, _ := was.([]any)
	if slices.ContainsFunc(items, func(v any) bool { return reflect.DeepEqual(v, plain) }) {
		return nil
	}
	return d.Set(path, append(slices.Clone(items), plain))
}

// Unset takes a value, a table or an element out of the recipe, as Remove does.
// What is not there needs no taking out.
func (d *Document) Unset(path string) error {
	at, err := parsePlace(path)
	if err != nil {
		return err
	}
	want := without(d.plain, at)
	return d.change("unset "+path, want, func(p *patch) error { p.remove(at); return nil })
}

// Append adds one more element to a list of tables: Append("users",
// map[string]any{"name": "ops"}).
func (d *Document) Append(path string, table map[string]any) error {
	at, err := parsePlace(path)
	if err != nil {
		return err
	}
	plain, err := toPlain(table)
	if err != nil {
		return fmt.Errorf("append to %s: %w", path, err)
	}
	values := d.plain
	was, _ := lookup(values, at)
	items, ok := was.([]any)
	if was != nil && !ok {
		return fmt.Errorf("append to %s: it is no list", path)
	}
	want, err := with(values, at, append(items[:len(items):len(items)], plain))
	if err != nil {
		return fmt.Errorf("append to %s: %w", path, err)
	}
	return d.change("append to "+path, want, func(p *patch) error { return p.appendTable(at, plain.(map[string]any)) })
}

// Remove takes one element out: Remove("users[1]"). The comment right above an
// element under its own header goes with it.
func (d *Document) Remove(path string) error {
	at, err := parsePlace(path)
	if err != nil {
		return err
	}
	if _, ok := lookup(d.plain, at); !ok {
		return fmt.Errorf("remove %s: there is no such element", path)
	}
	return d.Unset(path)
}

// Apply makes the changes of a fix: all of them, or none if one is refused.
func (d *Document) Apply(f Fix) error {
	before := *d
	for _, e := range f.Edits {
		if err := d.Set(e.Path, e.Value); err != nil {
			*d = before
			return fmt.Errorf("fix %q: %w", f.Title, err)
		}
	}
	return nil
}

// Value returns the plain value at a path (string, int64, bool, []any,
// map[string]any), and whether the recipe gives one.
func (d *Document) Value(path string) (any, bool) {
	at, err := parsePlace(path)
	if err != nil {
		return nil, false
	}
	v, ok := lookup(d.plain, at)
	return canonicalValue(v), ok // a copy
}

// errOther says that a patch did something else than was asked for.
var errOther = errors.New("the text around it is written in a way that cannot be edited safely; please edit the file by hand")

// change patches the text, reads it again, and takes it over only if it means
// exactly what is wanted.
func (d *Document) change(what string, want any, edit func(*patch) error) error {
	p := newPatch(d.Source)
	if err := edit(p); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	changed, err := Parse(d.Path, p.text)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if !reflect.DeepEqual(meaning(changed.plain), meaning(want)) {
		return fmt.Errorf("%s: %w", what, errOther)
	}
	changed.disk = d.disk
	*d = *changed
	return nil
}
