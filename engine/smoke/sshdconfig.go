package smoke

import (
	"strings"

	"slipway/recipes"
)

// Config is what `sshd -T` prints: values by directive in small letters, in
// order; a directive may stand on several lines.
type Config map[string][]string

// ParseConfig reads the output of `sshd -T`. Lines that sshd writes about its
// own troubles are left out.
func ParseConfig(text string) Config {
	c := Config{}
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && key != "" && key == strings.ToLower(key) && !strings.ContainsAny(key, ":/") {
			c[key] = append(c[key], value)
		}
	}
	return c
}

// Is reports whether a directive has exactly this value, in any case.
func (c Config) Is(name, value string) bool {
	v := c[strings.ToLower(name)]
	return len(v) == 1 && strings.EqualFold(v[0], value)
}

// First returns the first value of a directive.
func (c Config) First(name string) string {
	if v := c[strings.ToLower(name)]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Mismatches compares what the recipe sets with the output of `sshd -T`, and
// names each difference.
func Mismatches(s recipes.SSHD, dump string) []string {
	var out []string
	lines := strings.Split(dump, "\n")
	for _, setting := range s.Effective() {
		found, ok := setting.Holds(lines)
		if ok {
			continue
		}
		is := "is not set"
		if len(found) > 0 {
			is = "is " + values(found)
		}
		wants := "something else"
		if len(setting.Want) > 0 {
			wants = values(setting.Want)
		}
		out = append(out, setting.Directive+" "+is+", the recipe says "+wants)
	}
	return out
}

// values drops the directive's name from its lines.
func values(lines []string) string {
	var out []string
	for _, l := range lines {
		_, v, _ := strings.Cut(l, " ")
		out = append(out, v)
	}
	return strings.Join(out, ", ")
}
