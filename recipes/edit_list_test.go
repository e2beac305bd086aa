package recipes

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestEditList(t *testing.T) {
	const head = minimal + "\n[packages]\ninclude = "
	long := "[\n  # one\n  \"aa\", # 1\n\n  # two\n  \"bb\",   # 2\n  \"cc\" # 3\n  # tail\n] # end\n"
	cases := []struct {
		name, text string
		value      []string
		want       string
	}{
		{"add last", long, []string{"aa", "bb", "cc", "dd"}, strings.Replace(long, "\"cc\" # 3\n", "\"cc\", # 3\n  \"dd\"\n", 1)},
		{"add between", long, []string{"aa", "xx", "bb", "cc"}, strings.Replace(long, "# 1\n", "# 1\n  \"xx\",\n", 1)},
		{"add first", long, []string{"xx", "aa", "bb", "cc"}, strings.Replace(long, "  # one\n", "  \"xx\",\n  # one\n", 1)},
		{"remove first", long, []string{"bb", "cc"}, strings.Replace(long, "  \"aa\", # 1\n", "", 1)},
		{"remove middle", long, []string{"aa", "cc"}, strings.Replace(long, "  \"bb\",   # 2\n", "", 1)},
		{"remove last", long, []string{"aa", "bb"}, strings.Replace(long, "  \"cc\" # 3\n", "", 1)},
		{"change one", long, []string{"aa", "xx", "cc"}, strings.Replace(long, `"bb"`, `"xx"`, 1)},
		{"change and add", long, []string{"aa", "xx", "yy", "cc"}, strings.Replace(long, "\"bb\",   # 2\n", "\"xx\",   # 2\n  \"yy\",\n", 1)},
		{"all gone", long, []string{}, "[\n  # one\n\n  # two\n  # tail\n] # end\n"},
		{"short, add", "[\"aa\"] # x\n", []string{"aa", "bb"}, "[\"aa\", \"bb\"] # x\n"},
		{"short, add first", "[ \"aa\" ]\n", []string{"bb", "aa"}, "[ \"bb\", \"aa\" ]\n"},
		{"short, comma at the end", "[\"aa\",]\n", []string{"aa", "bb"}, "[\"aa\", \"bb\",]\n"},
		{"short, remove last", "[\"aa\", \"bb\"]\n", []string{"aa"}, "[\"aa\"]\n"},
		{"short, remove first", "[\"aa\", \"bb\"]\n", []string{"bb"}, "[\"bb\"]\n"},
		{"short, remove only", "[\"aa\"]\n", []string{}, "[]\n"},
		{"short, remove only with comma", "[\"aa\",]\n", []string{}, "[]\n"},
		{"empty", "[]\n", []string{"aa", "bb"}, "[\"aa\", \"bb\"]\n"},
		{"empty with comments", "[\n  # \"aa\",\n]\n", []string{"bb"}, "[\n  # \"aa\",\n  \"bb\",\n]\n"},
		{"several on a line", "[\n  \"aa\", \"bb\", # ab\n  \"cc\",\n]\n", []string{"aa", "cc"}, "[\n  \"aa\", # ab\n  \"cc\",\n]\n"},
		{"several on a line, add", "[\n  \"aa\", \"bb\", # ab\n  \"cc\",\n]\n", []string{"aa", "xx", "bb", "cc"}, "[\n  \"aa\", \"xx\", \"bb\", # ab\n  \"cc\",\n]\n"},
		{"comma on the next line", "[\n  \"aa\"\n  , \"bb\"\n]\n", []string{"bb"}, "[\n   \"bb\"\n]\n"},
		{"reorder", "[\"aa\", \"bb\", \"cc\"]\n", []string{"cc", "aa", "bb"}, "[\"cc\", \"aa\", \"bb\"]\n"},
	}
	for _, c := range cases {
		for _, ends := range []string{"\n", "\r\n"} {
			t.Run(fmt.Sprintf("%s %q", c.name, ends), func(t *testing.T) {
				d := mustParse(t, strings.ReplaceAll(head+c.text, "\n", ends))
				if err := d.Set("packages.include", c.value); err != nil {
					t.Fatal(err)
				}
				want := strings.ReplaceAll(head+c.want, "\n", ends)
				if got := string(d.Source); got != want {
					t.Errorf("the list became\n%s\nwant\n%s", changedLines(head, got), changedLines(head, want))
				}
			})
		}
	}
}

// TestEditLongList: a list that does not fit on a line is written over several.
func TestEditLongList(t *testing.T) {
	d := mustParse(t, minimal)
	var names []string
	want := "[\n"
	for i := range 12 {
		names = append(names, fmt.Sprintf("package-number-%d", i))
		want += fmt.Sprintf("  \"package-number-%d\",\n", i)
	}
	if err := d.Set("packages.include", names); err != nil {
		t.Fatal(err)
	}
	if got := string(d.Source); !strings.Contains(got, want+"]\n") {
		t.Error(changedLines(minimal, got))
	}
}

// TestEditAnyList edits lists that are laid out in every way: no edit may be
// refused, and comments on lines of their own stay.
func TestEditAnyList(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	for range 1000 {
		var old []any
		text := pick("[", "[ ", "[\n  ", "[ # open\n  ", "[\n\n  # own 0\n  ")
		n := r.IntN(6)
		for i := range n {
			name := fmt.Sprintf("p%d", i)
			old = append(old, name)
			text += pick(`"`+name+`"`, "'"+name+"'")
			if i+1 < n {
				text += pick(", ", ",", ",\n  ", ", # after\n  ", ",\n  # own 1\n  ", " ,", "\n  , ", " # before\n  , ", ",\n\n\t")
			}
		}
		if n > 0 {
			text += pick("", ",", " ,", " # last\n", ",\n", ", # last\n", "\n", "\n  # own 2\n")
		}
		text += pick("]", " ]", "\n]")
		var value []any
		for _, v := range old {
			switch r.IntN(5) {
			case 0: // gone
			case 1:
				value = append(value, v.(string)+"x")
			case 2:
				value = append(value, v, fmt.Sprintf("n%d", r.IntN(100)))
			default:
				value = append(value, v)
			}
		}
		if r.IntN(3) == 0 {
			value = slices.Insert(value, 0, any("new"))
		}
		if r.IntN(5) == 0 {
			slices.Reverse(value)
		}
		whole := minimal + "\n[packages]\ninclude = " + text + " # end\n"
		if r.IntN(2) == 0 {
			whole = strings.ReplaceAll(whole, "\n", "\r\n")
		}
		d := mustParse(t, whole)
		if err := d.Set("packages.include", value); err != nil {
			t.Fatalf("%v to %v in\n%s\n%v", old, value, text, err)
		}
		for _, comment := range []string{"# own 0", "# own 1", "# own 2", "# end", "# open"} {
			if before, after := strings.Count(whole, comment), strings.Count(string(d.Source), comment); before != after {
				t.Fatalf("%d of %d %q are left: %v to %v in\n%s\ngave\n%s", after, before, comment, old, value, whole, d.Source)
			}
		}
	}
}

// TestEditAnything makes long walks of random edits through a recipe: an edit
// is made, or refused for what it asks, never for how the text is written.
func TestEditAnything(t *testing.T) {
	full := mustParse(t, string(readFull(t)))
	var paths []string
	for _, f := range Fields() {
		path := strings.ReplaceAll(f.Path, "[]", "[0]")
		if c := newValues[f.Path]; c.path != "" {
			path = c.path
		}
		paths = append(paths, path)
	}
	user, _ := full.Value("users[0]")
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 3))
		text := []string{minimal, string(readFull(t)), string(builtinSources()[0].text)}[r.IntN(3)]
		if r.IntN(2) == 0 {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		d := mustParse(t, text)
		for range 50 {
			path := paths[r.IntN(len(paths))]
			var err error
			what := "set"
			switch r.IntN(5) {
			case 0:
				what = "unset"
				err = d.Unset(path)
			case 1:
				what = "append"
				err = d.Append("users", user.(map[string]any))
			case 2:
				what = "remove"
				section, _, _ := strings.Cut(path, ".")
				err = d.Unset(section)
			default:
				value, _ := full.Value(path)
				err = d.Set(path, value)
				if got, _ := d.Value(path); err == nil && !reflect.DeepEqual(got, value) {
					t.Fatalf("%s is %v, want %v", path, got, value)
				}
			}
			if errors.Is(err, errOther) {
				t.Fatalf("%s %s: %v in\n%s", what, path, err, d.Source)
			}
		}
	}
}
