package progress

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/x/ansi"
	"github.com/dustin/go-humanize"

	"slipway/engine"
)

// rowMark is a row's outcome as one sign.
func rowMark(r engine.Row) string {
	switch r.Word {
	case engine.RowPass:
		return "✓"
	case engine.RowFail:
		return "✗"
	}
	return "-"
}

// rowWord is a row's outcome in words: "PASS (real)", "not run".
func rowWord(r engine.Row) string {
	if r.Origin == "" {
		return r.Word
	}
	return r.Word + " (" + r.Origin + ")"
}

// boardColumns name what rowCells returns.
var boardColumns = []string{"recipe", "distro", "live stack", "strategy", "path", "verdict", "memory", "time"}

func rowCells(r engine.Row) []string {
	stack, memory, took := r.Stack, "", ""
	if r.Expected && stack != "" {
		stack += " expected"
	}
	if r.Memory > 0 {
		memory = humanize.IBytes(uint64(r.Memory))
	}
	if r.Took > 0 {
		took = strings.TrimSpace(duration(r.Took) + " " + accelerator(r.Accel))
	}
	return []string{r.Recipe, r.Distro, stack, r.Strategy, r.Path, rowWord(r), memory, took}
}

// rehearsed says how a full overlay was borne; empty if that was not asked.
func rehearsed(r engine.Row) string {
	if r.Outcome == engine.NotTried {
		return strings.TrimSuffix("not tried: "+r.Rehearsal, ": ")
	}
	return r.Rehearsal
}

// writeBoard prints a table, below each row why, and below all a count. Colour
// only repeats what the mark and the word of a row say.
func writeBoard(w io.Writer, b engine.Board, colour bool) {
	var table strings.Builder
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  %s\n", strings.ToUpper(strings.Join(boardColumns, "\t")))
	for _, r := range b.Rows {
		cells := rowCells(r)
		for i := range cells {
			cells[i] = clean(cells[i])
		}
		fmt.Fprintf(t, "%s %s\n", rowMark(r), strings.Join(cells, "\t"))
	}
	_ = t.Flush()
	lines := strings.Split(strings.TrimSuffix(table.String(), "\n"), "\n")
	var out strings.Builder
	fmt.Fprintln(&out)
	fmt.Fprintln(&out, strings.TrimRight(lines[0], " "))
	for i, r := range b.Rows {
		line := strings.TrimRight(lines[i+1], " ")
		if colour {
			line = ansi.NewStyle().ForegroundColor(rowColour(r)).Styled(line)
		}
		fmt.Fprintln(&out, line)
		about := func(label, text string) {
			if text = clean(text); text != "" {
				fmt.Fprintf(&out, "    %s%s\n", label, text)
			}
		}
		about("", r.Reason)
		about("hint: ", r.Hint)
		about("rehearsal: ", rehearsed(r))
	}
	fmt.Fprintln(&out, boardCount(b)+" in "+duration(b.Took))
	if b.Dir != "" {
		fmt.Fprintln(&out, "board and reports:", b.Dir)
	}
	_, _ = io.WriteString(w, out.String())
}

func rowColour(r engine.Row) ansi.Color {
	switch r.Word {
	case engine.RowPass:
		return ansi.Green
	case engine.RowFail:
		return ansi.Red
	}
	return ansi.Yellow
}

// boardCount is the board in one line: "2 PASS, 1 FAIL, 1 not run".
func boardCount(b engine.Board) string {
	var parts []string
	for _, word := range []string{engine.RowPass, engine.RowFail, engine.RowNotRun, engine.RowStopped} {
		if n := b.Count(word); n > 0 || word == engine.RowPass {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	return strings.Join(parts, ", ")
}

// legend says what the columns mean, in one line.
const legend = "Each row is one boot of one image and the checks that were asked of it. `real`: made from packages of the " +
	"distribution's own archive; `fixture`: from a small archive of the tests. Memory: what the machine had taken when its start-up " +
	"was over. Time: of the boot, its questions and the rehearsal, without the build. Rehearsal: the overlay was filled to the brim, emptied and written to again."

// Markdown is the board as a page: a line of legend and a table. It names no
// folder of the machine that made it.
func Markdown(b engine.Board) string {
	var out strings.Builder
	line := func(cells []string) {
		for i, c := range cells {
			cells[i] = markdownCell(c)
		}
		fmt.Fprintf(&out, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintf(&out, "# The matrix\n\nMade by `slipway matrix` on %s: %s. %s\n\n", b.Time.UTC().Format("2006-01-02"), boardCount(b), legend)
	line(append(boardColumns[:len(boardColumns):len(boardColumns)], "found", "rehearsal"))
	fmt.Fprintf(&out, "|%s\n", strings.Repeat(" --- |", len(boardColumns)+2))
	for _, r := range b.Rows {
		told := rehearsed(r)
		if told == "" && r.Origin != "" {
			told = "not asked"
		}
		cells := rowCells(r)
		cells[5] = "**" + cells[5] + "**"
		line(append(cells, r.Reason, told))
	}
	return out.String()
}

// markdownCell keeps a text from being read as anything but a cell's text.
func markdownCell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(clean(text))
}
