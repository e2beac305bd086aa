//go:build real

package engine_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/engine/enginetest"
	"slipway/recipes"
)

func TestIndexIsFetchedBeforeAnyBuild(t *testing.T) {
	t.Parallel()
	e := fresh(t)
	mirror := enginetest.NewMirror(t, nil)
	doc := edited(t, quick(t, mirror.URL), map[string]any{"packages.include": []any{"zstd", "openssh-servr"}})
	if _, err := e.Index(doc.Recipe); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("before it was fetched: %v", err)
	}
	if found := unknown(e.Lint(doc)); len(found) > 0 {
		t.Errorf("without an index the linter says %v", found)
	}
	var told []string
	if err := e.FetchIndex(context.Background(), doc, func(l string) { told = append(told, l) }); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(told, "\n"), "Get:1 "+mirror.URL) {
		t.Errorf("how it goes is not told: %q", told)
	}
	index, err := e.Index(doc.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := index.Find("openssh-server"); !ok {
		t.Error("the index does not know openssh-server")
	}
	found := unknown(e.Lint(doc))
	if len(found) != 1 || found[0].Severity != recipes.Error || found[0].Hint != "did you mean openssh-server?" {
		t.Errorf("the linter says %+v", found)
	}

	// What was fetched is what the mirror signs: so the build says it before anything is unpacked.
	o := collect(t, e.Build(context.Background(), doc), nil)
	if o.Status != engine.Failed || o.Error.Step != engine.StepRoot || !strings.Contains(o.Error.Message, "no package is called openssh-servr in debian bookworm") {
		t.Errorf("the build ended %s: %s", o.Status, o.Error.Text())
	}
	if output := strings.Join(o.output, "\n"); strings.Contains(output, "extracting archives") || strings.Contains(output, "Setting up") {
		t.Errorf("something was unpacked:\n%s", output)
	}
	nothingLeft(t, e)
}

func unknown(ps recipes.Problems) recipes.Problems {
	return slices.DeleteFunc(ps, func(p recipes.Problem) bool { return p.Code != "package-unknown" })
}

func TestTamperedIndexIsRefused(t *testing.T) {
	t.Parallel()
	e := fresh(t)
	tampered := true
	doc := quick(t, enginetest.NewMirror(t, func(path string, body []byte) []byte {
		if tampered && strings.HasSuffix(path, "/InRelease") && len(body) > 1000 {
			body = append([]byte{}, body...)
			body[len(body)/2] ^= 1
		}
		return body
	}).URL)
	r := doc.Recipe
	if err := e.FetchIndex(context.Background(), doc, nil); err == nil {
		t.Error("a tampered index was taken")
	}
	if x, err := e.Index(r); err == nil {
		t.Errorf("it is in %s", x.Lists)
	}
	// Nor does it replace a good one.
	tampered = false
	if err := e.FetchIndex(context.Background(), doc, nil); err != nil {
		t.Fatal(err)
	}
	good, err := e.Index(r)
	if err != nil {
		t.Fatal(err)
	}
	tampered = true
	if err := e.FetchIndex(context.Background(), doc, nil); err == nil {
		t.Error("a tampered index was called fresh")
	}
	if x, err := e.Index(r); err != nil || !x.Fetched.Equal(good.Fetched) || x.Len() != good.Len() {
		t.Errorf("the good one is gone: %v", err)
	}
}

// A mirror that cannot be reached is told, whatever there was before.
func TestIndexOfAMirrorThatIsDown(t *testing.T) {
	t.Parallel()
	e := fresh(t)
	mirror, ctx := enginetest.NewMirror(t, nil), context.Background()
	doc := quick(t, mirror.URL)
	if err := e.FetchIndex(ctx, doc, nil); err != nil {
		t.Fatal(err)
	}
	mirror.Close()
	if err := e.FetchIndex(ctx, doc, nil); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("it says %v", err)
	}
	if _, err := e.Index(doc.Recipe); err != nil {
		t.Errorf("the index that was there is gone: %v", err)
	}
}
