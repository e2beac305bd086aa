package smoke

import (
	"fmt"
	"strings"
	"time"
)

// mark shows a status without colour.
func (s Status) mark() string {
	switch s {
	case Pass:
		return "ok  "
	case Fail:
		return "FAIL"
	}
	return "skip"
}

// seconds as people read them: "47.2s".
func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }

// Line is a result in one line, without its time.
func (r Result) Line() string {
	line := r.Status.mark() + " " + r.Title
	switch {
	case r.Status != Pass && r.Cause != "":
		line += ": " + r.Cause
	case r.Found != "":
		line += " (" + r.Found + ")"
	}
	return line
}

// outputLines is how much of an answer Text shows; the whole is in the JSON.
const outputLines = 20

// Text is a result for a terminal: one line, and below a failure the question,
// the answer and the hint.
func (r Result) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%7s  %s\n", seconds(r.At), r.Line())
	if r.Status != Fail {
		return b.String()
	}
	detail := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%9s%-8s %s\n", "", name, text)
		}
	}
	detail("asked:", r.Command)
	if r.Output != "" {
		lines := strings.Split(r.Output, "\n")
		if over := len(lines) - outputLines; over > 0 {
			detail("|", fmt.Sprintf("(%d lines more)", over))
			lines = lines[over:]
		}
		for _, l := range lines {
			detail("|", strings.TrimRight(clean(l), " "))
		}
	}
	detail("hint:", r.Hint)
	return b.String()
}

// Text is the verdict for a terminal: every check, then the word and the reason.
func (v Verdict) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s boot, %s\n", v.Recipe, v.Path, accelText(v.Accel))
	for _, r := range v.Results {
		b.WriteString(r.Text())
	}
	fmt.Fprintf(&b, "%s: %s [%s]\n", v.Said(), v.Reason, seconds(v.Took))
	return b.String()
}

func accelText(accel string) string {
	if accel == "tcg" {
		return "emulated"
	}
	return accel
}
