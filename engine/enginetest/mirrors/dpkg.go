package mirrors

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// debian is an installed Debian root: what dpkg knows of it, and its accounts.
type debian struct {
	root     string
	packages []debPackage // sorted by name
	users    map[int]string
	groups   map[int]string
}

// debPackage is a package as dpkg's status file has it.
type debPackage struct {
	name, version string
	summary       string
	essential     bool
	depends       [][]relation // all of them, each by one of its alternatives
	recommends    [][]relation
	config        map[string]bool // paths of configuration files, without the first slash
	files         []string        // paths in the root, without the first slash
}

// relation is a package and the versions of it that will do.
type relation struct {
	name    string
	op      string // "" for any version, else one of << <= = >= >>
	version string
}

// readDebian reads a root. Packages count that are unpacked, configured or not.
func readDebian(root string) (*debian, error) {
	d := &debian{root: root}
	text, err := os.ReadFile(filepath.Join(root, "var/lib/dpkg/status"))
	if err != nil {
		return nil, fmt.Errorf("dpkg status: %w", err)
	}
	for _, p := range parseStatus(string(text)) {
		if p.files, err = readList(root, p.name); err != nil {
			return nil, fmt.Errorf("files of %s: %w", p.name, err)
		}
		d.packages = append(d.packages, p)
	}
	if d.users, err = accounts(filepath.Join(root, "etc/passwd")); err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	if d.groups, err = accounts(filepath.Join(root, "etc/group")); err != nil {
		return nil, fmt.Errorf("groups: %w", err)
	}
	return d, nil
}

func (d *debian) find(name string) (debPackage, bool) {
	i := sort.Search(len(d.packages), func(i int) bool { return d.packages[i].name >= name })
	if i < len(d.packages) && d.packages[i].name == name {
		return d.packages[i], true
	}
	return debPackage{}, false
}

// parseStatus reads the packages of a status file whose files are there.
func parseStatus(text string) []debPackage {
	var all []debPackage
	for _, paragraph := range strings.Split(text, "\n\n") {
		f := fields(paragraph)
		if s := f["Status"]; !strings.HasSuffix(s, " installed") && !strings.HasSuffix(s, " unpacked") {
			continue
		}
		summary, _, _ := strings.Cut(f["Description"], "\n")
		p := debPackage{name: f["Package"], version: f["Version"], summary: summary, essential: f["Essential"] == "yes",
			depends: append(relations(f["Pre-Depends"]), relations(f["Depends"])...), recommends: relations(f["Recommends"]), config: map[string]bool{}}
		for line := range strings.Lines(f["Conffiles"]) {
			if w := strings.Fields(line); len(w) == 2 {
				p.config[merged(strings.TrimPrefix(w[0], "/"))] = true
			}
		}
		all = append(all, p)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	return all
}

// fields reads a paragraph of deb-control(5).
func fields(paragraph string) map[string]string {
	f := map[string]string{}
	last := ""
	for line := range strings.Lines(paragraph) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, " ") {
			f[last] += "\n" + strings.TrimSpace(line)
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		last = name
		f[name] = strings.TrimSpace(value)
	}
	return f
}

// relations reads a field as in deb-control(5): "a (>= 1) | b, c:any".
func relations(field string) [][]relation {
	var all [][]relation
	for part := range strings.SplitSeq(field, ",") {
		var group []relation
		for alternative := range strings.SplitSeq(part, "|") {
			name, rest, _ := strings.Cut(strings.TrimSpace(alternative), " ")
			name, _, _ = strings.Cut(name, ":")
			if name == "" {
				continue
			}
			r := relation{name: name}
			if open := strings.IndexByte(rest, '('); open >= 0 {
				if end := strings.IndexByte(rest, ')'); end > open {
					if op, version, ok := strings.Cut(strings.TrimSpace(rest[open+1:end]), " "); ok {
						r.op, r.version = op, strings.TrimSpace(version)
					}
				}
			}
			group = append(group, r)
		}
		if len(group) > 0 {
			all = append(all, group)
		}
	}
	return all
}

// readList reads a package's list of files, in a root where /bin, /sbin and
// /lib* are links into /usr.
func readList(root, name string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(root, "var/lib/dpkg/info", name+":*.list"))
	if err != nil {
		return nil, err
	}
	found = append(found, filepath.Join(root, "var/lib/dpkg/info", name+".list"))
	text, err := os.ReadFile(found[0])
	if err != nil {
		return nil, err
	}
	var files []string
	for line := range strings.Lines(string(text)) {
		if p := strings.Trim(strings.TrimRight(line, "\n"), "/"); p != "" && p != "." {
			files = append(files, merged(p))
		}
	}
	return files, nil
}

// merged is where a path lies on a system with merged /usr.
func merged(p string) string {
	top, _, _ := strings.Cut(p, "/")
	switch top {
	case "bin", "sbin", "lib", "lib32", "lib64", "libx32":
		return "usr/" + p
	}
	return p
}

// accounts reads the names in passwd(5) or group(5) by their number.
func accounts(file string) (map[int]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names := map[int]string{}
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		w := strings.Split(sc.Text(), ":")
		if len(w) < 3 {
			continue
		}
		id, err := strconv.Atoi(w[2])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", sc.Text(), err)
		}
		if _, ok := names[id]; !ok {
			names[id] = w[0]
		}
	}
	return names, sc.Err()
}

// kernel is the version of the root's only kernel.
func (d *debian) kernel() (string, error) {
	dirs, err := fs.ReadDir(os.DirFS(d.root), "usr/lib/modules")
	if err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	if len(dirs) != 1 {
		return "", fmt.Errorf("kernel: the root has %d, want one", len(dirs))
	}
	return dirs[0].Name(), nil
}
