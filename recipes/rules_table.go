package recipes

import (
	"fmt"
	"regexp"
	"strings"
)

// named are the arrays whose elements must differ in a key.
var named = map[string]string{
	"users": "name", "files": "path", "checks": "name", "repositories": "name", "hooks": "name",
}

// listRules holds an array as a whole against what is asked of it: no two of
// the same name, and an order where it means something.
func (c *checker) listRules(p place, items []any) {
	if key, ok := named[p.general()]; ok {
		c.unique(p, items, key)
		if p.general() == "users" {
			c.unique(p, items, "uid")
		}
	}
	switch p.general() {
	case "output.formats":
		c.uniqueValues(p, items)
	case "overlay.warn_at":
		c.uniqueValues(p, items)
		c.ascending(p, items)
	}
}

// ascending asks that every number is larger than the one before it; what is
// twice the same is for uniqueValues to say.
func (c *checker) ascending(p place, items []any) {
	for i := 1; i < len(items); i++ {
		before, ok := items[i-1].(int64)
		n, ok2 := items[i].(int64)
		if ok && ok2 && n < before {
			c.at(p.element(i), Problem{Code: "bad-value", Message: fmt.Sprintf("%s: %d stands behind %d", p.element(i), n, before),
				Hint: "write them from the smallest to the largest"})
		}
	}
}

func (c *checker) unique(p place, items []any, key string) {
	first := map[any]int{}
	for i, item := range items {
		m, _ := item.(map[string]any)
		v := m[key]
		if !isNameOrNumber(v) || v == "" {
			continue
		}
		if j, ok := first[v]; ok {
			line, _ := c.src.position(c.tree.where(p.element(j).child(key)).start)
			c.at(p.element(i).child(key), Problem{Code: "duplicate",
				Message: fmt.Sprintf("%s %s %v appears twice", p.general(), key, v), Hint: fmt.Sprintf("the first is on line %d", line)})
			continue
		}
		first[v] = i
	}
}

// isNameOrNumber reports whether a value is one to compare: a list cannot be a
// key of a map.
func isNameOrNumber(v any) bool {
	switch v.(type) {
	case string, int64:
		return true
	}
	return false
}

func (c *checker) uniqueValues(p place, items []any) {
	seen := map[any]bool{}
	for i, v := range items {
		if !isNameOrNumber(v) {
			continue
		}
		if seen[v] {
			c.at(p.element(i), Problem{Code: "duplicate", Message: fmt.Sprintf("%v appears twice in %s", v, p)})
		}
		seen[v] = true
	}
}

// tableRules are what the keys of one table ask of each other.
func (c *checker) tableRules(p place, m map[string]any) {
	switch p.general() {
	case "files":
		c.either(p, m, "content", "source", "an empty file has content = \"\"")
	case "hooks":
		c.either(p, m, "script", "source", "give the script itself, or the file that holds it")
	case "repositories":
		suite, _ := m["suite"].(string)
		if components, _ := m["components"].([]any); suite != "" && !strings.HasSuffix(suite, "/") && len(components) == 0 {
			c.at(p, Problem{Code: "missing", Message: p.String() + ".components is missing",
				Hint: `such as components = ["main"]; only a flat repository, whose suite ends in /, has none`})
		}
	case "users":
		name, _ := m["name"].(string)
		uid, given := m["uid"].(int64)
		if given && (uid == 0) != (name == "root") {
			c.at(p.child("uid"), Problem{Code: "bad-value", Message: p.child("uid").String() + ": uid 0 is root's, and root's alone",
				Hint: "leave uid out: the image picks a free one"})
		}
	}
}

// either asks for exactly one of two keys.
func (c *checker) either(p place, m map[string]any, a, b, hint string) {
	_, hasA := m[a]
	_, hasB := m[b]
	switch {
	case hasA && hasB:
		c.atKey(p.child(b), Problem{Code: "conflict", Message: fmt.Sprintf("%s has both %s and %s", p, a, b), Hint: "keep one of them"})
	case !hasA && !hasB && !c.partial:
		c.at(p, Problem{Code: "missing", Message: fmt.Sprintf("%s has neither %s nor %s", p, a, b), Hint: hint})
	}
}

var sysctlKey = regexp.MustCompile(`^[a-z][a-z0-9_]*([./][A-Za-z0-9_:@*-]+)+$`)

// sysctl checks one kernel parameter: sysctl.d(5).
func (c *checker) sysctl(p place, key string, v any) {
	if !sysctlKey.MatchString(key) {
		c.atKey(p, Problem{Code: "bad-value", Message: fmt.Sprintf("%q is no kernel parameter", key), Hint: `such as "net.ipv4.ip_forward" = 1`})
		return
	}
	switch v := v.(type) {
	case int64, bool:
	case string:
		if message, hint := oneLine(v); message != "" {
			c.at(p, Problem{Code: "bad-value", Message: key + ": " + message, Hint: hint})
		}
	default:
		c.at(p, Problem{Code: "wrong-type", Message: fmt.Sprintf("%s is %s, want a number, text or a boolean", key, valueName(v))})
	}
}
