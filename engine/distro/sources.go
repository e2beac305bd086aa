package distro

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"slipway/recipes"
)

// Source is one signed archive that packages come from.
type Source struct {
	Family string `json:",omitempty"` // empty: Deb
	Name   string `json:",omitempty"` // in other families: what the tool calls it
	URI    string
	Suite  string `json:",omitempty"` // Deb
	// Components are parts of the suite; Deb.
	Components []string `json:",omitempty"`
	SignedBy   string   // path of a keyring, or of some (SplitKeys), or an ASCII-armoured key
	// Optional: used if the mirror has it, left out with a warning if not.
	Optional bool `json:",omitempty"`
	// IndexSigned: an index without a signature is refused.
	IndexSigned bool
}

// Signed returns the address of the index that everything else hangs on, and
// that of its signature; none if the index holds it.
func (s Source) Signed() (index, signature string) {
	base := strings.TrimSuffix(s.URI, "/")
	switch s.Family {
	case RPM, Zypper:
		index = base + "/repodata/repomd.xml"
		return index, index + ".asc"
	case Pacman:
		index = base + "/" + s.Name + ".db"
		return index, index + ".sig"
	}
	return base + "/dists/" + s.Suite + "/InRelease", ""
}

// Label is what to call the source among others of the same mirror.
func (s Source) Label() string { return cmp.Or(s.Suite, s.Name) }

// String is the source in one line, without its key.
func (s Source) String() string {
	if s.Family != "" && s.Family != Deb {
		return s.URI + " " + s.Name
	}
	return s.URI + " " + s.Suite + " " + strings.Join(s.Components, " ")
}

// Deb822 renders sources as apt's sources.list(5) in the deb822 format.
func Deb822(sources []Source) string {
	var b strings.Builder
	for i, s := range sources {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\n", s.URI, s.Suite, strings.Join(s.Components, " "))
		if strings.Contains(s.SignedBy, "\n") {
			b.WriteString("Signed-By:\n")
			for _, l := range strings.Split(strings.TrimSpace(s.SignedBy), "\n") {
				if l = strings.TrimRight(l, " \r"); l == "" {
					l = "." // an empty line would end the stanza
				}
				b.WriteString(" " + l + "\n")
			}
		} else if s.SignedBy != "" {
			fmt.Fprintf(&b, "Signed-By: %s\n", s.SignedBy)
		}
	}
	return b.String()
}

// Host is what of the host decides where packages come from.
type Host struct {
	Getenv func(string) string
	Apt    string // "/etc/apt"
}

// ThisHost is the machine that we run on.
func ThisHost() Host { return Host{Getenv: os.Getenv, Apt: "/etc/apt"} }

// Sources returns the archives of the recipe's release and a few words on who
// said so: the recipe, else the environment, else the host's own apt sources,
// else the distribution's own mirror. None of these: no sources, and mmdebstrap
// uses its built-in default. The recipe's own repositories are not among them.
func (d Distro) Sources(r recipes.Recipe, h Host) (sources []Source, origin string) {
	main, security, origin := d.mirror(r, h)
	if main == "" {
		return nil, "mmdebstrap's default"
	}
	if d.Family != Deb {
		return d.repositories(r, main), origin
	}
	rel := d.Release(r.Distro.Release)
	components := r.Distro.Components
	if len(components) == 0 {
		components = []string{"main"}
	}
	given := security != ""
	if !given {
		security = d.besides(main)
	}
	add := func(uri, suite string, optional bool) {
		if path, ok := strings.CutPrefix(uri, "file:"); ok {
			uri = "copy:" + path // apt in the root cannot see a folder of the host (mmdebstrap(1))
		}
		sources = append(sources, Source{URI: uri, Suite: suite, Components: components, Optional: optional, IndexSigned: true})
	}
	add(main, rel.ID, false)
	if rel.Security {
		add(main, rel.ID+"-updates", true)
		add(security, rel.ID+"-security", !given)
	}
	return sources, origin
}

// besides is where a mirror has the security archive: Ubuntu's have it in the same
// place, Debian's in a folder next to it.
func (d Distro) besides(mirror string) string {
	mirror = strings.TrimSuffix(mirror, "/")
	if d.SecurityMirror != "" {
		return mirror
	}
	if u, err := url.Parse(mirror); err == nil && u.Host != "" && u.Path == "" {
		mirror += "/" + d.ID
	}
	return mirror + "-security"
}

// mirror is where packages come from, and who said so.
func (d Distro) mirror(r recipes.Recipe, h Host) (main, security, origin string) {
	if r.Distro.Mirror != "" {
		return r.Distro.Mirror, "", "the recipe"
	}
	if f := strings.Fields(h.Getenv(d.MirrorEnv)); len(f) > 0 {
		return f[0], strings.Join(f[1:min(2, len(f))], ""), d.MirrorEnv
	}
	if d.Family == Deb {
		if main, security = d.hostMirror(r.Distro.Release, h.Apt); main != "" {
			return main, security, h.Apt + " of this host"
		}
	}
	if d.Mirror != "" {
		return d.Mirror, d.SecurityMirror, d.Name + "'s own mirror"
	}
	return "", "", ""
}

// repositories are the distribution's below a mirror.
func (d Distro) repositories(r recipes.Recipe, mirror string) (sources []Source) {
	for _, repo := range d.Repositories {
		if len(repo.Releases) > 0 && !slices.Contains(repo.Releases, r.Distro.Release) {
			continue
		}
		sources = append(sources, Source{Family: d.Family, Name: repo.Name, URI: strings.TrimSuffix(mirror, "/") + "/" + d.fill(repo.Path, r),
			Optional: repo.Optional, IndexSigned: d.IndexSigned || r.Distro.Key != ""})
	}
	return sources
}
