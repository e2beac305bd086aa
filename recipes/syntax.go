package recipes

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/pelletier/go-toml/v2/unstable"
)

const (
	maxSource  = 1 << 20 // bytes of a recipe; larger texts belong into files beside it
	maxDepth   = 32      // of nested arrays, tables and dotted keys
	maxSyntax  = 25      // faults of syntax reported of one recipe: the text is read anew after each
	maxProblem = 100     // other problems
)

// decodeValues reads a source to plain values. Where the syntax is broken, what
// is broken is reported, blanked out and read again, so that one slip does not
// hide the rest; the values and the text that remained are returned as well.
func decodeValues(src source) (values map[string]any, rest source, problems Problems) {
	if p, ok := unreadable(src); ok {
		return nil, source{name: src.name}, Problems{p}
	}
	work := source{name: src.name, text: bytes.Clone(src.text)}
	for len(problems) < maxSyntax {
		values = nil
		at, message, ok := firstFault(work, &values)
		if ok {
			return values, work, problems
		}
		problems = append(problems, syntaxProblem(src, work, at, message))
		if !blank(work, at.start) {
			break
		}
	}
	return nil, source{name: src.name}, problems
}

// unreadable reports what makes a source no text at all.
func unreadable(src source) (Problem, bool) {
	fault := func(at span, message, hint string) (Problem, bool) {
		return src.problem(at, Problem{Code: "not-text", Message: message, Hint: hint}), true
	}
	switch {
	case len(src.text) > maxSource:
		return fault(span{}, fmt.Sprintf("recipe is larger than %d KiB", maxSource>>10),
			"put large contents into files beside the recipe and name them with source")
	case bytes.HasPrefix(src.text, []byte("\xff\xfe")), bytes.HasPrefix(src.text, []byte("\xfe\xff")):
		return fault(span{}, "file is UTF-16", "save it as UTF-8")
	case !utf8.Valid(src.text):
		at := 0
		for rest := src.text; ; {
			r, n := utf8.DecodeRune(rest)
			if r == utf8.RuneError && n == 1 {
				break
			}
			at, rest = at+n, rest[n:]
		}
		return fault(span{at, at + 1}, fmt.Sprintf("byte 0x%02x is not UTF-8", src.text[at]), "save the file as UTF-8")
	}
	return Problem{}, false
}

// firstFault decodes a source into values; if it cannot, it says where and why.
// go-toml goes first: it bounds nesting, and its positions are exact.
func firstFault(src source, values *map[string]any) (at span, message string, ok bool) {
	base := src.bom()
	text := src.text[base:]
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		if k := deepKey(p.Expression(), maxDepth); k != nil {
			start := base + int(k.Raw.Offset)
			return span{start, start + int(k.Raw.Length)}, fmt.Sprintf("nested more than %d levels deep", maxDepth), false
		}
	}
	var syntax *unstable.ParserError
	if errors.As(p.Error(), &syntax) {
		r := p.Range(syntax.Highlight)
		at = span{base + int(r.Offset), base + int(r.Offset+r.Length)}
		if strings.Contains(syntax.Message, "nested more than") {
			return at, fmt.Sprintf("nested more than %d levels deep", maxDepth), false
		}
	}
	var broken toml.ParseError
	err := decodeInto(text, values)
	switch {
	case errors.As(err, &broken):
		start := min(base+max(0, broken.Position.Start), len(src.text))
		if syntax == nil || bytes.ContainsRune(src.text[min(start, at.start):at.start], '\n') {
			at = span{start, start + broken.Position.Len} // about what go-toml does not look at
		}
		return at, plainMessage(broken.Message), false
	case syntax != nil:
		return at, plainMessage(syntax.Message), false
	case err != nil:
		return span{}, plainMessage(err.Error()), false
	}
	return span{}, "", true
}

// decodeInto is toml.Decode, whose parser panics where it finds a defect of its
// own: that is no reason for a user to lose a session.
func decodeInto(text []byte, values *map[string]any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the text cannot be read: %v", p)
		}
	}()
	_, err = toml.Decode(string(text), values)
	return err
}

// deepKey returns a key of an expression that is nested too deeply, or of the
// expression itself if a value in it is.
func deepKey(e *unstable.Node, depth int) *unstable.Node {
	var last *unstable.Node
	for it := e.Key(); it.Next(); depth-- {
		last = it.Node()
		if depth == 0 {
			return last
		}
	}
	if e.Kind == unstable.KeyValue && deepValue(e.Value(), depth) {
		return last
	}
	return nil
}

func deepValue(v *unstable.Node, depth int) bool {
	if v.Kind != unstable.Array && v.Kind != unstable.InlineTable {
		return false
	}
	if depth <= 0 {
		return true
	}
	for it := v.Children(); it.Next(); {
		n := it.Node()
		if n.Kind == unstable.KeyValue && deepKey(n, depth-1) != nil || n.Kind != unstable.KeyValue && deepValue(n, depth-1) {
			return true
		}
	}
	return false
}

// plainMessage is a library's message in the style of ours.
func plainMessage(m string) string {
	m = strings.TrimSuffix(m, ".")
	r, n := utf8.DecodeRuneInString(m)
	if second, _ := utf8.DecodeRuneInString(m[n:]); !unicode.IsUpper(second) { // not TOML
		m = string(unicode.ToLower(r)) + m[n:]
	}
	return printable([]rune(m))
}

// syntaxProblem places a fault; one about a key defined twice at that key,
// with the place of the first.
func syntaxProblem(src, work source, at span, message string) Problem {
	p := Problem{Code: "syntax", Message: message, Hint: syntaxHint(src, at, message)}
	if strings.Contains(message, "already") {
		p.Code = "duplicate-key"
		if e := expressionAt(work, at.start); !e.empty() {
			at = span{e.start, e.start + keyLength(src.text[e.start:e.end])}
		}
	}
	return src.problem(at, p)
}

func syntaxHint(src source, at span, message string) string {
	line := src.lineAt(at.start)
	switch {
	case strings.Contains(message, "top-level item to end"):
		return `one value a line; text needs quotes: key = "value"`
	case strings.Contains(message, "expected value but found"), strings.Contains(message, "strings must be quoted"):
		return `text needs quotes: key = "value"; booleans are true and false`
	case strings.Contains(message, "strings cannot contain newlines"), strings.Contains(message, "string not terminated"):
		return `a quote is missing; text over several lines goes between """ and """`
	case strings.Contains(message, "already"):
		return "a key can be given once only in its table"
	case strings.Contains(message, "end table name") || strings.HasPrefix(strings.TrimSpace(line), "[") && strings.Contains(message, "expected"):
		return "a section is written [name], one of several [[name]]"
	case strings.Contains(message, "array"):
		return `a list is written ["one", "two"]`
	}
	return ""
}

// keyLength is the length of the key or header that an expression begins with.
func keyLength(expression []byte) int {
	end := bytes.IndexAny(expression, "=\r\n")
	if end < 0 {
		end = len(expression)
	}
	return max(1, len(bytes.TrimRight(expression[:end], " \t")))
}

// expressionAt returns the expression (a header, or key = value) that holds an
// offset; of text that cannot be read, from its first line to the end of the
// fault's line.
func expressionAt(src source, offset int) span {
	base := src.bom()
	text := src.text[base:]
	var p unstable.Parser
	p.Reset(text)
	end := base
	lineEnd := func(at int) int {
		if i := bytes.IndexByte(src.text[at:], '\n'); i >= 0 {
			return at + i
		}
		return len(src.text)
	}
	for p.NextExpression() {
		e := p.Expression()
		from, to := -1, 0
		for it := e.Key(); it.Next(); {
			r := it.Node().Raw
			if from < 0 {
				from = base + int(r.Offset)
			}
			to = base + int(r.Offset+r.Length)
		}
		if e.Kind == unstable.KeyValue {
			to = max(to, base+int(e.Raw.Offset+e.Raw.Length))
		}
		from = bytes.LastIndexByte(src.text[:from], '\n') + 1
		to = lineEnd(to)
		if offset < to || offset == to && to == len(src.text) {
			return trimLine(src.text, span{max(from, base), to})
		}
		end = to
	}
	return trimLine(src.text, span{end, lineEnd(max(end, min(offset, len(src.text))))})
}

// trimLine leaves out blank and comment lines and white space before what a
// span holds.
func trimLine(text []byte, s span) span {
	for s.start < s.end {
		switch c := text[s.start]; {
		case c == '#':
			i := bytes.IndexByte(text[s.start:s.end], '\n')
			if i < 0 {
				return s
			}
			s.start += i + 1
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			s.start++
		default:
			return s
		}
	}
	return s
}

// blank overwrites the expression at an offset with spaces, a header together
// with what it heads; it reports whether anything was left to overwrite.
func blank(src source, offset int) bool {
	offset = min(offset, len(src.text))
	at := expressionAt(src, offset)
	if at.empty() || at.start > offset {
		at = span{bytes.LastIndexByte(src.text[:offset], '\n') + 1, len(src.text)}
		if i := bytes.IndexByte(src.text[offset:], '\n'); i >= 0 {
			at.end = offset + i
		}
	}
	switch {
	case at.empty():
	case src.text[at.start] == '[':
		at.end = extend(src.text, at.end, func(first byte) role {
			if first == '[' {
				return next
			}
			return inside
		})
	case bytes.ContainsAny(src.text[at.start:at.end], "[{"):
		at.end = extend(src.text, at.end, func(first byte) role {
			switch first {
			case '"', '\'', ',', '#':
				return inside
			case ']', '}':
				return closing
			}
			return foreign
		})
	}
	changed := false
	for i := max(at.start, src.bom()); i < at.end; i++ {
		if c := src.text[i]; c != '\n' && c != '\r' && c != ' ' {
			src.text[i], changed = ' ', true
		} else if c == '\r' && (i+1 >= len(src.text) || src.text[i+1] != '\n') {
			src.text[i], changed = ' ', true
		}
	}
	return changed
}

// role is what a line is to something broken in the lines above it.
type role int

const (
	inside  role = iota // belongs to it, and so may the next line
	closing             // is its last line
	next                // is the first line that does not belong to it
	foreign             // shows that none of the lines belonged to it
)

// extend returns the end of the lines behind at that belong to what is broken
// before them. of judges a line by its first character that is no white space.
func extend(text []byte, at int, of func(first byte) role) int {
	for end := at; end < len(text); {
		stop := len(text)
		if i := bytes.IndexByte(text[end+1:], '\n'); i >= 0 {
			stop = end + 1 + i
		}
		if line := bytes.TrimSpace(text[end+1 : stop]); len(line) > 0 {
			switch of(line[0]) {
			case closing:
				return stop
			case next:
				return end
			case foreign:
				return at
			}
		}
		end = stop
	}
	return len(text)
}
