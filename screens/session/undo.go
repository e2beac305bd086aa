package session

import (
	"errors"
	"fmt"
	"strings"

	"slipway/recipes"
)

// maxUndo is how many edits can be taken back; a text of a recipe is small.
const maxUndo = 200

// CanUndo reports whether there is an edit to take back.
func (s *Session) CanUndo() bool { return len(s.undo) > 0 }

// Undo takes the last edit back.
func (s *Session) Undo() error {
	if !s.CanUndo() {
		return errors.New("nothing to undo")
	}
	last := len(s.undo) - 1
	if err := s.doc.Restore(s.undo[last]); err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	s.undo = s.undo[:last]
	s.touched()
	return nil
}

// remember keeps the text before an edit.
func (s *Session) remember(text []byte) {
	s.undo = append(s.undo[max(len(s.undo)-maxUndo+1, 0):], text)
}

// Reason is why an edit was refused, in the words of the first problem: without
// the place in the file, which the user is not looking at.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	ps := recipes.AsProblems(err)
	if len(ps) == 0 {
		return err.Error()
	}
	reason := ps[0].Message
	if rest, ok := strings.CutPrefix(reason, ps[0].Path); ok && ps[0].Path != "" {
		reason = strings.TrimLeft(rest, ": ") // the field that it is about is in view
	}
	if ps[0].Hint != "" && !strings.Contains(reason, ps[0].Hint) {
		reason += " — " + ps[0].Hint
	}
	return reason
}

// Try says why an edit would be refused, and "" if it would not. The edit is
// made to a copy: it is for prompts that object while somebody types.
func (s *Session) Try(edit func(*Session) error) string {
	copied, err := recipes.Parse(s.doc.Path, s.doc.Source)
	if err != nil {
		return Reason(err)
	}
	return Reason(edit(&Session{doc: copied}))
}

// refused is a refused edit: it says Reason, and is still the error it was.
type refused struct{ err error }

func (r refused) Error() string { return Reason(r.err) }
func (r refused) Unwrap() error { return r.err }
