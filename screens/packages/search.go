package packages

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/dustin/go-humanize"

	"slipway/engine/distro"
	"slipway/tui"
)

// search is the pane of the index.
type search struct {
	field   *tui.Field // while a query is typed
	query   string
	asked   int // number of the last question
	results []*distro.Package
	table   *tui.Table
}

// found answers a question.
type found struct {
	asked   int
	results []*distro.Package
}

func newSearch() search {
	t := tui.NewTable(tui.Column{Weight: 4}, tui.Column{Width: 7, Right: true, Muted: true, Least: 34}, tui.Column{Weight: 5, Muted: true, Least: 56})
	t.Empty = "no package has all of these words"
	return search{table: t}
}

// open begins typing, in what was typed before.
func (s *search) open() { s.field = tui.NewField(s.query, "words of a name or summary") }

func (s *search) selected() (*distro.Package, bool) {
	if i := s.table.Cursor(); i >= 0 && i < len(s.results) {
		return s.results[i], true
	}
	return nil, false
}

// ask searches in the background: typing goes on meanwhile, and an answer to
// an older question is dropped.
func (s *Screen) ask() tea.Cmd {
	if !s.index.ready() {
		return nil
	}
	s.search.asked++
	x, asked, query := s.index.Index, s.search.asked, s.search.query
	return func() tea.Msg { return found{asked, x.Search(query)} }
}

func (s *Screen) found(msg found) {
	if msg.asked == s.search.asked {
		s.search.results = msg.results
		s.search.table.SetSource(len(msg.results), s.result)
	}
}

func (s *Screen) typing(k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, keyDone):
		s.search.field = nil
	case key.Matches(k, keyPut):
		return s.toggle()
	case k.Type == tea.KeyUp || k.Type == tea.KeyDown || k.Type == tea.KeyPgUp || k.Type == tea.KeyPgDown:
		s.search.table.Update(k)
	case s.search.field.Update(k):
		s.search.query = s.search.field.Value()
		s.search.table.SetCursor(0)
		return s.ask()
	}
	return nil
}

func (s *Screen) searchKey(k tea.KeyMsg) tea.Cmd {
	p, ok := s.search.selected()
	switch {
	case ok && key.Matches(k, keyToggle):
		return s.toggle()
	case ok && key.Matches(k, keyDetails):
		return s.details(p.Name)
	}
	s.search.table.Update(k)
	return nil
}

func (s *Screen) viewIndex(w, h int) string {
	if !s.index.ready() {
		return tui.BoxLines(s.without(w), w, h)
	}
	count := tui.Muted.Render(humanize.Comma(int64(len(s.search.results))) + " of " + humanize.Comma(int64(s.index.Len())))
	head := tui.Muted.Render("/ ") + s.search.query
	if s.search.query == "" {
		head, count = tui.Key.Render("/")+tui.Muted.Render(" searches "+counted(s.index.Len(), "package")), ""
	}
	if f := s.search.field; f != nil {
		if count == "" {
			count = tui.Muted.Render(humanize.Comma(int64(s.index.Len())))
		}
		f.SetWidth(max(w-2-tui.Width(count)-2, 1))
		head = tui.Accent.Render("/ ") + f.View()
	}
	t := s.search.table
	t.Blur = !s.onSearch
	t.SetSize(w, h-1)
	return tui.Above(tui.Spread(head, count, w), t.View())
}

// result is one line of the results.
func (s *Screen) result(i int) tui.Row {
	p := s.search.results[i]
	r := tui.Row{Cells: []string{p.Name, size(p.Installed), p.Summary}}
	switch kind, ok := s.chosen.kindOf(p.Name); {
	case ok && kind == excluded:
		r.Mark = tui.Warn.Render(tui.MarkSkipped)
	case ok:
		r.Mark = tui.Accent.Render(tui.MarkOn)
	case s.chosen.inRoot[p.Name]:
		r.Mark = tui.Muted.Render("·")
	}
	return r
}

func size(n int64) string {
	if n == 0 {
		return ""
	}
	return humanize.Bytes(uint64(n))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%s %ss", humanize.Comma(int64(n)), what)
}
