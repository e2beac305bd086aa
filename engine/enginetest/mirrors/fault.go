package mirrors

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"slipway/engine/proc"
)

// Fault is what is wrong with a mirror.
type Fault string

const (
	// TamperedPackage: other bytes in the package Victim, all else as it was.
	TamperedPackage Fault = "tampered package"
	// TamperedMetadata: other bytes in what is signed (repomd.xml, *.db,
	// InRelease), which still reads well; the signature is kept.
	TamperedMetadata Fault = "tampered metadata"
	// TamperedList: other bytes in the list of packages, whose checksum is in what
	// is signed. The same as TamperedMetadata where the list itself is signed.
	TamperedList Fault = "tampered list"
	// UnsignedPackage: the package Victim is not signed, but the metadata is, and
	// says so; of an apt mirror, whose packages never are, nothing is signed.
	UnsignedPackage Fault = "unsigned package"
	// WrongKey: the mirror as it was, and somebody else's key in Mirror.Key.
	WrongKey Fault = "wrong key"
)

// Faults are all of them.
func Faults() []Fault {
	return []Fault{TamperedPackage, TamperedMetadata, TamperedList, UnsignedPackage, WrongKey}
}

// Victim is the package that faults are in: that with the SSH server, which
// every test installs.
func (m Mirror) Victim() string {
	if m.Kind == "arch" {
		return "openssh"
	}
	return "openssh-server"
}

// Faulty makes a copy of the mirror with one fault at dir, which must not be
// there yet. Files that are the same in both are hard links.
func (m Mirror) Faulty(ctx context.Context, dir string, f Fault) (Mirror, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Mirror{}, err
	}
	bad := m
	bad.Dir, bad.URL = dir, "file://"+dir
	cache := filepath.Dir(filepath.Dir(m.Key))
	if err := linked(m.Dir, dir); err != nil {
		return Mirror{}, fmt.Errorf("copy the mirror: %w", err)
	}
	switch f {
	case TamperedPackage:
		err = bad.tamperPackage()
	case TamperedMetadata:
		err = bad.tamperSigned()
	case TamperedList:
		err = bad.tamperList()
	case UnsignedPackage:
		err = bad.unsign(ctx, cache)
	case WrongKey:
		bad.Key = filepath.Join(cache, otherKey)
	default:
		err = errors.New("no such fault")
	}
	if err != nil {
		return Mirror{}, fmt.Errorf("mirror with %s: %w", f, err)
	}
	return bad, nil
}

// linked makes to a copy of a directory in which every file is a hard link, or
// a copy where that cannot be.
func linked(from, to string) error {
	return filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, file)
		at := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(at, 0o755)
		}
		if err = os.Link(file, at); !errors.Is(err, syscall.EXDEV) {
			return err
		}
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(at, body, 0o644)
	})
}

// instead puts another content in the place of a file, which may be a link.
func instead(file string, body []byte) error {
	if err := os.Remove(file); err != nil {
		return err
	}
	return os.WriteFile(file, body, 0o644)
}

// one is the only file that a pattern below the mirror means.
func (m Mirror) one(pattern string) (string, error) {
	found, err := filepath.Glob(filepath.Join(m.Dir, pattern))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%d files are %s, want one", len(found), pattern)
	}
	if err != nil {
		return "", err
	}
	return found[0], nil
}

// places are patterns of a mirror's files: the victim, what is signed, and the
// list of packages.
func (m Mirror) places() (victim, signed, list string) {
	os := map[string]string{"fedora": "releases/*/Everything/x86_64/os/", "centos": "*/BaseOS/x86_64/os/", "opensuse": "*/repo/oss/"}[m.Kind]
	switch m.Kind {
	case "arch":
		return "core/os/x86_64/openssh-[0-9]*.pkg.tar.zst", "core/os/x86_64/core.db", "core/os/x86_64/core.db"
	case "ubuntu":
		return "pool/main/openssh-server_*.deb", "dists/*/InRelease", "dists/*/main/binary-*/Packages*"
	}
	return os + "Packages/openssh-server-[0-9]*.rpm", os + "repodata/repomd.xml", os + "repodata/*-primary.xml.*"
}

func (m Mirror) tamperPackage() error {
	victim, _, _ := m.places()
	file, err := m.one(victim)
	if err != nil {
		return err
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	body[len(body)/2] ^= 1
	return instead(file, body)
}

// tamperSigned changes what does not matter but is signed: a comment, a date, a
// summary.
func (m Mirror) tamperSigned() error {
	_, signed, _ := m.places()
	file, err := m.one(signed)
	if err != nil {
		return err
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	changed := body
	switch m.Kind {
	case "arch":
		changed, err = editDB(body, func(_, desc string) string {
			return strings.Replace(desc, "%URL%\nhttps://example.com", "%URL%\nhttps://example.net", 1)
		})
	case "ubuntu":
		changed = bytes.Replace(body, []byte("Label: Ubuntu"), []byte("Label: Ubunto"), 1)
	default:
		changed = bytes.Replace(body, []byte("</repomd>"), []byte("<!-- --></repomd>"), 1)
	}
	if err == nil && bytes.Equal(body, changed) {
		err = errors.New("nothing to change")
	}
	if err != nil {
		return err
	}
	return instead(file, changed)
}

func (m Mirror) tamperList() error {
	if m.Kind == "arch" {
		return m.tamperSigned()
	}
	_, _, list := m.places()
	files, err := filepath.Glob(filepath.Join(m.Dir, list))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no file is %s", list)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		body[len(body)/2] ^= 1
		if err := instead(file, body); err != nil {
			return err
		}
	}
	return nil
}

func (m Mirror) unsign(ctx context.Context, cache string) error {
	victim, signed, _ := m.places()
	k, err := openKeys(cache)
	if err != nil {
		return err
	}
	file, err := m.one(victim)
	if err != nil {
		return err
	}
	at, err := m.one(signed)
	if err != nil {
		return err
	}
	switch m.Kind {
	case "arch":
		return unsignPacman(file, at, k)
	case "ubuntu":
		if err := os.Remove(at); err != nil {
			return err
		}
		return os.Remove(filepath.Join(filepath.Dir(at), "Release.gpg"))
	}
	return m.unsignRPM(ctx, file, filepath.Dir(filepath.Dir(at)), k)
}

func (m Mirror) unsignRPM(ctx context.Context, file, repo string, k *keyring) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := instead(file, body); err != nil { // rpmsign writes to the file itself
		return err
	}
	if err := proc.Run(ctx, proc.Cmd{Path: "rpmsign", Args: []string{"--delsign", file}}, nil); err != nil {
		return fmt.Errorf("take the signature off: %w", err)
	}
	if err := os.RemoveAll(filepath.Join(repo, "repodata")); err != nil {
		return err
	}
	t, err := loadTable(m.Kind, "")
	if err != nil {
		return err
	}
	return index(ctx, repo, t.Compress, k, func(string) {})
}

var pgpsig = regexp.MustCompile(`%PGPSIG%\n[^\n]*\n\n`)

func unsignPacman(file, db string, k *keyring) error {
	if err := os.Remove(file + ".sig"); err != nil {
		return err
	}
	body, err := os.ReadFile(db)
	if err != nil {
		return err
	}
	changed, err := editDB(body, func(name, desc string) string {
		if strings.HasPrefix(name, "openssh-") {
			return pgpsig.ReplaceAllString(desc, "")
		}
		return desc
	})
	if err != nil {
		return err
	}
	if err := instead(db, changed); err != nil {
		return err
	}
	if err := os.Remove(db + ".sig"); err != nil {
		return err
	}
	return k.detached(db, db+".sig", false)
}

// editDB changes the descriptions in a database of pacman.
func editDB(body []byte, change func(name, desc string) string) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	to := gzip.NewWriter(&out)
	w := tar.NewWriter(to)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		desc, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg {
			desc = []byte(change(h.Name, string(desc)))
			h.Size = int64(len(desc))
		}
		if err := put(w, h, desc); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if err := to.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
