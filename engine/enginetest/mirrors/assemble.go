package mirrors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"syscall"

	"github.com/pkg/xattr"
)

// pack is a package to be made, whatever its format.
type pack struct {
	name, version, release string
	summary                string
	requires               []string // "glibc >= 2.36" or a name
	first                  []string // required, and to be there before this one's files
	recommends             []string
	provides               []string
	accounts               []account // to make before its files are there
	after                  string    // shell script for when it is installed
	entries                []entry   // sorted by path
}

// entry is a file, directory or link of a package.
type entry struct {
	path        string // without the first slash
	source      string // the file that has its content; "" if text has
	text        string
	link        string // where a symbolic link leads
	mode        fs.FileMode
	uid, gid    int
	user, group string
	cap         uint32 // permitted and effective capabilities, the lower 32
	config      bool
}

func (e entry) isDir() bool  { return e.mode.IsDir() }
func (e entry) isLink() bool { return e.link != "" }

// account is a user, or a group if it has no home.
type account struct {
	name     string
	uid, gid int
	group    string
	home     string
	shell    string
}

// assembly makes packages of a Debian root.
type assembly struct {
	d     *debian
	t     *table
	packs map[string]*pack
	owner map[string]string // path in the root -> Debian package
	left  []string          // paths that nobody owns or wants
}

// assemble turns a root into the packages of a table, sorted by name, and
// returns the paths that were left out because nothing says whose they are.
func assemble(d *debian, t *table) ([]*pack, []string, error) {
	a := &assembly{d: d, t: t, packs: map[string]*pack{}, owner: map[string]string{}}
	for _, step := range []func() error{a.names, a.owned, a.unowned, a.extra, a.metas, a.accounts, a.shared, a.relations} {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	var all []*pack
	for _, p := range a.packs {
		all = append(all, p)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	sort.Strings(a.left)
	return all, a.left, nil
}

// names makes the packages that have a counterpart in Debian.
func (a *assembly) names() error {
	for _, p := range a.d.packages {
		target, ok := a.t.of(p.name)
		if !ok {
			continue
		}
		if a.packs[target] == nil || a.t.leader(a.d, p.name) {
			a.make(target, p)
		}
	}
	for _, s := range a.t.Split {
		if a.packs[s.To] == nil {
			a.packs[s.To] = nil // its version is that of the package it is split from
		}
	}
	r := a.t.ReleasePackage
	if a.packs[r.Name] == nil {
		a.packs[r.Name] = &pack{name: r.Name, version: r.Version, release: "1" + a.t.Dist, summary: "Which distribution this is", provides: r.Provides}
	}
	return nil
}

func (a *assembly) make(name string, like debPackage) *pack {
	version, release := versionOf(like.version)
	p := &pack{name: name, version: version, release: release + a.t.Dist, summary: like.summary}
	a.packs[name] = p
	return p
}

// owned places the files that Debian packages list.
func (a *assembly) owned() error {
	for _, p := range a.d.packages {
		for _, f := range p.files {
			if _, ok := a.owner[f]; !ok {
				a.owner[f] = p.name
			}
			if err := a.place(f, p, p.config[f]); err != nil {
				return err
			}
		}
	}
	return nil
}

// place adds a path of the root to the counterpart of a Debian package.
func (a *assembly) place(f string, p debPackage, config bool) error {
	target, ok := a.t.of(p.name)
	if !ok || anyWithin(a.t.Drop, f) || topLink(f) {
		return nil
	}
	st, err := os.Lstat(filepath.Join(a.d.root, f))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil // left out when the root was made
	}
	if err != nil {
		return err
	}
	e, err := a.entry(f, st)
	if err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	e.config = config && st.Mode().IsRegular()
	to := a.t.target(f, target)
	if a.packs[to] == nil {
		a.make(to, p)
	}
	a.packs[to].entries = append(a.packs[to].entries, e)
	return nil
}

// topLink is a link of merged /usr, which the package filesystem has.
func topLink(f string) bool { return slices.Contains(topLinks, f) }

var topLinks = []string{"bin", "sbin", "lib", "lib64", "lib32", "libx32"}

// entry reads what a path of the root is, and moves it.
func (a *assembly) entry(f string, st fs.FileInfo) (entry, error) {
	file := filepath.Join(a.d.root, f)
	sys := st.Sys().(*syscall.Stat_t)
	e := entry{path: a.t.moved(f), mode: st.Mode(), uid: int(sys.Uid), gid: int(sys.Gid)}
	e.user, e.group = a.d.users[e.uid], a.d.groups[e.gid]
	if e.user == "" || e.group == "" {
		return e, fmt.Errorf("owner %d:%d has no name in the root", e.uid, e.gid)
	}
	switch {
	case st.Mode()&fs.ModeSymlink != 0:
		to, err := os.Readlink(file)
		e.link = to
		return e, err
	case st.IsDir():
		return e, nil
	case !st.Mode().IsRegular():
		return e, fmt.Errorf("%s is neither file, directory nor link", st.Mode())
	}
	e.source = file
	for _, change := range a.t.Edit {
		if change.Path != e.path {
			continue
		}
		if e.source != "" {
			text, err := os.ReadFile(file)
			if err != nil {
				return e, err
			}
			e.source, e.text = "", string(text)
		}
		if !strings.Contains(e.text, change.Old) {
			return e, fmt.Errorf("has no %q to change", change.Old)
		}
		e.text = strings.Replace(e.text, change.Old, change.New, 1)
	}
	var err error
	e.cap, err = capability(file)
	return e, err
}

// capability reads security.capability: struct vfs_cap_data, capabilities(7).
func capability(file string) (uint32, error) {
	value, err := xattr.LGet(file, "security.capability")
	if errors.Is(err, xattr.ENOATTR) || errors.Is(err, syscall.ENOTSUP) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if len(value) < 12 || value[0]&1 == 0 || binary.LittleEndian.Uint32(value[8:]) != 0 {
		return 0, fmt.Errorf("capabilities %x are not only permitted and effective ones", value)
	}
	return binary.LittleEndian.Uint32(value[4:]), nil
}

// unowned places the files that no package lists: those of the table, and
// links, which go with what they lead to.
func (a *assembly) unowned() error {
	return filepath.WalkDir(a.d.root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		f, _ := filepath.Rel(a.d.root, file)
		if d.IsDir() && slices.Contains([]string{"proc", "sys", "dev", "run", "tmp", "var/cache", "var/lib/apt", "var/lib/dpkg"}, f) {
			return fs.SkipDir
		}
		if f == "." || a.owner[f] != "" || anyWithin(a.t.Drop, f) || topLink(f) {
			return nil
		}
		by, config := a.t.maker(f), strings.HasPrefix(f, "etc/") && !d.IsDir()
		if by == "" && d.Type()&fs.ModeSymlink != 0 {
			return a.aliased(f)
		}
		for _, p := range a.d.packages {
			if by != "" && like(by, p.name) {
				return a.place(f, p, config)
			}
		}
		if !d.IsDir() {
			a.left = append(a.left, f)
		}
		return nil
	})
}

// aliased places a link that was made by update-alternatives(1), without that
// detour.
func (a *assembly) aliased(f string) error {
	to, at := "", f
	for range 8 {
		next, err := os.Readlink(filepath.Join(a.d.root, at))
		if err != nil {
			break
		}
		if !path.IsAbs(next) {
			next = path.Join("/", path.Dir(at), next)
		}
		to = next
		at = merged(strings.TrimPrefix(next, "/"))
	}
	p, ok := a.d.find(a.owner[at])
	target, known := a.t.of(p.name)
	if !ok || !known || to == "" {
		a.left = append(a.left, f)
		return nil
	}
	relative, err := filepath.Rel(path.Dir("/"+f), "/"+at)
	if err != nil {
		return err
	}
	a.packs[target].entries = append(a.packs[target].entries, entry{path: a.t.moved(f), link: relative, mode: fs.ModeSymlink | 0o777, user: "root", group: "root"})
	return nil
}

// extra adds what the table brings itself.
func (a *assembly) extra() error {
	for _, l := range topLinks[:4] {
		a.t.File = append(a.t.File, extraFile{Package: "base-files", Path: l, Link: "usr/" + l})
	}
	release := a.t.ReleasePackage
	a.t.File = append(a.t.File, extraFile{To: release.Name, Path: "usr/lib/os-release", Text: release.OSRelease},
		extraFile{To: release.Name, Path: "etc/os-release", Link: "../usr/lib/os-release"})
	for _, m := range a.t.Meta {
		if a.packs[m.Name] == nil {
			a.packs[m.Name] = &pack{name: m.Name}
		}
	}
	for _, f := range a.t.File {
		to := f.To
		if to == "" {
			to, _ = a.t.of(f.Package)
		}
		p := a.packs[to]
		if p == nil {
			if f.To == "" {
				continue // the Debian package has no counterpart here
			}
			return fmt.Errorf("file %s: no package %q", f.Path, to)
		}
		e := entry{path: f.Path, text: strings.TrimPrefix(f.Text, "\n"), link: f.Link, mode: 0o644, user: "root", group: "root", config: strings.HasPrefix(f.Path, "etc/") && f.Link == ""}
		if f.Link != "" {
			e.mode = fs.ModeSymlink | 0o777
		}
		p.entries = append(p.entries, e)
	}
	for _, t := range a.t.Tree {
		if err := a.standIn(t); err != nil {
			return err
		}
	}
	return nil
}

// metas gives packages without a counterpart of their own a version.
func (a *assembly) metas() error {
	for _, m := range a.t.Meta {
		p := a.packs[m.Name]
		p.requires, p.provides = m.Requires, m.Provides
		if m.Version != "" {
			p.version, p.release, p.summary = m.Version, "1"+a.t.Dist, "stand-in for the package of that name"
			continue
		}
		i := slices.IndexFunc(a.d.packages, func(d debPackage) bool { return like(m.Like, d.name) })
		if i < 0 {
			return fmt.Errorf("package %s: the root has no %s", m.Name, m.Like)
		}
		of := a.d.packages[i]
		p.version, p.release = versionOf(of.version)
		p.release += a.t.Dist
		p.summary = of.summary
	}
	for name, p := range a.packs {
		if p == nil {
			return fmt.Errorf("package %s: nothing went to it", name)
		}
	}
	return nil
}

// shared gives directories that several packages have to filesystem, and
// sorts the entries. A file in two packages is an error in the table.
func (a *assembly) shared() error {
	base, _ := a.t.of("base-files")
	owners := map[string][]string{}
	for name, p := range a.packs {
		sort.SliceStable(p.entries, func(i, j int) bool { return p.entries[i].path < p.entries[j].path })
		p.entries = slices.CompactFunc(p.entries, func(x, y entry) bool { return x.path == y.path && x.isDir() && y.isDir() })
		for _, e := range p.entries {
			owners[e.path] = append(owners[e.path], name)
		}
	}
	for file, names := range owners {
		if len(names) == 1 {
			continue
		}
		var dir entry
		for _, name := range names {
			p := a.packs[name]
			i := slices.IndexFunc(p.entries, func(e entry) bool { return e.path == file })
			if dir = p.entries[i]; !dir.isDir() {
				sort.Strings(names)
				return fmt.Errorf("%s is in the packages %s", file, strings.Join(names, " and "))
			}
			p.entries = slices.Delete(p.entries, i, i+1)
		}
		a.packs[base].entries = append(a.packs[base].entries, dir)
	}
	p := a.packs[base]
	sort.Slice(p.entries, func(i, j int) bool { return p.entries[i].path < p.entries[j].path })
	return nil
}
