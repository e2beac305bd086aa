package recipes

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Plain values are what TOML can hold: string, int64, bool, []any and
// map[string]any of these. Edits are made to plain values and to the text side
// by side, and must agree.

// toPlain turns a Go value, a struct of the model included, into a plain one.
// Fields of a struct that say nothing are left out.
func toPlain(v any) (any, error) {
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.String:
		return rv.String(), nil
	case reflect.Bool:
		return rv.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return rv.Int(), nil
	case reflect.Float64:
		if n := int64(rv.Float()); float64(n) == rv.Float() {
			return n, nil // a number out of JSON
		}
	case reflect.Pointer:
		if !rv.IsNil() {
			return toPlain(rv.Elem().Interface())
		}
	case reflect.Slice:
		out := make([]any, 0, rv.Len())
		for i := range rv.Len() {
			p, err := toPlain(rv.Index(i).Interface())
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		return out, nil
	case reflect.Map:
		out := map[string]any{}
		for it := rv.MapRange(); it.Next(); {
			p, err := toPlain(it.Value().Interface())
			if err != nil {
				return nil, err
			}
			out[it.Key().String()] = p
		}
		return out, nil
	case reflect.Struct:
		return structToPlain(rv)
	}
	return nil, fmt.Errorf("a value of type %T cannot be written into a recipe", v)
}

func structToPlain(rv reflect.Value) (any, error) {
	out := map[string]any{}
	for _, f := range modelFields(rv.Type()) {
		fv := rv.Field(f.index)
		if fv.IsZero() {
			continue
		}
		p, err := toPlain(fv.Interface())
		if err != nil {
			return nil, err
		}
		if m, ok := p.(map[string]any); !ok || len(m) > 0 {
			out[f.name] = p
		}
	}
	return out, nil
}

// canonical brings decoded values into one form: arrays of tables as lists,
// kernel parameters by their whole name.
func canonical(values map[string]any) map[string]any {
	out, _ := canonicalValue(values).(map[string]any)
	if system, ok := out["system"].(map[string]any); ok {
		if sysctl, ok := system["sysctl"].(map[string]any); ok {
			system["sysctl"] = flatten(sysctl)
		}
	}
	return out
}

func canonicalValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[k] = canonicalValue(item)
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, m := range v {
			out[i] = canonicalValue(m)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = canonicalValue(item)
		}
		return out
	}
	return v
}

// meaning is what plain values say: without tables and lists that are empty,
// which say nothing. Text can have either after an edit.
func meaning(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for k, item := range m {
		switch item := meaning(item).(type) {
		case map[string]any:
			if len(item) > 0 {
				out[k] = item
			}
		case []any:
			if len(item) > 0 {
				out[k] = item
			}
		default:
			out[k] = item
		}
	}
	return out
}

// lookup returns the plain value at a place.
func lookup(v any, p place) (any, bool) {
	for _, s := range p {
		ok := false
		switch t := v.(type) {
		case map[string]any:
			v, ok = t[s.key]
		case []any:
			if ok = s.index >= 0 && s.index < len(t); ok {
				v = t[s.index]
			}
		}
		if !ok {
			return nil, false
		}
	}
	return v, true
}

// with returns a copy of plain values with one of them set. Tables on the way
// are made; elements are not.
func with(v any, p place, value any) (any, error) {
	if len(p) == 0 {
		return value, nil
	}
	if s := p[0]; s.index >= 0 {
		list, _ := v.([]any)
		if s.index >= len(list) {
			return nil, fmt.Errorf("there is no element %d", s.index)
		}
		list = slices.Clone(list)
		changed, err := with(list[s.index], p[1:], value)
		list[s.index] = changed
		return list, err
	}
	table, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, fmt.Errorf("%q lies below something that is no table", p[0].key)
	}
	table = maps.Clone(table)
	if table == nil {
		table = map[string]any{}
	}
	changed, err := with(table[p[0].key], p[1:], value)
	table[p[0].key] = changed
	return table, err
}

// without returns a copy of plain values with one of them left out.
func without(v any, p place) any {
	if len(p) == 0 {
		return v
	}
	s, last := p[0], len(p) == 1
	switch t := v.(type) {
	case []any:
		if s.index < 0 || s.index >= len(t) {
			return v
		}
		t = slices.Clone(t)
		if last {
			return slices.Delete(t, s.index, s.index+1)
		}
		t[s.index] = without(t[s.index], p[1:])
		return t
	case map[string]any:
		if _, ok := t[s.key]; !ok {
			return v
		}
		t = maps.Clone(t)
		if last {
			delete(t, s.key)
		} else {
			t[s.key] = without(t[s.key], p[1:])
		}
		return t
	}
	return v
}

// modelType returns the type of the model at a place; nil where it knows none.
func modelType(p place) reflect.Type {
	t := reflect.TypeFor[Recipe]()
	for _, s := range p {
		switch {
		case t == nil:
			return nil
		case s.index >= 0:
			if t.Kind() != reflect.Slice {
				return nil
			}
			t = t.Elem()
		case t.Kind() == reflect.Struct:
			i := slices.Index(modelNames(t), s.key)
			if i < 0 {
				return nil
			}
			t = modelFields(t)[i].typ
		default:
			return nil
		}
	}
	return t
}

// order returns the keys of a table at a place as they are best written: in the
// order of the model; the conditions of a Match block first.
func order(p place, table map[string]any) []string {
	keys := slices.Sorted(maps.Keys(table))
	slices.SortStableFunc(keys, func(a, b string) int { return rank(p, a) - rank(p, b) })
	return keys
}

// rank is a key's number in the model's table at a place; keys that have none
// come last.
func rank(p place, key string) int {
	if key == "Criteria" {
		return -1
	}
	if t := modelType(p); t != nil && t.Kind() == reflect.Struct {
		if i := slices.Index(modelNames(t), key); i >= 0 {
			return i
		}
	}
	return 1 << 10
}
