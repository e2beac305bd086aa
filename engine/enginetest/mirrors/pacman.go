package mirrors

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"
)

// made is when every file of a package says that it was made.
var made = time.Unix(1700000000, 0).UTC()

// makePacman makes signed pacman repositories below dir. Sources: PKGINFO(5),
// alpm-db, BUILDINFO and MTREE as pacman 6 reads them.
func makePacman(ctx context.Context, dir string, packs []*pack, t *table, k *keyring, told func(string)) error {
	told(fmt.Sprintf("pacman: %d packages", len(packs)))
	for number, r := range t.Repositories {
		repo := filepath.Join(dir, r)
		if err := os.MkdirAll(repo, 0o755); err != nil {
			return err
		}
		var entries []dbEntry
		for _, p := range packs {
			if slices.Contains(t.Second, p.name) == (number == 1) {
				entries = append(entries, dbEntry{pack: p, arch: t.Arch})
			}
		}
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(2)
		for i := range entries {
			g.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := entries[i].make(repo, k); err != nil {
					return fmt.Errorf("package %s: %w", entries[i].pack.name, err)
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		name, _, _ := strings.Cut(r, "/")
		if err := writeDB(filepath.Join(repo, name+".db"), entries, k); err != nil {
			return fmt.Errorf("repository %s: %w", name, err)
		}
	}
	return nil
}

// dbEntry is a package in a repository's database.
type dbEntry struct {
	pack      *pack
	arch      string
	file      string // its name
	size      int64
	installed int64
	sum       string // SHA-256, hexadecimal
	signature []byte
}

// pkgrel is what pacman takes for the release of a package.
var pkgrel = regexp.MustCompile(`^\d+(\.\d+)?`)

func pacmanVersion(p *pack) string {
	release := pkgrel.FindString(p.release)
	if release == "" {
		release = "1"
	}
	return plain(p.version) + "-" + release
}

// plain is a version as pacman takes it: "~" is not allowed.
func plain(version string) string { return strings.ReplaceAll(version, "~", "_") }

// pacmanRelation is a relation as pacman writes it: glibc>=2.36.
func pacmanRelation(r string) string { return plain(strings.ReplaceAll(r, " ", "")) }

// make writes the package and its signature into a repository.
func (d *dbEntry) make(repo string, k *keyring) error {
	d.file = fmt.Sprintf("%s-%s-%s.pkg.tar.zst", d.pack.name, pacmanVersion(d.pack), d.arch)
	var body bytes.Buffer
	z, err := zstd.NewWriter(&body, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	w := tar.NewWriter(z)
	if err := d.archive(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	d.size, d.sum = int64(body.Len()), fmt.Sprintf("%x", sha256.Sum256(body.Bytes()))
	file := filepath.Join(repo, d.file)
	if err := os.WriteFile(file, body.Bytes(), 0o644); err != nil {
		return err
	}
	if err := k.detached(file, file+".sig", false); err != nil {
		return err
	}
	d.signature, err = os.ReadFile(file + ".sig")
	return err
}

// archive writes the content of a package: what pacman reads first, then its files.
func (d *dbEntry) archive(w *tar.Writer) error {
	bodies := make([][]byte, len(d.pack.entries))
	tree := []string{"#mtree"}
	for i, e := range d.pack.entries {
		var err error
		if bodies[i], err = e.body(); err != nil {
			return err
		}
		d.installed += int64(len(bodies[i]))
		tree = append(tree, mtreeLine(e, bodies[i]))
	}
	var mtree bytes.Buffer
	z := gzip.NewWriter(&mtree)
	if _, err := io.WriteString(z, strings.Join(tree, "\n")+"\n"); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	for _, m := range []struct{ name, text string }{{".PKGINFO", d.info()}, {".INSTALL", installScript(d.pack)}, {".MTREE", mtree.String()}} {
		if m.text == "" {
			continue
		}
		if err := put(w, &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.text)), ModTime: made}, []byte(m.text)); err != nil {
			return err
		}
	}
	for i, e := range d.pack.entries {
		if err := put(w, header(e, int64(len(bodies[i]))), bodies[i]); err != nil {
			return err
		}
	}
	return nil
}

func put(w *tar.Writer, h *tar.Header, body []byte) error {
	if err := w.WriteHeader(h); err != nil {
		return fmt.Errorf("%s: %w", h.Name, err)
	}
	_, err := w.Write(body)
	return err
}

// body is the content of a file; nothing for what is none.
func (e entry) body() ([]byte, error) {
	switch {
	case e.isDir(), e.isLink():
		return nil, nil
	case e.source != "":
		return os.ReadFile(e.source)
	}
	return []byte(e.text), nil
}

// header is an entry in the archive, with its owner by number: names mean other
// numbers elsewhere.
func header(e entry, size int64) *tar.Header {
	h := &tar.Header{Name: e.path, Mode: int64(unixMode(e.mode)), Uid: e.uid, Gid: e.gid, Size: size, ModTime: made, Typeflag: tar.TypeReg}
	switch {
	case e.isLink():
		h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, e.link, 0o777
	case e.isDir():
		h.Typeflag, h.Name = tar.TypeDir, e.path+"/"
	}
	if e.cap != 0 {
		h.PAXRecords = map[string]string{"SCHILY.xattr.security.capability": string(capData(e.cap))}
	}
	return h
}

// capData is security.capability in its second version: capabilities(7).
func capData(set uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x02000001)
	b = binary.LittleEndian.AppendUint32(b, set)
	return append(b, make([]byte, 12)...)
}

// mtreeLine is an entry in .MTREE, mtree(5). pacman wants both sums.
func mtreeLine(e entry, body []byte) string {
	var name strings.Builder
	for _, c := range []byte(e.path) {
		if c <= ' ' || c > '~' || strings.ContainsRune(`\#=[]*?`, rune(c)) {
			fmt.Fprintf(&name, `\%03o`, c)
		} else {
			name.WriteByte(c)
		}
	}
	common := fmt.Sprintf("./%s time=%d.0 mode=%o uid=%d gid=%d", name.String(), made.Unix(), unixMode(e.mode), e.uid, e.gid)
	switch {
	case e.isLink():
		return common + " type=link link=" + e.link
	case e.isDir():
		return common + " type=dir"
	}
	return fmt.Sprintf("%s type=file size=%d md5digest=%x sha256digest=%x", common, len(body), md5.Sum(body), sha256.Sum256(body))
}

// info is .PKGINFO.
func (d *dbEntry) info() string {
	p := d.pack
	lines := []string{"pkgname = " + p.name, "pkgbase = " + p.name, "pkgver = " + pacmanVersion(p), "pkgdesc = " + p.summary, "url = https://example.com",
		fmt.Sprintf("builddate = %d", made.Unix()), "packager = Slipway fixture <fixture@example.com>", fmt.Sprintf("size = %d", d.installed), "arch = " + d.arch, "license = custom"}
	for _, l := range []struct {
		key  string
		list []string
	}{{"provides", p.provides}, {"depend", requirements(p)}, {"optdepend", p.recommends}} {
		for _, value := range l.list {
			lines = append(lines, l.key+" = "+pacmanRelation(value))
		}
	}
	for _, e := range p.entries {
		if e.config {
			lines = append(lines, "backup = "+e.path)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// requirements are all that a package requires.
func requirements(p *pack) []string {
	all := slices.Concat(p.requires, p.first)
	sort.Strings(all)
	return slices.Compact(all)
}

// installScript is .INSTALL.
func installScript(p *pack) string {
	var b strings.Builder
	if len(p.accounts) > 0 {
		fmt.Fprintf(&b, "pre_install() {\n%s}\n", strings.ReplaceAll(makeAccounts(p.accounts), "exit 0\n", "true\n"))
	}
	if p.after != "" {
		fmt.Fprintf(&b, "post_install() {\n%s}\n", p.after)
	}
	return b.String()
}

// writeDB writes the database of a repository and signs it.
func writeDB(file string, entries []dbEntry, k *keyring) error {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, d := range entries {
		name := d.pack.name + "-" + pacmanVersion(d.pack)
		desc := d.desc()
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755, ModTime: made}); err != nil {
			return err
		}
		if err := put(w, &tar.Header{Name: path.Join(name, "desc"), Mode: 0o644, Size: int64(len(desc)), ModTime: made}, []byte(desc)); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		return err
	}
	return k.detached(file, file+".sig", false)
}

// desc is a package in the database.
func (d dbEntry) desc() string {
	p := d.pack
	var b strings.Builder
	field := func(name string, values ...string) {
		if len(values) > 0 && values[0] != "" {
			fmt.Fprintf(&b, "%%%s%%\n%s\n\n", name, strings.Join(values, "\n"))
		}
	}
	relate := func(list []string) (out []string) {
		for _, r := range list {
			out = append(out, pacmanRelation(r))
		}
		return out
	}
	field("FILENAME", d.file)
	field("NAME", p.name)
	field("BASE", p.name)
	field("VERSION", pacmanVersion(p))
	field("DESC", p.summary)
	field("CSIZE", fmt.Sprint(d.size))
	field("ISIZE", fmt.Sprint(d.installed))
	field("SHA256SUM", d.sum)
	field("PGPSIG", base64.StdEncoding.EncodeToString(d.signature))
	field("URL", "https://example.com")
	field("LICENSE", "custom")
	field("ARCH", d.arch)
	field("BUILDDATE", fmt.Sprint(made.Unix()))
	field("PACKAGER", "Slipway fixture <fixture@example.com>")
	field("PROVIDES", relate(p.provides)...)
	field("DEPENDS", relate(requirements(p))...)
	field("OPTDEPENDS", relate(p.recommends)...)
	return b.String()
}
