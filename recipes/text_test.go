package recipes

import (
	"strings"
	"testing"
)

// TestSetTextOfLinesInCRLF: in a file with the line ends of Windows, text of
// several lines is written with escapes, so that none of these gets into it.
func TestSetTextOfLinesInCRLF(t *testing.T) {
	d := mustParse(t, strings.ReplaceAll(string(readFull(t)), "\n", "\r\n"))
	for path, text := range map[string]string{"files[0].content": "a\nb\n", "hooks[0].script": "#!/bin/sh\necho 'a' \"b\" \\\n"} {
		if err := d.Set(path, text); err != nil {
			t.Fatal(err)
		}
		if got, _ := d.Value(path); got != text {
			t.Errorf("%s is %q, want %q", path, got, text)
		}
	}
	if strings.Contains(strings.ReplaceAll(string(d.Source), "\r\n", ""), "\n") {
		t.Errorf("a line end of another kind got into the file:\n%q", d.Source)
	}
}

// TestSetText: text of every sort is read back as it was given, whatever quotes
// stood there before.
func TestSetText(t *testing.T) {
	texts := []string{"", "a", "a\nb", "a\n", "\n", "\n\na", "tab\t\n", `say "hi"`, "three \"\"\" quotes\n", `back\slash`, "end\"\n\"",
		"'''\n'", "\\\n\\", "ü 日本\n", "\r\n", "\x01\n", "\x7f", " lead\n  in\n", "\\u0041\n", "a\\\n   b", "'", "\"", "\"\n", "'\n"}
	for _, text := range texts {
		for _, was := range []string{`"x"`, `'x'`, `"""x"""`, "'''\nx'''"} {
			d := mustParse(t, minimal+"\n[[files]]\npath = \"/a\"\ncontent = "+was+"\n")
			if err := d.Set("files[0].content", text); err != nil {
				t.Errorf("%q in the place of %s: %v", text, was, err)
			} else if got := d.Recipe.Files[0].Content; got != text {
				t.Errorf("%q in the place of %s became %q", text, was, got)
			}
		}
	}
}
