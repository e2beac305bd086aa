package boot

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/dustin/go-humanize"

	"slipway/engine/smoke"
	"slipway/screens/session"
	"slipway/tui"
)

// canRehearse reports whether r does something: a rehearsal can be asked for once
// per boot, and after it with the next one.
func (b *Screen) canRehearse() bool { return b.job == nil || b.job.Over || !b.job.Rehearse }

// rehearse asks for a full overlay: of the machine that runs, or of the next one.
func (b *Screen) rehearse() tea.Cmd {
	if b.job == nil || b.job.Over {
		return tui.Send(session.RunRehearse{})
	}
	b.job.Rehearse = true
	b.SetSize(b.w, b.h) // its line takes room
	run := b.job.Run
	return func() tea.Msg { run.Rehearse(); return nil }
}

// point is the rehearsal's point in a row of the list, nil if a check is there.
func (b *Screen) point(row int) *smoke.Point {
	if i := row - len(b.checks); row >= 0 && i >= 0 && i < len(b.points) {
		return &b.points[i]
	}
	return nil
}

// reached adds a point of the rehearsal below the checks.
func (b *Screen) reached(p smoke.Point) {
	b.points = append(b.points, p)
	b.list.SetLen(len(b.checks) + len(b.points))
	b.follow(len(b.checks) + len(b.points) - 1)
}

// pointMark is how the machine bore a point: a full overlay refuses writes, that
// is what it is there for; what does not work after deleting is a loss.
func pointMark(p smoke.Point) string {
	switch {
	case p.Error == "" && len(p.Broken) == 0:
		return tui.Good.Render(tui.MarkDone)
	case p.Room.Used >= p.Room.Size && lost(p.Room) == "":
		return tui.Warn.Render(tui.MarkWarn)
	}
	return tui.Bad.Render(tui.MarkFailed)
}

// pointLine is "▸ ✓ 90 %  58 MiB · df 90 %    4m02s", in fewer words where there
// is no room for all.
func (b *Screen) pointLine(row, w int) string {
	p := *b.point(row)
	text := p.Name
	for _, t := range []string{p.Name + "  " + fill(p.Room) + " · df " + said(p.DF), p.Name + "  " + fill(p.Room) + ", df " + said(p.DF),
		p.Name + ", df " + said(p.DF)} {
		if tui.Width(t) <= w-12 {
			text = t
			break
		}
	}
	cursor := "  "
	if row == b.list.Cursor() && !b.typing {
		cursor, text = tui.Accent.Render(tui.MarkSelected)+" ", tui.Selected.Render(text)
	}
	return cursor + pointMark(p) + " " + tui.Fit(text, max(w-12, 1)) + " " + tui.Muted.Render(tui.FitRight(session.Took(p.At), 7))
}

// pointDetails is all that was seen at a point, in lines of w cells.
func pointDetails(p smoke.Point, w int) []string {
	truth := fill(p.Room)
	if p.Room.Size > 0 && lost(p.Room) == "" {
		truth = fmt.Sprintf("%s of %s, %s", humanize.IBytes(uint64(p.Room.Used)), humanize.IBytes(uint64(p.Room.Size)), percent(p.Room))
	}
	if p.Room.Source != "" {
		truth += " (" + p.Room.Source + ")"
	}
	df := ""
	if p.DF.Size > 0 {
		df = fmt.Sprintf("%s of %s, %s", humanize.IBytes(uint64(p.DF.Used)), humanize.IBytes(uint64(p.DF.Size)), said(p.DF))
	}
	refused := p.Error
	if refused != "" {
		refused = tui.Warn.Render(refused)
	}
	lines := []string{pointMark(p) + " " + tui.Heading.Render(tui.Cut("rehearsal: "+p.Name, w-2))}
	return append(lines, tui.Facts([]tui.Fact{
		{Name: "written", Value: humanize.IBytes(uint64(p.Wrote))},
		{Name: "in truth", Value: truth},
		{Name: "df says", Value: df},
		{Name: "gauge", Value: p.Gauge},
		{Name: "refused", Value: refused},
		{Name: "works", Value: strings.Join(p.Works, ", ")},
		{Name: "broken", Value: strings.Join(p.Broken, ", ")},
		{Name: "when", Value: session.Took(p.At) + " after power-on"},
	}, w)...)
}

// lost is device mapper's word for a store that is past telling how full it is,
// "Overflow", as it stands behind the source: "" as long as it can tell.
func lost(r smoke.Room) string {
	_, word, _ := strings.Cut(r.Source, ": ")
	return word
}

// fill is how full something is, in a word or two.
func fill(r smoke.Room) string {
	switch {
	case lost(r) != "":
		return lost(r)
	case r.Size <= 0:
		return "not known"
	}
	return humanize.IBytes(uint64(r.Used))
}

func percent(r smoke.Room) string {
	return fmt.Sprintf("%.0f %%", float64(r.Used)*100/float64(max(r.Size, 1)))
}

// said is a fill level as df prints it: rounded up.
func said(df smoke.Room) string {
	if df.Size <= 0 {
		return "silent"
	}
	return fmt.Sprintf("%d %%", (df.Used*100+df.Size-1)/df.Size)
}

// overlayLine is how full the overlay is; until that is known, what the recipe asks
// of it and what the guest has.
func (b *Screen) overlayLine() string {
	name := tui.Muted.Render("overlay  ")
	if b.room == nil {
		line := name + b.machine.Overlay
		if i := b.check("overlay"); i >= 0 && b.checks[i].result != nil && b.checks[i].result.Found != "" {
			line += tui.Muted.Render("  found  ") + b.checks[i].result.Found
		}
		return tui.Cut(line, b.w)
	}
	r := *b.room
	at := tui.Muted.Render("  " + teller(r))
	if word := lost(r); word != "" {
		return tui.Cut(name+tui.Bad.Render(tui.MarkFailed+" "+word+": it takes no more writes")+at, b.w)
	}
	if r.Size <= 0 {
		return tui.Cut(name+"how full it is cannot be told"+at, b.w)
	}
	gauge := tui.Gauge(r.Used, r.Size, max(min(b.w/3, 42), 8))
	return tui.Cut(name+gauge+" "+percent(r)+" of "+humanize.IBytes(uint64(r.Size))+at, b.w)
}

// teller says what it is that fills, and who tells how full it is.
func teller(r smoke.Room) string {
	source, _, _ := strings.Cut(r.Source, ": ")
	switch {
	case source == "":
		return r.Kind
	case strings.HasPrefix(source, r.Kind):
		return source
	}
	return r.Kind + ", " + source
}

// rehearsalLine is what becomes of a rehearsal that was asked for.
func (b *Screen) rehearsalLine() string {
	name := tui.Muted.Render("rehearsal  ")
	switch r := b.job.End.Rehearsal; {
	case r != nil:
		return tui.Cut(name+session.Borne(*r), b.w)
	case b.untried != "":
		return tui.Cut(name+tui.Bad.Render(tui.MarkFailed)+" could not be tried: "+b.untried, b.w)
	case b.job.Over:
		return tui.Cut(name+"did not come to an end", b.w)
	case len(b.points) > 0:
		return tui.Cut(name+"filling the overlay, then deleting and writing again · "+b.points[len(b.points)-1].Name+" reached", b.w)
	}
	if answered, _ := b.answered(); answered == len(b.checks) {
		return tui.Cut(name+"begins: the overlay is filled to the brim", b.w)
	}
	return tui.Cut(name+"follows the checks: the overlay is filled, emptied, written again", b.w)
}
