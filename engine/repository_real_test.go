//go:build real

package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/engine/enginetest"
	"slipway/recipes"
)

func withRepository(t *testing.T, r enginetest.Repository, key string) *recipes.Document {
	t.Helper()
	doc := edited(t, quick(t, enginetest.NewMirror(t, nil).URL), map[string]any{"packages.include": []any{"zstd", r.Package}})
	err := doc.Append("repositories", map[string]any{"name": "own", "uri": r.URL, "suite": r.Suite, "components": []any{"main"}, "key": key})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOwnRepositoryByItsKeyOnly(t *testing.T) {
	t.Parallel()
	r := enginetest.NewRepository(t)
	t.Run("another key", func(t *testing.T) {
		o := collect(t, fresh(t).Build(context.Background(), withRepository(t, r, r.Other)), nil)
		if o.Status != engine.Failed || o.Error.Step != engine.StepResolve || !strings.Contains(o.Error.Message, "signature of "+r.URL) {
			t.Errorf("ended %s: %s", o.Status, o.Error.Text())
		}
	})
	t.Run("its key, binary", func(t *testing.T) {
		e := fresh(t)
		o := collect(t, e.Build(context.Background(), withRepository(t, r, r.RawKey)), nil)
		if o.steps[engine.StepRoot].Status != engine.Done {
			t.Fatalf("ended %s: %s", o.Status, o.Error.Text())
		}
		found, _ := filepath.Glob(e.Dirs.Cache + "/layers/root-*/root/usr/share/" + r.Package)
		if len(found) != 1 {
			t.Errorf("the package of the repository is not in the root: %v", found)
		}
		sources, _ := filepath.Glob(e.Dirs.Cache + "/layers/root-*/root/etc/apt/sources.list.d/*")
		text := ""
		for _, s := range sources {
			b, _ := os.ReadFile(s)
			text += string(b)
		}
		if !strings.Contains(text, r.URL) || !strings.Contains(text, "BEGIN PGP PUBLIC KEY BLOCK") {
			t.Errorf("the image does not know the repository and its key:\n%s", text)
		}
	})
}
