package tui

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// patience is how long a terminal may take to tell its background. Every
// terminal answers the second question; one that does not is not waited for.
const patience = 150 * time.Millisecond

// Questions: the background colour (OSC 11), and what the terminal is (DA1),
// which all of them answer, so that no answer to the first is known at once.
const questions = "\x1b]11;?\x1b\\\x1b[c"

// DetectBackground decides whether the terminal is light or dark, before the
// program draws: by asking it, else from COLORFGBG, else dark. The filter that
// it returns drops an answer that comes too late to be one: it must not be
// taken for typing.
func DetectBackground(in, out *os.File) func(tea.Model, tea.Msg) tea.Msg {
	dark, answered := true, true
	if c := os.Getenv("COLORFGBG"); c != "" {
		dark = darkFGBG(c)
	} else if term.IsTerminal(in.Fd()) && term.IsTerminal(out.Fd()) {
		var reply []byte
		reply, answered = ask(in, out)
		if d, ok := darkReply(reply); ok {
			dark = d
		}
	}
	lipgloss.SetHasDarkBackground(dark)
	if answered {
		return func(_ tea.Model, msg tea.Msg) tea.Msg { return msg }
	}
	return (&lateReply{}).filter
}

// ask puts the questions and reads until the second is answered or patience is
// over; answered says that it was.
func ask(in, out *os.File) (reply []byte, answered bool) {
	state, err := term.MakeRaw(in.Fd())
	if err != nil {
		return nil, true
	}
	defer func() { _ = term.Restore(in.Fd(), state) }() // the state came from there
	if _, err := io.WriteString(out, questions); err != nil {
		return nil, true
	}
	deadline := time.Now().Add(patience)
	buf := make([]byte, 256)
	for {
		left := time.Until(deadline)
		if left <= 0 {
			return reply, false
		}
		fds := []unix.PollFd{{Fd: int32(in.Fd()), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, int(left.Milliseconds())+1)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return reply, false
		}
		n, err = in.Read(buf)
		if err != nil {
			return reply, false
		}
		reply = append(reply, buf[:n]...)
		if i := bytes.Index(reply, []byte("\x1b[?")); i >= 0 && bytes.IndexByte(reply[i:], 'c') > 0 {
			return reply, true
		}
	}
}

// darkReply reads "\x1b]11;rgb:1e1e/1e1e/1e1e".
func darkReply(reply []byte) (dark, ok bool) {
	_, rest, found := strings.Cut(string(reply), "]11;rgb:")
	if !found {
		return false, false
	}
	var sum float64
	for i, weight := range []float64{0.299, 0.587, 0.114} {
		part, after, _ := strings.Cut(rest, "/")
		if i == 2 {
			if end := strings.IndexFunc(part, unicode.IsControl); end >= 0 {
				part = part[:end]
			}
		}
		n, err := strconv.ParseUint(part, 16, 32)
		if err != nil || len(part) == 0 {
			return false, false
		}
		sum += weight * float64(n) / float64(uint64(1)<<(4*len(part))-1)
		rest = after
	}
	return sum < 0.5, true
}

// darkFGBG reads COLORFGBG, "15;0": the last number is the background's.
func darkFGBG(s string) bool {
	n, err := strconv.Atoi(s[strings.LastIndexByte(s, ';')+1:])
	return err != nil || n < 7 || n == 8
}

// lateReply drops the keys that Bubble Tea makes of a late "\x1b]11;rgb:…\x1b\\":
// alt+], its text, alt+\ (or ctrl+g, where the terminal ends it so).
type lateReply struct{ inside bool }

func (l *lateReply) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return msg
	}
	switch {
	case k.String() == "alt+]":
		l.inside = true
		return nil
	case !l.inside:
		return msg
	case k.String() == `alt+\` || k.Type == tea.KeyCtrlG:
		l.inside = false
		return nil
	case k.Type == tea.KeyRunes && strings.Trim(string(k.Runes), "0123456789abcdefABCDEF;:/rgb") == "":
		return nil
	}
	l.inside = false
	return msg
}
