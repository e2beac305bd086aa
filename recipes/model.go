package recipes

import (
	"reflect"
	"strings"
)

// modelField is one key of a table of the model.
type modelField struct {
	name     string
	index    int
	typ      reflect.Type
	required bool // a scalar that must be said
}

// modelFields lists the keys of a table of the model, in its order. The model
// is the Recipe type: a field without omitempty that is not a table must be
// given.
func modelFields(t reflect.Type) []modelField {
	out := make([]modelField, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("toml"), ",")
		out = append(out, modelField{
			name: name, index: i, typ: f.Type,
			required: options != "omitempty" && f.Type.Kind() == reflect.String,
		})
	}
	return out
}

func modelNames(t reflect.Type) []string {
	var names []string
	for _, f := range modelFields(t) {
		names = append(names, f.name)
	}
	return names
}

// Field describes one value that a recipe can hold.
type Field struct {
	Path     string // with [] for every element of an array: "users[].name"
	Type     string // "text", "size", "number", "boolean", "list of text", "table of values"
	Required bool
}

// Fields lists every value of a recipe in the order of the model.
func Fields() []Field {
	var out []Field
	var walk func(t reflect.Type, prefix string)
	walk = func(t reflect.Type, prefix string) {
		for _, f := range modelFields(t) {
			path := prefix + f.name
			switch {
			case f.typ.Kind() == reflect.Struct:
				walk(f.typ, path+".")
			case f.typ.Kind() == reflect.Slice && f.typ.Elem().Kind() == reflect.Struct:
				walk(f.typ.Elem(), path+"[].")
			default:
				out = append(out, Field{Path: path, Type: typeName(f.typ), Required: f.required})
			}
		}
	}
	walk(reflect.TypeFor[Recipe](), "")
	return out
}

// typeName says a type of the model in a recipe author's words.
func typeName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[Size]():
		return "size"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Int:
		return "number"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return "list of text"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Int:
		return "list of numbers"
	case t.Kind() == reflect.Slice:
		return "list of tables"
	case t.Kind() == reflect.Map:
		return "table of values"
	}
	return "table"
}

// valueName says what kind of value stands in a recipe.
func valueName(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case int64:
		return "a number"
	case float64:
		return "a number with a fraction"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "several tables"
	}
	return "a date or time"
}
