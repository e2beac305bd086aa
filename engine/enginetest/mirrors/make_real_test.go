//go:build real

package mirrors_test

import (
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"

	"slipway/engine/enginetest"
	"slipway/engine/enginetest/mirrors"
)

// Every kind can be made, the second time for nothing, and each fault put into
// it. That tools refuse the faults is a test of each family.
func TestMake(t *testing.T) {
	for _, kind := range mirrors.Kinds() {
		m := enginetest.Fixture(t, kind)
		again, err := mirrors.Make(t.Context(), enginetest.Mirrors(t), kind, func(line string) { t.Errorf("%s is made again: %s", kind, line) })
		if err != nil || again != m {
			t.Errorf("%s, once more: %v, %v", kind, again, err)
		}
		for _, f := range mirrors.Faults() {
			if _, err := m.Faulty(t.Context(), filepath.Join(t.TempDir(), "bad"), f); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
}

// The stand-ins run in an initramfs, by a plain POSIX shell; the one that makes
// an initramfs by bash.
func TestStandInsAreCleanShell(t *testing.T) {
	for shell, from := range map[string][]string{"sh": {"casper", "archiso/mkinitcpio/usr/lib/initcpio/hooks", "archiso/mkinitcpio/usr/lib/initcpio/init", "archiso/mkinitcpio-archiso/usr/lib/initcpio/hooks"},
		"bash": {"archiso/mkinitcpio/usr/bin/mkinitcpio"}} {
		for _, place := range from {
			err := filepath.WalkDir(place, func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				out, err := exec.Command("shellcheck", "--shell="+shell, "--exclude=SC1090,SC1091,SC2034,SC2154,SC2086", name).CombinedOutput()
				if err != nil {
					t.Errorf("%s: %v\n%s", name, err, out)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
