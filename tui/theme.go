package tui

import (
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// paint is one colour with its own value for each kind of terminal: true
// colour, 256 and 16 colours, on dark and on light backgrounds.
func paint(dark, dark256, dark16, light, light256, light16 string) lipgloss.CompleteAdaptiveColor {
	return lipgloss.CompleteAdaptiveColor{
		Dark:  lipgloss.CompleteColor{TrueColor: dark, ANSI256: dark256, ANSI: dark16},
		Light: lipgloss.CompleteColor{TrueColor: light, ANSI256: light256, ANSI: light16},
	}
}

var (
	colourAccent = paint("#56C8D8", "80", "14", "#00707C", "30", "6")
	colourText   = paint("#D7DEE5", "253", "7", "#24292F", "235", "0")
	colourMuted  = paint("#8A97A5", "246", "7", "#5B6672", "241", "8")
	colourLine   = paint("#3E4C59", "239", "8", "#C3CCD5", "251", "7")
	colourGood   = paint("#7FD18B", "114", "10", "#2A7A36", "28", "2")
	colourWarn   = paint("#E8B45A", "179", "11", "#8F5E00", "94", "3")
	colourBad    = paint("#F4777F", "210", "9", "#C0242F", "160", "1")
)

// The theme. A style colours one line of text; none has margins, padding or
// borders, so that text keeps its width. Under NO_COLOR they all do nothing.
var (
	Text     = lipgloss.NewStyle().Foreground(colourText).Inline(true)
	Strong   = lipgloss.NewStyle().Bold(true).Inline(true)
	Heading  = lipgloss.NewStyle().Bold(true).Foreground(colourText).Inline(true)
	Accent   = lipgloss.NewStyle().Foreground(colourAccent).Inline(true)
	Selected = lipgloss.NewStyle().Bold(true).Foreground(colourAccent).Inline(true) // with ▸ before it
	Muted    = lipgloss.NewStyle().Foreground(colourMuted).Inline(true)
	Line     = lipgloss.NewStyle().Foreground(colourLine).Inline(true) // rules and borders
	Good     = lipgloss.NewStyle().Foreground(colourGood).Inline(true)
	Warn     = lipgloss.NewStyle().Foreground(colourWarn).Inline(true)
	Bad      = lipgloss.NewStyle().Foreground(colourBad).Inline(true)
	Key      = lipgloss.NewStyle().Bold(true).Foreground(colourAccent).Inline(true) // the name of a key
	Match    = lipgloss.NewStyle().Reverse(true).Inline(true)                       // found text
)

// Marks stand before a line and say its state without colour.
const (
	MarkSelected = "▸"
	MarkDone     = "✓"
	MarkFailed   = "✗"
	MarkWarn     = "!"
	MarkSkipped  = "–"
	MarkOn       = "●"
	MarkOff      = "○"
)

// Plain reports that the terminal gets no colours and no attributes at all.
func Plain() bool { return lipgloss.ColorProfile() == termenv.Ascii }
