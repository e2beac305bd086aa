package live

import (
	"errors"
	"fmt"
	"strings"

	"slipway/recipes"
)

// Compile returns the layout for a recipe's overlay on a stack. The error is a
// *Refusal.
func Compile(q Question) (Layout, error) {
	s, ok := find(q.Stack.ID)
	if !ok {
		return Layout{}, &Refusal{Code: "stack-unknown", Path: "live.stack", Message: fmt.Sprintf("live stack %q is not known", q.Stack.ID),
			Hint: "known: " + strings.Join(ids(), ", ")}
	}
	if !q.Stack.from(s.oldest) {
		return Layout{}, &Refusal{Code: "stack-too-old", Path: "live.stack", Message: fmt.Sprintf("%s is older than any that Slipway knows", q.Stack),
			Hint: fmt.Sprintf("%s %s or newer", s.id, s.oldest)}
	}
	compile, ok := s.compiles[q.Overlay.Strategy]
	if !ok {
		return Layout{}, s.unavailable(q, s.lacks[q.Overlay.Strategy])
	}
	l, err := compile(q)
	var no lack
	if errors.As(err, &no) {
		return Layout{}, s.unavailable(q, no)
	}
	if err != nil {
		return Layout{}, err
	}
	l.Stack, l.Strategy, l.Image = q.Stack, q.Overlay.Strategy, s.image
	if q.Overlay.Label != "" && l.Label == "" {
		l.warn("overlay-label-unused", "overlay.label", fmt.Sprintf("no file system %q is looked for with %s", q.Overlay.Label, l.Strategy),
			"only a persistent overlay has a label")
	}
	return l, nil
}

func ids() []string {
	var out []string
	for _, s := range stacks {
		out = append(out, s.id)
	}
	return out
}

// unavailable refuses a strategy that the stack does not have.
func (s *stack) unavailable(q Question, l lack) *Refusal {
	r := &Refusal{Code: "overlay-unavailable", Path: "overlay.strategy",
		Message: fmt.Sprintf("overlay strategy %s is not available with %s", q.Overlay.Strategy, q.Stack)}
	if l.why != "" {
		r.Message += ": " + l.why
	}
	if l.nearest == "" {
		l.nearest = Overlayfs
	}
	r.Value, r.Hint = l.nearest, "nearest: "+l.nearest
	if has := others(q, s); len(has) > 0 {
		r.Hint += fmt.Sprintf("; [live] stack = %q has it", has[0])
	}
	return r
}

// others are the stacks of recipes that have a strategy which one has not, in the
// versions of the release where those are known.
func others(q Question, not *stack) []string {
	var out []string
	for _, id := range recipes.Stacks {
		s, ok := find(id)
		if !ok || s == not || q.Overlay.Strategy == Aufs || s.compiles[q.Overlay.Strategy] == nil {
			continue
		}
		if q.Versions != nil {
			version, has := q.Versions[id]
			if !has {
				continue
			}
			there := q
			there.Stack, there.Overlay = Stack{ID: id, Version: version}, recipes.Overlay{Strategy: q.Overlay.Strategy}
			if _, err := s.compiles[q.Overlay.Strategy](there); err != nil {
				continue
			}
		}
		out = append(out, id)
	}
	return out
}

func (l *Layout) warn(code, path, message, hint string) {
	l.Warnings = append(l.Warnings, Warning{Code: code, Path: path, Message: message, Hint: hint})
}

// sizeUnused warns of a size that nothing heeds.
func (l *Layout) sizeUnused(q Question, why string) {
	if q.Overlay.Size != "" {
		l.warn("overlay-size-unused", "overlay.size", fmt.Sprintf("the size of %s has no effect: %s", q.Overlay.Size, why), "leave it out")
	}
}

// sizeRefused refuses a size and names the nearest one that works.
func sizeRefused(q Question, code, why string, nearest recipes.Size) *Refusal {
	return &Refusal{Code: code, Path: "overlay.size", Message: fmt.Sprintf("overlay size %s does not work with %s: %s", q.Overlay.Size, q.Stack, why),
		Hint: "nearest: " + string(nearest), Value: string(nearest)}
}

// labelRefused refuses a label where the stack looks for one and no other.
func labelRefused(q Question, label string) *Refusal {
	return &Refusal{Code: "overlay-label-fixed", Path: "overlay.label", Message: fmt.Sprintf("%s keeps a persistent overlay on a file system with the label %s, and on no other", q.Stack, label),
		Hint: "nearest: " + label, Value: label}
}
