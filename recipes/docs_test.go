package recipes

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"slipway/engine/goldentest"
)

const docsPage = "../docs/recipes.md"

// TestDocs holds the reference page against the model: every field stands in
// the table of its section with its type, the example is a sound recipe, and
// the table of directives is the one in the code.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile(docsPage)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, f := range Fields() {
		heading, name := headingOf(f.Path)
		_, section, ok := strings.Cut(page, heading+"\n")
		if !ok {
			t.Errorf("%s: the page has no %q", f.Path, heading)
			continue
		}
		section, _, _ = strings.Cut(section, "\n#")
		if f.Path == "sshd" {
			continue
		}
		kind := f.Type
		if f.Required {
			kind += ", required"
		}
		if row := fmt.Sprintf("| `%s` | %s |", name, kind); !strings.Contains(section, row) {
			t.Errorf("%s: %q has no row %q", f.Path, heading, row)
		}
	}
	_, example, _ := strings.Cut(page, "```toml\n")
	example, _, _ = strings.Cut(example, "```")
	d, err := Parse("example.toml", []byte(example))
	if err != nil {
		t.Fatalf("the example is broken:\n%v", err)
	}
	if ps := d.Lint(debian()); len(ps) > 0 {
		t.Errorf("the example is not sound:\n%v", ps)
	}
	checkDirectives(t, page)
}

func headingOf(path string) (heading, name string) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		if path == "sshd" {
			return "## `[sshd]`", path
		}
		return "## At the top", path
	}
	section := "[" + path[:i] + "]"
	if strings.HasSuffix(path[:i], "[]") {
		section = "[[" + strings.TrimSuffix(path[:i], "[]") + "]]"
	}
	level := "##" + strings.Repeat("#", strings.Count(path[:i], "."))
	return level + " `" + section + "`", path[i+1:]
}

func checkDirectives(t *testing.T, page string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("\n| directive | values | default | meaning |\n| --- | --- | --- | --- |\n")
	for _, d := range directives {
		def, note := d.Default, ""
		if d.Debian != "" {
			def = strings.TrimSpace(def + " [" + d.Debian + "]")
		}
		if d.Since != "" {
			note = " (since OpenSSH " + d.Since + ")"
		}
		if d.Repeats {
			note += "; may be repeated"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s%s |\n", d.Name, d.Allows(), strings.ReplaceAll(def, "*", `\*`), strings.ReplaceAll(d.Meaning, "*", `\*`), note)
	}
	const begin, end = "-update` -->\n", "\n<!-- end of directives -->"
	head, rest, ok := strings.Cut(page, begin)
	old, tail, ok2 := strings.Cut(rest, strings.TrimPrefix(end, "\n"))
	if !ok || !ok2 {
		t.Fatal("the page has no place for the directives")
	}
	if want := strings.TrimPrefix(b.String(), "\n"); old != want {
		if goldentest.Updating() {
			if err := os.WriteFile(docsPage, []byte(head+begin+want+strings.TrimPrefix(end, "\n")+tail), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		t.Errorf("the table of directives is out of date (refresh with -update):\n%s", changedLines(old, want))
	}
}
