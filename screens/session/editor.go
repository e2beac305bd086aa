package session

import (
	"context"
	"fmt"
	"io"
	"os"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine/proc"
)

// EditText opens text in the user's own editor ($VISUAL, $EDITOR, else vi), in
// place of the workbench until it ends. then makes a message of what became of
// the text; name ends the temporary file's name, so that the editor knows what
// it is.
func EditText(name, text string, then func(text string, err error) tea.Msg) tea.Cmd {
	f, err := os.CreateTemp("", "slipway-*-"+name)
	if err != nil {
		return failed(then, text, fmt.Errorf("edit %s: %w", name, err))
	}
	_, err = f.WriteString(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return failed(then, text, fmt.Errorf("edit %s: %w", name, err))
	}
	return tea.Exec(&editor{path: f.Name()}, func(err error) tea.Msg {
		defer os.Remove(f.Name())
		if err != nil {
			return then(text, fmt.Errorf("edit %s: %w", name, err))
		}
		b, err := os.ReadFile(f.Name())
		if err != nil {
			return then(text, fmt.Errorf("edit %s: %w", name, err))
		}
		return then(string(b), nil)
	})
}

// EditFile opens a file itself in the user's editor.
func EditFile(path string, then func(err error) tea.Msg) tea.Cmd {
	return tea.Exec(&editor{path: path}, func(err error) tea.Msg {
		if err != nil {
			err = fmt.Errorf("edit %s: %w", path, err)
		}
		return then(err)
	})
}

// editor is the command that Bubble Tea gives the terminal to. It talks to the
// terminal itself, so that what Bubble Tea offers is not needed.
type editor struct{ path string }

// Run waits for the editor. The variables may hold arguments: a shell splits
// them, as it does for every other program that honours them.
func (e *editor) Run() error {
	return proc.Foreground(context.Background(), proc.Cmd{Path: "sh",
		Args: []string{"-c", `exec ${VISUAL:-${EDITOR:-vi}} "$1"`, "sh", e.path}}, os.Stdout)
}

func (e *editor) SetStdin(io.Reader)  {}
func (e *editor) SetStdout(io.Writer) {}
func (e *editor) SetStderr(io.Writer) {}

func failed(then func(string, error) tea.Msg, text string, err error) tea.Cmd {
	return func() tea.Msg { return then(text, err) }
}
