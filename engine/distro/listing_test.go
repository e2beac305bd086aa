package distro

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"slipway/engine/goldentest"
)

// packers pack a listing in each form that mirrors use.
var packers = map[string]func(io.Writer) (io.WriteCloser, error){
	"gz":  func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
	"xz":  func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
	"zst": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
}

func packed(t testing.TB, form string, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := packers[form](&out)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func kept(t testing.TB, s Source, listing []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := s.Keep(&out, bytes.NewReader(listing), "x86_64"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var (
	rpmSource    = Source{Family: RPM, Name: "fedora", URI: "https://m.example/os"}
	pacmanSource = Source{Family: Pacman, Name: "core", URI: "https://m.example/core/os/x86_64"}
)

// desc is an entry of a database of pacman's.
type desc struct{ folder, text string }

func database(t testing.TB, entries ...desc) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		for _, h := range []tar.Header{{Name: e.folder + "/", Typeflag: tar.TypeDir, Mode: 0o755}, {Name: e.folder + "/desc", Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(e.text))}} {
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.WriteString(w, e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func core(t testing.TB) []byte {
	return database(t,
		desc{"glibc-2.41-1", "%FILENAME%\nglibc.pkg.tar.zst\n\n%NAME%\nglibc\n\n%VERSION%\n2.41-1\n\n%DESC%\nGNU C Library\n\n%CSIZE%\n9800000\n\n%ISIZE%\n50000000\n\n%ARCH%\nx86_64\n\n%PROVIDES%\nlibc.so=6-64\n\n"},
		desc{"bash-5.2-1", "%NAME%\nbash\n\n%VERSION%\n5.2-1\n\n%DESC%\nThe GNU shell\n\n%ARCH%\nx86_64\n\n%DEPENDS%\nglibc>=2.40\nreadline\n\n%PROVIDES%\nsh\n\n%GROUPS%\ntools\n\n"},
		desc{"readline-1:8.2-1", "%NAME%\nreadline\n\n%VERSION%\n1:8.2-1\n\n%DESC%\nEditing of lines\n\n%ARCH%\nx86_64\n\n%DEPENDS%\nlibc.so=6-64\n\n"},
		desc{"base-3-2", "%NAME%\nbase\n\n%VERSION%\n3-2\n\n%DESC%\nMinimal package set\n\n%ARCH%\nany\n\n%DEPENDS%\nsh\n\n"},
		desc{"nano-8-1", "%NAME%\nnano\n\n%VERSION%\n8-1\n\n%DESC%\nAn editor\n\n%ARCH%\nx86_64\n\n%GROUPS%\ntools\n\n"},
		desc{"other-1-1", "%NAME%\nother\n\n%VERSION%\n1-1\n\n%ARCH%\naarch64\n\n"})
}

// What is kept of a listing is the same, however it was packed.
func TestKeep(t *testing.T) {
	for name, c := range map[string]struct {
		source  Source
		listing []byte
	}{"primary": {rpmSource, read(t, "primary.xml")}, "database": {pacmanSource, core(t)}} {
		plain := kept(t, c.source, c.listing)
		goldentest.Equal(t, "kept-"+name+".golden", plain)
		for form := range packers {
			if kept(t, c.source, packed(t, form, c.listing)) != plain {
				t.Errorf("%s: packed as %s it reads otherwise", name, form)
			}
		}
	}
}

func TestBrokenListingIsAnError(t *testing.T) {
	whole := read(t, "primary.xml")
	zipped := packed(t, "gz", whole)
	for name, c := range map[string]struct {
		source  Source
		listing []byte
		want    string
	}{
		"cut off":           {rpmSource, whole[:len(whole)/2], "unexpected EOF"},
		"cut off, packed":   {rpmSource, zipped[:len(zipped)/2], "unexpected EOF"},
		"no XML":            {rpmSource, []byte("<a <b"), "primary.xml"},
		"empty":             {rpmSource, nil, "unexpected EOF"},
		"no tar":            {pacmanSource, []byte(strings.Repeat("no tar at all ", 200)), "not a database of pacman's"},
		"a tar cut off":     {pacmanSource, core(t)[:2600], "read the database"},
		"packed otherwise":  {rpmSource, []byte("BZh91AY&SY"), "unexpected EOF"},
		"a damaged archive": {rpmSource, append([]byte{0x1f, 0x8b}, "nonsense"...), "unpack the package index"},
	} {
		err := c.source.Keep(io.Discard, bytes.NewReader(c.listing), "x86_64")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestListing(t *testing.T) {
	repomd := func(data string) []byte { return []byte("<repomd><data type=\"filelists\"/>" + data + "</repomd>") }
	primary := func(algo, sum, href string) []byte {
		return repomd("<data type=\"primary\"><checksum type=\"" + algo + "\">" + sum + "</checksum><location href=\"" + href + "\"/><size>77</size></data>")
	}
	for name, c := range map[string]struct {
		repomd []byte
		want   Listing
		err    string
	}{
		"sha256":               {primary("sha256", " AB12 ", "repodata/primary.xml.gz"), Listing{"repodata/primary.xml.gz", "sha256", "ab12", 77}, ""},
		"sha512":               {primary("sha512", "ab12", "repodata/primary.xml.zst"), Listing{"repodata/primary.xml.zst", "sha512", "ab12", 77}, ""},
		"it stays below":       {primary("sha256", "ab12", "../../../etc/passwd"), Listing{"etc/passwd", "sha256", "ab12", 77}, ""},
		"weak":                 {primary("sha", "ab12", "repodata/primary.xml.gz"), Listing{}, `https://m.example/os/repodata/repomd.xml has a weak checksum of primary.xml: "sha"`},
		"none":                 {repomd(""), Listing{}, "names no primary.xml"},
		"without a checksum":   {primary("sha256", "", "repodata/primary.xml.gz"), Listing{}, "cannot be read"},
		"with another thing":   {primary("sha256", "../..", "repodata/primary.xml.gz"), Listing{}, "cannot be read"},
		"without a file":       {primary("sha256", "ab12", ""), Listing{}, "cannot be read"},
		"an error page for it": {[]byte("<html><p>Welcome"), Listing{}, "repomd.xml: XML syntax error"},
	} {
		got, err := rpmSource.Listing(c.repomd)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", name, err, c.err)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if l, err := pacmanSource.Listing([]byte("db")); err != nil || l.Path != "" || len(l.Sum) != 64 {
		t.Errorf("pacman: %+v, %v", l, err)
	}
}
