package mirrors

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"slipway/engine/proc"
)

// casperFiles are where the stand-in for casper has its files.
var casperFiles = map[string]string{"casper": "usr/share/initramfs-tools/scripts/casper", "hook": "usr/share/initramfs-tools/hooks/casper", "postinst": "DEBIAN/postinst"}

// makeApt makes a signed apt repository below dir: the packages as they were
// downloaded, those that the table replaces, and those that it adds.
func makeApt(ctx context.Context, dir, debs string, d *debian, t *table, k *keyring, told func(string)) error {
	for _, component := range t.Repositories {
		if err := os.MkdirAll(filepath.Join(dir, "pool", component), 0o755); err != nil {
			return err
		}
	}
	pool := filepath.Join(dir, "pool", t.Repositories[0])
	all, err := filepath.Glob(filepath.Join(debs, "*.deb"))
	if err != nil {
		return err
	}
	for _, deb := range all {
		name, _, _ := strings.Cut(filepath.Base(deb), "_")
		if name == t.ReleasePackage.Name {
			err = rebuilt(ctx, deb, pool, t.ReleasePackage)
		} else {
			at := pool
			if slices.Contains(t.Second, name) {
				at = filepath.Join(dir, "pool", t.Repositories[1])
			}
			err = os.Link(deb, filepath.Join(at, filepath.Base(deb)))
		}
		if err != nil {
			return fmt.Errorf("package %s: %w", name, err)
		}
	}
	for _, m := range t.Meta {
		if err := added(ctx, pool, m, d); err != nil {
			return fmt.Errorf("package %s: %w", m.Name, err)
		}
	}
	told(fmt.Sprintf("apt-ftparchive: %d packages", len(all)+len(t.Meta)))
	for _, component := range t.Repositories {
		if err := aptIndex(ctx, dir, t.Release, component); err != nil {
			return fmt.Errorf("component %s: %w", component, err)
		}
	}
	return signRelease(ctx, dir, t.Release, t.Repositories, k)
}

const debArch = "amd64"

// aptIndex makes the indexes of a component.
func aptIndex(ctx context.Context, dir, suite, component string) error {
	at := filepath.Join("dists", suite, component, "binary-"+debArch)
	if err := os.MkdirAll(filepath.Join(dir, at), 0o755); err != nil {
		return err
	}
	packages, err := proc.Output(ctx, proc.Cmd{Path: "apt-ftparchive", Args: []string{"--quiet=2", "packages", "pool/" + component}, Dir: dir})
	if err != nil {
		return fmt.Errorf("index the packages: %w", err)
	}
	file := filepath.Join(dir, at, "Packages")
	if err := os.WriteFile(file, []byte(packages), 0o644); err != nil {
		return err
	}
	for _, program := range []string{"gzip", "xz"} {
		if err := proc.Run(ctx, proc.Cmd{Path: program, Args: []string{"--keep", "--force", file}}, nil); err != nil {
			return err
		}
	}
	return nil
}

// signRelease makes Release of the indexes that are there, and both kinds of
// its signature.
func signRelease(ctx context.Context, dir, suite string, components []string, k *keyring) error {
	dist := filepath.Join(dir, "dists", suite)
	args := []string{"--quiet=2"}
	for _, f := range [][2]string{{"Origin", "Ubuntu"}, {"Label", "Ubuntu"}, {"Suite", suite}, {"Codename", suite}, {"Architectures", debArch}, {"Components", strings.Join(components, " ")}} {
		args = append(args, "-o", "APT::FTPArchive::Release::"+f[0]+"="+f[1])
	}
	release, err := proc.Output(ctx, proc.Cmd{Path: "apt-ftparchive", Args: append(args, "release", "."), Dir: dist})
	if err != nil {
		return fmt.Errorf("make Release: %w", err)
	}
	file := filepath.Join(dist, "Release")
	if err := os.WriteFile(file, []byte(release), 0o644); err != nil {
		return err
	}
	if err := k.detached(file, file+".gpg", true); err != nil {
		return err
	}
	signed, err := k.clear([]byte(release))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dist, "InRelease"), signed, 0o644)
}

// rebuilt makes the package that says which distribution this is out of
// Debian's.
func rebuilt(ctx context.Context, deb, pool string, r releasePackage) error {
	tree, err := os.MkdirTemp(pool, ".deb-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tree)
	if err := proc.Run(ctx, proc.Cmd{Path: "dpkg-deb", Args: []string{"--raw-extract", deb, tree}}, nil); err != nil {
		return err
	}
	control, err := os.ReadFile(filepath.Join(tree, "DEBIAN/control"))
	if err != nil {
		return err
	}
	var lines []string
	for line := range strings.Lines(string(control)) {
		if strings.HasPrefix(line, "Version:") {
			line = "Version: " + r.Version + "\n"
		}
		lines = append(lines, line)
	}
	return debTree{tree: tree, control: strings.Join(lines, ""), files: map[string]string{
		"usr/lib/os-release": strings.TrimPrefix(r.OSRelease, "\n"), "DEBIAN/md5sums": ""}}.deb(ctx, pool)
}

// added makes a package that Debian does not have.
func added(ctx context.Context, pool string, m meta, d *debian) error {
	tree, err := os.MkdirTemp(pool, ".deb-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tree)
	if err := os.Chmod(tree, 0o755); err != nil {
		return err
	}
	if m.Version == "" {
		like, ok := d.find(m.Like)
		if !ok {
			return fmt.Errorf("the root has no %s", m.Like)
		}
		m.Version = like.version
	}
	b := debTree{tree: tree, files: map[string]string{}, control: fmt.Sprintf(
		"Package: %s\nVersion: %s\nArchitecture: amd64\nSection: metapackages\nPriority: optional\nMaintainer: Slipway fixture <fixture@example.com>\nDepends: %s\nDescription: stand-in for the package of that name\n",
		m.Name, m.Version, strings.Join(m.Requires, ", "))}
	if m.Name == "casper" {
		for name, path := range casperFiles {
			text, err := fs.ReadFile(standIns, "casper/"+name)
			if err != nil {
				return err
			}
			b.files[path] = string(text)
		}
	}
	return b.deb(ctx, pool)
}

// debTree is a package to be made of a tree and some files in it.
type debTree struct {
	tree    string
	control string
	files   map[string]string
}

func (b debTree) deb(ctx context.Context, pool string) error {
	b.files["DEBIAN/control"] = b.control
	for path, text := range b.files {
		file := filepath.Join(b.tree, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if slices.Contains([]string{casperFiles["hook"], casperFiles["postinst"]}, path) {
			mode = 0o755
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			return err
		}
	}
	return proc.Run(ctx, proc.Cmd{Path: "dpkg-deb", Args: []string{"-Zgzip", "--build", b.tree, pool}}, nil)
}
