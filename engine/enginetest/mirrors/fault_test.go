package mirrors

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
)

// Of the small packages pacman's repository is made; each fault does what it is
// named for, and nothing to the mirror that it was copied from.
func TestFaultsOfPacman(t *testing.T) {
	cache := t.TempDir()
	k, err := openKeys(cache)
	if err != nil {
		t.Fatal(err)
	}
	packs := []*pack{{name: "openssh", version: "1", release: "1", entries: []entry{{path: "usr/x", text: "x", mode: 0o644}}}}
	m := Mirror{Kind: "arch", Dir: filepath.Join(cache, "arch"), Key: filepath.Join(cache, publicKey)}
	table := &table{Arch: "x86_64", Repositories: []string{"core/os/x86_64"}}
	if err := makePacman(t.Context(), m.Dir, packs, table, k, func(string) {}); err != nil {
		t.Fatal(err)
	}
	before := content(t, m.Dir)
	const db, file = "core/os/x86_64/core.db", "core/os/x86_64/openssh-1-1-x86_64.pkg.tar.zst"
	if !signed(t, m, db) || !signed(t, m, file) {
		t.Fatal("the mirror is not signed")
	}
	for _, f := range Faults() {
		bad, err := m.Faulty(t.Context(), filepath.Join(cache, string(f)), f)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		want := map[Fault][2]bool{TamperedPackage: {true, false}, TamperedMetadata: {false, true}, TamperedList: {false, true}, UnsignedPackage: {true, false}, WrongKey: {false, false}}[f]
		if got := [2]bool{signed(t, bad, db), signed(t, bad, file)}; got != want {
			t.Errorf("%s: database and package are signed: %v, want %v", f, got, want)
		}
	}
	for name, body := range content(t, m.Dir) {
		if before[name] != body {
			t.Errorf("%s of the good mirror has changed", name)
		}
	}
	if _, err := m.Faulty(t.Context(), filepath.Join(cache, "none"), "none"); err == nil || !strings.Contains(err.Error(), "no such fault") {
		t.Errorf("a fault that there is not: %v", err)
	}
}

// signed reports whether a file's signature is good by the mirror's key.
func signed(t *testing.T, m Mirror, name string) bool {
	t.Helper()
	key, err := os.Open(m.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer key.Close()
	ring, err := openpgp.ReadArmoredKeyRing(key)
	if err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(filepath.Join(m.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	signature, err := os.ReadFile(filepath.Join(m.Dir, name+".sig"))
	if err != nil {
		return false
	}
	_, err = openpgp.CheckDetachedSignature(ring, bytes.NewReader(body), bytes.NewReader(signature), nil)
	return err == nil
}

func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	found, err := filepath.Glob(filepath.Join(dir, "*/*/*/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		files[f] = string(body)
	}
	return files
}

func TestCapabilities(t *testing.T) {
	if got := capText(1<<13 | 1<<10); got != "cap_net_bind_service,cap_net_raw=ep" {
		t.Errorf("as text: %s", got)
	}
	want := []byte{1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	if got := capData(1 << 13); !bytes.Equal(got, want) {
		t.Errorf("as an attribute: %x", got)
	}
}

// Only those that were used last stay, and nothing that a killed run left.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"arch-1", "arch-2", "arch-3", "arch-4", "archery", "fedora-1", ".mirror-123", ".debian-5", "keys"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	st, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	old := st.ModTime().AddDate(0, 0, -1)
	if err := os.Chtimes(filepath.Join(dir, "arch-2"), old, old); err != nil {
		t.Fatal(err)
	}
	if err := prune(dir, "arch"); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if got := strings.Join(left, " "); got != "arch-1 arch-3 arch-4 archery fedora-1 keys" {
		t.Errorf("left: %s", got)
	}
}
