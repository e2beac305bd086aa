package progress

import (
	"fmt"
	"io"

	"github.com/charmbracelet/x/ansi"

	"slipway/engine"
)

// Live prints the steps and checks as lines and, below them, one line that
// follows the work: for a terminal. Width tells the terminal's columns now.
func Live(w io.Writer, width func() int) Printer {
	return &live{lines: newLines(w, steps), width: width}
}

type live struct {
	*lines
	width func() int
	shown bool // the status line is on the screen
}

func (p *live) Print(e engine.Event) {
	switch e := e.(type) {
	case engine.Progress:
		p.status(e.Step, progressText(e))
		return
	case engine.Output:
		if n := len(e.Lines); n > 0 {
			p.status(e.Step, e.Lines[n-1])
		}
		return
	case engine.Console:
		for _, l := range p.console.add(e.Data) {
			if l = clean(l); l != "" {
				p.status("console", l)
			}
		}
		return
	case engine.CheckStarted, engine.Gauge:
		return
	}
	p.erase()
	p.lines.Print(e)
}

func progressText(e engine.Progress) string {
	if e.Total > 0 {
		return fmt.Sprintf("%3d %%  %s", min(100, e.Done*100/e.Total), e.Text)
	}
	return e.Text
}

// status rewrites the status line. One column stays free: writing the last one
// would make some terminals wrap.
func (p *live) status(name, text string) {
	line := fmt.Sprintf("… %-*s  %s", p.lines.width, name, clean(text))
	if width := p.width(); width > 1 {
		line = ansi.Truncate(line, width-1, "…")
	}
	_, _ = fmt.Fprint(p.w, "\r", line, ansi.EraseLineRight)
	p.shown = true
}

func (p *live) erase() {
	if p.shown {
		_, _ = fmt.Fprint(p.w, "\r", ansi.EraseLineRight)
		p.shown = false
	}
}
