package recipes

import (
	"bytes"
	"slices"
	"strings"
)

// addSection writes a header and the lines below it where the model wants them:
// behind the last section that belongs before.
func (p *patch) addSection(at place, header string, body []string) {
	var after *section
	top := rank(nil, at[0].key)
	for _, s := range p.tree.sections {
		if s.header.empty() || rank(nil, s.top()) <= top {
			after = s
		}
	}
	// Parts of one table stay together, wherever their author put them.
	for _, s := range p.tree.sections {
		if !s.header.empty() && s.top() == at[0].key {
			after = s
		}
	}
	text := strings.Join(append([]string{header}, body...), p.nl)
	end := p.sectionEnd(after)
	if end <= (source{text: p.text}).bom() {
		if len(p.text) > end {
			text += p.nl + p.nl
		}
		p.insert(end, text)
		return
	}
	text = p.nl + p.nl + text
	if end == len(p.text) {
		text += p.nl
	}
	p.insert(end, text)
}

// top is the first key of a section's header.
func (s *section) top() string {
	name := ""
	for n := s.node; n.parent != nil; n = n.parent {
		if n.name != "" {
			name = n.name
		}
	}
	return name
}

// sectionEnd returns the end of the last line that belongs to a section: its
// last key, and comments right below that which do not head the next section.
func (p *patch) sectionEnd(s *section) int {
	end := s.header.end
	for _, e := range s.entries {
		end = max(end, e.value.end)
	}
	if end == 0 {
		return p.topEnd()
	}
	end = p.lineEnd(end)
	last := end
	for next := p.nextLine(end); next < len(p.text) && next > end; next = p.nextLine(last) {
		line := bytes.TrimLeft(p.text[next:p.lineEnd(next)], " \t")
		if len(line) == 0 {
			return last
		}
		if line[0] != '#' {
			return end
		}
		if last = p.lineEnd(next); p.nextLine(last) == len(p.text) {
			return last
		}
	}
	return end
}

// topEnd is where the comment that opens a file without keys of its own ends.
func (p *patch) topEnd() int {
	at := source{text: p.text}.bom()
	end := at
	for at < len(p.text) && p.text[at] == '#' {
		end = p.lineEnd(at)
		at = p.nextLine(at)
	}
	if at < len(p.text) && len(bytes.TrimSpace(p.text[at:p.lineEnd(at)])) > 0 {
		return source{text: p.text}.bom() // the comment heads what follows
	}
	return end
}

// addHeaderBefore writes the header of a table that so far exists through the
// headers of its own tables only.
func (p *patch) addHeaderBefore(table *node, at place, body []string) {
	for _, s := range p.tree.sections {
		if s.node != table && within(s.node, table) {
			start := p.attached(s.header.start)
			p.insert(start, strings.Join(append([]string{"[" + at.String() + "]"}, body...), p.nl)+p.nl+p.nl)
			return
		}
	}
}

// attached returns where the comment lines right above a line begin.
func (p *patch) attached(at int) int {
	start := p.lineStart(at)
	for start > 0 {
		above := p.lineStart(start - 1)
		line := bytes.TrimLeft(p.text[above:start], " \t")
		if !bytes.HasPrefix(line, []byte("#")) {
			break
		}
		start = above
	}
	return max(start, source{text: p.text}.bom())
}

// appendTable adds one more element to an array of tables.
func (p *patch) appendTable(at place, table map[string]any) error {
	n, _ := p.tree.find(at)
	if n != nil && n.form == list {
		p.insertItem(n, len(n.items), p.encodeInline(table))
		return nil
	}
	var body []string
	for _, k := range order(at.element(0), table) {
		body = append(body, p.line(k, table[k]))
	}
	p.addSection(at, "[["+at.String()+"]]", body)
	return nil
}

// remove takes a value, a table or an element out of the text.
func (p *patch) remove(at place) {
	n, _ := p.tree.find(at)
	if n == nil {
		return
	}
	switch n.form {
	case tables:
		for i := len(n.items) - 1; i >= 0; i-- {
			p.remove(at.element(i))
		}
	case header, implied:
		p.removeSections(at)
	case dotted:
		for _, f := range slices.Backward(slices.Clone(n.fields)) {
			p.remove(at.child(f.name))
		}
	default:
		p.removeValue(n)
	}
}

func (p *patch) removeValue(n *node) {
	switch {
	case n.parent.form == list:
		p.removeItem(n.parent, slices.Index(n.parent.items, n))
	case inInline(n.parent):
		top := n.parent
		for top.form != inline {
			top = top.parent
		}
		leaves := top.leaves()
		p.removePart(top, leaves, slices.Index(leaves, n))
	default:
		p.replace(span{p.lineStart(n.entry.start), p.nextLine(n.value.end)}, "")
	}
}

// leaves are the values that stand in an inline table, in order.
func (n *node) leaves() []*node {
	var out []*node
	for _, f := range n.fields {
		if f.form == dotted {
			out = append(out, f.leaves()...)
		} else {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *node) int { return a.entry.start - b.entry.start })
	return out
}

// removeSections takes out the header of a table or element and everything
// below it, each with the comment right above.
func (p *patch) removeSections(at place) {
	for {
		n, _ := p.tree.find(at)
		var s, own *section
		for _, candidate := range p.tree.sections {
			switch {
			case n == nil || !within(candidate.node, n):
			case candidate.node == n:
				own = candidate
			default:
				s = candidate
			}
		}
		if s == nil {
			if own != nil {
				p.removeSection(own) // last, so that n was found until now
			}
			return
		}
		p.removeSection(s)
	}
}

func (p *patch) removeSection(s *section) {
	at := span{p.attached(s.header.start), p.nextLine(p.sectionEnd(s))}
	blankBefore := at.start <= (source{text: p.text}).bom() || bytes.HasSuffix(bytes.TrimSuffix(p.text[:at.start], []byte(p.nl)), []byte("\n"))
	if blankBefore {
		for at.end < len(p.text) && len(bytes.TrimSpace(p.text[at.end:p.lineEnd(at.end)])) == 0 {
			at.end = p.nextLine(at.end)
		}
	}
	if at.end == len(p.text) { // nothing follows: leave no blank lines at the end
		kept := bytes.TrimRight(p.text[:at.start], " \t\r\n")
		if at.start = len(kept); at.start > 0 {
			at.start = p.nextLine(at.start)
		}
	}
	p.replace(at, "")
}
