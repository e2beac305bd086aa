package distro

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const smallIndex = `Package: libc6
Version: 2.36-9
Priority: optional
Size: 2000
Installed-Size: 13
Description: GNU C Library: Shared libraries

Package: base-files
Version: 12.4
Essential: yes
Priority: required
Pre-Depends: awk
Description: Debian base system miscellaneous files

Package: mawk
Version: 1.3.4
Provides: awk
Depends: libc6 (>= 2.3)
Description: Pattern scanning and text processing language

Package: gawk
Version: 5.2
Provides: awk
Description: GNU awk, a pattern scanning and processing language

Package: openssh-server
Version: 1:9.2p1-2
Section: net
Size: 456780
Installed-Size: 1937
Pre-Depends: libc6 (>= 2.36)
Depends: openssh-client (= 1:9.2p1-2), default-mta | mail-transport-agent, libpam-runtime:any
Tag: admin::login,
 network::server
Description: secure shell (SSH) server, for secure access from remote machines

Package: openssh-client
Version: 1:9.2p1-2
Installed-Size: 100
Description: secure shell (SSH) client, for secure access to remote machines

Package: exim4
Version: 4.96
Provides: default-mta, mail-transport-agent (= 1.0)
Description: mail server

Package: nano
Version: 7.2
Description: small, friendly text editor
`

func lists(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func small(t testing.TB) *Index {
	t.Helper()
	x, err := debian.ReadIndex(lists(t, map[string]string{
		"m.example_debian_dists_bookworm_main_binary-amd64_Packages":          smallIndex,
		"m.example_debian_dists_bookworm_main_binary-arm64_Packages":          "Package: other-arch\nVersion: 1\n",
		"m.example_debian_dists_bookworm-security_main_binary-amd64_Packages": "Package: nano\nVersion: 7.2-1+deb12u1\nDescription: small, friendly text editor\n\nPackage: gawk\nVersion: 1\nDescription: old\n",
	}), "amd64")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestReadIndex(t *testing.T) {
	x := small(t)
	if x.Len() != 8 {
		t.Errorf("%d packages, want 8", x.Len())
	}
	p, ok := x.Find("openssh-server")
	want := &Package{Name: "openssh-server", Version: "1:9.2p1-2", Section: "net", Download: 456780, Installed: 1937 << 10,
		Summary: "secure shell (SSH) server, for secure access from remote machines",
		Depends: "libc6 (>= 2.36), openssh-client (= 1:9.2p1-2), default-mta | mail-transport-agent, libpam-runtime:any"}
	if !ok || !reflect.DeepEqual(p, want) {
		t.Errorf("got %+v\nwant %+v", p, want)
	}
	for name, version := range map[string]string{"nano": "7.2-1+deb12u1", "gawk": "5.2"} {
		if p, _ := x.Find(name); p.Version != version {
			t.Errorf("%s is %s, want the newest, %s", name, p.Version, version)
		}
	}
	if _, ok := x.Find("other-arch"); ok {
		t.Error("a package of another architecture was taken")
	}
}

func TestReadIndexMissing(t *testing.T) {
	_, err := debian.ReadIndex(filepath.Join(t.TempDir(), "no"), "amd64")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func names(ps []*Package) string {
	var all []string
	for _, p := range ps {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

func TestSearch(t *testing.T) {
	x := small(t)
	for query, want := range map[string]string{
		"openssh":       "openssh-client openssh-server",
		"SSH server":    "openssh-server",
		"server":        "openssh-server exim4",
		"awk":           "gawk mawk",
		"text":          "mawk nano",
		"nano":          "nano",
		"zzz":           "",
		"(":             "openssh-client openssh-server",
		"mail  server ": "exim4",
	} {
		if got := names(x.Search(query)); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
	if got := len(x.Search("")); got != x.Len() {
		t.Errorf("no query finds %d of %d", got, x.Len())
	}
}

func TestNearest(t *testing.T) {
	x := small(t)
	for name, want := range map[string]string{
		"opensh-server": "openssh-server", "openssh": "openssh-client openssh-server", "nanno": "nano", "qqqqqq": "", "libc": "libc6",
	} {
		if got := strings.Join(x.Nearest(name, 3), " "); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestRoot(t *testing.T) {
	x := small(t)
	for _, tt := range []struct{ wishes, want string }{
		{"", "base-files gawk"},
		{"mawk", "base-files gawk libc6 mawk"},
		{"openssh-server=1:9.2p1-2 unknown", "base-files exim4 gawk libc6 openssh-client openssh-server"},
	} {
		if got := names(x.Root(strings.Fields(tt.wishes))); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.wishes, got, tt.want)
		}
	}
	if !x.Base("gawk") || x.Base("nano") {
		t.Error("the base is wrong")
	}
}

func TestPackageName(t *testing.T) {
	for item, want := range map[string]string{"curl": "curl", "curl:amd64": "curl", "curl=7.88.1-10": "curl", "curl/bookworm-backports": "curl", "g++": "g++"} {
		if got := PackageName(item); got != want {
			t.Errorf("%s: %s", item, got)
		}
	}
}

func TestCompareVersions(t *testing.T) {
	// Each is older than the next: deb-version(7).
	order := []string{"0~", "0", "1.0~rc1", "1.0", "1.0-1", "1.0-1+b1", "1.0-1.1", "1.0+dfsg-1", "1.2", "1.10", "1:0.1"}
	for i := range order {
		for j := range order {
			got := compareVersions(order[i], order[j])
			if got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%s and %s: %d", order[i], order[j], got)
			}
		}
	}
	if compareVersions("1.01", "1.1") != 0 {
		t.Error("leading zeros count")
	}
}

// large is an index as large as Debian's.
func large(b *testing.B) string {
	b.Helper()
	var text strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&text, "Package: lib%s-%d\nVersion: %d.2-1\nMaintainer: A Person of Note <person@example.org>\nArchitecture: amd64\nInstalled-Size: %d\nDepends: libc6 (>= 2.36), lib%s-%d | other\nSection: libs\nPriority: optional\nSize: %d\n"+
			"SHA256: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef\nDescription: library number %d of a long row of small and useful things\n\n",
			[]string{"alpha", "beta", "gamma", "delta"}[i%4], i, i%9, i, []string{"delta", "alpha", "beta", "gamma"}[i%4], i-1, i*7, i)
	}
	return lists(b, map[string]string{"m_dists_x_main_binary-amd64_Packages": text.String()})
}

func BenchmarkReadIndex(b *testing.B) {
	dir := large(b)
	for b.Loop() {
		if _, err := debian.ReadIndex(dir, "amd64"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	x, err := debian.ReadIndex(large(b), "amd64")
	if err != nil {
		b.Fatal(err)
	}
	benchmarkAnswers(b, x)
}
