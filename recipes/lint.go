package recipes

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Lint looks for what a recipe allows and an operator would regret. Problems of
// severity Error would stop the build or make the image do something else than
// the recipe says; those of severity Warning are for the operator to judge.
// After a fix was applied, lint again: other fixes may be out of date. names is
// the recipe's distribution.
func (d *Document) Lint(names Naming) Problems {
	l := &linter{doc: d, r: &d.Recipe, names: names}
	for _, rule := range lintRules {
		rule(l)
	}
	return l.problems.sorted()
}

// lintRules are all rules; each looks for one thing, or for a few that belong
// together.
var lintRules = []func(*linter){
	lintX11, lintSSHInstalled, lintSSHForeign, lintSSHPort, lintSSHAddress, lintRootPassword, lintEmptyPasswords, lintAllowUsers,
	lintLogin, lintPasswords, lintSudo, lintShells,
	lintOverlay, lintGauge, lintNetwork,
	lintRelease, lintForeign, lintPackageNames, lintPackages, lintFirmware, lintServices, lintLocale, lintTimezone,
	lintFiles, lintSecrets, lintLineEnds, lintSources,
}

type linter struct {
	doc      *Document
	r        *Recipe
	names    Naming
	problems Problems
}

// report adds a finding about the value at a path, or about what stands nearest
// above it.
func (l *linter) report(severity Severity, code, path, message, hint string, fix *Fix) {
	l.problems = append(l.problems, l.doc.Problem(severity, code, path, message, hint, fix))
}

func (l *linter) warn(code, path, message, hint string, fix *Fix) {
	l.report(Warning, code, path, message, hint, fix)
}

// setFix is a fix that sets one value.
func setFix(path string, value any) *Fix {
	text := fmt.Sprint(value)
	if s, ok := value.(string); ok {
		text = quoteString(s)
	}
	return &Fix{Title: fmt.Sprintf("set %s = %s", path, text), Edits: []Edit{{Path: path, Value: value}}}
}

// addFix is a fix that adds one word to a list.
func addFix(path, word string) *Fix {
	return &Fix{Title: fmt.Sprintf("add %s to %s", quoteString(word), path), Edits: []Edit{{Path: path + "[]", Value: word}}}
}

// dropFix is a fix that takes a value or an element out.
func dropFix(path, what string) *Fix {
	return &Fix{Title: "remove " + what, Edits: []Edit{{Path: path}}}
}

// bare is a package's name without architecture, version and release.
func bare(pkg string) string {
	if i := strings.IndexAny(pkg, ":=/"); i >= 0 {
		return pkg[:i]
	}
	return pkg
}

// unit is a unit's whole name.
func unit(name string) string {
	for _, suffix := range []string{".service", ".socket", ".timer", ".target", ".mount", ".automount", ".path", ".swap", ".slice", ".device", ".scope"} {
		if strings.HasSuffix(name, suffix) {
			return name
		}
	}
	return name + ".service"
}

func hasUnit(list []string, name string) bool {
	return slices.ContainsFunc(list, func(u string) bool { return unit(u) == unit(name) })
}

// beside reads the beginning of a file beside the recipe; isFile is false for a
// document that is no file: nothing can lie beside that.
func (l *linter) beside(name string) (text []byte, err error, isFile bool) {
	if l.doc.disk == nil || IsBuiltin(l.doc.Path) {
		return nil, nil, false
	}
	f, err := os.Open(l.doc.Beside(name))
	if err != nil {
		return nil, err, true
	}
	defer f.Close()
	text = make([]byte, 64<<10)
	n, err := f.Read(text)
	if n > 0 {
		err = nil
	}
	return text[:n], err, true
}
