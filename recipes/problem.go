package recipes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Severity says whether a recipe with this problem can be built.
type Severity string

const (
	Error   Severity = "error"   // cannot be built, or would not do what it says
	Warning Severity = "warning" // can be built; the operator should know
)

// Problem is one thing that is wrong, or doubtful, in a recipe, and where.
type Problem struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`   // from 1
	Column   int      `json:"column"` // from 1, in characters
	Length   int      `json:"length"` // characters to mark from Column on; at least 1
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`           // stable: "unknown-key", "x11-ipv6"
	Path     string   `json:"path,omitempty"` // of the value it is about: "users[0].name"
	Message  string   `json:"message"`        // lower case, one line
	Hint     string   `json:"hint,omitempty"` // what to do about it
	Source   string   `json:"source,omitempty"`
	Fix      *Fix     `json:"fix,omitempty"`
}

// Fix is a change that makes a problem go away: see Document.Apply.
type Fix struct {
	Title string `json:"title"` // `set AddressFamily = "inet"`
	Edits []Edit `json:"edits"`
}

// Edit is one value to set, or to unset where Value is nil.
type Edit struct {
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// String is the problem as a compiler would print it: "file:line:col: message".
func (p Problem) String() string {
	severity := ""
	if p.Severity == Warning {
		severity = "warning: "
	}
	return fmt.Sprintf("%s:%d:%d: %s%s", p.File, p.Line, p.Column, severity, p.Message)
}

// Detail is String, then the line of the recipe with a caret under what is
// meant, then the hint, each on lines of its own and without a last newline.
func (p Problem) Detail() string {
	var b strings.Builder
	b.WriteString(p.String())
	if p.Source != "" {
		text, pad, marks := excerpt(p.Source, p.Column, p.Length)
		number := fmt.Sprint(p.Line)
		fmt.Fprintf(&b, "\n  %s | %s", number, text)
		fmt.Fprintf(&b, "\n  %s | %s%s", strings.Repeat(" ", len(number)), strings.Repeat(" ", pad), strings.Repeat("^", marks))
	}
	if p.Hint != "" {
		fmt.Fprintf(&b, "\n  hint: %s", p.Hint)
	}
	return b.String()
}

// excerptWidth is how many cells of a source line are shown.
const excerptWidth = 100

// excerpt cuts a source line to a printable piece around a column, and returns
// it with the cells before the caret and the number of carets.
func excerpt(source string, column, length int) (text string, pad, marks int) {
	runes := []rune(source)
	from := min(max(column-1, 0), len(runes))
	to := min(from+max(length, 1), len(runes))
	before, marked, after := printable(runes[:from]), printable(runes[from:to]), printable(runes[to:])
	const lead = excerptWidth / 2
	if w := ansi.StringWidth(before); w > lead && w+ansi.StringWidth(marked+after) > excerptWidth {
		before = ansi.TruncateLeft(before, w-lead+1, "…")
	}
	pad = ansi.StringWidth(before)
	text = ansi.Truncate(before+marked+after, excerptWidth, "…")
	marks = max(1, min(ansi.StringWidth(marked), ansi.StringWidth(text)-pad))
	return text, pad, marks
}

// printable shows tabs as a space and other control characters as a mark, so
// that the caret below stands where it should.
func printable(rs []rune) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r == 0x1b || r >= 0x80 && r < 0xa0:
			return '\ufffd'
		}
		return r
	}, string(rs))
}

// Problems is a list of findings in the order of the file; as an error it
// says all of them, one a line.
type Problems []Problem

// Error lists every problem as String does.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Errors returns the problems that stop a build.
func (ps Problems) Errors() Problems { return ps.with(Error) }

// Warnings returns the problems that do not stop a build.
func (ps Problems) Warnings() Problems { return ps.with(Warning) }

func (ps Problems) with(s Severity) Problems {
	var out Problems
	for _, p := range ps {
		if p.Severity == s {
			out = append(out, p)
		}
	}
	return out
}

// sorted puts problems in the order of the file and drops repetitions.
func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool {
		return a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
}
