package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "slipway"

// mayImport lists, per package of ours, what it may import of ours; "x/..." is
// x and everything below it. The most specific entry counts. docs/architecture.md
// says why.
var mayImport = map[string][]string{
	"":                      {"screens", "engine", "engine/progress", "engine/distro", "engine/doctor", "engine/live", "engine/smoke", "recipes", "tui/hush"},
	"screens":               {"screens/...", "tui/...", "engine/...", "recipes"},
	"screens/session":       {"tui/...", "engine/...", "recipes"},
	"screens/...":           {"screens/session", "tui/...", "engine/...", "recipes"},
	"tui/...":               {"tui/..."},
	"engine":                {"engine/proc", "engine/configure", "engine/distro", "engine/live", "engine/image", "engine/qemu", "engine/smoke", "recipes"},
	"engine/progress":       {"engine", "engine/live", "engine/smoke"},
	"engine/doctor":         {"engine", "engine/distro", "engine/proc", "engine/image", "engine/qemu"},
	"engine/proc":           {},
	"engine/configure":      {"engine/distro", "engine/proc", "recipes"},
	"engine/enginetest":     {"engine/...", "recipes"},
	"engine/enginetest/...": {"engine/...", "recipes"},
	"engine/smoke":          {"engine/distro", "engine/live", "engine/proc", "recipes"},
	"engine/...":            {"engine/proc", "recipes"},
	"recipes/...":           {"recipes/..."},
}

// onlyIn lists imports of others that are kept to some packages of ours.
var onlyIn = map[string][]string{
	"os/exec":                            {"engine/proc"},
	"github.com/charmbracelet/bubbletea": {"tui/...", "screens/..."},
	"github.com/charmbracelet/lipgloss":  {"tui/...", "screens/..."},
	"github.com/charmbracelet/bubbles":   {"tui/...", "screens/..."},
}

type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// packages asks go list for every package of the module, the tests' imports too.
func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-tags", "real", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// covers reports whether a pattern is or, ending in /..., encloses a package.
func covers(pattern, pkg string) bool {
	base, below := strings.CutSuffix(pattern, "/...")
	return pkg == base || below && strings.HasPrefix(pkg, base+"/")
}

func anyCovers(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return covers(p, pkg) })
}

// allowed returns the rule for a package; false if there is none.
func allowed(pkg string) ([]string, bool) {
	if rule, ok := mayImport[pkg]; ok {
		return rule, true
	}
	longest := ""
	for pattern := range mayImport {
		if strings.HasSuffix(pattern, "/...") && covers(pattern, pkg) && len(pattern) > len(longest) {
			longest = pattern
		}
	}
	rule, ok := mayImport[longest]
	return rule, ok && longest != ""
}

// forTests reports whether a package exists for tests only, by its name or that
// of a folder above: tuitest.
func forTests(pkg string) bool { return strings.Contains(pkg+"/", "test/") }

// breach says how an import breaks the rules of the house, "" if it does not.
func breach(pkg, imported string, test bool) string {
	if own, ok := strings.CutPrefix(imported, module+"/"); ok {
		rule, known := allowed(pkg)
		switch {
		case !known:
			return "is not in the house's table"
		case test && forTests(own):
		case own != pkg && !anyCovers(rule, own):
			return "may not import " + own
		}
		return ""
	}
	for other, homes := range onlyIn {
		if covers(other+"/...", imported) && !anyCovers(homes, pkg) && !test {
			return "may not import " + imported
		}
	}
	return ""
}

func TestImportsGoOneWay(t *testing.T) {
	for _, p := range packages(t) {
		pkg := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		for _, i := range p.Imports {
			if why := breach(pkg, i, forTests(pkg)); why != "" {
				t.Errorf("package %q %s", pkg, why)
			}
		}
		for _, i := range append(p.TestImports, p.XTestImports...) {
			if why := breach(pkg, i, true); why != "" {
				t.Errorf("tests of package %q: it %s", pkg, why)
			}
		}
	}
}

// The rules themselves find what they are made to find.
func TestBreach(t *testing.T) {
	for _, c := range []struct {
		pkg, imported string
		bad           bool
	}{
		{"tui", "slipway/engine", true},
		{"tui/tuitest", "slipway/tui", false},
		{"engine", "github.com/charmbracelet/bubbletea", true},
		{"engine", "slipway/screens", true},
		{"engine/image", "os/exec", true},
		{"engine/proc", "os/exec", false},
		{"engine/image", "slipway/engine", true},
		{"screens/build", "slipway/screens/boot", true},
		{"screens/build", "slipway/screens/session", false},
		{"screens/build", "slipway/screens/screentest", true},
		{"screens", "slipway/screens/boot", false},
		{"recipes", "slipway/engine/proc", true},
		{"elsewhere", "slipway/recipes", true},
		{"", "slipway/engine/proc", true},
	} {
		if got := breach(c.pkg, c.imported, false); (got != "") != c.bad {
			t.Errorf("%q importing %q: %q, want a breach: %v", c.pkg, c.imported, got, c.bad)
		}
	}
}

// longest is how many lines a file may have before it should be two.
const longest = 500

// unwanted are words that no file of the project holds, in two halves so that
// this one does not either: hosts of a distribution's mirrors (the operator's own
// is used), paths of one machine, and work that was left open.
var unwanted = [][2]string{{"deb.deb", "ian.org"}, {"security.deb", "ian.org"}, {"/wo", "rk/main"},
	{"TO", "DO:"}, {"FIX", "ME"}, {"t.Sk", "ip("}, {"t.Sk", "ipf("}, {"t.Sk", "ipNow("}}

func TestFiles(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "." && d.Name() != ".ci":
			return filepath.SkipDir
		case d.IsDir() || !slices.Contains([]string{".go", ".md", ".toml", ".txtar", ".jsonl", ".golden", "", ".sh"}, filepath.Ext(path)) || path == "slipway":
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if n := bytes.Count(content, []byte("\n")); filepath.Ext(path) == ".go" && n > longest {
			t.Errorf("%s has %d lines: more than %d", path, n, longest)
		}
		for _, w := range unwanted {
			if word := w[0] + w[1]; bytes.Contains(content, []byte(word)) {
				t.Errorf("%s holds %q", path, word)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
