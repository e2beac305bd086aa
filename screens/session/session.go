// Package session is what all screens share: the engine, the open recipe with
// its linter findings, the run under way, and the messages by which a screen
// asks the app for something. Screens never speak to each other.
package session

import (
	"context"
	"strings"
	"time"

	"slipway/engine"
	"slipway/recipes"
)

// Session is the state shared by all screens. It belongs to the program's one
// Update loop: commands must take what they need before they start.
type Session struct {
	Engine *engine.Engine
	Now    func() time.Time // the clock; tests set their own
	// FetchIndex is the engine's; tests, which have no network, set their own.
	FetchIndex func(context.Context, *recipes.Document) error

	ctx      context.Context
	doc      *recipes.Document
	problems recipes.Problems
	index    *engine.Index // of the recipe's release; nil: not known
	asked    string        // the suite whose index was asked for last
	revision int
	undo     [][]byte // texts before the last edits
	job      *Job
}

// New returns a session on a document. ctx ends with the program.
func New(ctx context.Context, e *engine.Engine, doc *recipes.Document) *Session {
	s := &Session{Engine: e, Now: time.Now, ctx: ctx}
	s.FetchIndex = func(ctx context.Context, doc *recipes.Document) error { return e.FetchIndex(ctx, doc, nil) }
	s.SetDoc(doc)
	return s
}

// Context ends with the program: for commands that take time.
func (s *Session) Context() context.Context { return s.ctx }

// Doc is the open document. Screens read it; they change it by Set and the
// other methods below, so that the linter and the frame follow.
func (s *Session) Doc() *recipes.Document { return s.doc }

// Recipe is the open document's recipe, decoded. It is not to be changed.
func (s *Session) Recipe() recipes.Recipe { return s.doc.Recipe }

// Problems are the linter's findings for the recipe as it is now.
func (s *Session) Problems() recipes.Problems { return s.problems }

// Revision grows with every edit and every opened document.
func (s *Session) Revision() int { return s.revision }

// SetDoc opens a document. Only the app calls it: screens send Open, which asks
// about unsaved changes first.
func (s *Session) SetDoc(doc *recipes.Document) {
	if s.doc == nil || string(doc.Source) != string(s.doc.Source) {
		s.undo = nil // another recipe; saving opens the same one again
	}
	s.doc = doc
	s.touched()
}

// Set gives the value at path ("sshd.Port", "users[0].name") a new value. The
// error says in an operator's words why not; nothing is changed then.
func (s *Session) Set(path string, value any) error {
	return s.edit(func() error { return s.doc.Set(path, value) })
}

// Unset removes the value at path.
func (s *Session) Unset(path string) error {
	return s.edit(func() error { return s.doc.Unset(path) })
}

// Give is Set, or Unset where there is nothing in the value: for fields that
// may be emptied. Space around text is dropped.
func (s *Session) Give(path string, value any) error {
	switch v := value.(type) {
	case string:
		if value = strings.TrimSpace(v); value == "" {
			return s.Unset(path)
		}
	case []string:
		if len(v) == 0 {
			return s.Unset(path)
		}
	}
	return s.Set(path, value)
}

// Append adds one more table to a list of tables such as "users".
func (s *Session) Append(path string, table map[string]any) error {
	return s.edit(func() error { return s.doc.Append(path, table) })
}

// Remove takes one table out of a list: "users[1]".
func (s *Session) Remove(path string) error {
	return s.edit(func() error { return s.doc.Remove(path) })
}

// Apply makes the edits of a linter's fix.
func (s *Session) Apply(f recipes.Fix) error {
	return s.edit(func() error { return s.doc.Apply(f) })
}

// Replace puts another text in the place of the whole recipe, as one edit.
func (s *Session) Replace(text []byte) error {
	return s.edit(func() error { return s.doc.Restore(text) })
}

// edit makes a change that can be undone. A change that changes nothing is none.
func (s *Session) edit(change func() error) error {
	before := s.doc.Source
	if err := change(); err != nil {
		return refused{err}
	}
	if string(before) != string(s.doc.Source) {
		s.remember(before)
		s.touched()
	}
	return nil
}

func (s *Session) touched() {
	s.revision++
	s.problems = s.index.Lint(s.doc)
}
