package distro

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// indexOf reads an index of a distribution with these base packages.
func indexOf(t testing.TB, s Source, listing []byte, base ...string) *Index {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, s.PackagesFile("x86_64", Listing{Sum: "0123"})), []byte(kept(t, s, listing)), 0o644); err != nil {
		t.Fatal(err)
	}
	x, err := Distro{Family: s.Family, Base: base}.ReadIndex(dir, "x86_64")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestRootRPM(t *testing.T) {
	x := indexOf(t, rpmSource, read(t, "primary.xml"), "bash")
	const base = "bash filesystem glibc glibc-minimal-langpack"
	for wishes, want := range map[string]string{
		"":                                    base,
		"openssh-server":                      base + " openssh-server util-linux", // needs a file that moved to another folder
		"openssh-server-9.9p1-10.fc42.x86_64": base + " openssh-server util-linux",
		"system-manager":                      base + " systemd", // the ordinary one of two
		"/usr/sbin/nologin @core":             base + " util-linux",
		"a-small-systemd":                     "a-small-systemd " + base, // its broken relations are passed over
	} {
		if got := names(x.Root(strings.Fields(wishes))); got != want {
			t.Errorf("%q: %s, want %s", wishes, got, want)
		}
	}
	if !x.Base("glibc") || x.Base("systemd") {
		t.Error("the base is wrong")
	}
	if got := names(x.Brings(nil, "openssh-server")); got != "util-linux" {
		t.Errorf("it brings %s", got)
	}
	if got := names(x.Search("ssh server")); got != "openssh-server" {
		t.Errorf("found %s", got)
	}
}

func TestRootPacman(t *testing.T) {
	x := indexOf(t, pacmanSource, core(t), "base")
	for wishes, want := range map[string]string{
		"":            "base bash glibc readline",
		"tools":       "base bash glibc nano readline",
		"core/nano":   "base bash glibc nano readline",
		"nano>=7 sh":  "base bash glibc nano readline",
		"no-such-one": "base bash glibc readline",
	} {
		if got := names(x.Root(strings.Fields(wishes))); got != want {
			t.Errorf("%q: %s, want %s", wishes, got, want)
		}
	}
	if got := names(x.Providers("tools")); got != "bash nano" {
		t.Errorf("the group is %s", got)
	}
}

func TestTakeOtherFamilies(t *testing.T) {
	fedora, arch := indexOf(t, rpmSource, read(t, "primary.xml")), indexOf(t, pacmanSource, core(t))
	suse := indexOf(t, Source{Family: Zypper, Name: "oss", URI: "https://m.example/oss"}, read(t, "primary.xml"))
	for _, c := range []struct {
		x           *Index
		take, doubt string
	}{
		{fedora, "bash bash.x86_64 bash.i686 bash-5.2.37-1.fc42 bash-5.2.37 bash-5.2.37-1.fc42.x86_64 /bin/sh /etc/unlisted @core bash* system-manager libc.so.6()(64bit) unknown.i686",
			"bahs bahs.x86_64 bash-completion openssh pattern:base"},
		{suse, "bash bash>=5 bash=5.2.37 pattern:base package:bash system-manager", "bahs package:bahs bahs>=5 @core"},
		{arch, "bash core/bash bash=5.2-1 sh tools libc.so", "bahs core/bahs @core"},
	} {
		for _, item := range strings.Fields(c.take) {
			if got := c.x.Take(item, "x86_64"); got != Takes {
				t.Errorf("%s: %s is not taken: %d", c.x.family, item, got)
			}
		}
		for _, item := range strings.Fields(c.doubt) {
			if got := c.x.Take(item, "x86_64"); got != Unknown {
				t.Errorf("%s: %s is taken: %d", c.x.family, item, got)
			}
		}
	}
	if got := fedora.Name("openssh-server-9.9p1-10.fc42.x86_64"); got != "openssh-server" {
		t.Errorf("its name is %s", got)
	}
	if names, meant := fedora.Guess("bahs", 3); meant != "bash" {
		t.Errorf("bahs may mean %s", names)
	}
}

// Of several repositories the newest version counts, as the family orders them.
func TestNewestOfSeveralRepositories(t *testing.T) {
	dir := t.TempDir()
	for i, version := range []string{"1.0-1", "1.0^20240101-1", "1.0~rc1-9"} {
		s := Source{Family: RPM, URI: "https://m.example/" + version[:3] + string(rune('a'+i))}
		if err := os.WriteFile(filepath.Join(dir, s.PackagesFile("x86_64", Listing{Sum: "0123"})), []byte("Package: tool\nVersion: "+version+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	x, err := Distro{Family: RPM}.ReadIndex(dir, "x86_64")
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := x.Find("tool"); p.Version != "1.0^20240101-1" {
		t.Errorf("got %s", p.Version)
	}
	if files := (Distro{Family: RPM}).PackageFiles(dir, "aarch64"); len(files) > 0 {
		t.Errorf("of another architecture: %v", files)
	}
}

func TestRichDependencies(t *testing.T) {
	x := &Index{family: RPM}
	for _, c := range []struct{ field, have, want string }{
		{"a", "", "a"}, {"a >= 1:2-3, b(x) < 4", "", "a; b(x)"}, {"/bin/sh", "", "/bin/sh"},
		{"(a or b)", "", "a b"}, {"(a or b or c >= 1)", "", "a b c"}, {"(a and b)", "", "a; b"}, {"(a >= 1 with a < 2)", "", "a"}, {"(a without b)", "", "a"},
		{"(a if b)", "", ""}, {"(a if b)", "b", "a"}, {"(a if b else c)", "", "c"}, {"(a if b else c)", "b", "a"}, {"(a unless b)", "", "a"}, {"(a unless b)", "b", ""},
		{"(a if (b or c))", "c", "a"}, {"(a if (b and c))", "c", ""}, {"(a if (b and c))", "b c", "a"},
		{"((a and b) or c)", "", "a c"}, {"((a or b) and c)", "", "a b; c"}, {"(lib(x)(64bit) or lib.so.6()(64bit))", "", "lib(x)(64bit) lib.so.6()(64bit)"},
		{"( a  or  b )", "", "a b"}, {"(a = 1 or b)", "", "a b"}, {"((a = 1) or b)", "", "a b"},
		{"(a", "", ""}, {"(", "", ""}, {"()", "", ""}, {"(a or)", "", ""}, {"(or)", "", "or"}, {"((((", "", ""}, {"(a if)", "", ""}, {"(a <", "", ""}, {", , (a or b", "", ""},
	} {
		have := strings.Fields(c.have)
		var got []string
		for names := range x.needs(c.field, func(name string) bool { return slices.Contains(have, name) }) {
			got = append(got, strings.Join(names, " "))
		}
		if text := strings.Join(got, "; "); text != c.want {
			t.Errorf("%s with %q: %q, want %q", c.field, c.have, text, c.want)
		}
	}
}

func FuzzRichDependencies(f *testing.F) {
	f.Add("((a = 1 or b) if c unless d)")
	f.Fuzz(func(t *testing.T, field string) {
		for range (&Index{family: RPM}).needs(field, func(string) bool { return true }) {
		}
	})
}
