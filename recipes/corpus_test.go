package recipes

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var corpusDir = flag.String("corpus", "", "write the broken recipes into this folder")

// mutation breaks a sound recipe in one way.
type mutation struct {
	name string
	do   func(r *rand.Rand, text []byte) []byte
}

// line picks a random line that holds a key and a value, by its bounds.
func line(r *rand.Rand, text []byte) (start, end int) {
	for range 1000 {
		at := r.IntN(len(text))
		start = bytes.LastIndexByte(text[:at], '\n') + 1
		end = start + max(0, bytes.IndexByte(text[start:], '\n'))
		l := text[start:end]
		if eq := bytes.IndexByte(l, '='); eq > 0 && l[0] >= 'a' && l[0] <= 'z' || eq > 0 && l[0] >= 'A' && l[0] <= 'Z' {
			return start, end
		}
	}
	return start, end
}

// swapValue gives a random key another value.
func swapValue(values ...string) func(*rand.Rand, []byte) []byte {
	return func(r *rand.Rand, text []byte) []byte {
		start, end := line(r, text)
		key, _, _ := strings.Cut(string(text[start:end]), "=")
		return splice(text, start, end, key+"= "+values[r.IntN(len(values))])
	}
}

func splice(text []byte, start, end int, s string) []byte {
	return append(append(bytes.Clone(text[:start]), s...), text[end:]...)
}

func insertAt(r *rand.Rand, text []byte, s string) []byte {
	at := r.IntN(len(text) + 1)
	return splice(text, at, at, s)
}

var mutations = []mutation{
	{"truncated", func(r *rand.Rand, text []byte) []byte { return bytes.Clone(text[:r.IntN(len(text))]) }},
	{"swapped-bytes", func(r *rand.Rand, text []byte) []byte {
		out := bytes.Clone(text)
		for range 8 {
			i, j := r.IntN(len(out)), r.IntN(len(out))
			out[i], out[j] = out[j], out[i]
		}
		return out
	}},
	{"random-bytes", func(r *rand.Rand, text []byte) []byte {
		out := bytes.Clone(text)
		for range 1 + r.IntN(20) {
			out[r.IntN(len(out))] = byte(r.IntN(256))
		}
		return out
	}},
	{"wrong-type", swapValue("1", "true", `"x"`, "[1, 2]", "{ a = 1 }", "1.5", "1979-05-27", "[[]]", "[{}, 1]", `[["a"]]`)},
	{"unknown-key", func(r *rand.Rand, text []byte) []byte {
		start, _ := line(r, text)
		return splice(text, start, start, "k"+string(rune('a'+r.IntN(26)))+"y = 1\n")
	}},
	{"misspelt-key", func(r *rand.Rand, text []byte) []byte {
		start, _ := line(r, text)
		return splice(text, start, start+1, "")
	}},
	{"duplicate-key", func(r *rand.Rand, text []byte) []byte {
		start, end := line(r, text)
		return splice(text, start, start, string(text[start:end])+"\n")
	}},
	{"duplicate-table", func(r *rand.Rand, text []byte) []byte {
		tables := []string{"[distro]", "[overlay]", "[system]", "[sshd]", "[users]", "[[boot]]", "[name]"}
		return append(bytes.Clone(text), "\n"+tables[r.IntN(len(tables))]+"\nx = 1\n"...)
	}},
	{"bad-utf8", func(r *rand.Rand, text []byte) []byte { return insertAt(r, text, "\xc3\x28\xff") }},
	{"nul", func(r *rand.Rand, text []byte) []byte { return insertAt(r, text, "\x00") }},
	{"control", func(r *rand.Rand, text []byte) []byte { return insertAt(r, text, "\x1b[31m\x7f") }},
	{"huge-number", swapValue("99999999999999999999999", "0x"+strings.Repeat("f", 40), "1e999999", "-9223372036854775809", strings.Repeat("9", 5000))},
	{"deep-list", func(r *rand.Rand, text []byte) []byte {
		depth := 50 << r.IntN(12)
		return append(bytes.Clone(text), "deep = "+strings.Repeat("[", depth)+strings.Repeat("]", depth)+"\n"...)
	}},
	{"deep-table", func(r *rand.Rand, text []byte) []byte {
		return append(bytes.Clone(text), "deep = "+strings.Repeat("{a=", 50<<r.IntN(11))+"\n"...)
	}},
	{"deep-key", func(r *rand.Rand, text []byte) []byte {
		return append(bytes.Clone(text), "["+strings.Repeat("a.", 50<<r.IntN(13))+"a]\n"...)
	}},
	{"crlf-broken", func(r *rand.Rand, text []byte) []byte {
		out := bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
		return swapValue("yes", "")(r, out)
	}},
	{"cr-only", func(r *rand.Rand, text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r")) }},
	{"bom-broken", func(r *rand.Rand, text []byte) []byte {
		return append([]byte("\ufeff"), swapValue("nothing", `"`, "'", `"""`)(r, text)...)
	}},
	{"utf16", func(r *rand.Rand, text []byte) []byte {
		out := []byte("\xff\xfe")
		for _, b := range text {
			out = append(out, b, 0)
		}
		return out
	}},
	{"open-quote", func(r *rand.Rand, text []byte) []byte {
		quotes := []string{`"`, `'`, `"""`, `'''`, "[", "{", "[[", "#\x01"}
		return insertAt(r, text, quotes[r.IntN(len(quotes))])
	}},
	{"two-files", func(r *rand.Rand, text []byte) []byte { return append(bytes.Clone(text), text...) }},
	{"no-lines", func(r *rand.Rand, text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte(" ")) }},
	{"lines-out-of-order", func(r *rand.Rand, text []byte) []byte {
		lines := bytes.SplitAfter(text, []byte("\n"))
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		return bytes.Join(lines, nil)
	}},
	{"headers-gone", func(r *rand.Rand, text []byte) []byte {
		return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\n["), []byte("\n#")), []byte("distro"), []byte("distr"))
	}},
	{"empty", func(r *rand.Rand, text []byte) []byte { return bytes.Repeat([]byte(" \n\t"), r.IntN(5)) }},
}

// corpus returns n broken recipes, always the same ones.
func corpus(n int) map[string][]byte {
	r := rand.New(rand.NewPCG(2024, 7))
	var sounds [][]byte
	for _, s := range builtinSources() {
		sounds = append(sounds, s.text)
	}
	out := map[string][]byte{}
	for i := 0; len(out) < n; i++ {
		m := mutations[i%len(mutations)]
		text := m.do(r, sounds[r.IntN(len(sounds))])
		if _, err := Parse("x", text); err != nil { // some mutations hit a comment
			out[fmt.Sprintf("%03d-%s.toml", len(out), m.name)] = text
		}
	}
	return out
}

// TestCorpus: whatever is broken, every problem points at a line of the file.
func TestCorpus(t *testing.T) {
	all := corpus(200)
	kinds := map[string]bool{}
	for name, text := range all {
		_, kind, _ := strings.Cut(strings.TrimSuffix(name, ".toml"), "-")
		kinds[kind] = true
		_, err := Parse(name, text)
		if err := pointsInto(text, err); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if *corpusDir != "" {
			if err := os.WriteFile(filepath.Join(*corpusDir, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(all) != 200 || len(kinds) != len(mutations) {
		t.Errorf("%d recipes broken in %d of %d ways", len(all), len(kinds), len(mutations))
	}
}

// pointsInto says what is wrong with the problems of a text.
func pointsInto(text []byte, err error) error {
	problems := AsProblems(err)
	if len(problems) == 0 {
		return fmt.Errorf("no problems: %v", err)
	}
	lines := max(1, bytes.Count(text, []byte("\n")))
	if n := len(text); n > 0 && text[n-1] != '\n' {
		lines = 1 + bytes.Count(text, []byte("\n"))
	}
	for _, p := range problems {
		switch {
		case p.Line < 1 || p.Line > lines:
			return fmt.Errorf("line %d of %d: %s", p.Line, lines, p)
		case p.Column < 1 || p.Column > len(p.Source)+1:
			return fmt.Errorf("column %d in %q: %s", p.Column, p.Source, p)
		case p.Message == "" || p.Code == "" || p.Severity != Error:
			return fmt.Errorf("incomplete: %+v", p)
		case strings.ContainsFunc(p.Message, func(r rune) bool { return r < ' ' }):
			return fmt.Errorf("control characters in %q", p.Message)
		case strings.ContainsFunc(p.Detail(), func(r rune) bool { return r < ' ' && r != '\n' }):
			return fmt.Errorf("control characters in %q", p.Detail())
		}
	}
	return nil
}

// FuzzParse: no text makes reading panic, problems point into it, and what can
// be read can be edited and linted.
func FuzzParse(f *testing.F) {
	for _, s := range builtinSources() {
		f.Add(string(s.text))
	}
	f.Add(minimal)
	f.Add("\x18\n") // found by fuzzing: a position before the text
	if text, err := os.ReadFile("testdata/full.toml"); err == nil {
		f.Add(string(text))
	}
	for _, text := range corpus(60) {
		if len(text) < 8<<10 {
			f.Add(string(text))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse("fuzz.toml", []byte(text))
		if err != nil {
			if err := pointsInto([]byte(text), err); err != nil {
				t.Fatal(err)
			}
			return
		}
		for _, p := range d.Lint(debian()) {
			if p.Line < 1 || p.Column < 1 {
				t.Fatalf("%+v", p)
			}
			if p.Fix != nil {
				fixed := *d
				if err := fixed.Apply(*p.Fix); err != nil {
					t.Logf("%s: %v", p.Fix.Title, err)
				}
			}
		}
		d.Recipe.SSHD.Render()
		d.Recipe.SSHD.Effective()
		if err := d.Set("description", "changed"); err == nil && d.Recipe.Description != "changed" {
			t.Fatal("an edit that was not refused did not happen")
		}
	})
}
