package recipes

import (
	"bytes"
	"unicode/utf8"
)

// span is a half-open range of bytes of a recipe's source.
type span struct{ start, end int }

func (s span) empty() bool { return s.end <= s.start }

// source is the text of a recipe, able to say where an offset is.
type source struct {
	name string
	text []byte
}

// position returns line and column (both from 1, columns in characters) of an
// offset. Offsets at or behind the end are held within the last line that has
// text, so that a problem never points outside of the file.
func (s source) position(offset int) (line, column int) {
	text := s.text
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = bytes.TrimSuffix(text[:n-1], []byte("\r"))
	}
	offset = min(max(offset, 0), len(text))
	line = 1 + bytes.Count(text[:offset], []byte("\n"))
	begin := bytes.LastIndexByte(text[:offset], '\n') + 1
	if line == 1 {
		begin = min(s.bom(), offset)
	}
	if end := bytes.IndexByte(text[begin:], '\n'); end > 0 && text[begin+end-1] == '\r' {
		offset = min(offset, begin+end-1) // the end of the line, not between \r and \n
	}
	return line, 1 + utf8.RuneCount(text[begin:offset])
}

// bom returns the length of the byte order mark that the text begins with.
func (s source) bom() int {
	if bytes.HasPrefix(s.text, []byte("\xef\xbb\xbf")) {
		return 3
	}
	return 0
}

// lineAt returns the text of the line that holds an offset, without its end.
func (s source) lineAt(offset int) string {
	offset = min(max(offset, 0), len(s.text))
	if offset == len(s.text) && offset > 0 && s.text[offset-1] == '\n' {
		offset--
	}
	begin := bytes.LastIndexByte(s.text[:offset], '\n') + 1
	end := len(s.text)
	if i := bytes.IndexByte(s.text[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	if begin == 0 {
		begin = min(s.bom(), end)
	}
	line := bytes.TrimSuffix(s.text[begin:max(begin, end)], []byte("\r"))
	return string([]rune(string(line))) // a bad byte becomes one replacement character each
}

// problem places a finding at a range of the source.
func (s source) problem(at span, p Problem) Problem {
	p.File = s.name
	p.Line, p.Column = s.position(at.start)
	p.Source = s.lineAt(at.start)
	p.Length = 1
	if !at.empty() {
		marked := s.text[min(at.start, len(s.text)):min(at.end, len(s.text))]
		if i := bytes.IndexAny(marked, "\r\n"); i >= 0 {
			marked = marked[:i]
		}
		p.Length = max(1, utf8.RuneCount(marked))
	}
	if p.Severity == "" {
		p.Severity = Error
	}
	return p
}
