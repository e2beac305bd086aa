package tui

import (
	"slices"
	"strings"
)

// A Log keeps at most so many lines and so many bytes of text in memory; the
// oldest go first. The whole is on disk: see engine.PlanReady.
const (
	LogLines = 120_000
	LogBytes = 10 << 20
)

// Log is the newest lines of a run's output, each with a tag (the step that
// wrote it). Every line has a number that never changes.
type Log struct {
	maxLines int
	maxBytes int

	ring  []entry // a circle once it has grown to maxLines
	first int     // number of the oldest line kept
	next  int     // number of the line to come
	bytes int

	tags  []string
	byTag []numbers // by tag: the numbers of its lines
}

type entry struct {
	text string
	tag  int32
}

// numbers is a queue of line numbers in order.
type numbers struct {
	list []int
	head int
}

func (n *numbers) lines() []int { return n.list[n.head:] }

func (n *numbers) dropFirst() {
	n.head++
	if n.head > len(n.list)/2 && n.head > 64 {
		n.list = append(n.list[:0], n.list[n.head:]...)
		n.head = 0
	}
}

// NewLog returns an empty log of the usual bounds.
func NewLog() *Log { return &Log{maxLines: LogLines, maxBytes: LogBytes} }

// Append adds lines as a program wrote them; they are made safe to draw.
func (l *Log) Append(tag string, lines ...string) {
	t := l.tag(tag)
	for _, text := range lines {
		l.add(strings.Clone(Sanitise(text)), int32(t))
	}
}

func (l *Log) add(text string, tag int32) {
	for l.Len() > 0 && (l.Len() >= l.maxLines || l.bytes+len(text) > l.maxBytes) {
		l.dropFirst()
	}
	if l.Len() == len(l.ring) {
		l.grow()
	}
	l.ring[l.next%len(l.ring)] = entry{text, tag}
	l.byTag[tag].list = append(l.byTag[tag].list, l.next)
	l.bytes += len(text)
	l.next++
}

func (l *Log) dropFirst() {
	e := &l.ring[l.first%len(l.ring)]
	l.bytes -= len(e.text)
	l.byTag[e.tag].dropFirst()
	e.text = ""
	l.first++
}

// grow doubles the circle; every line moves to its new place.
func (l *Log) grow() {
	ring := make([]entry, min(max(2*len(l.ring), 1024), l.maxLines))
	for i := l.first; i < l.next; i++ {
		ring[i%len(ring)] = l.ring[i%len(l.ring)]
	}
	l.ring = ring
}

func (l *Log) tag(name string) int {
	if i := slices.Index(l.tags, name); i >= 0 {
		return i
	}
	l.tags = append(l.tags, name)
	l.byTag = append(l.byTag, numbers{})
	return len(l.tags) - 1
}

// Len is the number of lines kept.
func (l *Log) Len() int { return l.next - l.first }

// Total is the number of lines ever added.
func (l *Log) Total() int { return l.next }

// Text is line number i, which must be kept.
func (l *Log) Text(i int) string { return l.ring[i%len(l.ring)].text }

// part is the lines that a view shows: all, or those of one tag.
type part struct {
	log   *Log
	lines []int // of one tag; nil: all
	all   bool
}

func (l *Log) part(tag string) part {
	if tag == "" {
		return part{log: l, all: true}
	}
	if i := slices.Index(l.tags, tag); i >= 0 {
		return part{log: l, lines: l.byTag[i].lines()}
	}
	return part{log: l}
}

func (p part) len() int {
	if p.all {
		return p.log.Len()
	}
	return len(p.lines)
}

// number is the line number of the i-th line of the part.
func (p part) number(i int) int {
	if p.all {
		return p.log.first + i
	}
	return p.lines[i]
}

// index is the place in the part of the first line numbered n or higher.
func (p part) index(n int) int {
	if p.all {
		return max(n-p.log.first, 0)
	}
	i, _ := slices.BinarySearch(p.lines, n)
	return i
}
