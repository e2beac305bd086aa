package mirrors

import (
	"slices"
	"strings"
	"testing"
)

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"etc/apt/", "etc/apt", true}, {"etc/apt/", "etc/apt/x/y", true}, {"etc/apt/", "etc/aptitude", false}, {"etc/rc?.d/", "etc/rc3.d/S01x", true},
		{"usr/share/doc", "usr/share/doc/x", false}, {"usr/bin/*", "usr/bin/sh", true}, {"usr/bin/*", "usr/bin/x/y", false}, {"etc/apt/", "etc", false},
	} {
		if got := within(c.pattern, c.path); got != c.want {
			t.Errorf("%s of %s: %v", c.path, c.pattern, got)
		}
	}
}

func TestMoved(t *testing.T) {
	table := &table{Move: map[string]string{"etc/selinux/default": "etc/selinux/targeted", "etc": "other", "a.service": "b.service"}}
	for p, want := range map[string]string{"etc/selinux/default/x": "etc/selinux/targeted/x", "etc/selinux/default": "etc/selinux/targeted",
		"etc/x": "other/x", "etcetera": "etcetera", "a.service": "b.service", "a.service.d/x": "a.service.d/x"} {
		if got := table.moved(p); got != want {
			t.Errorf("%s: %s, want %s", p, got, want)
		}
	}
}

// The tables of all kinds can be read, and name no Debian package that names.txt
// does not know.
func TestTables(t *testing.T) {
	for _, kind := range Kinds() {
		table, err := loadTable(kind, "6.1.0-1")
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if !strings.Contains(table.ReleasePackage.OSRelease, "VARIANT_ID=slipway-fixture\n") || len(table.Repositories) == 0 {
			t.Errorf("%s: it does not say what it is, or where", kind)
		}
		named := map[string]string{"packages of Debian's root": strings.Join(slices.Concat(wanted, forced), " ")}
		for p := range table.After {
			named["after "+p] = p
		}
		for a, p := range table.Users {
			named["user "+a] = p
		}
		for f, p := range table.Unowned {
			named["unowned "+f] = p
		}
		for _, f := range table.File {
			named["file "+f.Path] = f.Package
		}
		for where, names := range named {
			for p := range strings.FieldsSeq(names) {
				if !slices.ContainsFunc(table.names, func(n [2]string) bool { return n[0] == p || like(n[0], p) || like(p, strings.TrimSuffix(n[0], "*")) }) && table.Format != "apt" {
					t.Errorf("%s: %s: no name for %s", kind, where, p)
				}
			}
		}
		for from := range table.Move {
			if strings.Contains(from+table.Move[from], "{") {
				t.Errorf("%s: %s has a word in braces that nothing replaces", kind, from)
			}
		}
	}
	if _, err := loadTable("gentoo", ""); err == nil {
		t.Error("a kind that there is not can be read")
	}
}

func TestNamesSaidOnce(t *testing.T) {
	text, err := tables.ReadFile("tables/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	names, err := column(string(text), "debian")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, n := range names {
		if seen[n[0]] {
			t.Errorf("%s is there twice", n[0])
		}
		seen[n[0]] = true
	}
}
