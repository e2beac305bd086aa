package mirrors

import (
	"context"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"slipway/engine/proc"
)

// makeRPMs makes signed rpm-md repositories below dir.
func makeRPMs(ctx context.Context, dir string, packs []*pack, t *table, k *keyring, told func(string)) error {
	work, err := os.MkdirTemp(dir, ".rpm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	tree, file, out := filepath.Join(work, "tree"), filepath.Join(work, "fixture.spec"), filepath.Join(work, "out")
	if err := makeTree(tree, packs); err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(spec(packs, tree)), 0o644); err != nil {
		return err
	}
	told(fmt.Sprintf("rpmbuild: %d packages", len(packs)))
	define := func(name, value string) []string { return []string{"--define", name + " " + value} }
	args := slices.Concat([]string{"-bb", "--quiet", "--target", t.Arch}, define("_topdir", work), define("_rpmdir", out), define("_dbpath", work+"/db"),
		define("_rpmfilename", "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"), define("_binary_payload", "w3.zstdio"),
		define("_buildhost", "localhost"), []string{file})
	if err := proc.Run(ctx, proc.Cmd{Path: "rpmbuild", Args: args}, told); err != nil {
		return fmt.Errorf("make the packages: %w", err)
	}
	made, err := filepath.Glob(filepath.Join(out, "*.rpm"))
	if err != nil {
		return err
	}
	if len(made) != len(packs) {
		return fmt.Errorf("rpmbuild made %d packages of %d", len(made), len(packs))
	}
	told("rpmsign")
	if err := k.signRPMs(ctx, made); err != nil {
		return err
	}
	for i, r := range t.Repositories {
		if err := makeRepository(ctx, filepath.Join(dir, r), i, packs, out, t, k, told); err != nil {
			return fmt.Errorf("repository %s: %w", r, err)
		}
	}
	return nil
}

// makeRepository moves the packages of one of the table's repositories there
// and indexes them.
func makeRepository(ctx context.Context, repo string, number int, packs []*pack, from string, t *table, k *keyring, told func(string)) error {
	if err := os.MkdirAll(filepath.Join(repo, "Packages"), 0o755); err != nil {
		return err
	}
	for _, p := range packs {
		if second := slices.Contains(t.Second, p.name); second != (number == 1) {
			continue
		}
		name := fmt.Sprintf("%s-%s-%s.%s.rpm", p.name, p.version, p.release, t.Arch)
		if err := os.Rename(filepath.Join(from, name), filepath.Join(repo, "Packages", name)); err != nil {
			return err
		}
	}
	if number == 0 && len(t.Core) > 0 {
		if err := os.WriteFile(filepath.Join(repo, "comps.xml"), comps(t.Core), 0o644); err != nil {
			return err
		}
	}
	return index(ctx, repo, t.Compress, k, told)
}

// index makes and signs the metadata of an rpm-md repository, with the group of
// its comps.xml if it has one.
func index(ctx context.Context, repo, compress string, k *keyring, told func(string)) error {
	told("createrepo_c " + repo)
	args := []string{"--quiet", "--no-database", "--general-compress-type", "gz"}
	if compress == "xz" {
		args[3] = "xz"
	}
	if _, err := os.Stat(filepath.Join(repo, "comps.xml")); err == nil {
		args = append(args, "--groupfile", "comps.xml")
	}
	if err := proc.Run(ctx, proc.Cmd{Path: "createrepo_c", Args: append(args, "."), Dir: repo}, told); err != nil {
		return fmt.Errorf("index the packages: %w", err)
	}
	if compress == "zst" {
		if err := toZstd(ctx, repo); err != nil {
			return fmt.Errorf("compress the index: %w", err)
		}
	}
	return signRepomd(repo, k)
}

// signRepomd signs repomd.xml and puts the key beside it, where zypper looks.
func signRepomd(repo string, k *keyring) error {
	file := filepath.Join(repo, "repodata/repomd.xml")
	if err := k.detached(file, file+".asc", true); err != nil {
		return err
	}
	return os.WriteFile(file+".key", k.public, 0o644)
}

var (
	dataElement = regexp.MustCompile(`(?s)<data type="primary">.*?</data>`)
	checksum    = regexp.MustCompile(`<checksum type="sha256">[0-9a-f]+</checksum>`)
	location    = regexp.MustCompile(`<location href="([^"]+)"/>`)
	sizeElement = regexp.MustCompile(`<size>\d+</size>`)
)

// toZstd compresses the list of packages with zstd, which createrepo_c 0.17
// does not do, and says so in repomd.xml.
func toZstd(ctx context.Context, repo string) error {
	file := filepath.Join(repo, "repodata/repomd.xml")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	data := string(dataElement.Find(text))
	m := location.FindStringSubmatch(data)
	if m == nil {
		return fmt.Errorf("repomd.xml has no primary")
	}
	old := filepath.Join(repo, m[1])
	plain := strings.TrimSuffix(old, ".gz")
	if err := proc.Run(ctx, proc.Cmd{Path: "gzip", Args: []string{"-d", old}}, nil); err != nil {
		return err
	}
	if err := proc.Run(ctx, proc.Cmd{Path: "zstd", Args: []string{"-q", "--rm", plain}}, nil); err != nil {
		return err
	}
	body, err := os.ReadFile(plain + ".zst")
	if err != nil {
		return err
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(body))
	name := "repodata/" + sum + "-primary.xml.zst"
	if err := os.Rename(plain+".zst", filepath.Join(repo, name)); err != nil {
		return err
	}
	changed := checksum.ReplaceAllString(data, `<checksum type="sha256">`+sum+`</checksum>`)
	changed = location.ReplaceAllString(changed, `<location href="`+name+`"/>`)
	changed = sizeElement.ReplaceAllString(changed, fmt.Sprintf("<size>%d</size>", len(body)))
	return os.WriteFile(file, []byte(strings.Replace(string(text), data, changed, 1)), 0o644)
}

// comps is a file of groups with the group core.
func comps(core []string) []byte {
	type item struct {
		Type string `xml:"type,attr"`
		Name string `xml:",chardata"`
	}
	type group struct {
		ID          string `xml:"id"`
		Name        string `xml:"name"`
		Description string `xml:"description"`
		Default     bool   `xml:"default"`
		Visible     bool   `xml:"uservisible"`
		Packages    []item `xml:"packagelist>packagereq"`
	}
	g := group{ID: "core", Name: "Core", Description: "Smallest possible installation"}
	for _, name := range core {
		g.Packages = append(g.Packages, item{"mandatory", name})
	}
	text, _ := xml.MarshalIndent(struct {
		XMLName xml.Name `xml:"comps"`
		Group   group    `xml:"group"`
	}{Group: g}, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...)
}
