//go:build real

package engine_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/engine/enginetest"
	"slipway/engine/enginetest/board"
	"slipway/engine/image"
	"slipway/engine/live"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// boarded is a recipe of testdata/board, which is all but its mirror, and what its
// machine must show when its overlay is filled; nothing where it is not.
type boarded struct {
	recipe  string
	kind    string // of what takes the writes
	release string // a line of its os-release(5)
	variant *variant
}

var boardedRecipes = []boarded{
	{"fedora-dm-snapshot", live.KindSnapshot, "ID=fedora", &variant{outcome: smoke.ReadOnly, verdict: "read-only until reboot; df said"}},
	{"fedora-overlayfs", live.KindTmpfs, "ID=fedora", &variant{outcome: smoke.Recovers, verdict: "fills at 64 MiB with ENOSPC; recovers after deleting"}},
	{"opensuse-kiwi", live.KindTmpfs, `ID="opensuse-tumbleweed"`, &variant{outcome: smoke.Recovers, verdict: "fills at 64 MiB with ENOSPC; recovers after deleting"}},
	{"centos-overlayfs", live.KindTmpfs, `ID="centos"`, nil},
	{"arch-overlayfs", live.KindTmpfs, "ID=arch", nil},
	{"arch-archiso", live.KindTmpfs, "ID=arch", nil},
	{"ubuntu-casper", live.KindTmpfs, "ID=ubuntu", nil},
}

// fromBoard is a recipe of the board, with a made mirror and its key.
func fromBoard(t testing.TB, name string) *recipes.Document {
	t.Helper()
	doc, err := board.Recipe(context.Background(), filepath.Join("../testdata/board", name+".toml"), enginetest.Mirrors(t), func(l string) { t.Log(l) })
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Every distribution is built by its own package tool and boots to PASS on its own
// live stack; that the packages came from a mirror of the tests is said.
func TestEveryDistributionBoots(t *testing.T) {
	t.Parallel()
	for _, b := range boardedRecipes {
		t.Run(b.recipe, func(t *testing.T) {
			t.Parallel()
			e := shared(t)
			doc := fromBoard(t, b.recipe)
			if err := doc.Append("checks", map[string]any{"name": "the distribution", "command": "cat /etc/os-release", "prints": b.release}); err != nil {
				t.Fatal(err)
			}
			o, results := booted(t, func() *engine.Run {
				return e.Boot(context.Background(), doc, engine.BootOptions{Rehearse: b.variant != nil})
			}, nil)
			if !o.Verdict.Passed() || !o.Verdict.Fixture || !strings.HasPrefix(o.Verdict.Said(), "PASS (fixture)") {
				t.Errorf("%s: %s", o.Verdict.Said(), o.Verdict.Reason)
			}
			record, err := engine.ReadRecord(o.Build)
			if err != nil {
				t.Fatal(err)
			}
			if record.Layout.Kind != b.kind || !record.Fixture {
				t.Errorf("built as %+v, fixture %v", record.Layout, record.Fixture)
			}
			for _, p := range smoke.Plans(doc.Recipe, record.Layout, smoke.Direct) {
				if r := results[p.ID]; r.Status != smoke.Pass {
					t.Errorf("%s: %+v", p.ID, r)
				}
			}
			checkClean(t, o.Build, record)
			if b.variant != nil {
				checkRehearsal(t, *b.variant, o.Rehearsal)
			}
			checkMemory(t, record, doc.Recipe, o)
			unchanged(t, o.Build)
		})
	}
}

// ofTheBuild are what package tools leave behind, by pattern; none of it belongs in
// an image.
var ofTheBuild = []string{"var/cache/dnf/*", "var/cache/libdnf5/*", "var/cache/zypp/*", "var/cache/pacman/pkg/*", "var/cache/apt/archives/*.deb",
	"var/lib/dnf/history*", "var/lib/pacman/sync/*", "var/lib/apt/lists/*_*", "var/log/dnf*", "var/log/hawkey.log", "var/log/zypp*", "var/log/pacman.log",
	"var/log/dpkg.log", "var/log/apt/*", "root/.rpmdb*", "root/.gnupg*", "root/.rpmmacros", "etc/zypp/repos.d/slipway-*", "etc/pacman.d/gnupg*",
	"boot/initramfs-*", "dev/*", "proc/*", "tmp/*", "var/tmp/*", "etc/ssh/ssh_host_*", "etc/.pwd.lock"}

// checkClean looks into a packed image for what only the build needed. An image
// with an ext4 inside is proven to be the same root by the build itself.
func checkClean(t *testing.T, dir string, record engine.Record) {
	t.Helper()
	if record.Layout.Nested {
		return
	}
	list, err := image.ListSquashfs(context.Background(), filepath.Join(dir, "filesystem.squashfs"))
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := list["etc/machine-id"]; !ok || f.Size != 0 {
		t.Errorf("/etc/machine-id: %v %+v", ok, f)
	}
	for name := range list {
		for _, pattern := range ofTheBuild {
			if match, _ := filepath.Match(pattern, strings.TrimPrefix(name, "/")); match {
				t.Errorf("the image has /%s", strings.TrimPrefix(name, "/"))
			}
		}
	}
}

// Debian's stable release, from the real mirror.
func TestTrixieBoots(t *testing.T) {
	t.Parallel()
	doc := edited(t, vm(t), map[string]any{"name": "trixie-vm", "distro.release": "trixie"})
	o, _ := booted(t, func() *engine.Run { return shared(t).Boot(context.Background(), doc, engine.BootOptions{}) }, nil)
	if !o.Verdict.Passed() || o.Verdict.Fixture {
		t.Errorf("%s: %s", o.Verdict.Said(), o.Verdict.Reason)
	}
	unchanged(t, o.Build)
}
