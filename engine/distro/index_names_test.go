package distro

import (
	"strings"
	"testing"
)

func TestTake(t *testing.T) {
	x := small(t)
	for item, want := range map[string]Taken{
		"nano": Takes, "nano=7.2": Takes, "nano/bookworm-backports": Takes, "nano:amd64": Takes, "nano:any=7.2": Takes,
		"nanno": Unknown, "nanno=7.2": Unknown, "nanno:amd64": Unknown,
		"nano:i386": Takes, "nanno:i386": Takes, // the index is of amd64 alone
		"default-mta": Takes, "default-mta=1.0": Versioned, "default-mta/sid": Versioned, "default-mta:amd64=1.0": Versioned,
		"awk": Ambiguous, "awk=1": Versioned,
	} {
		if got := x.Take(item, "amd64"); got != want {
			t.Errorf("%s: %d, want %d", item, got, want)
		}
	}
}

func TestBrings(t *testing.T) {
	x := small(t)
	for _, c := range []struct{ wishes, name, want string }{
		{"", "openssh-server", "exim4 libc6 openssh-client"},
		{"openssh-client", "openssh-server", "exim4 libc6"},
		{"openssh-server nano", "openssh-server", "exim4 libc6 openssh-client"}, // it is there already
		{"mawk", "nano", ""},
		{"", "unknown", ""},
	} {
		if got := names(x.Brings(strings.Fields(c.wishes), c.name)); got != c.want {
			t.Errorf("%s into %q: %q, want %q", c.name, c.wishes, got, c.want)
		}
	}
}

func TestGuess(t *testing.T) {
	x := small(t)
	for name, want := range map[string]string{
		"nanno": "nano", "opensh-server": "openssh-server", "libc": "libc6", "libc66": "libc6",
		"openssh": "", // client or server
		"bawk":    "", // gawk or mawk
		"qqqqqq":  "",
	} {
		if _, got := x.Guess(name, 3); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestLetters(t *testing.T) {
	seen := map[uint64]rune{}
	for _, c := range "abcdefghijklmnopqrstuvwxyz0123456789+-." {
		if other, ok := seen[letters(string(c))]; ok {
			t.Errorf("%c counts as %c", c, other)
		}
		seen[letters(string(c))] = c
	}
}

func TestListFile(t *testing.T) {
	for _, c := range []struct {
		source     Source
		file, want string
	}{
		{Source{URI: "http://m.example/debian", Suite: "bookworm"}, "InRelease", "m.example_debian_dists_bookworm_InRelease"},
		{Source{URI: "http://m.example/debian/", Suite: "bookworm"}, "main/binary-amd64/Packages", "m.example_debian_dists_bookworm_main_binary-amd64_Packages"},
		{Source{URI: "https://ops:secret@m.example:8443/deb", Suite: "stable"}, "InRelease", "m.example:8443_deb_dists_stable_InRelease"},
		{Source{URI: "http://m.example/~ops/my_deb", Suite: "a/b"}, "InRelease", "m.example_%7eops_my%5fdeb_dists_a_b_InRelease"},
		{Source{URI: "http://m.example:8080/", Suite: "noble"}, "InRelease", "m.example:8080_dists_noble_InRelease"},
		{Source{URI: "https://m.example/42/x86_64/os/"}, "repodata/repomd.xml", "m.example_42_x86%5f64_os_repodata_repomd.xml"},
		{Source{URI: "file:///srv/debian", Suite: "sid"}, "InRelease", "_srv_debian_dists_sid_InRelease"},
		{Source{URI: "copy:/srv/debian", Suite: "sid"}, "InRelease", "_srv_debian_dists_sid_InRelease"},
	} {
		if got := c.source.ListFile(c.file); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.source.URI, c.file, got, c.want)
		}
	}
}
