package recipes

import (
	"fmt"
	"strings"
)

// quoteString writes text as a basic string of TOML.
func quoteString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\t':
			b.WriteString(`\t`)
		case '\r':
			b.WriteString(`\r`)
		default:
			if r < ' ' || r == 0x7f {
				fmt.Fprintf(&b, `\u%04X`, r)
				continue
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// lineWidth is where a list is broken into lines of its own.
const lineWidth = 96

// encode writes a plain value in the way of the text that stood there before:
// its kind of quotes, its lines. indent is that of the line it begins on.
func (p *patch) encode(v any, was, indent string) string {
	switch v := v.(type) {
	case string:
		return p.encodeString(v, was)
	case []any:
		one := p.encodeInline(v)
		if len(one)+len(indent) <= lineWidth && !strings.Contains(was, "\n") || len(v) < 2 {
			return one
		}
		var b strings.Builder
		b.WriteString("[" + p.nl)
		for _, item := range v {
			b.WriteString(indent + "  " + p.encodeInline(item) + "," + p.nl)
		}
		b.WriteString(indent + "]")
		return b.String()
	}
	return p.encodeInline(v)
}

// encodeInline writes a plain value on one line.
func (p *patch) encodeInline(v any) string {
	switch v := v.(type) {
	case string:
		return quoteString(v)
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = p.encodeInline(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, k := range order(nil, v) {
			parts = append(parts, quoteKey(k)+" = "+p.encodeInline(v[k]))
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return fmt.Sprint(v)
}

// encodeString keeps to the quotes of the text that stood there before; text of
// several lines goes between """, unless the file's own line ends would get
// into it.
func (p *patch) encodeString(s, was string) string {
	plain := !strings.ContainsFunc(s, func(r rune) bool { return isControl(r) && r != '\n' && r != '\t' })
	lines := strings.Contains(s, "\n") && p.nl == "\n" && plain
	switch {
	case lines && strings.HasPrefix(was, "'''") && !strings.Contains(s, "'''") && !strings.HasSuffix(s, "'"):
		return "'''\n" + s + "'''"
	case lines:
		return `"""` + "\n" + escapeLines(s) + `"""`
	case strings.HasPrefix(was, "'") && plain && !strings.ContainsAny(s, "'\n"):
		return "'" + s + "'"
	}
	return quoteString(s)
}

// escapeLines writes text for between """ and """.
func escapeLines(s string) string {
	s = strings.ReplaceAll(s, `\`, `\\`)
	if strings.Contains(s, `"""`) || strings.HasSuffix(s, `"`) {
		s = strings.ReplaceAll(s, `"`, `\"`)
	}
	return s
}
