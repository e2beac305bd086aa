package engine

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/engine/distro"
	"slipway/recipes"
)

const someNames = `Package: htop
Version: 3.2

Package: curl
Version: 7.88

Package: openssh-client
Version: 9.2

Package: openssh-server
Version: 9.2

Package: mawk
Version: 1
Provides: awk

Package: gawk
Version: 1
Provides: awk

Package: exim4-daemon-light
Version: 4
Provides: default-mta

Package: linux-image-amd64
Version: 6.1
`

const ownRepository = "\n[[repositories]]\nname = \"ours\"\nuri = \"https://packages.example.org/deb\"\nsuite = \"stable\"\ncomponents = [\"main\"]\nkey = \"ours.asc\"\n"

// listing is a recipe with these lines in [packages].
func listing(t testing.TB, packages, more string) *recipes.Document {
	t.Helper()
	doc, err := recipes.Parse("web.toml", []byte("name = \"web\"\ndistro = { id = \"debian\", release = \"bookworm\", arch = \"amd64\", mirror = \""+ownMirrorURI+"\" }\noverlay.strategy = \"overlayfs\"\n\n[packages]\n"+packages+"\n"+more))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// aboutNames are the findings on names of packages.
func aboutNames(ps recipes.Problems) recipes.Problems {
	return slices.DeleteFunc(ps, func(p recipes.Problem) bool { return p.Code != "package-unknown" && p.Code != "package-virtual" })
}

func TestLintNames(t *testing.T) {
	e := New(Dirs{Cache: t.TempDir()})
	keep(t, e, "bookworm-0", bookworm(ownMirrorURI, "main"), someNames, time.Hour)
	for name, c := range map[string]struct {
		packages string
		want     string // "code path: message | hint"; empty: nothing
		fix      any
	}{
		"all known":                       {packages: `include = ["htop", "openssh-server"]`},
		"misspelt":                        {`include = ["openssh-server", "htopp"]`, "package-unknown packages.include[1]: no package is called htopp in debian bookworm | did you mean htop?", "htop"},
		"misspelt, with a version":        {`include = ["curll=7.88"]`, "package-unknown packages.include[0]: no package is called curll in debian bookworm | did you mean curl?", "curl=7.88"},
		"misspelt where it is excluded":   {`exclude = ["htopp"]`, "package-unknown packages.exclude[0]: no package is called htopp in debian bookworm | did you mean htop?", "htop"},
		"meant is there already":          {`include = ["htop", "htopp"]`, "package-unknown packages.include[1]: no package is called htopp in debian bookworm | did you mean htop?", nil},
		"two are as near":                 {`include = ["openssh"]`, "package-unknown packages.include[0]: no package is called openssh in debian bookworm | did you mean openssh-client or openssh-server?", nil},
		"none is near":                    {`include = ["qqqqqqqq"]`, "package-unknown packages.include[0]: no package is called qqqqqqqq in debian bookworm | slipway search looks for words in names and summaries", nil},
		"a version":                       {packages: `include = ["curl=7.88"]`},
		"a suite":                         {packages: `include = ["curl/bookworm-backports"]`},
		"its own architecture":            {packages: `include = ["curl:amd64"]`},
		"another architecture":            {packages: `include = ["libc6:i386"]`},
		"unknown of its own architecture": {`include = ["curll:amd64"]`, "package-unknown packages.include[0]: no package is called curll in debian bookworm | did you mean curl?", "curl:amd64"},
		"virtual, one provides it":        {packages: `include = ["default-mta"]`},
		"virtual, several provide it":     {`include = ["awk"]`, "package-virtual packages.include[0]: awk is a virtual package that several provide: apt wants one of them | take gawk or mawk", nil},
		"virtual, with a version":         {`include = ["default-mta=4"]`, "package-virtual packages.include[0]: default-mta is a virtual package: it has no version or suite of its own | take exim4-daemon-light", nil},
		"virtual, excluded":               {packages: `exclude = ["awk"]`},
		"the kernel": {"\n[kernel]\npackage = \"linux-image-amd46\"",
			"package-unknown kernel.package: no package is called linux-image-amd46 in debian bookworm | did you mean linux-image-amd64?", "linux-image-amd64"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := listing(t, c.packages, "")
			found := aboutNames(e.Lint(doc))
			if c.want == "" {
				if len(found) > 0 {
					t.Errorf("found %v", found)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("found %v, want one thing", found)
			}
			p := found[0]
			if got := fmt.Sprintf("%s %s: %s | %s", p.Code, p.Path, p.Message, p.Hint); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if p.Severity != recipes.Error {
				t.Errorf("it is a %s", p.Severity)
			}
			item := strings.Trim(string([]rune(p.Source)[p.Column-1:p.Column-1+p.Length]), `"`)
			if distro.PackageName(item) != strings.Fields(c.want[strings.Index(c.want, ": ")+2:])[0] && !strings.Contains(p.Message, distro.PackageName(item)) {
				t.Errorf("the caret is below %q", item)
			}
			if c.fix == nil {
				if p.Fix != nil {
					t.Errorf("it offers to %s", p.Fix.Title)
				}
				return
			}
			if p.Fix == nil || p.Fix.Edits[0].Value != c.fix {
				t.Fatalf("fix %+v, want %v", p.Fix, c.fix)
			}
			if err := doc.Apply(*p.Fix); err != nil {
				t.Fatal(err)
			}
			if again := aboutNames(e.Lint(doc)); len(again) > 0 {
				t.Errorf("after the fix: %v", again)
			}
		})
	}
}

// How much the index has to say depends on whose it is, and how old.
func TestLintNamesDoubts(t *testing.T) {
	own := bookworm(ownMirrorURI, "main")
	withRepository := append(slices.Clone(own), distro.Source{URI: "https://packages.example.org/deb", Suite: "stable", Components: []string{"main"}})
	for name, c := range map[string]struct {
		keep   func(t *testing.T, e *Engine)
		more   string // of the recipe
		mirror string // instead of its own; "-": none
		want   recipes.Severity
		hint   string
	}{
		"no index":        {keep: func(*testing.T, *Engine) {}},
		"its own":         {keep: func(t *testing.T, e *Engine) { keep(t, e, "bookworm-0", own, someNames, time.Hour) }, want: recipes.Error, hint: "did you mean htop?"},
		"old":             {keep: func(t *testing.T, e *Engine) { keep(t, e, "bookworm-0", own, someNames, 100*time.Hour) }, want: recipes.Warning, hint: "did you mean htop?; the index is 4 days old: slipway search --refresh brings a new one"},
		"a suite lacking": {keep: func(t *testing.T, e *Engine) { keep(t, e, "bookworm-0", own, someNames, time.Hour, "*-security_*") }, want: recipes.Warning, hint: "did you mean htop?; not all archives of the release are in the index: slipway search --refresh"},
		"another mirror's, of a recipe with one of its own": {keep: func(t *testing.T, e *Engine) {
			keep(t, e, "bookworm-0", bookworm("http://a.example/debian", "main"), someNames, time.Hour)
		}},
		"other components": {keep: func(t *testing.T, e *Engine) {
			keep(t, e, "bookworm-0", bookworm(ownMirrorURI, "contrib"), someNames, time.Hour)
		}},
		"another release":           {keep: func(t *testing.T, e *Engine) { keep(t, e, "trixie-0", own, someNames, time.Hour) }},
		"a repository not in it":    {keep: func(t *testing.T, e *Engine) { keep(t, e, "bookworm-0", own, someNames, time.Hour) }, more: ownRepository},
		"with its own repositories": {keep: func(t *testing.T, e *Engine) { keep(t, e, "bookworm-0", withRepository, someNames, time.Hour) }, more: ownRepository, want: recipes.Error, hint: "did you mean htop?"},
	} {
		t.Run(name, func(t *testing.T) {
			e := New(Dirs{Cache: t.TempDir()})
			c.keep(t, e)
			found := aboutNames(e.Lint(listing(t, `include = ["htopp"]`, c.more)))
			if c.want == "" {
				if len(found) > 0 {
					t.Errorf("found %v", found)
				}
				return
			}
			if len(found) != 1 || found[0].Severity != c.want || found[0].Hint != c.hint {
				t.Errorf("found %+v, want a %s with the hint %q", found, c.want, c.hint)
			}
		})
	}
	t.Run("another mirror's", func(t *testing.T) {
		t.Setenv("SLIPWAY_DEBIAN_MIRROR", "http://b.example/debian")
		e := New(Dirs{Cache: t.TempDir()})
		keep(t, e, "bookworm-0", own, someNames, time.Hour)
		doc := listing(t, `include = ["htopp"]`, "")
		if err := doc.Unset("distro.mirror"); err != nil {
			t.Fatal(err)
		}
		found := aboutNames(e.Lint(doc))
		if len(found) != 1 || found[0].Severity != recipes.Warning || !strings.Contains(found[0].Hint, "of another mirror") {
			t.Errorf("found %+v", found)
		}
	})
	t.Run("an index that is held says nothing of another release", func(t *testing.T) {
		e := New(Dirs{Cache: t.TempDir()})
		keep(t, e, "bookworm-0", own, someNames, time.Hour)
		doc := listing(t, `include = ["htopp"]`, "")
		x, err := e.Index(doc.Recipe)
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Set("distro.release", "trixie"); err != nil {
			t.Fatal(err)
		}
		if found := aboutNames(x.Lint(doc)); len(found) > 0 {
			t.Errorf("found %v", found)
		}
	})
}

// A build believes an index only if it is what the mirrors signed just now.
func TestBuildChecksNames(t *testing.T) {
	sources := bookworm(ownMirrorURI, "main")
	for name, c := range map[string]struct {
		packages string
		seed     func(b *builder, lists string)
		want     string
	}{
		"known":                       {packages: `include = ["htop"]`},
		"unknown":                     {packages: `include = ["htopp", "curll"]`, want: "no package is called htopp in debian bookworm; no package is called curll in debian bookworm"},
		"the mirror has a newer one":  {packages: `include = ["htopp"]`, seed: func(b *builder, _ string) { b.state[0].Value = "2026-11-22 20:00:00 (0123456789abcdef)" }},
		"an index of no known mirror": {packages: `include = ["htopp"]`, seed: func(b *builder, _ string) { b.ownMirror = false }},
		"a suite lacking": {packages: `include = ["htopp"]`, seed: func(b *builder, lists string) {
			_ = os.Remove(lists + "/" + sources[2].ListFile("InRelease"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			e := New(Dirs{Cache: t.TempDir()})
			lists := keep(t, e, "bookworm-0", sources, someNames, 100*time.Hour)
			doc := listing(t, c.packages, "")
			d, err := distro.Find("debian")
			if err != nil {
				t.Fatal(err)
			}
			b := &builder{job: job{Recipe: doc.Recipe, TOML: doc.Source, Plan: Plan{Sources: sources}, Dirs: e.Dirs}, distro: d, ownMirror: true}
			for _, s := range sources {
				b.state = append(b.state, Input{"index of " + s.Suite, "2026-11-22 14:00:00 (" + hashBytes([]byte("release "+s.Suite)) + ")"})
			}
			if c.seed != nil {
				c.seed(b, lists)
			}
			got := ""
			if err := b.checkNames(t.Context()); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// BenchmarkLintNames lints a recipe of 60 packages, three of them misspelt, with
// an index as large as Debian's: what every keystroke costs.
func BenchmarkLintNames(b *testing.B) {
	e := New(Dirs{Cache: b.TempDir()})
	var text strings.Builder
	for i := range 63000 {
		fmt.Fprintf(&text, "Package: lib%s-%d\nVersion: 1\n\n", []string{"alpha", "beta", "gamma", "delta"}[i%4], i)
	}
	keep(b, e, "bookworm-0", bookworm(ownMirrorURI, "main"), text.String(), time.Hour)
	names := []string{`"libalpa-4"`, `"libbetaa-5"`, `"ibgamma-6"`}
	for i := range 57 {
		names = append(names, fmt.Sprintf(`"lib%s-%d"`, []string{"alpha", "beta", "gamma", "delta"}[i%4], i))
	}
	doc := listing(b, "include = ["+strings.Join(names, ", ")+"]", "")
	x, err := e.Index(doc.Recipe)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			x.guesses = nil
			x.Lint(doc)
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			x.Lint(doc)
		}
	})
	b.Run("without", func(b *testing.B) {
		for b.Loop() {
			Lint(doc)
		}
	})
}
