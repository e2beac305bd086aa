package distro

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// readDatabase reads a database of pacman's (repo-add(8)): a tar with a folder
// for each package, in it the file desc and, in older ones, depends.
func readDatabase(in io.Reader, section string, found func(p Package, arch string)) error {
	p, arch, folder, any := Package{}, "", "", false
	entries := tar.NewReader(in)
	for {
		h, err := entries.Next()
		switch {
		case errors.Is(err, io.EOF):
			found(p, arch)
			return nil
		case err != nil && !any:
			return fmt.Errorf("not a database of pacman's: %w", err)
		case err != nil:
			return fmt.Errorf("read the database: %w", err)
		}
		any = true
		if dir := path.Dir(path.Clean(h.Name)); dir != folder && h.Typeflag == tar.TypeReg {
			found(p, arch)
			p, arch, folder = Package{Section: section}, "", dir
		}
		if name := path.Base(h.Name); h.Typeflag == tar.TypeReg && (name == "desc" || name == "depends") {
			if err := readDesc(entries, &p, &arch); err != nil {
				return fmt.Errorf("read the database: %s: %w", h.Name, err)
			}
		}
	}
}

// readDesc reads fields: a line "%NAME%", the values line by line, an empty line.
func readDesc(in io.Reader, p *Package, arch *string) error {
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 1<<12), 1<<20)
	lists := map[string]*list{"%DEPENDS%": {}, "%PROVIDES%": {}, "%GROUPS%": {}}
	field := ""
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		switch {
		case line == "":
			field = ""
			continue
		case field == "":
			field = line
			continue
		}
		switch field {
		case "%NAME%":
			p.Name = line
		case "%VERSION%":
			p.Version = line
		case "%DESC%":
			p.Summary = oneSpaced(line)
		case "%CSIZE%":
			p.Download = number([]byte(line))
		case "%ISIZE%":
			p.Installed = number([]byte(line))
		case "%ARCH%":
			*arch = line
		default:
			if l, ok := lists[field]; ok {
				l.add(line)
			}
		}
	}
	for name, into := range map[string]*string{"%DEPENDS%": &p.Depends, "%PROVIDES%": &p.Provides, "%GROUPS%": &p.Groups} {
		if text := lists[name].take(); text != "" {
			*into = text
		}
	}
	return sc.Err()
}
