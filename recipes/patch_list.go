package recipes

import (
	"bytes"
	"reflect"
	"slices"
)

// setList makes a list hold other values, touching only elements that differ:
// the others keep their place, their comments and their spacing.
func (p *patch) setList(at place, old, value []any) {
	// Walk from the end, so that what is done does not move what is still to do.
	for _, op := range differences(old, value) {
		n, _ := p.tree.find(at)
		switch op.kind {
		case change:
			item := n.items[op.at]
			p.replace(item.value, p.encode(value[op.from], p.string(item.value), p.indent(item.value.start)))
		case drop:
			p.removeItem(n, op.at)
		case put:
			p.insertItem(n, op.at, p.encodeInline(value[op.from]))
		}
	}
}

type opKind int

const (
	change opKind = iota // element at takes the value from
	drop                 // element at goes
	put                  // the value from is put before element at
)

type listOp struct {
	kind     opKind
	at, from int
}

// differences returns what turns one list into another, in an order in which
// every index is right when its turn comes: from the end to the start.
func differences(a, b []any) []listOp {
	// longest[i][j] is the length of the longest common part of a[i:] and b[j:].
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if reflect.DeepEqual(a[i], b[j]) {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var ops []listOp
	flush := func(i0, i, j0, j int) { // a[i0:i] becomes b[j0:j]
		for ; i0 < i && j0 < j; i0, j0 = i0+1, j0+1 {
			ops = append(ops, listOp{change, i0, j0})
		}
		for k := i0; k < i; k++ {
			ops = append(ops, listOp{drop, k, 0})
		}
		for k := j - 1; k >= j0; k-- { // reversed below: the first is put last but one
			ops = append(ops, listOp{put, i0, k})
		}
	}
	i0, j0 := 0, 0
	for i, j := 0, 0; ; {
		switch {
		case i < len(a) && j < len(b) && reflect.DeepEqual(a[i], b[j]):
			flush(i0, i, j0, j)
			i, j = i+1, j+1
			i0, j0 = i, j
		case i < len(a) && (j == len(b) || longest[i+1][j] >= longest[i][j+1]):
			i++
		case j < len(b):
			j++
		default:
			flush(i0, i, j0, j)
			slices.Reverse(ops)
			return fixPuts(ops)
		}
	}
}

// fixPuts numbers puts at one place so that they come out in their order.
func fixPuts(ops []listOp) []listOp {
	for i := 1; i < len(ops); i++ {
		if ops[i].kind == put && ops[i-1].kind == put && ops[i].from == ops[i-1].from+1 {
			ops[i].at = ops[i-1].at + 1
		}
	}
	return ops
}

// part is what an element of a list, or a key of an inline table, takes up.
func (n *node) part() span {
	if n.entry.empty() {
		return n.value
	}
	return n.entry
}

// comma returns the offset of the comma behind one of the parts of a list or
// inline table; -1 if it is the last and has none.
func (p *patch) comma(l *node, parts []*node, i int) int {
	end := l.value.end - 1
	if i+1 < len(parts) {
		end = parts[i+1].part().start
	}
	for at := parts[i].part().end; at < end; at++ {
		switch p.text[at] {
		case ',':
			return at
		case '#':
			at = p.lineEnd(at)
		}
	}
	return -1
}

// together reports whether neither a comment nor a line end stands in a range.
func (p *patch) together(from, to int) bool {
	return !bytes.ContainsAny(p.text[from:to], "#\n")
}

// removePart takes one of the parts of a list or inline table out, together
// with a comma; comments around it stay.
func (p *patch) removePart(l *node, parts []*node, i int) {
	at, comma := parts[i].part(), p.comma(l, parts, i)
	last := i+1 == len(parts)
	switch {
	case !last && p.together(at.end, parts[i+1].part().start):
		at.end = parts[i+1].part().start // up to the next one
	case last && i > 0 && p.together(parts[i-1].part().end, at.start):
		at.start = parts[i-1].part().end // from the one before
	case comma >= 0 && bytes.IndexByte(p.text[at.end:comma], '#') < 0:
		at.end = comma + 1
		if !p.opensLine(at.start) {
			at.start -= len(p.text[:at.start]) - len(bytes.TrimRight(p.text[:at.start], " \t"))
		}
	case comma >= 0:
		p.replace(span{comma, comma + 1}, "")
	}
	p.replace(at, "")
}

// ownLines reports whether an element has its lines for itself.
func (p *patch) ownLines(l *node, i int) bool {
	if !p.opensLine(l.items[i].value.start) {
		return false
	}
	end := p.lineEnd(l.items[i].value.end)
	return end < l.value.end && (i+1 >= len(l.items) || l.items[i+1].value.start > end)
}

// removeItem takes an element out of a list, with the comment behind it where
// it has lines for itself.
func (p *patch) removeItem(l *node, i int) {
	item := l.items[i]
	comma := p.comma(l, l.items, i)
	if p.ownLines(l, i) && (comma < 0 || comma < p.lineEnd(item.value.end)) {
		p.replace(span{p.lineStart(item.value.start), p.nextLine(item.value.end)}, "")
		return
	}
	p.removePart(l, l.items, i)
}

// insertItem puts an element before the one at i, or behind the last.
func (p *patch) insertItem(l *node, i int, text string) {
	switch {
	case len(l.items) == 0:
		p.firstItem(l, text)
	case i == 0:
		first := l.items[0].value.start
		if p.opensLine(first) {
			p.insert(p.attached(first), p.indent(first)+text+","+p.nl)
			return
		}
		p.insert(first, text+", ")
	default:
		p.insertBehind(l, i-1, text)
	}
}

func (p *patch) insertBehind(l *node, i int, text string) {
	item, comma := l.items[i], p.comma(l, l.items, i)
	switch {
	case comma >= 0 && p.ownLines(l, i) && comma < p.lineEnd(item.value.end):
		p.insert(p.lineEnd(comma), p.nl+p.indent(item.value.start)+text+",")
	case comma >= 0:
		p.insert(comma+1, " "+text+",")
	case p.ownLines(l, i):
		p.insert(p.lineEnd(item.value.end), p.nl+p.indent(item.value.start)+text)
		p.insert(item.value.end, ",")
	default:
		p.insert(item.value.end, ", "+text)
	}
}

// firstItem puts an element into a list that has none; comments in it stay.
func (p *patch) firstItem(l *node, text string) {
	inside := p.text[l.value.start+1 : l.value.end-1]
	if !bytes.ContainsAny(inside, "#\n") {
		p.replace(l.value, "["+text+"]")
		return
	}
	shut := l.value.end - 1
	if !p.opensLine(shut) { // [ # comment, and the bracket behind text: cannot be
		p.insert(l.value.start+1, text)
		return
	}
	indent := p.indent(shut) + "  "
	if above := p.lineStart(shut) - 1; above > l.value.start {
		if start := p.lineStart(above); start > l.value.start && len(bytes.TrimSpace(p.text[start:above])) > 0 {
			indent = p.indent(start)
		}
	}
	p.insert(p.lineStart(shut), indent+text+","+p.nl)
}
