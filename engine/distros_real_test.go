//go:build real

package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/engine/enginetest"
	"slipway/engine/enginetest/mirrors"
	"slipway/recipes"
)

// small is a recipe of a made mirror that is no more than a root: its kernel is
// none.
func small(t testing.TB, m mirrors.Mirror) *recipes.Document {
	t.Helper()
	doc, err := recipes.Parse(filepath.Join(t.TempDir(), "small.toml"), []byte(`name = "small-`+m.Kind+`"
[distro]
id = "`+m.Kind+`"
release = "`+m.Release+`"
mirror = "`+m.URL+`"
key = "`+m.Key+`"
[overlay]
strategy = "overlayfs"
[packages]
include = ["`+m.Victim()+`"]
[security]
selinux = "disabled"
[kernel]
package = "less"
`))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// A package that cannot be had is named with its mirror; what was downloaded is
// kept, and not downloaded again.
func TestDownloadsAreResumed(t *testing.T) {
	t.Parallel()
	// What apt does, TestMirrorFailuresNameTheCause and
	// TestSecondColdBuildDownloadsNothing hold.
	for _, kind := range []string{"fedora", "opensuse", "arch"} {
		t.Run(kind, func(t *testing.T) {
			m := enginetest.Fixture(t, kind)
			web := enginetest.Serve(t, m.Dir, "/"+m.Victim()+"-9.")
			m.URL = web.URL
			e, doc := fresh(t), small(t, m)
			o := collect(t, e.Build(context.Background(), doc), nil)
			if o.Status != engine.Failed || o.Error.Step != engine.StepRoot {
				t.Fatalf("ended %s: %s", o.Status, o.Error.Text())
			}
			t.Logf("%s", o.Error.Text())
			host := strings.TrimPrefix(web.URL, "http://")
			if !strings.Contains(o.Error.Message, m.Victim()) || !strings.Contains(o.Error.Message, host) {
				t.Errorf("the message does not name package and mirror: %s", o.Error.Message)
			}
			first := packages(web.Served())
			web.Mend()
			// All is downloaded before the first package is installed.
			run, installing := e.Build(context.Background(), doc), false
			o = collect(t, run, func(ev engine.Event) {
				if p, ok := ev.(engine.Progress); ok && p.Step == engine.StepRoot && p.Done > 0 {
					installing = true
					run.Cancel()
				}
			})
			if !installing {
				t.Fatalf("ended %s: %s", o.Status, o.Error.Text())
			}
			// A tool that downloads several at once gives up those that were on their way.
			again := packages(web.Served())
			both := slices.DeleteFunc(slices.Clone(again), func(p string) bool { return !slices.Contains(first, p) })
			if len(first) == 0 || len(again) == 0 || len(both) > 5 {
				t.Errorf("%d packages at first, then %d, of these once more: %v", len(first), len(again), both)
			}
		})
	}
}

// packages are those of some paths that are of packages.
func packages(paths []string) (found []string) {
	for _, p := range paths {
		for _, end := range []string{".rpm", ".deb", ".pkg.tar.zst", ".pkg.tar.xz"} {
			if strings.HasSuffix(p, end) {
				found = append(found, filepath.Base(p))
			}
		}
	}
	return found
}

// refused is what an operator is told of a mirror with a fault: the step that
// failed, and words of the message. Of packages the message has the name.
var refused = map[mirrors.Fault]struct {
	step, says string
	hint       string
}{
	mirrors.TamperedPackage:  {engine.StepRoot, "refused", "tampered with"},
	mirrors.TamperedMetadata: {engine.StepResolve, "BAD signature", "tampered with"},
	mirrors.TamperedList:     {engine.StepRoot, "is not what the", "tampered with"},
	mirrors.UnsignedPackage:  {engine.StepRoot, "is not signed: refused", "nothing unsigned is installed"},
	mirrors.WrongKey:         {engine.StepResolve, "No public key", "key"},
}

// What is tampered with, unsigned, or signed by somebody else is refused, in words
// that say what was refused and what to do; nothing of it stays.
func TestMirrorsAreHeldAgainstTheirKey(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"fedora", "opensuse", "arch", "ubuntu"} {
		for _, f := range mirrors.Faults() {
			t.Run(kind+"/"+string(f), func(t *testing.T) {
				e, m := fresh(t), enginetest.Fixture(t, kind)
				bad, err := m.Faulty(context.Background(), filepath.Join(filepath.Dir(e.Dirs.Cache), "mirror"), f)
				if err != nil {
					t.Fatal(err)
				}
				// As mirrors are asked: some tools take a folder another way.
				bad.URL = enginetest.Serve(t, bad.Dir, "").URL
				want := refused[f]
				switch {
				case kind == "arch" && f == mirrors.TamperedList: // it is what is signed
					want = refused[mirrors.TamperedMetadata]
				case kind == "ubuntu" && f == mirrors.UnsignedPackage: // packages never are: the archive is not
					want.step, want.says = engine.StepResolve, "the suite noble of"
				}
				o := collect(t, e.Build(context.Background(), small(t, bad)), nil)
				if o.Status != engine.Failed || o.Error.Step != want.step || !strings.Contains(o.Error.Message, want.says) || !strings.Contains(o.Error.Hint, want.hint) {
					t.Errorf("ended %s: %s", o.Status, o.Error.Text())
				}
				if ofPackage := f == mirrors.TamperedPackage || f == mirrors.UnsignedPackage && kind != "ubuntu"; ofPackage && !strings.Contains(o.Error.Message, m.Victim()) {
					t.Errorf("the package is not named: %s", o.Error.Message)
				}
				if left, _ := filepath.Glob(filepath.Join(e.Dirs.Cache, "layers", "*")); len(left) > 0 {
					t.Errorf("left: %v", left)
				}
			})
		}
	}
}

// Newer package tools than this machine's refuse the same, go on where they
// stopped, and say it in words that are understood: those of Debian 13. Where the
// packages with the keys of distributions put them is known.
func TestNewerPackageTools(t *testing.T) {
	t.Parallel()
	kinds := []string{"fedora", "opensuse", "arch"}
	for _, kind := range kinds {
		enginetest.Fixture(t, kind)
	}
	said := enginetest.InHost(t, "^(TestMirrorsAreHeldAgainstTheirKey|TestDownloadsAreResumed)$/^("+strings.Join(kinds, "|")+")$")
	for _, kind := range kinds {
		if strings.Count(said, "--- PASS: TestMirrorsAreHeldAgainstTheirKey/"+kind+"/") != len(mirrors.Faults()) || !strings.Contains(said, "--- PASS: TestDownloadsAreResumed/"+kind) {
			t.Errorf("not everything of %s was tried:\n%s", kind, said)
		}
	}
	for _, d := range distro.All() {
		for _, release := range d.Releases {
			r := recipes.Recipe{Distro: recipes.Distro{ID: d.ID, Release: release.ID}}
			there := func(file string) bool { _, err := os.Stat(filepath.Join(enginetest.Host(t), file)); return err == nil }
			if !slices.ContainsFunc(d.KeyFiles(r), func(files []string) bool {
				return !slices.ContainsFunc(files, func(f string) bool { return !there(f) })
			}) {
				t.Errorf("%s %s: none of %v is there", d.ID, release.ID, d.KeyFiles(r))
			}
		}
	}
}
