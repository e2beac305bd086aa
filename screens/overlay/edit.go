package overlay

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"slipway/engine/live"
	"slipway/recipes"
)

// setSize takes a size as typed; nothing means the stack's default.
func (s *Screen) setSize(text string) error {
	text = strings.ReplaceAll(text, " ", "")
	if err := s.refused("overlay.size", func(o *recipes.Overlay) { o.Size = recipes.Size(text) }); err != nil {
		return err
	}
	return s.session.Give("overlay.size", text)
}

func (s *Screen) setLabel(text string) error {
	text = strings.TrimSpace(text)
	if err := s.refused("overlay.label", func(o *recipes.Overlay) { o.Label = text }); err != nil {
		return err
	}
	return s.session.Give("overlay.label", text)
}

// refused is what the stack has against a new value at path: a value that it
// refuses stays typed instead of becoming an error of the recipe.
func (s *Screen) refused(path string, edit func(*recipes.Overlay)) error {
	q, _ := s.question()
	edit(&q.Overlay)
	if _, _, err := q.Overlay.Size.Parse(); err != nil && q.Overlay.Size != "" {
		return nil // the recipe's own rules say it better
	}
	_, err := live.Compile(q)
	var no *live.Refusal
	if !errors.As(err, &no) || no.Path != path {
		return nil
	}
	if no.Hint != "" {
		return fmt.Errorf("%s — %s", no.Message, no.Hint)
	}
	return no
}

// setStack takes a live stack as it is shown, "dracut 059"; the distribution's own is
// not said.
func (s *Screen) setStack(shown string) error {
	id, _, _ := strings.Cut(shown, " ")
	if stacks := s.distro().Stacks; len(stacks) > 0 && stacks[0].ID == id {
		return s.session.Unset("live.stack")
	}
	return s.session.Set("live.stack", id)
}

// setWarnAt takes thresholds as typed, "80 90" or "80 %, 90 %"; nothing means the
// default ones.
func (s *Screen) setWarnAt(text string) error {
	var at []int
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;%", r) }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return fmt.Errorf("%q is no percentage; want numbers such as 80 90 95", word)
		}
		at = append(at, n)
	}
	if len(at) == 0 {
		return s.session.Unset("overlay.warn_at")
	}
	return s.session.Set("overlay.warn_at", at)
}
