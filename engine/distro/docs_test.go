package distro

import (
	"os"
	"strings"
	"testing"
)

// TestDocs holds the table of distributions in the reference of recipes against
// the data: id, releases, environment variable and mirror of each.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) == 5 {
			rows[strings.Trim(cells[1], " `")] = line
		}
	}
	for _, d := range All() {
		row, ok := rows[d.ID]
		if !ok {
			t.Errorf("no row for %s", d.ID)
			continue
		}
		_, host, _ := strings.Cut(d.Mirror, "://")
		host, _, _ = strings.Cut(host, "/")
		wants := []string{"`" + d.MirrorEnv + "`", host}
		for _, r := range d.Releases {
			wants = append(wants, "`\""+r.ID+"\"`")
		}
		for _, want := range wants {
			if !strings.Contains(row, want) {
				t.Errorf("the row of %s has no %s:\n%s", d.ID, want, row)
			}
		}
	}
}
