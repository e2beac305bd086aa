//go:build real

package mirrors_test

import (
	"os"
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

// The stand-in for casper runs in an initramfs: by a plain POSIX shell.
func TestCasperIsPlainShell(t *testing.T) {
	for _, name := range []string{"casper", "hook", "postinst"} {
		if _, err := os.Stat("casper/" + name); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("shellcheck", "--shell=sh", "--exclude=SC1091", "casper/"+name).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
