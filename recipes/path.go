package recipes

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// step is one part of a path: a key, or the index of an element.
type step struct {
	key   string
	index int // of an element; -1 for a key
}

// place is a path into a recipe, such as users[0].name.
type place []step

func (p place) child(key string) place {
	return append(p[:len(p):len(p)], step{key: key, index: -1})
}

func (p place) element(i int) place {
	return append(p[:len(p):len(p)], step{index: i})
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// quoteKey writes a key as TOML does: bare where that is possible.
func quoteKey(key string) string {
	if bareKey.MatchString(key) {
		return key
	}
	return quoteString(key)
}

// String writes the path as ParsePath reads it.
func (p place) String() string {
	var b strings.Builder
	for i, s := range p {
		if s.index >= 0 {
			fmt.Fprintf(&b, "[%d]", s.index)
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(quoteKey(s.key))
	}
	return b.String()
}

// general is the path with every index left out: the name of a field.
func (p place) general() string {
	keys := make([]string, 0, len(p))
	for _, s := range p {
		if s.index < 0 {
			keys = append(keys, s.key)
		}
	}
	return strings.Join(keys, ".")
}

// Join makes a path of keys, quoting those that need it:
// Join("system", "sysctl", "net.ipv4.ip_forward").
func Join(keys ...string) string {
	var p place
	for _, k := range keys {
		p = p.child(k)
	}
	return p.String()
}

// parsePlace reads a path: keys separated by dots, a key with other characters
// than letters, digits, - and _ in quotes, elements as [0].
func parsePlace(path string) (place, error) {
	bad := func(why string) (place, error) { return nil, fmt.Errorf("path %q: %s", path, why) }
	var p place
	rest := path
	for rest != "" {
		switch {
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 || len(p) == 0 {
				return bad("want an index such as users[0]")
			}
			n, err := strconv.Atoi(rest[1:end])
			if err != nil || n < 0 {
				return bad("want a number between [ and ]")
			}
			p = p.element(n)
			rest = rest[end+1:]
		case rest[0] == '"':
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return bad("a quote is not closed")
			}
			key, err := strconv.Unquote(quoted)
			if err != nil {
				return bad("a quoted key cannot be read")
			}
			p = p.child(key)
			rest = rest[len(quoted):]
		default:
			end := strings.IndexAny(rest, ".[\"")
			if end < 0 {
				end = len(rest)
			}
			if !bareKey.MatchString(rest[:end]) {
				return bad("a key is empty or needs quotes")
			}
			p = p.child(rest[:end])
			rest = rest[end:]
		}
		if strings.HasPrefix(rest, ".") {
			if rest = rest[1:]; rest == "" || rest[0] == '[' {
				return bad("a key is missing after a dot")
			}
		} else if rest != "" && rest[0] != '[' {
			return bad("want a dot between keys")
		}
	}
	if len(p) == 0 {
		return bad("is empty")
	}
	return p, nil
}
