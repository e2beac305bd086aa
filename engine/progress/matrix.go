package progress

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"slipway/engine"
)

// MatrixPrinter writes what happens in a matrix, and at last its board.
type MatrixPrinter interface {
	Print(engine.MatrixEvent)
	Board(engine.Board)
}

// Matrix prints a line when a recipe is begun, when its machine starts and when a
// row is finished, then the board. Width tells the columns of a terminal, for a
// line below that follows the work, and colour; nil: there is none.
func Matrix(w io.Writer, width func() int, colour bool) MatrixPrinter {
	return &matrix{live: &live{lines: newLines(w, quiet), width: width}, colour: colour, at: map[string]string{}}
}

type matrix struct {
	*live
	colour bool
	order  []string          // recipes, in the order of their beginning
	at     map[string]string // what each that is under way does now
}

func (p *matrix) Print(e engine.MatrixEvent) {
	if e.Row != nil {
		p.row(*e.Row)
		return
	}
	where := "build"
	if e.Path != "" {
		where = e.Path
	}
	switch ev := e.Event.(type) {
	case engine.PlanReady:
		if e.Path == "" {
			p.line("▸", e.Recipe, "builds; log %s", ev.Log)
		}
	case engine.Finished:
		if e.Path == "" && ev.Status == engine.Done {
			p.line("✓", e.Recipe, "built in %s", duration(ev.Took))
		}
	case engine.Booting:
		p.line("▸", e.Recipe, "boots, %s path, %s, %d checks, at most %s", ev.Path, accelerator(ev.Accel), len(ev.Checks), duration(ev.Timeout))
	case engine.StepStarted:
		p.now(e.Recipe, where+" "+ev.Step)
	case engine.Progress:
		p.now(e.Recipe, where+" "+ev.Step+" "+progressText(ev))
	case engine.CheckDone:
		p.now(e.Recipe, where+" "+string(ev.Result.Status)+" "+ev.Result.Title)
	case engine.Rehearsed:
		p.now(e.Recipe, where+" fills its overlay: "+ev.Point.Name)
	}
}

// line prints a line about a recipe above the status line.
func (p *matrix) line(mark, recipe, format string, args ...any) {
	p.erase()
	p.lines.width = max(p.lines.width, len(recipe))
	p.say(mark, recipe, format, args...)
	p.follow()
}

func (p *matrix) row(r engine.Row) {
	delete(p.at, r.Recipe)
	text := clean(r.Path + " path: " + rowWord(r))
	if r.Reason != "" {
		text += ": " + clean(r.Reason)
	}
	if r.Took > 0 {
		text += ", " + duration(r.Took)
	}
	p.line(rowMark(r), r.Recipe, "%s", text)
	for _, c := range r.Cleaned {
		p.line(" ", r.Recipe, "cleaned: %s", c)
	}
}

// now says what a recipe does.
func (p *matrix) now(recipe, text string) {
	if !slices.Contains(p.order, recipe) {
		p.order = append(p.order, recipe)
	}
	p.at[recipe] = text
	p.follow()
}

// follow shows what all recipes under way do, if there is a line for it.
func (p *matrix) follow() {
	if p.live.width == nil {
		return
	}
	var texts []string
	for _, recipe := range p.order {
		if text, ok := p.at[recipe]; ok {
			texts = append(texts, recipe+": "+text)
		}
	}
	if len(texts) > 0 {
		p.status("now", strings.Join(texts, " │ "))
	}
}

func (p *matrix) Board(b engine.Board) {
	p.erase()
	writeBoard(p.w, b, p.colour)
}

// MatrixJSON prints one object a line: each event with the recipe and the boot
// path that it is of (no path: of the build), each row when it is finished, and
// at last the board.
func MatrixJSON(w io.Writer) MatrixPrinter {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return matrixJSON{e}
}

type matrixJSON struct{ *json.Encoder }

func (p matrixJSON) Print(e engine.MatrixEvent) {
	line := struct {
		Recipe string          `json:"recipe"`
		Path   string          `json:"path,omitempty"`
		Event  json.RawMessage `json:"event,omitempty"`
		Row    *engine.Row     `json:"row,omitempty"`
	}{Recipe: e.Recipe, Path: e.Path, Row: e.Row}
	if e.Event != nil {
		event, err := engine.MarshalEvent(e.Event)
		if err != nil {
			return // every kind of event can be marshalled: a test of the engine holds it
		}
		line.Event = event
	}
	_ = p.Encode(line)
}

func (p matrixJSON) Board(b engine.Board) {
	_ = p.Encode(map[string]engine.Board{"board": b})
}
