package boot

import (
	"fmt"
	"strings"

	"slipway/engine"
	"slipway/engine/smoke"
	"slipway/screens/session"
	"slipway/tui"
)

// headRows are the lines above the panes.
const headRows = 3

// footRows are those below: the overlay, the verdict and, if one was asked for, the
// rehearsal.
func (b *Screen) footRows() int {
	if b.job != nil && b.job.Rehearse {
		return 3
	}
	return 2
}

// SetSize sets the size in cells. The console is as large as its pane.
func (b *Screen) SetSize(w, h int) {
	b.w, b.h = w, h
	_, right := b.split()
	b.list.SetHeight(max(b.rows()-1, 1))
	rows := max(b.rows()-1-len(b.below(right)), 1)
	b.console.SetSize(right, rows)
	if b.history != nil {
		b.history.SetSize(right, rows)
	}
}

func (b *Screen) rows() int { return max(b.h-headRows-b.footRows(), 1) }

// split gives the console 80 columns as soon as the list can spare them; while
// it is typed into, all there is.
func (b *Screen) split() (left, right int) {
	switch {
	case b.typing && b.w < 125:
		return 0, b.w
	case b.w >= 150:
		return tui.Split(b.w, 36, 56)
	case b.w >= 125:
		return tui.Split(b.w, 0, b.w-83)
	case b.w >= 100:
		return tui.Split(b.w, 36, 40)
	}
	return tui.Split(b.w, 50, 26)
}

// View draws the screen.
func (b *Screen) View() string {
	switch {
	case b.job == nil:
		return b.before()
	case b.machine == nil:
		return b.building()
	}
	left, right := b.split()
	rows := b.rows()
	panes := b.right(right, rows)
	if left > 0 {
		panes = tui.Beside(b.left(left, rows), left, panes, right, rows)
	}
	lines := []string{b.headline(), b.machineLine(), b.progress(), panes, b.overlayLine(), b.verdictLine()}
	if b.job.Rehearse {
		lines = append(lines, b.rehearsalLine())
	}
	return tui.Box(tui.Above(lines...), b.w, b.h)
}

// headline is "Booting fleet-base in QEMU      00:52 of at most 06:00".
func (b *Screen) headline() string {
	clock := session.Clock(b.elapsed())
	word := "Booting "
	if b.job.Over {
		word = "Booted "
	} else if b.machine.Timeout > 0 && !b.up() {
		clock += " of at most " + session.Clock(b.machine.Timeout)
	}
	return tui.Spread(tui.Heading.Render(word+b.job.Recipe+" in QEMU"), tui.Muted.Render(clock), b.w)
}

// up reports that the guest came up: its time-out is over then.
func (b *Screen) up() bool {
	i := b.check(smoke.UpWith(b.machine.Path))
	return i >= 0 && b.checks[i].result != nil
}

// machineLine tells how the machine runs, and why so.
func (b *Screen) machineLine() string {
	accel := "emulated"
	if b.machine.Accel == "kvm" {
		accel = "KVM"
	}
	if b.machine.Reason != "" {
		accel += " (" + b.machine.Reason + ")"
	}
	path := "kernel and initrd given to QEMU"
	if b.machine.Path == "iso" {
		path = "from the ISO"
	}
	return tui.Muted.Render(tui.Cut(accel+" · "+path, b.w))
}

// progress is how many checks were answered, across the screen.
func (b *Screen) progress() string {
	answered, failed := b.answered()
	style := tui.Accent
	switch v := b.job.Verdict(); {
	case failed > 0 || v != nil && !v.Passed():
		style = tui.Bad
	case v != nil:
		style = tui.Good
	}
	return tui.BarIn(style, int64(answered), int64(len(b.checks)), b.w)
}

// score is how many checks were answered: "8 of 11, 1 failed".
func (b *Screen) score() string {
	answered, failed := b.answered()
	count := fmt.Sprintf("%d of %d", answered, len(b.checks))
	if failed > 0 {
		count += fmt.Sprintf(", %d failed", failed)
	}
	return count
}

func (b *Screen) answered() (all, failed int) {
	for _, c := range b.checks {
		if c.result == nil {
			continue
		}
		all++
		if c.result.Status == smoke.Fail {
			failed++
		}
	}
	return all, failed
}

// left is the list of checks.
func (b *Screen) left(w, rows int) string {
	lines := []string{tui.Spread(tui.Heading.Render("checks"), tui.Muted.Render(b.score()), w)}
	first, end := b.list.Visible()
	for i := first; i < end; i++ {
		if i < len(b.checks) {
			lines = append(lines, b.checkLine(i, w))
		} else {
			lines = append(lines, b.pointLine(i, w))
		}
	}
	if b.list.Cursor() >= 0 && b.roomy() {
		lines = append(lines, "", tui.Rule(w))
		lines = append(lines, b.about(w, rows-len(lines))...)
	}
	return tui.BoxLines(lines, w, rows)
}

// roomy reports that below the list there is room for the selected check.
func (b *Screen) roomy() bool { return b.rows()-1-len(b.checks)-len(b.points) >= 9 }

// about is what is known of the selected row in at most so many lines; enter shows all.
func (b *Screen) about(w, room int) []string {
	var lines []string
	if p := b.point(b.list.Cursor()); p != nil {
		lines = pointDetails(*p, w)
	} else {
		lines = details(*b.selected(), w)
	}
	if len(lines) > room {
		lines = append(lines[:max(room-1, 0)], tui.Muted.Render("… enter shows all"))
	}
	return lines
}

// checkLine is "▸ ✓ root is overlayfs, 512 MiB     31.0s".
func (b *Screen) checkLine(i, w int) string {
	c := b.checks[i]
	cursor := "  "
	title := c.Title
	mark, when := " ", ""
	switch {
	case c.trying:
		mark, when = tui.Accent.Render(spinner(b)), "…"
	case c.result == nil:
		title = tui.Muted.Render(title)
	default:
		mark = resultMark(c.result.Status)
		when = session.Took(c.result.At)
		if c.result.Status == smoke.Skipped {
			when = "skipped"
		}
		if c.result.Status == smoke.Fail {
			title = tui.Bad.Render(title)
		}
	}
	if i == b.list.Cursor() && !b.typing {
		cursor = tui.Accent.Render(tui.MarkSelected) + " "
		title = tui.Selected.Render(c.Title)
	}
	return cursor + mark + " " + tui.Fit(title, max(w-12, 1)) + " " + tui.Muted.Render(tui.FitRight(when, 7))
}

func spinner(b *Screen) string {
	return string([]rune("◐◓◑◒")[int(max(b.elapsed(), 0).Seconds())%4])
}

func resultMark(s smoke.Status) string {
	switch s {
	case smoke.Pass:
		return tui.Good.Render(tui.MarkDone)
	case smoke.Fail:
		return tui.Bad.Render(tui.MarkFailed)
	}
	return tui.Muted.Render(tui.MarkSkipped)
}

// right is the console, and below it why the selected check failed.
func (b *Screen) right(w, rows int) string {
	title, hint := tui.Heading.Render("serial console"), "tab types into it"
	switch {
	case b.typing:
		title, hint = tui.Accent.Render(tui.MarkOn)+" "+title, "you are typing · ctrl-] leaves"
		if left, _ := b.split(); left == 0 {
			title += tui.Muted.Render(" · checks " + b.score())
		}
	case b.history != nil:
		title, hint = tui.Heading.Render("console's history"), "esc live console"
	case b.job.Over:
		hint = "machine is off · l history"
	}
	lines := []string{tui.Spread(title, tui.Muted.Render(hint), w)}
	if b.history != nil {
		lines = append(lines, b.history.View())
	} else {
		lines = append(lines, b.console.View())
	}
	lines = append(lines, b.below(w)...)
	return strings.Join(lines, "\n")
}

// below is what stands under the console where the list leaves no room: why
// the selected check failed.
func (b *Screen) below(w int) []string {
	c := b.selected()
	if c == nil || b.roomy() || c.result == nil || c.result.Status != smoke.Fail {
		return nil
	}
	room := (b.rows() - 1) / 2
	if room < 3 {
		return nil
	}
	return append([]string{tui.Rule(w)}, b.about(w, room-1)...)
}

// verdictLine is one word and the reason.
func (b *Screen) verdictLine() string {
	j := b.job
	switch v := j.Verdict(); {
	case v != nil && v.Passed():
		return tui.Cut(badge(tui.Good, v.Said())+"  "+v.Reason, b.w)
	case v != nil:
		return tui.Cut(badge(tui.Bad, v.Said())+"  "+v.Reason, b.w)
	case !j.Over && len(b.points) > 0:
		return tui.Muted.Render(tui.Cut("the verdict follows the rehearsal", b.w))
	case !j.Over:
		return tui.Muted.Render(tui.Cut("PASS when all hold", b.w))
	case j.End.Status == engine.Cancelled:
		return tui.Cut(badge(tui.Warn, "CANCELLED")+"  "+strings.Join(j.End.Cleaned, ", "), b.w)
	case j.End.Error != nil:
		return tui.Cut(badge(tui.Bad, "NO VERDICT")+"  "+j.End.Error.Error(), b.w)
	}
	return tui.Cut(badge(tui.Warn, "NO VERDICT"), b.w)
}
