package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine/distro"
	"slipway/recipes"
)

// fetch fetches the index, and returns what was told.
func (m *madeMirror) fetch(e *Engine) (told []string, err error) {
	err = e.FetchIndex(context.Background(), m.doc, func(l string) { told = append(told, l) })
	return told, err
}

func TestIndexOfEachFamilyIsFetched(t *testing.T) {
	for id, m := range madeMirrors(t) {
		t.Run(id, func(t *testing.T) {
			e := New(Dirs{Cache: t.TempDir(), Builds: t.TempDir()})
			if _, err := e.Index(m.doc.Recipe); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("before it was fetched: %v", err)
			}
			if _, err := m.fetch(e); err != nil {
				t.Fatal(err)
			}
			x, err := e.Index(m.doc.Recipe)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := x.Find("bash"); !ok || x.Len() != 2 || x.cover != complete {
				t.Errorf("%d packages, covering %d", x.Len(), x.cover)
			}
			m.recipe(id, m.doc.Recipe.Distro.Release, `"bash", "bahs"`)
			want := fmt.Sprintf("no package is called bahs in %s %s", id, m.doc.Recipe.Distro.Release)
			if found := aboutNames(e.Lint(m.doc)); len(found) != 1 || found[0].Message != want || found[0].Hint != "did you mean bash?" || found[0].Severity != recipes.Error {
				t.Errorf("the linter says %+v", found)
			}

			// What did not change is not read again; what did is.
			told, err := m.fetch(e)
			if err != nil || strings.Contains(strings.Join(told, "\n"), "primary") {
				t.Errorf("again: %v, %q", err, told)
			}
			m.fill("bash", "libc", "bahs")
			if _, err := m.fetch(e); err != nil {
				t.Fatal(err)
			}
			if found := aboutNames(e.Lint(m.doc)); len(found) > 0 {
				t.Errorf("of the new index the linter says %+v", found)
			}
			if files, _ := filepath.Glob(filepath.Join(e.Dirs.Cache, packagesDir, id, "lists-*", "*_Packages")); len(files) != len(m.sources()) {
				t.Errorf("old listings are left: %q", files)
			}
		})
	}
}

// Debian's name of a well-known package is no riddle.
func TestDebiansNameIsUnderstood(t *testing.T) {
	m := madeMirrors(t)["arch"]
	m.fill("openssh", "openssl-server")
	m.recipe("arch", "rolling", `"openssh-server", "zstd-server"`)
	e := New(Dirs{Cache: t.TempDir(), Builds: t.TempDir()})
	if _, err := m.fetch(e); err != nil {
		t.Fatal(err)
	}
	found := aboutNames(e.Lint(m.doc))
	if len(found) != 2 || found[0].Hint != "did you mean openssh?" || found[0].Fix == nil || found[1].Fix != nil {
		t.Errorf("the linter says %+v", found)
	}
}

// Whatever is wrong with an index is told in words that say what to do, nothing
// of it is used, and one that was there before stays.
func TestWrongIndexIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		wrong func(m *madeMirror, index, signature string)
		want  string // {index} and {signature} are the first repository's
		only  string // a distribution that it is about
	}{
		"a tampered listing": {func(m *madeMirror, _, _ string) { m.tamper(m.listing()) },
			"/repodata/primary.xml.gz is not what the index of its repository says: its sha256 is ", "fedora"},
		"a listing cut off": {func(m *madeMirror, _, _ string) { m.write(m.listing(), []byte("short")) },
			"/repodata/primary.xml.gz is not what the index of its repository says: its sha256 is ", "opensuse"},
		"no listing": {func(m *madeMirror, _, _ string) { m.remove(m.listing()) },
			"the mirror's own index names a file that it does not have: ", "fedora"},
		"a tampered index":   {func(m *madeMirror, index, _ string) { m.tamper(index) }, "the signature of {index} is not good: ", ""},
		"no signature":       {func(m *madeMirror, _, signature string) { m.remove(signature) }, "{index} is not signed: the mirror has no {signature}", ""},
		"a broken signature": {func(m *madeMirror, _, signature string) { m.write(signature, []byte("no signature")) }, "the signature of {index} is not good: ", ""},
		"another's signature": {func(m *madeMirror, _, _ string) { m.sign(newKey(m.t)) },
			"the signature of {index} is not good: ", ""},
		"another key in the recipe": {func(m *madeMirror, _, _ string) { m.write("../key.asc", m.public(newKey(m.t))) },
			"the signature of {index} is not good: ", ""},
		"no key":                 {func(m *madeMirror, _, _ string) { m.remove("../key.asc") }, "distro.key: open ", ""},
		"something else as key":  {func(m *madeMirror, _, _ string) { m.write("../key.asc", []byte("no key")) }, "distro.key key.asc: is not an OpenPGP public key", ""},
		"no repository":          {func(m *madeMirror, index, _ string) { m.remove(index) }, "the mirror has no repository ", ""},
		"an index of no listing": {func(m *madeMirror, index, _ string) { m.write(index, []byte("<repomd/>")); m.sign(m.key) }, "{index} names no primary.xml", "fedora"},
		"a database that is none": {func(m *madeMirror, index, _ string) { m.write(index, []byte("<html>")); m.sign(m.key) },
			"package index of core: not a database of pacman's", "arch"},
	} {
		for id, m := range madeMirrors(t) {
			if c.only != "" && c.only != id {
				continue
			}
			t.Run(name+", "+id, func(t *testing.T) {
				e := New(Dirs{Cache: t.TempDir(), Builds: t.TempDir()})
				if _, err := m.fetch(e); err != nil {
					t.Fatal(err)
				}
				before, err := e.Index(m.doc.Recipe)
				if err != nil {
					t.Fatal(err)
				}
				m.fill("evil")
				index, signature := m.sources()[0].Signed()
				c.wrong(m, m.path(index), m.path(signature))
				_, err = m.fetch(e)
				want := strings.NewReplacer("{index}", index, "{signature}", signature).Replace(c.want)
				var step *StepError
				if !errors.As(err, &step) || !strings.Contains(step.Message, want) {
					t.Fatalf("it says %v\nwant %s", err, want)
				}
				if strings.Contains(want, "is not good") && !strings.Contains(step.Hint, "another key than the one that the recipe names") {
					t.Errorf("the hint is %q", step.Hint)
				}
				after, err := e.Index(m.doc.Recipe)
				if err != nil || !after.Fetched.Equal(before.Fetched) || after.Len() != before.Len() {
					t.Errorf("the good one is gone: %v", err)
				}
				if _, err := m.fetch(New(Dirs{Cache: t.TempDir(), Builds: t.TempDir()})); err == nil {
					t.Error("an empty cache takes it")
				}
			})
		}
	}
}

// Fedora signs no index, only packages: then the index may have no signature, and
// that is told; but one that is there must be good.
func TestIndexOfADistributionThatSignsNone(t *testing.T) {
	s := distro.Source{Family: distro.RPM, Name: "fedora", URI: "file://" + t.TempDir()}
	m := &madeMirror{t: t, dir: strings.TrimPrefix(s.URI, "file://"), key: newKey(t)}
	index, signature := s.Signed()
	m.write(m.path(index), []byte("<repomd/>"))
	s.SignedBy = string(m.public(m.key))
	x, err := readSigned(t.Context(), s, t.TempDir(), "")
	if err != nil || x.signed || len(x.notes(s)) != 1 {
		t.Errorf("without: %+v, %v", x, err)
	}
	m.write(m.path(signature), []byte("no signature"))
	if _, err := readSigned(t.Context(), s, t.TempDir(), ""); err == nil || !strings.Contains(err.Error(), "is not good") {
		t.Errorf("a bad one: %v", err)
	}
}

// An optional repository that the mirror does not have leaves the index whole.
func TestOptionalRepositoryMayBeAbsent(t *testing.T) {
	m := madeMirrors(t)["fedora"]
	e := New(Dirs{Cache: t.TempDir(), Builds: t.TempDir()})
	told, err := m.fetch(e)
	if err != nil || !strings.Contains(strings.Join(told, "\n"), "the mirror has no updates: left out") {
		t.Errorf("%v, told %q", err, told)
	}
	if x, err := e.Index(m.doc.Recipe); err != nil || x.cover != complete {
		t.Errorf("%v, covering %d", err, x.cover)
	}
}

// A build brings the index before anything is unpacked, and says what it misses.
func TestBuildBringsTheIndex(t *testing.T) {
	for id, m := range madeMirrors(t) {
		t.Run(id, func(t *testing.T) {
			m.recipe(id, m.doc.Recipe.Distro.Release, `"bahs"`)
			want := fmt.Sprintf("no package is called bahs in %s %s", id, m.doc.Recipe.Distro.Release)
			expect := func(b *builder, what, want string) {
				t.Helper()
				if err := b.checkNames(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: got %v, want %s", what, err, want)
				}
			}
			m.building(func(b *builder) {
				expect(b, "from the mirror", want)
				m.tamper(m.listing())
				expect(b, "from the cache", want)
				b.Dirs.Cache = filepath.Join(b.Dirs.Cache, "another")
				refusal := "is not what the index of its repository says"
				if b.distro.Family == distro.Pacman {
					refusal = "is not good"
				}
				expect(b, "tampered with since resolve read the index", refusal)
			})
		})
	}
}

// building runs a test as the worker that builds the recipe, past resolve.
func (m *madeMirror) building(test func(b *builder)) {
	m.t.Helper()
	fail := func(err error) {
		if err != nil {
			m.t.Fatal(err)
		}
	}
	d, err := distro.Find(m.doc.Recipe.Distro.ID)
	fail(err)
	dirs := Dirs{Cache: m.t.TempDir(), Builds: m.t.TempDir()}
	space, err := newWorkspace(filepath.Join(dirs.Cache, workDir), "build-")
	fail(err)
	defer space.remove()
	log, err := newLog(filepath.Join(dirs.Builds, "log"))
	fail(err)
	defer log.Close()
	sources, err := signedBy(d, m.doc.Recipe, m.public(m.key), m.sources())
	fail(err)
	run := newRun(m.t.Context(), func(ctx context.Context, r *Run) Finished {
		b := &builder{job: job{Recipe: m.doc.Recipe, TOML: m.doc.Source, Dirs: dirs}, run: r, log: log, space: space, distro: d, ownMirror: true}
		state, err := b.readMirrors(ctx, sources)
		if err != nil {
			return Finished{Status: Failed, Error: stepError(StepResolve, err, "")}
		}
		b.Plan.Sources, b.state = state.Sources, state.Inputs
		test(b)
		return Finished{Status: Done}
	})
	if f := run.Wait(); f.Status != Done {
		m.t.Errorf("%+v", f.Error)
	}
}
