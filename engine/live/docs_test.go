package live

import (
	"os"
	"strings"
	"testing"

	"slipway/recipes"
)

// TestDocs holds the table of strategies in the reference of recipes against
// what the stacks of Debian 12, casper of Ubuntu 24.04 and archiso of Arch, compile.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) == 9 {
			name, _, _ := strings.Cut(strings.TrimSpace(cells[1]), ":")
			rows[name] = cells[2:7]
		}
	}
	for _, strategy := range recipes.Strategies {
		cells, ok := rows["`\""+strategy+"\"`"]
		if !ok {
			t.Errorf("no row for %s", strategy)
			continue
		}
		for i, s := range []Stack{liveBoot2023, dracut059, kiwi9, {ID: "casper", Version: "1.498"}, archiso73} {
			_, err := Compile(question(s.ID, s.Version, strategy, ""))
			if has := strings.TrimSpace(cells[i]) != ""; has != (err == nil) {
				t.Errorf("%s with %s: the page says %q, the compiler %v", strategy, s, cells[i], err)
			}
		}
	}
}
