package mirrors

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

// standIns are scripts of the tests that stand in for programs which Debian does
// not have.
//
//go:embed casper archiso
var standIns embed.FS

// tree is content that Debian does not have: a folder beside this file, whose
// files are scripts of the tests.
type tree struct{ To, From string }

// standIn adds the files of a folder of this package's, as scripts that can be
// executed if they name their shell.
func (a *assembly) standIn(t tree) error {
	p := a.packs[t.To]
	if p == nil {
		return fmt.Errorf("stand-in %s: no package %q", t.From, t.To)
	}
	return fs.WalkDir(standIns, t.From, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(standIns, name)
		if err != nil {
			return err
		}
		e := entry{path: strings.TrimPrefix(name, t.From+"/"), text: string(text), mode: 0o644, user: "root", group: "root"}
		if strings.HasPrefix(e.text, "#!") {
			e.mode = 0o755
		}
		p.entries = append(p.entries, e)
		return nil
	})
}
