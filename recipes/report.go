package recipes

// Problem makes a problem about the value at a path, or about what stands
// nearest above it. For findings of those who know more than a recipe does:
// its live stack, its package index.
func (d *Document) Problem(severity Severity, code, path, message, hint string, fix *Fix) Problem {
	at, err := parsePlace(path)
	if err != nil {
		at = nil
	}
	src := source{name: d.Path, text: d.Source}
	return src.problem(d.tree.where(at), Problem{Severity: severity, Code: code, Path: path, Message: message, Hint: hint, Fix: fix})
}

// SetFix is a fix that sets one value.
func SetFix(path string, value any) *Fix { return setFix(path, value) }

// Sorted returns the problems in the order of the text.
func (ps Problems) Sorted() Problems { return ps.sorted() }
