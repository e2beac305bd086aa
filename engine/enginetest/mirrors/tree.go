package mirrors

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// unixMode is a mode with its setuid, setgid and sticky bits where Unix has
// them.
func unixMode(m fs.FileMode) uint32 {
	mode := uint32(m.Perm())
	for bit, set := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&bit != 0 {
			mode |= set
		}
	}
	return mode
}

// makeTree puts the entries of all packages into a directory: files as hard
// links to what they are made from, so nothing may write to them.
func makeTree(dir string, packs []*pack) error {
	for _, p := range packs {
		for _, e := range p.entries {
			if err := e.put(dir); err != nil {
				return fmt.Errorf("%s of %s: %w", e.path, p.name, err)
			}
		}
	}
	return nil
}

func (e entry) put(dir string) error {
	// A link of merged /usr is made by another package: a parent is always real.
	file := filepath.Join(dir, merged(e.path))
	if !strings.Contains(e.path, "/") {
		file = filepath.Join(dir, e.path)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	switch {
	case e.isLink():
		return os.Symlink(e.link, file)
	case e.isDir():
		return os.MkdirAll(file, 0o755)
	case e.source != "":
		return os.Link(e.source, file)
	}
	return os.WriteFile(file, []byte(e.text), 0o644)
}
