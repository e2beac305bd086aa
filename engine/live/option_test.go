package live

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"slipway/recipes"
)

// TestOptionsGolden is what is said of every option that a stack knows, per
// strategy and version. Versions that answer alike stand together.
func TestOptionsGolden(t *testing.T) {
	var b strings.Builder
	for _, s := range stacks {
		seen := map[string]bool{}
		for _, o := range s.options {
			if seen[o.name] {
				t.Errorf("%s has %s twice", s.id, o.name)
			}
			seen[o.name] = true
			var alike []string
			before := ""
			flush := func() {
				if before != "" {
					fmt.Fprintf(&b, "%s %s, %s\n%s", s.id, o.name, strings.Join(alike, " "), before)
				}
			}
			for _, v := range versions[s.id] {
				said := saidOf(t, s, o.name, Stack{s.id, v})
				if said != before {
					flush()
					alike, before = nil, said
				}
				alike = append(alike, orElse(v, "(not known)"))
			}
			flush()
		}
	}
	golden.RequireEqual(t, []byte(b.String()))
}

// saidOf are the findings about an option, with the strategies that lead to each.
func saidOf(t *testing.T, s *stack, name string, v Stack) string {
	t.Helper()
	var codes []string
	strategies := map[string][]string{}
	for _, strategy := range recipes.Strategies {
		l, err := Compile(question(s.id, v.Version, strategy, ""))
		if err != nil {
			continue
		}
		f, found := s.judge(name+"=1g", l)
		code := "nothing"
		if found {
			code = f.code
			if f.message == "" || f.hint == "" {
				t.Errorf("%s, %s, %s: incomplete: %+v", v, name, strategy, f)
			}
		}
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
		strategies[code] = append(strategies[code], strategy)
	}
	var b strings.Builder
	for _, code := range codes {
		fmt.Fprintf(&b, "  %-18s %s\n", code, strings.Join(strategies[code], ", "))
	}
	return b.String()
}
