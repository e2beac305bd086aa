package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/dustin/go-humanize"
)

// LogKeys are the keys of a LogView.
var LogKeys = struct {
	Search, Next, Previous, Errors, Left, Right, Follow key.Binding
}{
	Search:   KeySearch,
	Next:     Bind("next match", "n", "n"),
	Previous: Bind("previous match", "N", "N"),
	Errors:   Bind("jump to errors", "e", "e"),
	Left:     Bind("scroll left", "←", "left"),
	Right:    Bind("scroll right", "→", "right"),
	Follow:   Bind("follow the end", "end", "end", "G"),
}

// LogView is a window over a Log. It follows the end until it is scrolled. Only
// the visible lines are ever drawn: new output costs nothing here.
type LogView struct {
	Log *Log

	tag    string
	follow bool
	top    int // number of the first visible line while not following
	shift  int // cells scrolled to the right
	w, h   int

	field   *Field // while a search is typed
	query   string
	match   matcher // of n and N: the query, or failures
	at      int     // number of the line found last; -1: none
	message string  // said instead of the keys until the next key
}

// NewLogView returns a view of log that follows.
func NewLogView(log *Log) *LogView { return &LogView{Log: log, follow: true, at: -1} }

// SetSize sets the size in cells; the last line tells where we are.
func (v *LogView) SetSize(w, h int) {
	v.w, v.h = w, h
	if v.field != nil {
		v.field.SetWidth(max(w-2, 1))
	}
}

// Filter shows only lines with this tag; "" shows all.
func (v *LogView) Filter(tag string) {
	if tag != v.tag {
		v.tag, v.follow, v.at = tag, true, -1
	}
}

// Filtered is the tag whose lines are shown, or "".
func (v *LogView) Filtered() string { return v.tag }

// Capturing says that a search is being typed.
func (v *LogView) Capturing() bool { return v.field != nil }

// Keys are what can be pressed now, moving left out.
func (v *LogView) Keys() []key.Binding {
	if v.field != nil {
		return []key.Binding{Doing(KeyEnter, "find"), KeyBack}
	}
	next, previous, follow := LogKeys.Next, LogKeys.Previous, LogKeys.Follow
	next.SetEnabled(v.match != nil)
	previous.SetEnabled(v.match != nil)
	follow.SetEnabled(!v.follow)
	return []key.Binding{LogKeys.Search, LogKeys.Errors, next, previous, follow}
}

// Update handles a key and reports whether it was one of the view's.
func (v *LogView) Update(msg tea.Msg) bool {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return false
	}
	if v.field != nil {
		v.typing(k)
		return true
	}
	v.message = ""
	switch {
	case key.Matches(k, LogKeys.Search):
		v.field = NewField("", "")
		v.field.SetWidth(max(v.w-2, 1))
	case key.Matches(k, LogKeys.Errors):
		if v.match == nil || v.query != "" {
			v.match, v.query, v.at = failing, "", -1
		}
		v.jump(1, "no line tells of a failure")
	case v.match != nil && key.Matches(k, LogKeys.Next):
		v.jump(1, "no match")
	case v.match != nil && key.Matches(k, LogKeys.Previous):
		v.jump(-1, "no match")
	case key.Matches(k, LogKeys.Left):
		v.shift = max(v.shift-16, 0)
	case key.Matches(k, LogKeys.Right):
		v.shift += 16
	default:
		return v.scroll(k)
	}
	return true
}

func (v *LogView) typing(k tea.KeyMsg) {
	switch {
	case key.Matches(k, KeyBack):
		v.field, v.match, v.query, v.at = nil, nil, "", -1
	case key.Matches(k, KeyEnter):
		v.query = v.field.Value()
		v.field, v.match, v.at = nil, nil, -1
		if v.query != "" {
			v.match = finding(v.query)
			v.jump(-1, "no match")
		}
	default:
		v.field.Update(k)
	}
}

// scroll moves the window; reaching the end follows again.
func (v *LogView) scroll(k tea.KeyMsg) bool {
	p := v.Log.part(v.tag)
	first, page := v.first(p), max(v.rows()-1, 1)
	switch {
	case key.Matches(k, KeyUp):
		first--
	case key.Matches(k, KeyDown):
		first++
	case key.Matches(k, KeyPageUp):
		first -= page
	case key.Matches(k, KeyPageDown):
		first += page
	case key.Matches(k, KeyTop):
		first = 0
	case key.Matches(k, KeyBottom):
		first = p.len()
	default:
		return false
	}
	v.show(p, first)
	return true
}

// show puts the i-th line of the part first.
func (v *LogView) show(p part, i int) {
	last := max(p.len()-v.rows(), 0)
	v.follow = i >= last
	if i = max(min(i, last), 0); i < p.len() {
		v.top = p.number(i)
	}
}

// jump goes to the next match before or after the last one; the first jump of
// a search starts from the end, where the newest lines are.
func (v *LogView) jump(dir int, none string) {
	p := v.Log.part(v.tag)
	from := 0
	switch {
	case v.at >= 0:
		from = p.index(v.at) + dir
	case dir < 0:
		from = p.len() - 1
	}
	i := p.find(v.match, from, dir)
	if i < 0 {
		v.message, v.at = none, -1
		return
	}
	v.at = p.number(i)
	if first := v.first(p); i < first || i >= first+v.rows() {
		v.show(p, i-v.rows()/3)
	}
	v.follow = false
}

// rows is how many lines of the log are visible.
func (v *LogView) rows() int { return max(v.h-1, 1) }

// first is the place in the part of the first visible line.
func (v *LogView) first(p part) int {
	last := max(p.len()-v.rows(), 0)
	if v.follow {
		return last
	}
	return min(p.index(v.top), last)
}

// View draws the visible lines and, below them, where we are.
func (v *LogView) View() string {
	if v.h <= 0 || v.w <= 0 {
		return ""
	}
	p := v.Log.part(v.tag)
	first := v.first(p)
	lines := make([]string, 0, v.h)
	for i := first; i < min(first+v.rows(), p.len()); i++ {
		lines = append(lines, v.line(p.number(i)))
	}
	for len(lines) < v.rows() {
		lines = append(lines, "")
	}
	if v.h > 1 {
		lines = append(lines, v.status(p))
	}
	return BoxLines(lines, v.w, v.h)
}

func (v *LogView) line(n int) string {
	text := v.Log.Text(n)
	if Plain() {
		text = plain(text)
	}
	if v.match != nil {
		bare := plain(text)
		if from, to := v.match(bare); from >= 0 {
			text = bare[:from] + Match.Render(bare[from:to]) + bare[to:]
		}
	}
	if v.shift > 0 {
		text = ansi.Cut(text, v.shift, v.shift+v.w)
	}
	if v.match == nil {
		return text
	}
	if n == v.at {
		return Accent.Render(MarkSelected) + " " + text
	}
	return "  " + text
}

// status is the last line: "follow · 1,204 lines · / search".
func (v *LogView) status(p part) string {
	if v.field != nil {
		return Accent.Render("/") + " " + v.field.View()
	}
	var parts []string
	if v.message != "" {
		parts = append(parts, Warn.Render(v.message))
	} else if v.query != "" {
		parts = append(parts, "/"+v.query)
	}
	where := "follow"
	if !v.follow {
		where = "scrolled, end follows"
	}
	count := humanize.Comma(int64(p.len())) + " lines"
	if p.len() == 1 {
		count = "1 line"
	}
	if v.tag != "" {
		count += " of " + v.tag
	} else if dropped := v.Log.Total() - v.Log.Len(); dropped > 0 {
		count = "last " + count + " of " + humanize.Comma(int64(v.Log.Total()))
	}
	parts = append(parts, where, count)
	if v.match != nil {
		parts = append(parts, "n N next")
	} else {
		parts = append(parts, "/ search")
	}
	return Muted.Render(FitRight(strings.Join(parts, " · "), v.w))
}
