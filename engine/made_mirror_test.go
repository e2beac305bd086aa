package engine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"slipway/engine/distro"
	"slipway/recipes"
)

// madeMirror is a distribution's mirror in a folder, with small indexes that a
// key of the test's signs.
type madeMirror struct {
	t   *testing.T
	dir string // the mirror; beside is the recipe, with key.asc
	doc *recipes.Document
	key *openpgp.Entity
}

func newKey(t *testing.T) *openpgp.Entity {
	t.Helper()
	key, err := openpgp.NewEntity("A mirror", "", "mirror@example.org", &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// madeMirrors has a mirror of each family that Slipway reads by itself, holding
// bash, which needs libc.
func madeMirrors(t *testing.T) map[string]*madeMirror {
	all := map[string]*madeMirror{}
	for id, release := range map[string]string{"fedora": "42", "opensuse": "tumbleweed", "arch": "rolling"} {
		folder := t.TempDir()
		m := &madeMirror{t: t, dir: filepath.Join(folder, "mirror"), key: newKey(t)}
		m.write("../key.asc", m.public(m.key))
		m.recipe(id, release, "\"bash\"")
		m.fill("bash", "libc")
		all[id] = m
	}
	return all
}

func (m *madeMirror) recipe(id, release, packages string) {
	m.t.Helper()
	doc, err := recipes.Parse(filepath.Join(filepath.Dir(m.dir), "made.toml"), []byte(fmt.Sprintf(
		"name = \"made\"\ndistro = { id = %q, release = %q, arch = \"amd64\", mirror = \"file://%s\", key = \"key.asc\" }\noverlay.strategy = \"overlayfs\"\npackages.include = [%s]\n",
		id, release, m.dir, packages)))
	if err != nil {
		m.t.Fatal(err)
	}
	m.doc = doc
}

func (m *madeMirror) sources() []distro.Source {
	d, err := distro.Find(m.doc.Recipe.Distro.ID)
	if err != nil {
		m.t.Fatal(err)
	}
	sources, _ := d.Sources(m.doc.Recipe, distro.Host{Getenv: func(string) string { return "" }})
	return slices.DeleteFunc(sources, func(s distro.Source) bool { return s.Optional })
}

// path is the file of an address of the mirror's.
func (m *madeMirror) path(address string) string {
	rest, ok := strings.CutPrefix(address, "file://"+m.dir+"/")
	if !ok {
		m.t.Fatalf("not of the mirror: %s", address)
	}
	return rest
}

func (m *madeMirror) write(name string, text []byte) {
	m.t.Helper()
	file := filepath.Join(m.dir, name)
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// fill writes the indexes of all repositories, and signs them: the packages are
// in the first one.
func (m *madeMirror) fill(packages ...string) {
	for _, s := range m.sources() {
		index, _ := s.Signed()
		if s.Family == distro.Pacman {
			m.write(m.path(index), zipped(m.t, databaseOf(m.t, packages)))
		} else {
			listing := zipped(m.t, []byte(primaryOf(packages)))
			m.write(m.path(s.URI)+"/repodata/primary.xml.gz", listing)
			m.write(m.path(index), []byte(fmt.Sprintf("<repomd><data type=\"primary\"><checksum type=\"sha256\">%x</checksum><location href=\"repodata/primary.xml.gz\"/><size>%d</size></data></repomd>\n",
				sha256.Sum256(listing), len(listing))))
		}
		packages = nil
	}
	m.sign(m.key)
}

func (m *madeMirror) sign(key *openpgp.Entity) {
	for _, s := range m.sources() {
		index, signature := s.Signed()
		text, err := os.ReadFile(filepath.Join(m.dir, m.path(index)))
		if err != nil {
			m.t.Fatal(err)
		}
		var out bytes.Buffer
		if err := openpgp.DetachSign(&out, key, bytes.NewReader(text), nil); err != nil {
			m.t.Fatal(err)
		}
		m.write(m.path(signature), out.Bytes())
	}
}

func (m *madeMirror) public(key *openpgp.Entity) []byte {
	var out bytes.Buffer
	w, err := armor.Encode(&out, openpgp.PublicKeyType, nil)
	if err == nil {
		err = key.Serialize(w)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return append(out.Bytes(), '\n')
}

// listing is the file that lists the first repository's packages.
func (m *madeMirror) listing() string {
	s := m.sources()[0]
	index, _ := s.Signed()
	if s.Family == distro.Pacman {
		return m.path(index)
	}
	return m.path(s.URI) + "/repodata/primary.xml.gz"
}

// tamper changes one byte in the middle of a file of the mirror.
func (m *madeMirror) tamper(name string) {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		m.t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	m.write(name, text)
}

func (m *madeMirror) remove(name string) {
	m.t.Helper()
	if err := os.Remove(filepath.Join(m.dir, name)); err != nil {
		m.t.Fatal(err)
	}
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(text)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func primaryOf(packages []string) string {
	var b strings.Builder
	b.WriteString("<metadata xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">")
	for _, name := range packages {
		fmt.Fprintf(&b, "<package type=\"rpm\"><name>%s</name><arch>x86_64</arch><version epoch=\"0\" ver=\"1\" rel=\"1\"/><summary>A thing</summary><format/></package>", name)
	}
	return b.String() + "</metadata>"
}

func databaseOf(t *testing.T, packages []string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range packages {
		text := "%NAME%\n" + name + "\n\n%VERSION%\n1-1\n\n%DESC%\nA thing\n\n%ARCH%\nx86_64\n\n"
		if err := w.WriteHeader(&tar.Header{Name: name + "-1-1/desc", Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
