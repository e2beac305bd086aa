package distro

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Package is what a release's index says of one package.
type Package struct {
	Name      string
	Version   string
	Summary   string // one line
	Section   string // "net"
	Priority  string // "required", "optional"
	Essential bool
	Download  int64  // bytes of the package's file
	Installed int64  // bytes on disk, as the maintainer's tools measured it
	Depends   string // what it needs, as the index writes it
	Provides  string
	Files     string // RPM, Zypper: those that the index lists, which others may need
	Groups    string // Pacman: names that stand for all of their packages
}

// Index is all packages that a release's archives offer for one architecture:
// the newest version of each, sorted by name. It is not changed once read, so
// any number of readers may search it at once.
type Index struct {
	family    string
	packages  []Package
	hay       []string // of each package: its name, a NUL, its summary; small letters
	providers providers
	groups    map[string][]int32
	letters   []uint64        // of each package's name
	base      map[string]bool // see Base
}

// ReadIndex reads the indexes of the distribution's archives from a directory:
// what apt left there (/var/lib/apt/lists in a root), or what Source.Keep wrote,
// of the architecture. Without any, the error is fs.ErrNotExist.
func (d Distro) ReadIndex(lists, arch string) (*Index, error) {
	files := d.PackageFiles(lists, arch)
	if len(files) == 0 {
		return nil, fmt.Errorf("package index in %s: %w", lists, os.ErrNotExist)
	}
	r := &indexReader{seen: map[string]int32{}, compare: comparison(d.Family)}
	for _, f := range files {
		if err := r.file(f); err != nil {
			return nil, err
		}
	}
	return d.newIndex(r.packages), nil
}

// newIndex sorts packages and prepares what searching needs.
func (d Distro) newIndex(packages []Package) *Index {
	slices.SortFunc(packages, func(a, b Package) int { return strings.Compare(a.Name, b.Name) })
	x := &Index{family: d.Family, packages: packages, hay: make([]string, len(packages)),
		letters: make([]uint64, len(packages)), groups: map[string][]int32{}, providers: providers{ends: make(map[string]ends, len(packages))}}
	for i := range packages {
		p := &packages[i]
		x.hay[i] = strings.ToLower(p.Name + "\x00" + p.Summary)
		x.letters[i] = letters(p.Name)
		for name := range x.provided(p) {
			x.providers.add(name, int32(i))
		}
		for name := range plainNames(p.Groups, "") {
			x.groups[name] = append(x.groups[name], int32(i))
		}
	}
	x.base = x.minimal(d.Base)
	return x
}

// indexReader gathers packages from several files.
type indexReader struct {
	packages []Package
	seen     map[string]int32
	compare  func(a, b string) int // of versions
}

func (r *indexReader) file(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("package index: %w", err)
	}
	defer f.Close()
	if err := r.read(f); err != nil {
		return fmt.Errorf("package index %s: %w", filepath.Base(path), err)
	}
	return nil
}

// read takes stanzas in the form of deb822(5).
func (r *indexReader) read(in io.Reader) error {
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 1<<16), 1<<22)
	var p Package
	for sc.Scan() {
		line := sc.Bytes()
		if len(line) == 0 {
			r.add(p)
			p = Package{}
			continue
		}
		if line[0] != ' ' && line[0] != '\t' && line[0] != '#' {
			p.field(line)
		}
	}
	r.add(p)
	return sc.Err()
}

// field takes one line "Name: value". Other fields than those kept are left
// without a copy: they are nine tenths of an index.
func (p *Package) field(line []byte) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return
	}
	value := bytes.TrimSpace(line[colon+1:])
	switch string(line[:colon]) { // the compiler makes no copy for this
	case "Package":
		p.Name = string(value)
	case "Version":
		p.Version = string(value)
	case "Description":
		p.Summary = string(value)
	case "Section":
		p.Section = string(value)
	case "Priority":
		p.Priority = string(value)
	case "Essential":
		p.Essential = string(value) == "yes"
	case "Size":
		p.Download = number(value)
	case "Installed-Size":
		p.Installed = number(value) << 10 // in KiB there
	case "Provides":
		p.Provides = string(value)
	case "Files":
		p.Files = string(value)
	case "Groups":
		p.Groups = string(value)
	case "Pre-Depends", "Depends":
		if p.Depends != "" {
			p.Depends += ", "
		}
		p.Depends += string(value)
	}
}

func number(b []byte) int64 {
	n, _ := strconv.ParseInt(string(b), 10, 64)
	return n
}

func (r *indexReader) add(p Package) {
	if p.Name == "" {
		return
	}
	if i, ok := r.seen[p.Name]; ok {
		if r.compare(p.Version, r.packages[i].Version) > 0 {
			r.packages[i] = p
		}
		return
	}
	r.seen[p.Name] = int32(len(r.packages))
	r.packages = append(r.packages, p)
}

// Len is the number of packages.
func (x *Index) Len() int { return len(x.packages) }

// Find returns the package of that name.
func (x *Index) Find(name string) (*Package, bool) {
	i, ok := slices.BinarySearchFunc(x.packages, name, func(p Package, n string) int { return strings.Compare(p.Name, n) })
	if !ok {
		return nil, false
	}
	return &x.packages[i], true
}

// Providers are the packages that provide a virtual one; in families other than
// Deb also a file, or those of a group.
func (x *Index) Providers(name string) []*Package {
	var all []*Package
	for i := range x.providers.of(name) {
		all = append(all, &x.packages[i])
	}
	for _, i := range x.groups[name] {
		all = append(all, &x.packages[i])
	}
	return all
}

// PackageName is the name in what a recipe of the family deb lists, and of any
// while there is no index (see Index.Name): without an architecture, a version or
// a suite ("curl:amd64", "curl=7.88.1-10", "curl/bookworm-backports").
func PackageName(item string) string {
	if i := strings.IndexAny(item, ":=/"); i >= 0 {
		return item[:i]
	}
	return item
}

// Search returns the packages that hold every word of the query in their name
// or summary, those first whose name is most like it. No words: all packages.
func (x *Index) Search(query string) []*Package {
	words := strings.Fields(strings.ToLower(query))
	type hit struct {
		at   int32
		rank int8
	}
	hits := make([]hit, 0, 256)
	for i, hay := range x.hay {
		if rank := match(hay, words); rank >= 0 {
			hits = append(hits, hit{int32(i), int8(rank)})
		}
	}
	sort.SliceStable(hits, func(i, j int) bool { return hits[i].rank < hits[j].rank })
	found := make([]*Package, len(hits))
	for i, h := range hits {
		found[i] = &x.packages[h.at]
	}
	return found
}

// match ranks a package for words: 0 it is the name, 1 the name begins with the
// first word, 2 some part of the name does, 3 all words are in the name, 4 the
// summary is needed, -1 not at all.
func match(hay string, words []string) int {
	if len(words) == 0 {
		return 0
	}
	end := strings.IndexByte(hay, 0)
	name := hay[:end]
	inName := true
	for _, w := range words {
		if strings.Contains(name, w) {
			continue
		}
		if !strings.Contains(hay[end+1:], w) {
			return -1
		}
		inName = false
	}
	first := words[0]
	switch {
	case len(words) == 1 && name == first:
		return 0
	case inName && strings.HasPrefix(name, first):
		return 1
	case inName && strings.Contains(name, "-"+first):
		return 2
	case inName:
		return 3
	}
	return 4
}
