package boot

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"slipway/engine/smoke"
	"slipway/screens/session"
	"slipway/tui"
)

// badge is a word that stands out; without colours it stands in brackets.
func badge(style lipgloss.Style, word string) string {
	if tui.Plain() {
		return "[" + word + "]"
	}
	return style.Bold(true).Reverse(true).Render(" " + word + " ")
}

// details is all that is known of a check, in lines of w cells: the cause and
// what to do first.
func details(c check, w int) []string {
	var lines []string
	add := func(name, text string) {
		if text == "" {
			return
		}
		for _, l := range tui.Wrap(text, max(w-9, 8)) {
			lines = append(lines, tui.Muted.Render(tui.Fit(name, 9))+l)
			name = ""
		}
	}
	if c.result == nil {
		word := "not asked yet"
		if c.trying {
			word = "waiting for the answer"
		}
		return append(tui.Wrap(c.Title, w), tui.Muted.Render(word))
	}
	r := c.result
	switch r.Status {
	case smoke.Fail:
		lines = append(lines, tui.Wrap(tui.Bad.Render(tui.MarkFailed+" failed")+" "+c.Title, w)...)
	case smoke.Pass:
		lines = append(lines, tui.Wrap(tui.Good.Render(tui.MarkDone+" holds")+" "+c.Title, w)...)
	default:
		lines = append(lines, tui.Wrap(tui.Muted.Render(tui.MarkSkipped+" skipped")+" "+c.Title, w)...)
	}
	add("cause", r.Cause)
	add("hint", r.Hint)
	add("found", r.Found)
	if r.At > 0 {
		add("when", fmt.Sprintf("%s after power-on, took %s", session.Took(r.At), session.Took(r.Took)))
	}
	add("command", r.Command)
	if out := strings.TrimRight(r.Output, "\n"); out != "" {
		lines = append(lines, "")
		for _, l := range strings.Split(out, "\n") {
			lines = append(lines, tui.Line.Render("│ ")+tui.Sanitise(l)) // cut where it is drawn
		}
	}
	return lines
}

// before is the screen while nothing was booted: what a test boot would do.
func (b *Screen) before() string {
	r := b.s.Recipe()
	line := func(name, value, otherwise string) string {
		if value == "" {
			value = otherwise
		}
		return "  " + tui.Muted.Render(tui.Fit(name, 12)) + value
	}
	cpus := ""
	if r.Boot.CPUs > 0 {
		cpus = fmt.Sprint(r.Boot.CPUs)
	}
	lines := []string{
		tui.Heading.Render("Test boot of " + r.Name), ""}
	lines = append(lines, tui.Wrap("Builds what is not built yet, boots the packed image unchanged in QEMU, asks the "+
		"running machine whether it is what the recipe says, and gives a verdict.", min(b.w, 82))...)
	lines = append(lines, "",
		line("memory", string(r.Boot.Memory), "1GiB"),
		line("CPUs", cpus, "1"),
		line("time-out", r.Boot.Timeout, "2m")+tui.Muted.Render("  longer when emulated"),
		line("overlay", strings.TrimSpace(r.Live.Stack+" "+r.Overlay.Strategy+" "+string(r.Overlay.Size)), ""))
	for i, c := range r.Checks {
		name := ""
		if i == 0 {
			name = "own checks"
		}
		lines = append(lines, line(name, c.Name, c.Command))
	}
	lines = append(lines, "", tui.Key.Render("t")+" boots it", tui.Key.Render("r")+" boots it and, after the checks, fills its overlay to see how it bears that")
	return tui.BoxLines(lines, b.w, b.h)
}

// building is the screen until the machine has started.
func (b *Screen) building() string {
	j := b.job
	title := tui.Heading.Render("Booting " + j.Recipe + " in QEMU")
	lines := []string{tui.Spread(title, tui.Muted.Render(session.Clock(b.elapsed())), b.w), ""}
	if !j.Over {
		lines = append(lines, fmt.Sprintf("The image comes first: %s, step %d of %d.", j.Step, min(j.Ended+1, len(j.Steps)), len(j.Steps)),
			tui.Bar(int64(j.Ended), int64(len(j.Steps)), min(b.w, 40)))
	} else {
		lines = append(lines, b.verdictLine())
		if e := j.End.Error; e != nil && e.Hint != "" {
			lines = append(lines, tui.Wrap("hint: "+e.Hint, b.w)...)
		}
	}
	lines = append(lines, "", tui.Muted.Render("The Build screen has the steps and the log."))
	return tui.BoxLines(lines, b.w, b.h)
}
