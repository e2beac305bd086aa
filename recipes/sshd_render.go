package recipes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Matches returns the Match blocks, each with its "Criteria".
func (s SSHD) Matches() []map[string]any {
	blocks, _ := s["Match"].([]map[string]any)
	return blocks
}

// Render returns the settings as lines of sshd_config(5): directives in the
// order of the alphabet, then Match blocks in theirs. It is empty if nothing
// is set.
func (s SSHD) Render() string {
	var b strings.Builder
	render(&b, "", s)
	for _, block := range s.Matches() {
		fmt.Fprintf(&b, "\nMatch %s\n", block["Criteria"])
		render(&b, "    ", block)
	}
	return strings.TrimPrefix(b.String(), "\n")
}

func render(b *strings.Builder, indent string, values map[string]any) {
	for _, d := range directives {
		v, ok := values[d.Name]
		if !ok {
			continue
		}
		for _, line := range d.lines(v) {
			fmt.Fprintf(b, "%s%s %s\n", indent, d.Name, line)
		}
	}
}

// lines returns the arguments of a directive, one text for each line that its
// value takes in sshd_config.
func (d Directive) lines(v any) []string {
	items, isList := v.([]any)
	if !isList {
		return []string{d.argument(v, false)}
	}
	var out []string
	for _, item := range items {
		out = append(out, d.argument(item, d.Kind == KindWords))
	}
	switch {
	case d.Repeats:
		return out
	case d.Kind == KindAlgorithms:
		return []string{strings.Join(out, ",")}
	}
	return []string{strings.Join(out, " ")}
}

// argument writes a single value; whole says that text is one argument even if
// the directive takes several.
func (d Directive) argument(v any, whole bool) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case string:
		if d.Kind == KindCommand || d.Kind == KindAlgorithms || d.Kind == KindWords && !whole || d.Name == "ListenAddress" {
			return v
		}
		return quoteArgument(v)
	}
	return fmt.Sprint(v)
}

// quoteArgument quotes an argument that sshd would otherwise split or cut.
func quoteArgument(s string) string {
	if !strings.ContainsAny(s, " \t#\"'\\") {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// text returns the first value that is set for a directive, written as in
// sshd_config, or else what holds on the distro without it.
func (s SSHD) text(name, distro string) string {
	d, ok := DirectiveByName(name)
	if !ok {
		return ""
	}
	if v, set := s[name]; set {
		if lines := d.lines(v); len(lines) > 0 {
			return lines[0]
		}
	}
	return d.DefaultOn(distro)
}

// words returns every argument of a directive that takes several.
func (s SSHD) words(name string) []string {
	d, ok := DirectiveByName(name)
	v, set := s[name]
	if !ok || !set {
		return nil
	}
	var out []string
	for _, line := range d.lines(v) {
		out = append(out, splitWords(line)...)
	}
	return out
}

// names returns the directives that are set, Match aside, sorted.
func (s SSHD) names() []string {
	names := slices.Sorted(maps.Keys(s))
	return slices.DeleteFunc(names, func(n string) bool { return n == "Match" })
}
