package mirrors

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed tables
var tables embed.FS

// table is what is known of one kind of mirror; tables/common.toml explains
// the fields that all share, tables/fedora.toml the others.
type table struct {
	Format       string
	Extends      string
	Release      string
	Column       string   // of names.txt
	Dist         string   // behind the release of each package
	Repositories []string // below the mirror; of apt: components
	Second       []string // packages of the second repository
	Compress     string   // of the index: gz, xz or zst
	Core         []string // packages of the group core
	Arch         string

	ReleasePackage releasePackage `toml:"release_package"`

	Names    map[string]string // Debian package -> ours, before names.txt
	Drop     []string
	Unowned  map[string]string
	Move     map[string]string
	Edit     []edit
	Users    map[string]string
	Groups   map[string]int
	File     []extraFile
	Tree     []tree
	Forget   map[string][]string
	After    map[string]string
	Split    []split
	Meta     []meta
	Requires map[string][]string
	Provides map[string][]string

	names [][2]string // of names.txt: Debian package or prefix, ours
}

// releasePackage says which distribution this is.
type releasePackage struct {
	Name      string
	Version   string
	OSRelease string `toml:"os_release"`
	Provides  []string
}

type edit struct{ Path, Old, New string }

// extraFile is content that Debian does not have: text, or a link.
type extraFile struct {
	Package string // the Debian package whose counterpart gets it,
	To      string // or ours
	Path    string
	Text    string
	Link    string
}

type split struct {
	To    string
	Paths []string
}

// meta is a package without files, in its own version or a Debian package's.
type meta struct {
	Name, Like         string
	Version            string
	Requires, Provides []string
}

// loadTable reads the table of a kind; {kver} in it becomes the kernel's version.
func loadTable(kind, kernel string) (*table, error) {
	var chain []string
	for at := kind; at != ""; {
		var head struct{ Extends string }
		if err := decode(at, kernel, &head); err != nil {
			return nil, err
		}
		chain = append(chain, at)
		at = head.Extends
	}
	t := &table{Arch: "x86_64"}
	chain = append(chain, "common")
	slices.Reverse(chain)
	for _, name := range chain {
		if err := t.add(name, kernel); err != nil {
			return nil, err
		}
	}
	text, err := tables.ReadFile("tables/names.txt")
	if err != nil {
		return nil, err
	}
	t.names, err = column(string(text), t.Column)
	return t, err
}

func decode(name, kernel string, into any) error {
	text, err := tables.ReadFile("tables/" + name + ".toml")
	if err != nil {
		return fmt.Errorf("kind of mirror: %w", err)
	}
	if _, err = toml.Decode(strings.ReplaceAll(string(text), "{kver}", kernel), into); err != nil {
		return fmt.Errorf("table %s: %w", name, err)
	}
	return nil
}

// add puts a table over what is there: lists grow, single values and entries
// of maps are replaced.
func (t *table) add(name, kernel string) error {
	over := table{}
	if err := decode(name, kernel, &over); err != nil {
		return err
	}
	for _, s := range []struct{ to, from *string }{{&t.Format, &over.Format}, {&t.Release, &over.Release}, {&t.Column, &over.Column},
		{&t.Dist, &over.Dist}, {&t.Compress, &over.Compress}, {&t.Arch, &over.Arch}} {
		if *s.from != "" {
			*s.to = *s.from
		}
	}
	if over.ReleasePackage.Name != "" {
		t.ReleasePackage = over.ReleasePackage
	}
	if len(over.Repositories) > 0 {
		t.Repositories = over.Repositories
	}
	if len(over.Core) > 0 {
		t.Core = over.Core
	}
	t.Second = append(t.Second, over.Second...)
	t.Drop = append(t.Drop, over.Drop...)
	t.Edit = append(t.Edit, over.Edit...)
	t.File = append(t.File, over.File...)
	t.Tree = append(t.Tree, over.Tree...)
	t.Split = append(t.Split, over.Split...)
	t.Meta = append(t.Meta, over.Meta...)
	t.Names = joined(t.Names, over.Names)
	t.Unowned = joined(t.Unowned, over.Unowned)
	t.Move = joined(t.Move, over.Move)
	t.Users = joined(t.Users, over.Users)
	t.After = joined(t.After, over.After)
	t.Forget = joined(t.Forget, over.Forget)
	t.Groups = joined(t.Groups, over.Groups)
	t.Requires = joined(t.Requires, over.Requires)
	t.Provides = joined(t.Provides, over.Provides)
	return nil
}

func joined[V any](a, b map[string]V) map[string]V {
	if a == nil {
		a = map[string]V{}
	}
	maps.Copy(a, b)
	return a
}

// column reads one column of names.txt.
func column(text, name string) ([][2]string, error) {
	at := -1
	var names [][2]string
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		if w[0] == "#" {
			if i := slices.Index(w, name); len(w) > 1 && w[1] == "debian" && i > 0 {
				at = i - 1
			}
			continue
		}
		if at < 0 || at >= len(w) {
			return nil, fmt.Errorf("names of packages: no column %q for %s", name, w[0])
		}
		names = append(names, [2]string{w[0], w[at]})
	}
	return names, nil
}

// names that say that a package has no counterpart.
const nowhere = "-"

// of returns our name of a Debian package; false if it has no counterpart.
func (t *table) of(debian string) (string, bool) {
	if n, ok := t.Names[debian]; ok {
		return n, n != nowhere
	}
	for _, n := range t.names {
		if like(n[0], debian) {
			return n[1], n[1] != nowhere
		}
	}
	return "", false
}

// leader reports whether a Debian package gives its counterpart the version:
// the first that the table names.
func (t *table) leader(d *debian, name string) bool {
	target, ok := t.of(name)
	if !ok {
		return false
	}
	for _, n := range t.names {
		if n[1] != target {
			continue
		}
		for _, p := range d.packages {
			if like(n[0], p.name) {
				return p.name == name
			}
		}
	}
	return true
}

// like reports whether a name is the pattern, or begins with it if it ends in *.
func like(pattern, name string) bool {
	prefix, ok := strings.CutSuffix(pattern, "*")
	return pattern == name || ok && strings.HasPrefix(name, prefix)
}

// within reports whether a path is what a pattern means: a directory and all
// below it if the pattern ends in "/".
func within(pattern, p string) bool {
	dir, ok := strings.CutSuffix(pattern, "/")
	if !ok {
		hit, _ := path.Match(pattern, p)
		return hit
	}
	parts := strings.Split(p, "/")
	n := strings.Count(dir, "/") + 1
	if len(parts) < n {
		return false
	}
	hit, _ := path.Match(dir, strings.Join(parts[:n], "/"))
	return hit
}

func anyWithin(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return within(pattern, p) })
}

// moved is a path of Debian's as this distribution has it.
func (t *table) moved(p string) string {
	from := ""
	for f := range t.Move {
		if (p == f || strings.HasPrefix(p, f+"/")) && len(f) > len(from) {
			from = f
		}
	}
	if from == "" {
		return p
	}
	return t.Move[from] + strings.TrimPrefix(p, from)
}

// target is the package that a path goes to, of a Debian package whose
// counterpart is given.
func (t *table) target(p, counterpart string) string {
	for _, s := range t.Split {
		if anyWithin(s.Paths, p) {
			return s.To
		}
	}
	return counterpart
}

// maker is the Debian package that made a file which none owns.
func (t *table) maker(p string) string {
	patterns := slices.Collect(maps.Keys(t.Unowned))
	sort.Slice(patterns, func(i, j int) bool {
		return len(patterns[i]) > len(patterns[j]) || len(patterns[i]) == len(patterns[j]) && patterns[i] < patterns[j]
	})
	for _, pattern := range patterns {
		if within(pattern, p) {
			return t.Unowned[pattern]
		}
	}
	return ""
}
