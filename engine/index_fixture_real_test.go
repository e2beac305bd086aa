//go:build real

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/engine/enginetest"
	"slipway/engine/enginetest/mirrors"
	"slipway/recipes"
)

// The indexes that the distributions' own programs make are read as those
// programs read them.
func TestIndexOfMadeMirrors(t *testing.T) {
	t.Parallel()
	for _, kind := range mirrors.Kinds() {
		t.Run(kind, func(t *testing.T) {
			m := enginetest.Fixture(t, kind)
			web := enginetest.Serve(t, m.Dir, "")
			doc := listed(t, m, web.URL, strings.Replace(m.Victim(), "ssh", "sh", 1))
			e := engine.New(engine.Dirs{Cache: t.TempDir(), Builds: t.TempDir()})
			if err := e.FetchIndex(context.Background(), doc, func(l string) { t.Log(l) }); err != nil {
				t.Fatal(err)
			}
			x, err := e.Index(doc.Recipe)
			if err != nil {
				t.Fatal(err)
			}
			if x.Len() < 100 || len(x.Search("secure shell")) == 0 {
				t.Errorf("%d packages, of which %d are about a secure shell", x.Len(), len(x.Search("secure shell")))
			}
			if !x.Base("bash") {
				t.Error("bash is not in every root")
			}
			found := unknown(e.Lint(doc))
			if len(found) != 1 || found[0].Severity != recipes.Error || !strings.HasPrefix(found[0].Hint, "did you mean "+m.Victim()) {
				t.Errorf("the linter says %+v", found)
			}
			served := len(web.Served())
			if err := e.FetchIndex(context.Background(), doc, nil); err != nil {
				t.Fatal(err)
			}
			if again := web.Served(); kind != "ubuntu" && (len(again) >= served && kind != "arch" || strings.Contains(strings.Join(again, " "), "primary")) {
				t.Errorf("what did not change was read again: %q", again)
			}
		})
	}
}

// Of a mirror with a fault in its index nothing is read. Faults of packages are
// for the package tool to find: the index is what it should be.
func TestIndexOfFaultyMirrors(t *testing.T) {
	t.Parallel()
	for _, kind := range mirrors.Kinds() {
		for _, fault := range mirrors.Faults() {
			t.Run(kind+", "+string(fault), func(t *testing.T) {
				m, err := enginetest.Fixture(t, kind).Faulty(context.Background(), filepath.Join(t.TempDir(), "mirror"), fault)
				if err != nil {
					t.Fatal(err)
				}
				e, doc := engine.New(engine.Dirs{Cache: t.TempDir(), Builds: t.TempDir()}), listed(t, m, m.URL, m.Victim())
				err = e.FetchIndex(context.Background(), doc, nil)
				t.Log(err)
				good := fault == mirrors.TamperedPackage || fault == mirrors.UnsignedPackage && kind != "ubuntu"
				if _, none := e.Index(doc.Recipe); (err == nil) != good || (none == nil) != good {
					t.Errorf("fetched: %v, read: %v", err, none)
				}
				step := (*engine.StepError)(nil)
				if !good && errors.As(err, &step) && step.Hint == "" {
					t.Errorf("no word on what to do: %v", err)
				}
			})
		}
	}
}

// listed is a recipe of a made mirror, as it is at the address, with one package.
func listed(t testing.TB, m mirrors.Mirror, address, name string) *recipes.Document {
	t.Helper()
	doc, err := recipes.Parse(filepath.Join(t.TempDir(), "listed.toml"), []byte(fmt.Sprintf(
		"name = \"listed\"\ndistro = { id = %q, release = %q, arch = \"amd64\", mirror = %q, key = %q }\noverlay.strategy = \"overlayfs\"\npackages.include = [%q]\n",
		m.Kind, m.Release, address, m.Key, name)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
