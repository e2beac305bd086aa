// Package smoke is what a booted image must show: a check each, and the verdict.
package smoke

import (
	"fmt"
	"time"
)

// Status of one check.
type Status string

const (
	Pass    Status = "pass"
	Fail    Status = "fail"
	Skipped Status = "skipped" // cannot be asked on this boot path; Cause says why
)

// Plan names a check before it is tried.
type Plan struct {
	ID    string `json:"id"`    // stable: "kernel", "overlay", "x11"
	Title string `json:"title"` // for people: "root is overlayfs, 512 MiB"
}

// Result is what a check found.
type Result struct {
	Plan
	Status  Status        `json:"status"`
	At      time.Duration `json:"at_ns"`             // since power-on
	Took    time.Duration `json:"took_ns"`           // of the check itself
	Found   string        `json:"found,omitempty"`   // one line: what was seen
	Cause   string        `json:"cause,omitempty"`   // on failure: why, named
	Hint    string        `json:"hint,omitempty"`    // what to do next
	Command string        `json:"command,omitempty"` // what was asked
	Output  string        `json:"output,omitempty"`  // what came back
}

// Verdict is the outcome of a test boot.
type Verdict struct {
	Word    string        `json:"word"` // "PASS" or "FAIL"
	Reason  string        `json:"reason"`
	Recipe  string        `json:"recipe"`
	Build   string        `json:"build"`
	Path    string        `json:"path"`  // "direct" or "iso"
	Accel   string        `json:"accel"` // "kvm" or "tcg"
	Took    time.Duration `json:"took_ns"`
	Results []Result      `json:"results"`
	// Memory of the machine once it was up; nil if it could not be asked.
	Memory *Memory `json:"memory,omitempty"`
	// Fixture says that the image was made from a test mirror, not a distro's own.
	Fixture bool `json:"fixture,omitempty"`
}

// Passed reports whether every check that could be asked held.
func (v Verdict) Passed() bool { return v.Word == "PASS" }

// Said is the word as people see it: what came from a test mirror says so.
func (v Verdict) Said() string {
	if v.Fixture {
		return v.Word + " (fixture)"
	}
	return v.Word
}

// Judge makes the verdict of results: PASS if at least one check passed and
// none failed. Skipped checks count for nothing, and the reason says how many
// there were.
func Judge(results []Result) Verdict {
	v := Verdict{Word: "PASS", Results: results}
	passed, failed, skipped := 0, 0, 0
	for _, r := range results {
		switch r.Status {
		case Pass:
			passed++
		case Skipped:
			skipped++
		case Fail:
			failed++
			if v.Reason == "" {
				v.Reason = r.Title
				if r.Cause != "" {
					v.Reason += ": " + r.Cause
				}
			}
		}
	}
	switch {
	case failed > 1:
		v.Reason = fmt.Sprintf("%d checks failed; first: %s", failed, v.Reason)
		v.Word = "FAIL"
	case failed == 1:
		v.Word = "FAIL"
	case passed == 0:
		v.Word, v.Reason = "FAIL", "no check could be asked"
	case passed == 1:
		v.Reason = "the one check that was asked holds"
	default:
		v.Reason = fmt.Sprintf("all %d checks hold", passed)
	}
	if skipped > 0 && passed+failed > 0 {
		v.Reason += fmt.Sprintf("; %d not asked", skipped)
	}
	return v
}
