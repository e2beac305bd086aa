package recipes

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
)

// patch is a recipe's text under change. Every change is made to the fewest
// bytes that will do, and the tree is made anew after it.
type patch struct {
	text []byte
	tree *tree
	nl   string // the file's own line end
}

func newPatch(text []byte) *patch {
	p := &patch{text: text, nl: "\n"}
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		p.nl = "\r\n"
	}
	p.tree = newTree(source{text: text})
	return p
}

// replace puts s in the place of some bytes.
func (p *patch) replace(at span, s string) {
	p.text = slices.Concat(p.text[:at.start], []byte(s), p.text[at.end:])
	p.tree = newTree(source{text: p.text})
}

func (p *patch) insert(at int, s string) { p.replace(span{at, at}, s) }

func (p *patch) string(at span) string { return string(p.text[at.start:at.end]) }

// lineStart and lineEnd bound the line around an offset, without its end.
func (p *patch) lineStart(at int) int { return bytes.LastIndexByte(p.text[:at], '\n') + 1 }

func (p *patch) lineEnd(at int) int {
	end := len(p.text)
	if i := bytes.IndexByte(p.text[at:], '\n'); i >= 0 {
		end = at + i
	}
	if end > at && end < len(p.text) && p.text[end-1] == '\r' {
		end--
	}
	return end
}

// nextLine returns where the line after an offset begins.
func (p *patch) nextLine(at int) int {
	if i := bytes.IndexByte(p.text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(p.text)
}

// indent is the white space that the line of an offset begins with.
func (p *patch) indent(at int) string {
	start := p.lineStart(at)
	if start == 0 {
		start = min(source{text: p.text}.bom(), at)
	}
	line := p.text[start:p.lineEnd(start)]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// opensLine reports whether only white space stands before an offset.
func (p *patch) opensLine(at int) bool {
	return len(bytes.TrimLeft(p.text[p.lineStart(at):at], " \t")) == 0
}

// set gives the value at a place a new plain value; was is the plain value that
// the text has there now, nil if none.
func (p *patch) set(at place, was, value any) error {
	if reflect.DeepEqual(was, value) {
		return nil
	}
	n, _ := p.tree.find(at)
	switch v := value.(type) {
	case map[string]any:
		old, isTable := was.(map[string]any)
		if n == nil || isTable {
			return p.setTable(at, old, v)
		}
	case []any:
		if tablesOnly(v) && (n == nil || n.form == tables) {
			old, _ := was.([]any)
			return p.setTables(at, old, v)
		}
		if old, ok := was.([]any); ok && n != nil && n.form == list {
			p.setList(at, old, v)
			return nil
		}
	}
	if n == nil {
		return p.add(at, value)
	}
	if n.form != scalar && n.form != list && n.form != inline {
		return fmt.Errorf("%s is a table", at)
	}
	p.replace(n.value, p.encode(value, p.string(n.value), p.indent(n.value.start)))
	return nil
}

func tablesOnly(items []any) bool {
	return len(items) > 0 && !slices.ContainsFunc(items, func(v any) bool { _, ok := v.(map[string]any); return !ok })
}

func (p *patch) setTable(at place, old, value map[string]any) error {
	for _, k := range order(at, old) {
		if _, keep := value[k]; !keep {
			p.remove(at.child(k))
		}
	}
	for _, k := range order(at, value) {
		if err := p.set(at.child(k), old[k], value[k]); err != nil {
			return err
		}
	}
	return nil
}

func (p *patch) setTables(at place, old, value []any) error {
	for i := len(old) - 1; i >= len(value); i-- {
		p.remove(at.element(i))
	}
	for i, v := range value {
		var err error
		if i < len(old) {
			err = p.set(at.element(i), old[i], v)
		} else {
			err = p.appendTable(at, v.(map[string]any))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add writes a value that is missing so far.
func (p *patch) add(at place, value any) error {
	_, near := p.tree.find(at)
	depth := near.depth()
	rest := at[depth:]
	if slices.ContainsFunc(rest, func(s step) bool { return s.index >= 0 }) {
		return fmt.Errorf("%s: there is no such element", at)
	}
	switch near.form {
	case inline:
		p.addInline(near, rest, value)
	case dotted:
		p.addDotted(near, rest, value)
	case header:
		if len(rest) == 1 {
			p.addEntry(near, at[:depth], rest[0].key, value)
			break
		}
		p.addSection(at[:len(at)-1], "["+at[:len(at)-1].String()+"]", []string{p.line(rest[len(rest)-1].key, value)})
	case implied:
		text := []string{p.line(rest[len(rest)-1].key, value)}
		if len(rest) == 1 {
			p.addHeaderBefore(near, at[:depth], text)
			break
		}
		p.addSection(at[:len(at)-1], "["+at[:len(at)-1].String()+"]", text)
	default:
		return fmt.Errorf("%s lies below a value that is no table", at)
	}
	return nil
}

// depth is the number of steps from the root to a node.
func (n *node) depth() int {
	d := 0
	for ; n.parent != nil; n = n.parent {
		d++
	}
	return d
}

// line writes "key = value".
func (p *patch) line(key string, value any) string {
	return quoteKey(key) + " = " + p.encode(value, "", "")
}

// addEntry writes a key of a table that has a header: behind the keys that the
// model puts before it, or else right below the header.
func (p *patch) addEntry(table *node, at place, key string, value any) {
	var after *node
	best := -1
	for _, e := range table.home.entries {
		top := e
		for top.parent != table && top.parent != nil {
			top = top.parent
		}
		if r := rank(at, top.name); r <= rank(at, key) && r >= best {
			best, after = r, e
		}
	}
	text := p.line(key, value)
	switch {
	case after != nil:
		end := p.lineEnd(after.value.end)
		p.insert(end, p.nl+p.indent(after.entry.start)+text)
	case !table.home.header.empty():
		end := p.lineEnd(table.home.header.end)
		p.insert(end, p.nl+p.indent(table.home.header.start)+text)
	case len(table.home.entries) > 0:
		p.insert(p.lineStart(table.home.entries[0].entry.start), text+p.nl)
	default:
		p.insert(source{text: p.text}.bom(), text+p.nl+p.nl)
	}
}

// addDotted writes a key of a table that exists by dotted keys only, in the
// same way and right behind them.
func (p *patch) addDotted(table *node, rest place, value any) {
	if inInline(table.parent) {
		top := table
		for top.form != inline {
			rest = append(place{step{key: top.name, index: -1}}, rest...)
			top = top.parent
		}
		p.addInline(top, rest, value)
		return
	}
	var first, last *node
	for _, e := range table.home.entries {
		if within(e, table) {
			if first == nil {
				first = e
			}
			last = e
		}
	}
	prefix := string(p.text[first.entry.start:table.key.end])
	p.insert(p.lineEnd(last.value.end), p.nl+p.indent(last.entry.start)+prefix+"."+rest.String()+" = "+p.encode(value, "", ""))
}

// within reports whether n is table or lies somewhere below it.
func within(n, table *node) bool {
	for ; n != nil; n = n.parent {
		if n == table {
			return true
		}
	}
	return false
}

// addInline writes a key into { ... }.
func (p *patch) addInline(table *node, rest place, value any) {
	for i := len(rest) - 1; i > 0; i-- {
		value = map[string]any{rest[i].key: value}
	}
	text := quoteKey(rest[0].key) + " = " + p.encodeInline(value)
	if len(table.fields) == 0 {
		p.replace(table.value, "{ "+text+" }")
		return
	}
	end := 0
	for _, f := range table.fields {
		end = max(end, f.end())
	}
	p.insert(end, ", "+text)
}

// end is where the last value below a node ends.
func (n *node) end() int {
	if n.form == dotted {
		end := 0
		for _, f := range n.fields {
			end = max(end, f.end())
		}
		return end
	}
	return n.value.end
}
