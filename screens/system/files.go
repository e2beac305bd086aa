package system

import (
	"fmt"
	"path"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

const (
	listFiles = "a file"
	listHooks = "a hook"
)

func (s *Screen) files() {
	for i, f := range s.session.Recipe().Files {
		at := fmt.Sprintf("files[%d]", i)
		r := row{
			FormItem: tui.FormItem{Label: path.Base(f.Path), Value: path.Dir(f.Path), Note: mode(f) + " " + owner(f) + ", " + extent(f.Content, f.Source)},
			add:      listFiles, remove: func() error { return s.session.Remove(at) },
			about: func(w int) []string { return aboutFile(f, w) },
		}
		if f.Source == "" {
			r.content = func() tea.Cmd { return s.editText(at+".content", path.Base(f.Path), f.Content) }
		}
		r.Do = func() tea.Cmd {
			return s.menu(f.Path, r.content,
				field{"Path", at + ".path", f.Path}, field{"Mode", at + ".mode", mode(f)}, field{"Owner", at + ".owner", owner(f)},
				field{"Source", at + ".source", f.Source})
		}
		s.rows = append(s.rows, r)
	}
	s.adder(listFiles, "its path", func(text string) error {
		return s.session.Append("files", map[string]any{"path": text, "content": ""})
	}, "A file of the image, by its absolute path. Its text is edited with e, in your own editor.")
}

func (s *Screen) hooks() {
	for i, h := range s.session.Recipe().Hooks {
		at := fmt.Sprintf("hooks[%d]", i)
		name := h.Name
		if name == "" {
			name = fmt.Sprintf("hook %d", i+1)
		}
		r := row{
			FormItem: tui.FormItem{Label: name, Value: h.At, Note: extent(h.Script, h.Source)},
			add:      listHooks, remove: func() error { return s.session.Remove(at) },
			about: func(w int) []string { return aboutHook(name, h, w) },
		}
		if h.Source == "" {
			r.content = func() tea.Cmd { return s.editText(at+".script", "hook.sh", h.Script) }
		}
		r.Do = func() tea.Cmd {
			return s.menu(name, r.content, field{"Name", at + ".name", h.Name}, field{"Runs", at + ".at", h.At},
				field{"Source", at + ".source", h.Source})
		}
		s.rows = append(s.rows, r)
	}
	s.adder(listHooks, "its name", func(text string) error {
		return s.session.Append("hooks", map[string]any{"name": text, "at": "after-configure", "script": "#!/bin/sh\nset -e\n"})
	}, "A script that runs inside the root while it is built. It is edited with e, in your own editor.")
}

// field is one value of a file or a hook that its menu edits.
type field struct{ label, path, value string }

// menu offers what can be changed of a file or a hook.
func (s *Screen) menu(title string, content func() tea.Cmd, fields ...field) tea.Cmd {
	items := []tui.Choice{{Label: "Text", Note: "in your editor"}}
	if content == nil {
		items[0].Disabled = "it comes from a file beside the recipe"
	}
	for _, f := range fields {
		c := tui.Choice{Label: f.label, Note: f.value}
		if f.label == "Source" && f.value == "" {
			c.Disabled = "its text is in the recipe"
		}
		items = append(items, c)
	}
	return tui.Open(tui.NewPick(title, items, -1, func(i int) tea.Cmd {
		if i == 0 {
			return content()
		}
		f := fields[i-1]
		if f.label == "Runs" {
			return s.pickPoint(f)
		}
		return s.prompt(title, f.label, f.path, f.value)
	}))
}

// prompt asks for one value, and objects while a wrong one is typed.
func (s *Screen) prompt(title, label, path, value string) tea.Cmd {
	p := tui.NewPrompt(title, label, value, func(text string) tea.Cmd {
		return session.Complain(s.session.Give(path, text))
	})
	p.Check = func(text string) string {
		return s.session.Try(func(t *session.Session) error { return t.Give(path, text) })
	}
	return tui.Open(p)
}

// pickPoint chooses when a hook runs.
func (s *Screen) pickPoint(f field) tea.Cmd {
	points := []tui.Choice{
		{Label: "before-configure", Note: "the packages are there, nothing is set yet"},
		{Label: "after-configure", Note: "everything is set, before the initramfs is made"},
	}
	chosen := 0
	if f.value == points[1].Label {
		chosen = 1
	}
	return tui.Open(tui.NewPick("When it runs", points, chosen, func(i int) tea.Cmd {
		return session.Complain(s.session.Set(f.path, points[i].Label))
	}))
}

// draft is a text that was edited and refused: it is not lost.
type draft struct{ path, text string }

// edited is what came back from the editor.
type edited struct {
	path, name string
	text       string
	err        error
}

func (s *Screen) editText(at, name, text string) tea.Cmd {
	if s.draft.path == at {
		text = s.draft.text
	}
	return edit(at, name, text)
}

func edit(at, name, text string) tea.Cmd {
	return session.EditText(name, text, func(text string, err error) tea.Msg { return edited{at, name, text, err} })
}

// edited takes a text over; a refused one can be edited again.
func (s *Screen) edited(e edited) tea.Cmd {
	if e.err != nil {
		return session.Complain(e.err)
	}
	err := s.session.Set(e.path, e.text)
	if err == nil {
		s.draft = draft{}
		return session.Say("took the text of " + e.name)
	}
	s.draft = draft{e.path, e.text}
	return tui.Open(tui.NewConfirm("The text was not taken", err.Error(),
		tui.Answer{Key: "e", Does: "edit it again", Cmd: func() tea.Msg { return edit(e.path, e.name, e.text)() }},
		tui.Answer{Key: "d", Does: "drop it", Cmd: func() tea.Msg { return dropped{} }}))
}

// dropped says that a refused text is wanted no more.
type dropped struct{}

func mode(f recipes.File) string {
	if f.Mode == "" {
		return "0644"
	}
	return f.Mode
}

func owner(f recipes.File) string {
	if f.Owner == "" {
		return "root:root"
	}
	return f.Owner
}

// extent says how much text there is, or where it comes from.
func extent(text, source string) string {
	switch n := len(strings.Split(strings.TrimSuffix(text, "\n"), "\n")); {
	case source != "":
		return "from " + source
	case text == "":
		return "empty"
	case n == 1:
		return "1 line"
	default:
		return fmt.Sprintf("%d lines", n)
	}
}

func aboutFile(f recipes.File, w int) []string {
	return preview(f.Path, f.Content, w, tui.Fact{Name: "Mode", Value: mode(f)}, tui.Fact{Name: "Owner", Value: owner(f)},
		tui.Fact{Name: "From", Value: f.Source})
}

func aboutHook(name string, h recipes.Hook, w int) []string {
	return preview(name, h.Script, w, tui.Fact{Name: "Runs", Value: h.At + ", inside the root"}, tui.Fact{Name: "From", Value: h.Source})
}

// preview shows the first lines of a text below what is known of it.
func preview(title, text string, w int, facts ...tui.Fact) []string {
	lines := append([]string{tui.Heading.Render(tui.Cut(title, w))}, tui.Facts(facts, w)...)
	if text == "" {
		return lines
	}
	lines = append(lines, tui.Rule(w))
	for _, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		lines = append(lines, tui.Cut(tui.Sanitise(l), w))
	}
	return lines
}
