package distro

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/recipes"
)

func host(t *testing.T, env map[string]string, files map[string]string) Host {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Host{Getenv: func(k string) string { return env[k] }, Apt: dir}
}

const vendorList = "deb [arch=amd64 signed-by=/etc/apt/keyrings/vendor.asc] https://vendor.example/linux/debian bookworm stable\n"

func TestSourcesOrder(t *testing.T) {
	bookworm := recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: "bookworm"}}
	trixie := recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: "trixie"}}
	sid := recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: "sid"}}
	own := recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: "bookworm", Mirror: "http://own.example/debian", Components: []string{"main", "contrib"}}}
	deb822 := map[string]string{"sources.list.d/debian.sources": `# the archive
Types: deb deb-src
URIs: http://near.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://near.example/security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`, "sources.list.d/vendor.list": vendorList}
	tests := []struct {
		name   string
		recipe recipes.Recipe
		env    map[string]string
		files  map[string]string
		want   []string
		origin string
	}{
		{"recipe first", own, map[string]string{"SLIPWAY_DEBIAN_MIRROR": "http://env.example/debian"}, deb822,
			[]string{"http://own.example/debian bookworm main contrib", "http://own.example/debian bookworm-updates main contrib ?", "http://own.example/debian-security bookworm-security main contrib ?"}, "the recipe"},
		{"then the environment", bookworm, map[string]string{"SLIPWAY_DEBIAN_MIRROR": "http://env.example/debian http://env.example/sec"}, deb822,
			[]string{"http://env.example/debian bookworm main", "http://env.example/debian bookworm-updates main ?", "http://env.example/sec bookworm-security main"}, "SLIPWAY_DEBIAN_MIRROR"},
		{"then the host, deb822", bookworm, nil, deb822,
			[]string{"http://near.example/debian bookworm main", "http://near.example/debian bookworm-updates main ?", "http://near.example/security bookworm-security main"}, "of this host"},
		{"another release than the host's", trixie, nil, deb822,
			[]string{"http://near.example/debian trixie main", "http://near.example/debian trixie-updates main ?", "http://near.example/security trixie-security main"}, "of this host"},
		{"sid has no security archive", sid, nil, deb822, []string{"http://near.example/debian sid main"}, "of this host"},
		{"one-line format", bookworm, nil, map[string]string{"sources.list": "deb-src http://no.example/debian bookworm main\n# deb http://no.example/debian bookworm main\ndeb [ signed-by=/usr/share/keyrings/debian-archive-keyring.gpg ] http://line.example/debian bookworm main non-free # near\n"},
			[]string{"http://line.example/debian bookworm main", "http://line.example/debian bookworm-updates main ?", "http://line.example/debian-security bookworm-security main ?"}, "of this host"},
		{"a vendor's list is no Debian mirror", bookworm, nil, map[string]string{"sources.list.d/vendor.list": vendorList}, nil, "mmdebstrap's default"},
		{"a disabled stanza", bookworm, nil, map[string]string{"sources.list.d/debian.sources": "Types: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\nEnabled: no\n"}, nil, "mmdebstrap's default"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sources, origin := debian.Sources(tt.recipe, host(t, tt.env, tt.files))
			var got []string
			for _, s := range sources {
				l := s.String()
				if s.Optional {
					l += " ?"
				}
				got = append(got, l)
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if !strings.Contains(origin, tt.origin) {
				t.Errorf("origin %q, want %q", origin, tt.origin)
			}
		})
	}
}

func TestDeb822(t *testing.T) {
	got := Deb822([]Source{
		{URI: "http://m.example/debian", Suite: "bookworm", Components: []string{"main"}, SignedBy: "/usr/share/keyrings/k.gpg"},
		{URI: "http://v.example", Suite: "stable", Components: []string{"main", "extra"}, SignedBy: "-----BEGIN-----\n\nabc\n-----END-----\n"},
	})
	want := `Types: deb
URIs: http://m.example/debian
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/k.gpg

Types: deb
URIs: http://v.example
Suites: stable
Components: main extra
Signed-By:
 -----BEGIN-----
 .
 abc
 -----END-----
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestSecurityArchiveBesidesAMirror(t *testing.T) {
	for _, c := range []struct {
		d            Distro
		mirror, want string
	}{
		{debian, "http://m.example/debian/", "http://m.example/debian-security"},
		{debian, "http://m.example:8080", "http://m.example:8080/debian-security"},
		{debian, "file:///srv/debian", "file:///srv/debian-security"},
		{debian, "copy:/srv/debian", "copy:/srv/debian-security"},
		{ubuntu, "http://m.example/ubuntu", "http://m.example/ubuntu"},
	} {
		if got := c.d.besides(c.mirror); got != c.want {
			t.Errorf("%s of %s: %s", c.mirror, c.d.ID, got)
		}
	}
}
