package tui

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/hinshun/vt10x"
	"github.com/muesli/termenv"
)

// KeyLeaveConsole gives the keys back to the screen.
var KeyLeaveConsole = Bind("leave the console", "ctrl-]", "ctrl+]")

// Console is a serial console: a terminal inside the terminal. Raw bytes of the
// guest go in, keys typed come out as bytes. It keeps a log of what scrolled by.
type Console struct {
	Focused bool // draws the cursor
	vt      vt10x.Terminal
	reply   bytes.Buffer // what the terminal answers to the guest's questions
	rest    []byte       // an unfinished UTF-8 character
	log     *Log
	line    []byte // of the log, not ended yet
	w, h    int
}

// maxConsoleLine ends a log line that the guest never ends itself.
const maxConsoleLine = 4096

// NewConsole returns an empty console of 80 by 24.
func NewConsole() *Console {
	c := &Console{log: NewLog(), w: 80, h: 24}
	c.vt = vt10x.New(vt10x.WithSize(c.w, c.h), vt10x.WithWriter(&c.reply))
	return c
}

// consoleColumns is what a guest on a serial line takes for granted: it cannot
// be told the size. A narrower pane shows a part of the lines.
const consoleColumns = 80

// SetSize sets the size of the pane in cells.
func (c *Console) SetSize(w, h int) {
	c.w, c.h = max(w, 1), max(h, 1)
	cols := max(c.w, consoleColumns)
	if x, y := c.vt.Size(); x != cols || y != c.h {
		c.vt.Resize(cols, c.h)
	}
}

// Log is what the guest printed, by lines.
func (c *Console) Log() *Log { return c.log }

// Write takes bytes of the guest and returns what the terminal answers, to be
// sent to the guest; mostly nothing.
func (c *Console) Write(p []byte) (reply []byte) {
	c.keep(p)
	data := append(c.rest, p...)
	whole := len(data)
	for i := 1; i < utf8.UTFMax && i <= len(data); i++ {
		if b := data[len(data)-i]; utf8.RuneStart(b) {
			if !utf8.FullRune(data[len(data)-i:]) {
				whole = len(data) - i
			}
			break
		}
	}
	c.rest = bytes.Clone(data[whole:])
	c.feed(data[:whole])
	reply = bytes.Clone(c.reply.Bytes())
	c.reply.Reset()
	return reply
}

// feed hands bytes to the emulator. A guest must not be able to bring the
// workbench down with a sequence that the emulator trips over.
func (c *Console) feed(p []byte) {
	defer func() {
		if recover() != nil {
			c.vt = vt10x.New(vt10x.WithSize(max(c.w, consoleColumns), c.h), vt10x.WithWriter(&c.reply))
		}
	}()
	_, _ = c.vt.Write(p) // the emulator never fails to write
}

// keep adds the whole lines of p to the log.
func (c *Console) keep(p []byte) {
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			c.line = append(c.line, p...)
			if len(c.line) < maxConsoleLine {
				return
			}
			p = nil
		} else {
			c.line, p = append(c.line, p[:i]...), p[i+1:]
		}
		c.log.Append("", string(c.line))
		c.line = c.line[:0]
	}
}

// View draws the terminal's screen: of lines too long for the pane the part
// with the cursor while that is shown, else the beginning.
func (c *Console) View() string {
	lines := make([]string, c.h)
	cursor := c.vt.Cursor()
	shift := 0
	if c.Focused && cursor.X >= c.w {
		shift = cursor.X - c.w + 1
	}
	for y := range lines {
		at := -1
		if c.Focused && c.vt.CursorVisible() && cursor.Y == y {
			at = cursor.X
		}
		lines[y] = Fit(ansi.Cut(c.row(y, at), shift, shift+c.w), c.w)
	}
	return strings.Join(lines, "\n")
}

// Attributes of a glyph; the library keeps their names to itself.
const (
	glyphReverse   = 1 << 0
	glyphUnderline = 1 << 1
	glyphBold      = 1 << 2
)

func (c *Console) row(y, cursor int) string {
	var b strings.Builder
	profile := lipgloss.ColorProfile()
	sgr := ""
	cols, _ := c.vt.Size()
	for x := 0; x < cols; {
		g := c.vt.Cell(x, y)
		text := string(g.Char)
		w := Width(text)
		if g.Char < ' ' || w == 0 {
			text, w = " ", 1
		}
		want := glyphSGR(g, profile)
		if x == cursor {
			if profile == termenv.Ascii {
				text, w = "█", 1
			} else {
				want += "\x1b[7m"
			}
		}
		if want != sgr {
			if sgr != "" {
				b.WriteString("\x1b[0m")
			}
			b.WriteString(want)
			sgr = want
		}
		b.WriteString(text)
		x += w
	}
	if sgr != "" {
		b.WriteString("\x1b[0m")
	}
	return strings.TrimRight(b.String(), " ")
}

// glyphSGR is the escape sequence of a glyph's look, "" for the plain one.
func glyphSGR(g vt10x.Glyph, profile termenv.Profile) string {
	if profile == termenv.Ascii {
		return ""
	}
	var codes []string
	if g.Mode&glyphBold != 0 {
		codes = append(codes, "1")
	}
	if g.Mode&glyphUnderline != 0 {
		codes = append(codes, "4")
	}
	if g.FG == vt10x.DefaultBG || g.BG == vt10x.DefaultFG {
		codes = append(codes, "7")
	}
	for _, c := range []struct {
		colour vt10x.Color
		back   bool
	}{{g.FG, false}, {g.BG, true}} {
		if c.colour >= vt10x.DefaultFG {
			continue
		}
		name := strconv.Itoa(int(c.colour))
		if c.colour > 255 {
			name = fmt.Sprintf("#%06x", int(c.colour))
		}
		codes = append(codes, profile.Color(name).Sequence(c.back))
	}
	if codes == nil {
		return ""
	}
	return "\x1b[" + strings.Join(codes, ";") + "m"
}

// KeyBytes is what a terminal sends for a key: to be given to the guest.
func KeyBytes(k tea.KeyMsg) []byte {
	var p []byte
	switch {
	case k.Type == tea.KeyRunes:
		p = []byte(string(k.Runes))
	case k.Type == tea.KeySpace:
		p = []byte{' '}
	case k.Type >= 0 && k.Type < 32 || k.Type == tea.KeyBackspace:
		p = []byte{byte(k.Type)} // ctrl-a … ctrl-_, tab, enter, esc, backspace
	default:
		p = []byte(keySequences[k.Type])
	}
	if k.Alt && len(p) > 0 {
		p = append([]byte{0x1b}, p...)
	}
	return p
}

var keySequences = map[tea.KeyType]string{
	tea.KeyUp: "\x1b[A", tea.KeyDown: "\x1b[B", tea.KeyRight: "\x1b[C", tea.KeyLeft: "\x1b[D",
	tea.KeyHome: "\x1b[H", tea.KeyEnd: "\x1b[F", tea.KeyPgUp: "\x1b[5~", tea.KeyPgDown: "\x1b[6~",
	tea.KeyDelete: "\x1b[3~", tea.KeyInsert: "\x1b[2~", tea.KeyShiftTab: "\x1b[Z",
	tea.KeyF1: "\x1bOP", tea.KeyF2: "\x1bOQ", tea.KeyF3: "\x1bOR", tea.KeyF4: "\x1bOS",
	tea.KeyF5: "\x1b[15~", tea.KeyF6: "\x1b[17~", tea.KeyF7: "\x1b[18~", tea.KeyF8: "\x1b[19~",
	tea.KeyF9: "\x1b[20~", tea.KeyF10: "\x1b[21~", tea.KeyF11: "\x1b[23~", tea.KeyF12: "\x1b[24~",
	tea.KeyCtrlLeft: "\x1b[1;5D", tea.KeyCtrlRight: "\x1b[1;5C",
}

// Keys of a focused console: all others go to the guest.
func (c *Console) Keys() []key.Binding { return []key.Binding{KeyLeaveConsole} }
