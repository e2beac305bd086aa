package progress

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// duration prints 3.1s, 59.9s, 1m02s, 1h00m05s.
func duration(d time.Duration) string {
	if d < time.Minute-50*time.Millisecond {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	d = d.Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	if h > 0 {
		return fmt.Sprintf("%dh%02dm%02ds", h, m, s)
	}
	return fmt.Sprintf("%dm%02ds", m, s)
}

// clean makes a program's line safe to print: what a carriage return has
// overwritten goes, and so do escape sequences and control characters.
func clean(line string) string {
	line = strings.TrimRight(line, "\r")
	line = ansi.Strip(line[strings.LastIndexByte(line, '\r')+1:])
	line = strings.ReplaceAll(line, "\t", "    ")
	return strings.TrimRight(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, line), " ")
}

func textLines(s string) []string {
	if s = strings.TrimRight(s, "\n"); s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// joiner makes lines of bytes that arrive in pieces.
type joiner struct{ partial string }

// longest bounds a line that never ends.
const longest = 4096

func (j *joiner) add(data []byte) []string {
	parts := strings.Split(j.partial+string(data), "\n")
	j.partial = parts[len(parts)-1]
	parts = parts[:len(parts)-1]
	if len(j.partial) > longest {
		parts = append(parts, j.partial)
		j.partial = ""
	}
	return parts
}

// rest returns what has not ended in a line feed.
func (j *joiner) rest() []string {
	if clean(j.partial) == "" {
		return nil
	}
	defer func() { j.partial = "" }()
	return []string{j.partial}
}
