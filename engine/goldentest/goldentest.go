// Package goldentest is for tests: it compares text with a file that holds what
// is expected, and writes that file anew on request.
package goldentest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/aymanbagabas/go-udiff"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Updating reports whether the expected text is to be written anew.
func Updating() bool { return *update }

// Equal fails the test if got is not what the file of that name in testdata holds,
// and shows what differs. With -update the file becomes got.
func Equal(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("not as expected (refresh with -update):\n%s", udiff.Unified(file, "got", string(want), got))
	}
}
