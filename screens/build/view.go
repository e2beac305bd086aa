package build

import (
	"fmt"
	"strings"
	"time"

	"slipway/engine"
	"slipway/screens/session"
	"slipway/tui"
)

// headRows are the lines above the panes.
const headRows = 2

// SetSize sets the size in cells.
func (b *Screen) SetSize(w, h int) {
	b.w, b.h = w, h
	_, right := b.split()
	rows := b.rows()
	b.list.SetHeight(min(rows, max(len(b.steps), 1)))
	b.log.SetSize(right, max(rows-len(b.panel(right, rows)), 0))
}

func (b *Screen) rows() int { return max(b.h-headRows, 0) }

func (b *Screen) split() (left, right int) {
	switch {
	case b.w >= 150:
		return tui.Split(b.w, 30, 44)
	case b.w >= 100:
		return tui.Split(b.w, 33, 36)
	}
	return tui.Split(b.w, 0, 32)
}

// View draws the screen.
func (b *Screen) View() string {
	if b.job == nil {
		return b.planView()
	}
	left, right := b.split()
	rows := b.rows()
	panel := b.panel(right, rows)
	b.log.SetSize(right, max(rows-len(panel), 0))
	pane := strings.Join(panel, "\n")
	if log := b.log.View(); log != "" {
		pane = strings.Join(append(panel, log), "\n")
	}
	return tui.Box(tui.Above(b.headline(), b.progress(), tui.Beside(b.left(left, rows), left, pane, right, rows)), b.w, b.h)
}

// headline is "Building fleet-base      3 of 7 · 00:41 · about 00:25 left".
func (b *Screen) headline() string {
	j := b.job
	title := tui.Heading.Render("Building " + j.Recipe)
	if j.Kind == session.Boot {
		title = tui.Heading.Render("Building "+j.Recipe) + tui.Muted.Render(", then booting it")
	}
	done, cached := 0, 0
	for _, s := range b.steps {
		if s.good() {
			done++
		}
		if s.status == engine.Cached {
			cached++
		}
	}
	built := j.Booting || j.Over && j.End.Status == engine.Done
	switch {
	case built:
		title = tui.Good.Render(tui.MarkDone+" Built ") + tui.Heading.Render(j.Recipe)
	case j.Over && j.End.Status == engine.Cancelled:
		title = tui.Warn.Render(tui.MarkWarn+" Cancelled: ") + tui.Heading.Render(j.Recipe)
	case j.Over:
		title = tui.Bad.Render(tui.MarkFailed+" Failed: ") + tui.Heading.Render(j.Recipe)
	}
	parts := []string{fmt.Sprintf("%d of %d", done, len(b.steps))}
	if cached > 0 {
		parts = append(parts, fmt.Sprintf("%d cached", cached))
	}
	if j.Over {
		parts = append(parts, session.Took(j.End.Took))
	} else {
		parts = append(parts, session.Clock(b.elapsed()))
	}
	if left, known := b.remaining(); known && !built && !j.Over {
		parts = append(parts, "about "+session.Clock(left)+" left")
	}
	right := tui.Muted.Render(strings.Join(parts, " · "))
	if now := b.now(); now != "" {
		title = tui.Cut(title+tui.Muted.Render("  "+now), max(b.w-tui.Width(right)-2, 0))
	}
	return tui.Spread(title, right, b.w)
}

// now tells what just happens, or where the result is.
func (b *Screen) now() string {
	j := b.job
	switch {
	case j.Over && j.End.Status == engine.Done && j.End.Build != "":
		return "in " + j.End.Build
	case j.Over && len(j.End.Cleaned) > 0:
		return "cleaned: " + strings.Join(j.End.Cleaned, ", ")
	case j.Over:
		return ""
	}
	for _, s := range b.steps {
		if s.running {
			text := s.Does
			if s.progress.Text != "" {
				text = s.progress.Text
			}
			return s.Name + ": " + text
		}
	}
	return ""
}

// progress is how far the whole build is, across the screen.
func (b *Screen) progress() string {
	const unit = 1000
	done := int64(0)
	for _, s := range b.steps {
		switch {
		case s.good():
			done += unit
		case s.running && s.progress.Total > 0:
			done += unit * min(s.progress.Done, s.progress.Total) / s.progress.Total
		}
	}
	style := tui.Accent
	switch {
	case b.job.Over && b.job.End.Status == engine.Done:
		style = tui.Good
	case b.job.Over:
		style = tui.Bad
		if b.job.End.Status == engine.Cancelled {
			style = tui.Warn
		}
	}
	return tui.BarIn(style, done, int64(len(b.steps))*unit, b.w)
}

func (b *Screen) elapsed() time.Duration { return b.s.Now().Sub(b.job.Started) }

// remaining is how long the remaining steps took the last time, if that is known
// for every one of them.
func (b *Screen) remaining() (left time.Duration, known bool) {
	for _, s := range b.steps {
		if s.status != "" {
			continue
		}
		last, ok := b.history[s.Name]
		if !ok {
			return 0, false
		}
		if s.running {
			last -= b.s.Now().Sub(s.started)
		}
		left += max(last, 0)
	}
	return left, left > 0
}

// left is the list of steps and, below it where there is room, what the
// selected one does and why it ran.
func (b *Screen) left(w, rows int) string {
	var lines []string
	first, end := b.list.Visible()
	for i := first; i < end; i++ {
		lines = append(lines, b.stepLine(i, w))
	}
	if i := b.list.Cursor(); i >= 0 && rows-len(lines) >= 4 {
		lines = append(lines, "", tui.Rule(w))
		lines = append(lines, b.about(b.steps[i], w)...)
	}
	return tui.BoxLines(lines, w, rows)
}

// stepLine is "▸ ✓ root        39.1s  cached".
func (b *Screen) stepLine(i, w int) string {
	s := b.steps[i]
	cursor, name := "  ", tui.Fit(s.Name, 9)
	if i == b.list.Cursor() && !b.inLog {
		cursor, name = tui.Accent.Render(tui.MarkSelected)+" ", tui.Selected.Render(name)
	} else if s.status == "" && !s.running {
		name = tui.Muted.Render(name)
	}
	mark, took, rest := " ", "", ""
	room := max(w-23, 0)
	switch {
	case s.running:
		took = session.Took(b.s.Now().Sub(s.started))
		mark = tui.Accent.Render(spinner(b.s.Now().Sub(s.started)))
		if s.progress.Total > 0 {
			rest = tui.Bar(s.progress.Done, s.progress.Total, min(room, 16))
		} else {
			rest = tui.Accent.Render("running")
		}
	case s.status != "":
		took = session.Took(s.took)
		mark, rest = outcome(s.status)
	}
	return cursor + mark + " " + name + " " + tui.Muted.Render(tui.FitRight(took, 7)) + "  " + tui.Fit(rest, room)
}

// outcome is the mark and the word of a step that ended.
func outcome(s engine.Status) (mark, word string) {
	switch s {
	case engine.Done:
		return tui.Good.Render(tui.MarkDone), ""
	case engine.Cached:
		return tui.Good.Render(tui.MarkDone), tui.Muted.Render("cached")
	case engine.Skipped:
		return tui.Muted.Render(tui.MarkSkipped), tui.Muted.Render("skipped")
	case engine.Failed:
		return tui.Bad.Render(tui.MarkFailed), tui.Bad.Render("failed")
	}
	return tui.Warn.Render(tui.MarkWarn), tui.Warn.Render(string(s))
}

// spinner turns once in four seconds: it shows that the clock runs.
func spinner(d time.Duration) string {
	return string([]rune("◐◓◑◒")[int(max(d, 0).Seconds())%4])
}

// about tells what a step does and which of its inputs made it run.
func (b *Screen) about(s step, w int) []string {
	lines := tui.Wrap(s.Does, w)
	if len(s.reasons) > 0 {
		lines = append(lines, "", tui.Muted.Render("it "+ran(s)+" because"))
		for _, r := range s.reasons {
			lines = append(lines, item(r, w)...)
		}
	}
	return lines
}

// ran says what the reasons of a step are for.
func ran(s step) string {
	switch {
	case s.running:
		return "runs"
	case s.status == engine.Skipped:
		return "was skipped"
	case s.status == engine.Cached:
		return "was taken from the cache"
	}
	return "ran"
}

// item is text as an item of a list.
func item(s string, w int) []string {
	lines := tui.Wrap(s, w-2)
	for i := range lines {
		mark := "  "
		if i == 0 {
			mark = tui.Muted.Render("· ")
		}
		lines[i] = mark + lines[i]
	}
	return lines
}

// panel is what stands above the log: of a failure all that helps, of a single
// step why it ran.
func (b *Screen) panel(w, rows int) []string {
	if b.job == nil {
		return nil
	}
	var lines []string
	switch e := b.job.End.Error; {
	case e != nil && b.job.End.Status == engine.Failed && b.log.Filtered() == "":
		lines = failure(e, w)
		lines = lines[:min(len(lines), max(rows*2/3, 1))]
	case b.log.Filtered() != "":
		s := b.step(b.log.Filtered())
		if s == nil {
			return nil
		}
		lines = append(lines, tui.Spread(tui.Heading.Render("only "+s.Name), tui.Muted.Render("esc all steps"), w))
		if len(s.reasons) > 0 {
			lines = append(lines, tui.Muted.Render("it "+ran(*s)+" because"))
		}
		for _, r := range s.reasons {
			lines = append(lines, item(r, w)...)
		}
		lines = lines[:min(len(lines), max(rows/3, 1))]
	default:
		return nil
	}
	return append(lines, tui.Rule(w))
}

// maxCommand is how many lines a command may take in the panel.
const maxCommand = 4

// failure is a StepError as lines: what, the way out, the command, how it ended, where the
// log is, its last lines.
func failure(e *engine.StepError, w int) []string {
	var lines []string
	for _, l := range tui.Wrap(fmt.Sprintf("%s %s failed: %s", tui.MarkFailed, e.Step, e.Message), w) {
		lines = append(lines, tui.Bad.Render(l))
	}
	add := func(name, text string) {
		if text == "" {
			return
		}
		for i, l := range tui.Wrap(text, max(w-9, 8)) {
			if i > 0 {
				name = ""
			}
			if i == maxCommand { // the log has it in full
				last := &lines[len(lines)-1]
				*last = tui.Cut(strings.TrimRight(*last, " ")+" …", w)
				break
			}
			lines = append(lines, tui.Muted.Render(tui.Fit(name, 9))+l)
		}
	}
	add("hint", e.Hint)
	add("command", e.Command)
	add("ended", e.Exit)
	add("log", e.Log)
	for _, l := range e.Last {
		lines = append(lines, tui.Line.Render("│ ")+tui.Cut(tui.Sanitise(l), w-2))
	}
	return lines
}

// planView is the screen before any run: what a build would do.
func (b *Screen) planView() string {
	lines := []string{tui.Heading.Render("What a build of " + b.s.Recipe().Name + " does"), ""}
	switch {
	case b.plan.err != nil:
		for _, l := range tui.Wrap(tui.MarkFailed+" "+b.plan.err.Error(), b.w) {
			lines = append(lines, tui.Bad.Render(l))
		}
	case len(b.steps) == 0:
		lines = append(lines, tui.Muted.Render("planning …"))
	}
	for i, s := range b.steps {
		cursor, name := "  ", tui.Fit(s.Name, 11)
		if i == b.list.Cursor() {
			cursor, name = tui.Accent.Render(tui.MarkSelected)+" ", tui.Selected.Render(name)
		}
		lines = append(lines, cursor+name+tui.Muted.Render(s.Does))
	}
	if i := b.list.Cursor(); i >= 0 {
		lines = append(lines, "", tui.Rule(b.w))
		for _, in := range b.steps[i].Inputs {
			lines = append(lines, "  "+tui.Muted.Render(tui.Fit(in.Name, 24))+" "+in.Value)
		}
	}
	return tui.BoxLines(lines, b.w, b.h)
}
