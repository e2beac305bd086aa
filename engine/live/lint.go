package live

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slipway/recipes"
)

// Lint looks for what the recipe's stack cannot do, ignores or has renamed.
func Lint(doc *recipes.Document, q Question) recipes.Problems {
	var out recipes.Problems
	l, err := Compile(q)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		var fix *recipes.Fix
		if refusal.Value != nil {
			fix = recipes.SetFix(refusal.Path, refusal.Value)
		}
		out = append(out, doc.Problem(recipes.Error, refusal.Code, refusal.Path, refusal.Message, refusal.Hint, fix))
		l = Layout{Stack: q.Stack, Strategy: q.Overlay.Strategy}
	}
	for _, w := range l.Warnings {
		out = append(out, doc.Problem(recipes.Warning, w.Code, w.Path, w.Message, w.Hint, nil))
	}
	if s, ok := find(q.Stack.ID); ok {
		out = append(out, lintCmdline(doc, s, l)...)
	}
	return out
}

// lintCmdline holds the recipe's own kernel options against what the stack
// makes of them.
func lintCmdline(doc *recipes.Document, s *stack, l Layout) recipes.Problems {
	var out recipes.Problems
	for word := range strings.FieldsSeq(doc.Recipe.Kernel.Cmdline) {
		f, ok := s.judge(word, l)
		if !ok {
			continue
		}
		p := doc.Problem(f.severity, f.code, "kernel.cmdline", "kernel option "+word+" "+f.message, f.hint, f.fix(doc, word))
		out = append(out, marked(p, word))
	}
	return out
}

// marked narrows a problem with a command line to one word of it, if that stands
// on the line.
func marked(p recipes.Problem, word string) recipes.Problem {
	line := []rune(p.Source)
	start := min(p.Column-1, len(line))
	rest := string(line[start:])
	for _, at := range bareWord.FindAllStringIndex(rest, -1) {
		if rest[at[0]:at[1]] == word {
			p.Column, p.Length = p.Column+len([]rune(rest[:at[0]])), len([]rune(word))
			break
		}
	}
	return p
}

// bareWord is a word of a command line as it stands in a recipe.
var bareWord = regexp.MustCompile(`[^\s"']+`)

// finding is what is to be said about one kernel option.
type finding struct {
	severity            recipes.Severity
	code, message, hint string
	instead             string // the word that does what was meant; "" to take it out
	keep                bool   // nothing is wrong with having it
}

// judge says the one thing about a kernel option that matters most.
func (s *stack) judge(word string, l Layout) (finding, bool) {
	name, value, hasValue := strings.Cut(word, "=")
	o, ok := s.option(name, l.Stack)
	if !ok {
		if other, ok := foreign(name, s); ok {
			f := finding{severity: recipes.Warning, code: "cmdline-foreign", message: fmt.Sprintf("is one of %s: %s does not know it", other.id, l.Stack), hint: "take it out"}
			if slices.Contains(recipes.Stacks, other.id) {
				f.hint += fmt.Sprintf(", or set stack = %q in [live]", other.id)
			}
			return f, true
		}
		return finding{}, false
	}
	if !o.read(l.Stack) {
		return s.unread(o, l), true
	}
	compiled := compiledAs(l, name)
	unused := len(o.needs) > 0 && !slices.Contains(o.needs, l.Strategy)
	waits := ""
	if o.waits != nil {
		waits = o.waits(l.Stack, value)
	}
	switch {
	case o.unit != nil && !unused && o.unit(value) != "":
		return finding{severity: recipes.Error, code: "cmdline-unit", message: "does not mean what it looks like: " + o.unit(value), hint: o.own}, true
	case unused:
		return finding{severity: recipes.Warning, code: "cmdline-no-effect", message: fmt.Sprintf("has no effect with %s in %s", l.Strategy, l.Stack),
			hint: "it is for " + strings.Join(o.needs, ", ") + unusedHint(o)}, true
	case waits != "" && compiled == "":
		f := finding{severity: recipes.Warning, code: "cmdline-waits", message: "can make the boot wait: " + waits, hint: "a server without a keyboard stays there", keep: o.own == ""}
		if o.own != "" {
			f.severity, f.hint = recipes.Error, o.own
		}
		return f, true
	case compiled != "":
		return finding{severity: recipes.Error, code: "cmdline-conflict", message: "is not the recipe's to set: Slipway compiles it", hint: orElse(o.own, "the compiled one is "+compiled)}, true
	case o.own != "":
		return finding{severity: recipes.Error, code: "cmdline-conflict", message: "is not the recipe's to set", hint: o.own}, true
	case o.now != "" && l.Stack.from(o.nowSince):
		instead := o.now
		if hasValue {
			instead += "=" + value
		}
		return finding{severity: recipes.Warning, code: "cmdline-renamed", message: fmt.Sprintf("is an old name: %s calls it %s", l.Stack, o.now), hint: "the old name may go one day", instead: instead}, true
	}
	return finding{}, false
}

// compiledAs is the layout's own option of that name; "" if it has none.
func compiledAs(l Layout, name string) string {
	for _, have := range l.Options {
		if n, _, _ := strings.Cut(have, "="); n == name {
			return have
		}
	}
	return ""
}

// unread is about an option that another version of the stack reads.
func (s *stack) unread(o option, l Layout) finding {
	f := finding{severity: recipes.Warning, code: "cmdline-no-effect", message: fmt.Sprintf("has no effect in %s", l.Stack), hint: "take it out"}
	switch {
	case !l.Stack.from(o.since):
		f.message += fmt.Sprintf(": it came with %s %s", s.id, o.since)
	case o.now != "":
		f.message += ": it is called " + o.now + " there"
		f.hint = "set strategy in [overlay], if that is what it is for"
	default:
		f.message += fmt.Sprintf(": it went with %s %s", s.id, o.until)
	}
	return f
}

func unusedHint(o option) string {
	if o.own == "" {
		return ""
	}
	return "; " + o.own
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// fix takes the word out of the recipe's command line, or puts another in its
// place.
func (f finding) fix(doc *recipes.Document, word string) *recipes.Fix {
	if f.keep {
		return nil
	}
	title := "remove " + word + " from kernel.cmdline"
	var words []string
	for w := range strings.FieldsSeq(doc.Recipe.Kernel.Cmdline) {
		switch {
		case w != word:
			words = append(words, w)
		case f.instead != "":
			words, title = append(words, f.instead), "write "+f.instead+" instead of "+word
		}
	}
	edit := recipes.Edit{Path: "kernel.cmdline"}
	if len(words) > 0 {
		edit.Value = strings.Join(words, " ")
	}
	return &recipes.Fix{Title: title, Edits: []recipes.Edit{edit}}
}
