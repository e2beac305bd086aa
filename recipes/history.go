package recipes

import "bytes"

// Saved is the text of the document's file when it was loaded or last saved;
// nil if it has none. It is not to be changed.
func (d *Document) Saved() []byte { return d.disk }

// Restore gives the document back a text that it had before, to undo edits.
// The file it belongs to stays as it is. The error is Problems.
func (d *Document) Restore(text []byte) error {
	old, err := Parse(d.Path, bytes.Clone(text))
	if err != nil {
		return err
	}
	old.disk = d.disk
	*d = *old
	return nil
}
