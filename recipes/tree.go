package recipes

import (
	"bytes"

	"github.com/pelletier/go-toml/v2/unstable"
)

// form is how a node is written in the source.
type form int

const (
	scalar  form = iota // a string, number, boolean or date
	list                // [ ... ]
	inline              // { ... }
	header              // a table under [its.own.header], or one element under [[such]]
	implied             // a table that exists only because [table.child] does
	dotted              // a table that exists only through dotted keys
	tables              // the elements under [[headers]]
)

// node is one table, array or value of a recipe with the places where it
// stands. The tree knows positions only: values are BurntSushi's.
type node struct {
	form   form
	name   string // key in the parent; "" for an element
	parent *node
	key    span // the key that made it; of a table, the last key of its header
	value  span // the value's bytes; of a table, its whole header
	entry  span // "key = value", for a node that a line of its own made
	home   *section
	fields []*node // of a table, in the order of the source
	items  []*node // of an array
}

func (n *node) field(name string) *node {
	for _, f := range n.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// named is field, and for a key with dots in it also finds a.b = 1 written
// without quotes, as everyone writes the names of kernel parameters.
func (n *node) named(name string) *node {
	if f := n.field(name); f != nil {
		return f
	}
	for i, r := range name {
		if r != '.' {
			continue
		}
		if f := n.field(name[:i]); f != nil {
			if g := f.named(name[i+1:]); g != nil {
				return g
			}
		}
	}
	return nil
}

// section is a header and the keys below it, up to the next header. The first
// section of a tree has no header: it is what stands before any.
type section struct {
	node    *node
	header  span
	entries []*node // the node whose entry it is, in order
}

// tree is a whole recipe by positions.
type tree struct {
	root     *node
	sections []*section
}

// find returns the node at a path, or nil and the deepest node on the way.
func (t *tree) find(p place) (n, deepest *node) {
	n = t.root
	for _, s := range p {
		deepest = n
		switch {
		case s.index < 0:
			n = n.named(s.key)
		case s.index < len(n.items):
			n = n.items[s.index]
		default:
			n = nil
		}
		if n == nil {
			return nil, deepest
		}
	}
	return n, n
}

// where returns what to point at for a path: its value, or the nearest thing
// above it that stands in the source.
func (t *tree) where(p place) span {
	n, deepest := t.find(p)
	if n == nil {
		n = deepest
	}
	for n.form == implied || n.form == tables || n.form == dotted {
		switch {
		case !n.key.empty():
			return n.key
		case len(n.items) > 0:
			n = n.items[0]
		case len(n.fields) > 0:
			n = n.fields[0]
		default:
			return span{}
		}
	}
	return n.value
}

// builder makes a tree from the expressions of go-toml's parser.
type builder struct {
	text []byte // the source without a byte order mark
	base int    // offset of text in the source
	tree *tree
	here *section
}

// newTree builds the tree of a source whose syntax go-toml accepts; it stops
// quietly where it does not.
func newTree(src source) *tree {
	base := src.bom()
	root := &node{form: header}
	top := &section{node: root}
	root.home = top
	b := &builder{text: src.text[base:], base: base, tree: &tree{root: root, sections: []*section{top}}, here: top}
	var p unstable.Parser
	p.Reset(b.text)
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			b.header(e, false)
		case unstable.ArrayTable:
			b.header(e, true)
		case unstable.KeyValue:
			b.entry(e, b.here.node)
		}
	}
	return b.tree
}

func (b *builder) span(r unstable.Range) span {
	start := b.base + int(r.Offset)
	return span{start, start + int(r.Length)}
}

type key struct {
	name string
	at   span
}

func (b *builder) keys(it unstable.Iterator) []key {
	var out []key
	for it.Next() {
		n := it.Node()
		out = append(out, key{string(n.Data), b.span(n.Raw)})
	}
	return out
}

// header enters [a.b] or [[a.b]].
func (b *builder) header(e *unstable.Node, array bool) {
	keys := b.keys(e.Key())
	if len(keys) == 0 {
		return
	}
	open, shut := "[", "]"
	if array {
		open, shut = "[[", "]]"
	}
	first, last := keys[0].at.start-b.base, keys[len(keys)-1]
	at := span{b.base + bytes.LastIndex(b.text[:first], []byte(open)), last.at.end}
	if i := bytes.Index(b.text[last.at.end-b.base:], []byte(shut)); i >= 0 {
		at.end += i + len(shut)
	}
	n := b.tree.root
	for _, k := range keys[:len(keys)-1] {
		n = b.table(n, k, implied)
	}
	s := &section{header: at}
	if array {
		all := n.field(last.name)
		if all == nil {
			all = &node{form: tables, name: last.name, parent: n}
			n.fields = append(n.fields, all)
		}
		s.node = &node{form: header, parent: all}
		all.items = append(all.items, s.node)
	} else {
		s.node = b.table(n, last, header)
		s.node.form = header
	}
	s.node.key, s.node.value, s.node.home = last.at, at, s
	b.here = s
	b.tree.sections = append(b.tree.sections, s)
}

// table returns the table of a name in n: of an array its last element.
func (b *builder) table(n *node, k key, made form) *node {
	f := n.field(k.name)
	if f == nil {
		f = &node{form: made, name: k.name, parent: n, home: b.here}
		if made == dotted {
			f.key = k.at
		}
		n.fields = append(n.fields, f)
	}
	if f.form == tables && len(f.items) > 0 {
		return f.items[len(f.items)-1]
	}
	return f
}

// entry enters a.b = value below a table.
func (b *builder) entry(e *unstable.Node, n *node) {
	keys := b.keys(e.Key())
	if len(keys) == 0 {
		return
	}
	for _, k := range keys[:len(keys)-1] {
		n = b.table(n, k, dotted)
	}
	last := keys[len(keys)-1]
	f := &node{name: last.name, parent: n, key: last.at, home: b.here, entry: b.span(e.Raw)}
	n.fields = append(n.fields, f)
	eq := b.skip(last.at.end, " \t=")
	b.fill(f, e.Value(), eq)
	if !inInline(n) {
		b.here.entries = append(b.here.entries, f)
	}
}

func inInline(n *node) bool {
	for ; n != nil; n = n.parent {
		if n.form == inline || n.form == list {
			return true
		}
	}
	return false
}

// fill enters the value that begins at start, and returns where it ends.
func (b *builder) fill(n *node, v *unstable.Node, start int) int {
	n.value.start = start
	switch v.Kind {
	case unstable.Array:
		n.form = list
		end := start + 1
		for it := v.Children(); it.Next(); {
			item := &node{parent: n, home: b.here}
			n.items = append(n.items, item)
			end = b.fill(item, it.Node(), b.trivia(end))
		}
		n.value.end = b.trivia(end) + 1
	case unstable.InlineTable:
		n.form = inline
		end := start + 1
		for it := v.Children(); it.Next(); {
			b.entry(it.Node(), n)
			end = b.span(it.Node().Raw).end
		}
		n.value.end = b.trivia(end) + 1
	default:
		n.form = scalar
		n.value = b.span(v.Raw)
	}
	return n.value.end
}

// skip passes over any of the given characters.
func (b *builder) skip(at int, chars string) int {
	for at-b.base < len(b.text) && bytes.IndexByte([]byte(chars), b.text[at-b.base]) >= 0 {
		at++
	}
	return at
}

// trivia passes over white space, commas and comments inside an array or an
// inline table.
func (b *builder) trivia(at int) int {
	for {
		at = b.skip(at, " \t\r\n,")
		if at-b.base >= len(b.text) || b.text[at-b.base] != '#' {
			return at
		}
		if i := bytes.IndexByte(b.text[at-b.base:], '\n'); i >= 0 {
			at += i
		} else {
			return b.base + len(b.text)
		}
	}
}
