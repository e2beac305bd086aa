package recipes

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

// sshd checks the directives of [sshd].
func (c *checker) sshd(p place, v any) {
	m, ok := v.(map[string]any)
	if !ok {
		c.at(p, Problem{Code: "wrong-type", Message: "sshd is " + valueName(v) + ", want a table", Hint: "begin it with a line [sshd]"})
		return
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if name == "Match" {
			c.matches(p.child(name), m[name])
			continue
		}
		c.directive(p.child(name), name, m[name], false)
	}
}

// matches checks [[sshd.Match]].
func (c *checker) matches(p place, v any) {
	var blocks []any
	switch v := v.(type) {
	case []map[string]any:
		for _, m := range v {
			blocks = append(blocks, m)
		}
	case []any:
		blocks = v
	default:
		blocks = []any{nil}
	}
	for i, block := range blocks {
		m, ok := block.(map[string]any)
		at := p.element(i)
		if !ok {
			c.at(p, Problem{Code: "wrong-type", Message: "sshd.Match is " + valueName(v) + ", want several tables",
				Hint: "begin each one with a line [[sshd.Match]]"})
			return
		}
		if _, ok := m["Criteria"]; !ok && !c.partial {
			c.at(at, Problem{Code: "missing", Message: at.String() + ".Criteria is missing", Hint: `such as Criteria = "User git"`})
		}
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if name == "Criteria" {
				c.criteria(at.child(name), m[name])
				continue
			}
			c.directive(at.child(name), name, m[name], true)
		}
	}
}

var criteria = []string{"All", "User", "Group", "Host", "LocalAddress", "LocalPort", "RDomain", "Address"}

// criteria checks the conditions of a Match block: pairs of a criterion and a
// pattern, or All.
func (c *checker) criteria(p place, v any) {
	s, ok := v.(string)
	if !ok {
		c.at(p, Problem{Code: "wrong-type", Message: p.String() + " is " + valueName(v) + ", want text", Hint: `such as "User git"`})
		return
	}
	bad := func(message, hint string) {
		c.at(p, Problem{Code: "bad-value", Message: p.String() + ": " + message, Hint: hint})
	}
	words := strings.Fields(s)
	switch {
	case strings.ContainsFunc(s, isControl):
		bad(oneLine(s))
		return
	case len(words) == 0:
		bad("no condition", `such as "User git", or "All"`)
		return
	case len(words) == 1 && strings.EqualFold(words[0], "all"):
		return
	}
	for i := 0; i < len(words); i += 2 {
		known := slices.ContainsFunc(criteria[1:], func(k string) bool { return strings.EqualFold(k, words[i]) })
		switch {
		case !known:
			hint := "known: " + strings.Join(criteria, ", ")
			if near := nearest(words[i], criteria); len(near) > 0 {
				hint = "did you mean " + strings.Join(near, " or ") + "?"
			}
			bad(fmt.Sprintf("unknown criterion %q", words[i]), hint)
			return
		case i+1 == len(words):
			bad(fmt.Sprintf("%s needs a pattern", words[i]), fmt.Sprintf("such as %q", words[i]+" git*"))
			return
		}
	}
}

// directive checks one directive and its value.
func (c *checker) directive(p place, name string, v any, match bool) {
	d, ok := DirectiveByName(name)
	if !ok {
		c.unknownDirective(p, name, match)
		return
	}
	if match && !d.Match {
		c.atKey(p, Problem{Code: "not-in-match", Message: d.Name + " cannot stand in a Match block", Hint: "put it into [sshd]"})
	}
	if have := versions[c.release]; d.Since != "" && have != "" && newer(d.Since, have) {
		c.atKey(p, Problem{Code: "sshd-too-old", Message: fmt.Sprintf("%s came with OpenSSH %s; %s has %s", d.Name, d.Since, c.release, have),
			Hint: "leave it out: sshd would not start"})
	}
	if items, isList := v.([]any); isList && (d.Repeats || d.Kind == KindWords || d.Kind == KindAlgorithms) {
		for i, item := range items {
			c.directiveValue(p.element(i), d, item, true)
			if text, _ := item.(string); i > 0 && d.Kind == KindAlgorithms && text != "" && strings.ContainsAny(text[:1], "+-^") {
				c.at(p.element(i), Problem{Code: "bad-value", Message: fmt.Sprintf("%s: %q changes the default, which only the first of a list can do", p, text), Hint: "want " + d.Allows()})
			}
		}
		if len(items) == 0 {
			c.at(p, Problem{Code: "bad-value", Message: p.String() + " is an empty list", Hint: "leave it out for the default"})
		}
		return
	}
	c.directiveValue(p, d, v, false)
}

func (c *checker) directiveValue(p place, d Directive, v any, element bool) {
	if message := d.refuses(v, element); message != "" {
		code := "bad-value"
		if strings.HasPrefix(message, "is ") {
			code = "wrong-type"
		}
		hint := "want " + d.Allows()
		if s, ok := v.(string); ok && d.Kind == KindEnum {
			if near := nearest(s, d.Values); len(near) > 0 {
				hint = "did you mean " + strings.Join(near, " or ") + "? allowed: " + d.Allows()
			}
		}
		c.at(p, Problem{Code: code, Message: p.String() + " " + message, Hint: hint})
	}
}

func (c *checker) unknownDirective(p place, name string, match bool) {
	var known []string
	for _, d := range directives {
		if !match || d.Match {
			known = append(known, d.Name)
		}
	}
	hint := "sshd_config(5) lists the directives"
	for old, now := range oldNames {
		if strings.EqualFold(old, name) {
			c.atKey(p, Problem{Code: "unknown-key", Message: "unknown directive " + quoteKey(name), Hint: now})
			return
		}
	}
	if near := nearest(name, append(known, "Match", "Criteria")); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	c.atKey(p, Problem{Code: "unknown-key", Message: "unknown directive " + quoteKey(name), Hint: hint})
}

// sshTime is a time of sshd_config(5).
var sshTime = regexp.MustCompile(`^([0-9]+[sSmMhHdDwW]?)+$`)

var algorithm = regexp.MustCompile(`^[+^-]?[A-Za-z0-9@.*?_/-]+$`)

// refuses says why a directive cannot have a value, or a list of it such an
// element; "" if it can. A message about its type begins with "is".
func (d Directive) refuses(v any, element bool) string {
	s, isText := v.(string)
	n, isNumber := v.(int64)
	_, isBool := v.(bool)
	wrongType := "is " + valueName(v)
	switch {
	case isText && (s == "" || strings.ContainsFunc(s, isControl)):
		return "is empty, or has a line break in it"
	case isText && slices.Contains(d.Values, s):
		return ""
	case isBool && (d.Kind == KindBool || slices.Contains(d.Values, "yes")):
		return ""
	}
	switch d.Kind {
	case KindBool:
		if !isText {
			return wrongType
		}
		if s != "yes" && s != "no" {
			return fmt.Sprintf("cannot be %q", s)
		}
	case KindInt:
		if !isNumber {
			return wrongType
		}
		return d.outOfRange(n)
	case KindTime:
		if isNumber {
			return d.outOfRange(n)
		}
		if !isText {
			return wrongType
		}
		seconds, ok := sshSeconds(s)
		if !ok {
			return fmt.Sprintf("cannot be %q", s)
		}
		return d.outOfRange(seconds)
	default:
		if isNumber && d.shape != nil && d.shape.MatchString(itoa(n)) {
			return ""
		}
		if !isText {
			return wrongType
		}
		return d.refusesText(s, element)
	}
	return ""
}

func (d Directive) refusesText(s string, element bool) string {
	refused := fmt.Sprintf("cannot be %q", s)
	switch d.Kind {
	case KindEnum:
		return refused
	case KindFile:
		if !path.IsAbs(s) {
			return fmt.Sprintf("%q is no absolute path", s)
		}
	case KindAlgorithms:
		for i, a := range strings.Split(s, ",") {
			if !algorithm.MatchString(a) || i > 0 && strings.ContainsAny(a[:1], "+-^") {
				return refused
			}
		}
	case KindWords:
		words := []string{s}
		if !element {
			words = splitWords(s)
		}
		for _, w := range words {
			if d.shape != nil && !d.shape.MatchString(w) {
				return fmt.Sprintf("cannot be %q", w)
			}
		}
	case KindCommand:
		if d.Name == "Subsystem" && len(strings.Fields(s)) < 2 {
			return fmt.Sprintf("%q has no command", s)
		}
	default:
		if d.shape != nil && !d.shape.MatchString(s) {
			return refused
		}
	}
	return ""
}

func (d Directive) outOfRange(n int64) string {
	if n < d.Min || n > d.Max {
		return fmt.Sprintf("%d is out of range %d to %d", n, d.Min, d.Max)
	}
	return ""
}

// sshSeconds adds up a time such as 1h30m.
func sshSeconds(s string) (int64, bool) {
	if !sshTime.MatchString(s) {
		return 0, false
	}
	units := map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 7 * 86400}
	var total, n int64
	digits := false
	for i := range len(s) {
		if c := s[i]; c >= '0' && c <= '9' {
			n, digits = n*10+int64(c-'0'), true
		} else {
			n, digits = n*units[c|0x20], false
			total, n = total+n, 0
		}
		if n > maxInt || total > maxInt {
			return maxInt + 1, true
		}
	}
	if digits {
		total += n
	}
	return total, true
}

// splitWords splits text at spaces as sshd does, with double quotes around
// words that have spaces in them.
func splitWords(s string) []string {
	var words []string
	var w strings.Builder
	quoted, some := false, false
	for _, r := range s {
		switch {
		case r == '"':
			quoted, some = !quoted, true
		case (r == ' ' || r == '\t') && !quoted:
			if some {
				words = append(words, w.String())
			}
			w.Reset()
			some = false
		default:
			w.WriteRune(r)
			some = true
		}
	}
	if some {
		words = append(words, w.String())
	}
	return words
}
