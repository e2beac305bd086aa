package enginetest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
)

// Repository is a signed package archive of one package, served on this machine.
type Repository struct {
	URL     string
	Suite   string
	Package string
	Key     string // file with the public key, ASCII-armoured
	RawKey  string // the same, binary
	Other   string // file with the public key of somebody else
}

// NewRepository makes and serves a repository that ends with the test.
func NewRepository(t testing.TB) Repository {
	t.Helper()
	dir := t.TempDir()
	r := Repository{Suite: "stable", Package: "slipway-test-package", Key: filepath.Join(dir, "key.asc"), RawKey: filepath.Join(dir, "key.gpg"), Other: filepath.Join(dir, "other.asc")}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	signer, err := openpgp.NewEntity("test", "", "test@example.com", nil)
	check(err)
	stranger, err := openpgp.NewEntity("other", "", "other@example.com", nil)
	check(err)
	check(writeKey(r.Key, signer))
	check(writeKey(r.Other, stranger))
	var raw bytes.Buffer
	check(signer.Serialize(&raw))
	check(os.WriteFile(r.RawKey, raw.Bytes(), 0o644))

	root := filepath.Join(dir, "www")
	deb, err := makeDeb(dir, r.Package)
	check(err)
	packages := fmt.Sprintf("Package: %s\nVersion: 1.0\nArchitecture: all\nMaintainer: test <test@example.com>\nDescription: nothing\nFilename: pool/p.deb\nSize: %d\nSHA256: %x\n",
		r.Package, len(deb), sha256.Sum256(deb))
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, err = w.Write([]byte(packages))
	check(err)
	check(w.Close())
	release := fmt.Sprintf("Origin: test\nSuite: stable\nCodename: stable\nDate: %s\nArchitectures: all amd64 arm64\nComponents: main\nSHA256:\n", time.Now().UTC().Format(time.RFC1123))
	files := map[string][]byte{"pool/p.deb": deb}
	for _, arch := range []string{"all", "amd64", "arm64"} {
		for name, body := range map[string][]byte{"Packages": []byte(packages), "Packages.gz": gz.Bytes()} {
			path := "main/binary-" + arch + "/" + name
			files["dists/stable/"+path] = body
			release += fmt.Sprintf(" %x %d %s\n", sha256.Sum256(body), len(body), path)
		}
	}
	var signed bytes.Buffer
	sw, err := clearsign.Encode(&signed, signer.PrivateKey, nil)
	check(err)
	_, err = sw.Write([]byte(release))
	check(err)
	check(sw.Close())
	files["dists/stable/InRelease"] = signed.Bytes()
	for name, body := range files {
		p := filepath.Join(root, name)
		check(os.MkdirAll(filepath.Dir(p), 0o755))
		check(os.WriteFile(p, body, 0o644))
	}
	server := httptest.NewServer(http.FileServer(http.Dir(root)))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

func writeKey(file string, e *openpgp.Entity) error {
	var b bytes.Buffer
	w, err := armor.Encode(&b, "PGP PUBLIC KEY BLOCK", nil)
	if err != nil {
		return err
	}
	if err := e.Serialize(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, append(b.Bytes(), '\n'), 0o644)
}

// makeDeb makes a package with one file, by the real dpkg-deb.
func makeDeb(dir, name string) ([]byte, error) {
	tree := filepath.Join(dir, "deb")
	control := "Package: " + name + "\nVersion: 1.0\nArchitecture: all\nMaintainer: test <test@example.com>\nDescription: nothing\n"
	for file, text := range map[string]string{"DEBIAN/control": control, "usr/share/" + name: "installed\n"} {
		p := filepath.Join(tree, file)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	deb := filepath.Join(dir, "p.deb")
	if out, err := exec.Command("dpkg-deb", "--root-owner-group", "--build", tree, deb).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("dpkg-deb: %w: %s", err, out)
	}
	return os.ReadFile(deb)
}
