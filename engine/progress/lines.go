package progress

import (
	"fmt"
	"io"
	"strings"

	"slipway/engine"
	"slipway/engine/smoke"
)

// detail is how much a line printer says.
type detail int

const (
	quiet detail = iota // how steps end, checks that failed, the result
	steps               // and what starts, why, and every check
	full                // and every line of output and of the serial console
)

// Plain prints everything that happens as lines of text.
func Plain(w io.Writer) Printer { return newLines(w, full) }

// Quiet prints how each step ended, the checks that failed, and the result.
func Quiet(w io.Writer) Printer { return newLines(w, quiet) }

type lines struct {
	w       io.Writer
	detail  detail
	width   int               // of the longest step's name
	does    map[string]string // by step, for its first line
	recipe  string
	console joiner
}

func newLines(w io.Writer, d detail) *lines {
	return &lines{w: w, detail: d, width: len("console")}
}

func (p *lines) Print(e engine.Event) {
	switch e := e.(type) {
	case engine.PlanReady:
		p.plan(e)
	case engine.StepStarted:
		p.started(e)
	case engine.Output:
		for _, l := range e.Lines {
			p.output(e.Step, l)
		}
	case engine.StepDone:
		p.done(e)
	case engine.Booting:
		p.booting(e)
	case engine.Console:
		for _, l := range p.console.add(e.Data) {
			p.output("console", l)
		}
	case engine.CheckDone:
		p.check(e.Result)
	case engine.Rehearsed:
		p.point(e.Point)
	case engine.Finished:
		p.finished(e)
	}
}

// say prints one line: a mark, a name in the column of names, and text.
func (p *lines) say(mark, name, format string, args ...any) {
	line := fmt.Sprintf("%s %-*s  %s", mark, p.width, name, fmt.Sprintf(format, args...))
	_, _ = fmt.Fprintln(p.w, strings.TrimRight(line, " "))
}

func (p *lines) plan(e engine.PlanReady) {
	p.recipe, p.does = e.Recipe, map[string]string{}
	var names []string
	for _, s := range e.Steps {
		p.does[s.Name] = s.Does
		names = append(names, s.Name)
		p.width = max(p.width, len(s.Name))
	}
	if p.detail == quiet {
		return
	}
	p.say(" ", "plan", "%s: %s", e.Recipe, strings.Join(names, ", "))
	if e.Log != "" {
		p.say(" ", "log", "%s", e.Log)
	}
}

func (p *lines) started(e engine.StepStarted) {
	if p.detail == quiet {
		return
	}
	p.say("▸", e.Step, "%s", p.does[e.Step])
	p.because(e.Step, e.Reasons)
}

func (p *lines) because(step string, reasons []string) {
	for _, r := range reasons {
		p.say(" ", step, "because %s", r)
	}
}

func (p *lines) output(name, line string) {
	if p.detail == full {
		p.say(" ", name, "| %s", clean(line))
	}
}

func (p *lines) done(e engine.StepDone) {
	switch e.Status {
	case engine.Failed:
		message := "for a reason that was not said"
		if e.Error != nil {
			message = e.Error.Message
		}
		p.say("✗", e.Step, "failed after %s: %s", duration(e.Took), message)
	case engine.Done:
		p.say("✓", e.Step, "done in %s", duration(e.Took))
	case engine.Cached:
		p.say("✓", e.Step, "cached")
	default: // skipped or cancelled
		p.say("-", e.Step, "%s", e.Status)
		if p.detail > quiet {
			p.because(e.Step, e.Reasons)
		}
	}
}

func (p *lines) booting(e engine.Booting) {
	if p.detail == quiet {
		return
	}
	p.say("▸", "machine", "%s boot, %s, %d checks, at most %s", e.Path, accelerator(e.Accel), len(e.Checks), duration(e.Timeout))
	if e.Reason != "" {
		p.say(" ", "machine", "%s", e.Reason)
	}
}

func (p *lines) check(r smoke.Result) {
	switch r.Status {
	case smoke.Pass:
		if p.detail > quiet {
			p.say("✓", "pass", "%-*s  %s", checkWidth, r.Title, duration(r.At))
			p.about("found", r.Found)
		}
	case smoke.Skipped:
		if p.detail > quiet {
			p.say("-", "skipped", "%s", r.Title)
			p.about("because", r.Cause)
		}
	default:
		p.say("✗", "FAIL", "%-*s  %s", checkWidth, r.Title, duration(r.At))
		p.about("found", r.Found)
		p.about("cause", r.Cause)
		p.about("hint", r.Hint)
		p.about("asked", r.Command)
		for _, l := range textLines(r.Output) {
			p.say(" ", "", "| %s", clean(l))
		}
	}
}

// checkWidth is the column in which a check's time stands.
const checkWidth = 44

func (p *lines) about(label, text string) {
	for i, l := range textLines(text) {
		if i == 0 {
			p.say(" ", "", "%s: %s", label, clean(l))
		} else {
			p.say(" ", "", "%*s  %s", len(label), "", clean(l))
		}
	}
}

func (p *lines) finished(e engine.Finished) {
	for _, l := range p.console.rest() {
		p.output("console", l)
	}
	for _, c := range e.Cleaned {
		p.say(" ", "cleaned", "%s", c)
	}
	switch {
	case e.Verdict != nil:
		p.verdict(*e.Verdict)
		if e.Rehearsal != nil {
			p.rehearsal(*e.Rehearsal)
		}
	case e.Status == engine.Cancelled:
		p.say("-", "cancelled", "after %s", duration(e.Took))
	case e.Status == engine.Failed:
		p.say("✗", "failed", "after %s", duration(e.Took))
	default:
		p.say("✓", "built", "%s in %s", p.recipe, duration(e.Took))
		p.about("build", e.Build)
	}
}

func (p *lines) verdict(v smoke.Verdict) {
	mark := "✓"
	if !v.Passed() {
		mark = "✗"
	}
	p.say(mark, v.Said(), "%s: %s", v.Recipe, v.Reason)
	p.say(" ", "", "%s boot, %s, %s", v.Path, accelerator(v.Accel), duration(v.Took))
	p.about("build", v.Build)
}

// point is a row of the rehearsal's table.
func (p *lines) point(at smoke.Point) {
	if p.detail == quiet {
		return
	}
	mark := "✓"
	if at.Error != "" {
		mark = "✗"
	}
	p.say(mark, "fill", "%s", clean(at.Line()))
	p.about("gauge", at.Gauge)
}

func (p *lines) rehearsal(r smoke.Rehearsal) {
	mark := "✓"
	if r.Outcome != smoke.Recovers {
		mark = "✗"
	}
	p.say(mark, engine.StepRehearse, "%s", clean(r.Verdict))
	p.say(" ", "", "%s, %s, rehearsed in %s", r.Strategy, r.Stack, duration(r.Took))
	p.about("warned", r.Warned)
}

func accelerator(name string) string {
	switch name {
	case "tcg":
		return "emulated"
	case "kvm":
		return "KVM"
	}
	return name
}
