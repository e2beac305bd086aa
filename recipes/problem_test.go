package recipes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine/goldentest"
)

// TestProblems holds what is said about broken recipes, word for word.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(name, text)
			problems := AsProblems(err)
			if len(problems) == 0 {
				t.Fatalf("nothing was found: %v", err)
			}
			var out []string
			for _, p := range problems {
				out = append(out, p.Detail())
			}
			goldentest.Equal(t, "broken/"+strings.TrimSuffix(name, ".toml")+".golden", strings.Join(out, "\n")+"\n")
		})
	}
}

func TestDetail(t *testing.T) {
	long := strings.Repeat("x", 300)
	cases := []struct {
		name    string
		problem Problem
		want    string
	}{
		{"plain", Problem{Source: `id = "x"`, Column: 6, Length: 3}, "f:3:6: m\n  3 | id = \"x\"\n    |      ^^^"},
		{"warning and hint", Problem{Source: "a", Column: 1, Length: 1, Severity: Warning, Hint: "h"}, "f:3:1: warning: m\n  3 | a\n    | ^\n  hint: h"},
		{"tabs", Problem{Source: "\t\tid = 1", Column: 3, Length: 2}, "f:3:3: m\n  3 |   id = 1\n    |   ^^"},
		{"wide characters", Problem{Source: "日本 = 1", Column: 4, Length: 1}, "f:3:4: m\n  3 | 日本 = 1\n    |      ^"},
		{"control characters", Problem{Source: "a\x00\x1b[1mb", Column: 2, Length: 1}, "f:3:2: m\n  3 | a\ufffd\ufffd[1mb\n    |  ^"},
		{"behind the end", Problem{Source: "abc", Column: 9, Length: 4}, "f:3:9: m\n  3 | abc\n    |    ^"},
		{"long line", Problem{Source: long, Column: 200, Length: 2}, "f:3:200: m\n  3 | …" + strings.Repeat("x", 98) + "…\n    | " + strings.Repeat(" ", 50) + "^^"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := c.problem
			p.File, p.Line, p.Message = "f", 3, "m"
			if got := p.Detail(); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
