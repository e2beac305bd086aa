package engine_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/recipes"
)

func TestLintStack(t *testing.T) {
	for name, c := range map[string]struct {
		distro, more string
		want         []string // codes of stacks
	}{
		"the distribution's own":          {`id = "debian", release = "trixie"`, "", nil},
		"one that the release has":        {`id = "debian", release = "bookworm"`, "live.stack = \"kiwi\"\n", nil},
		"gone from the release":           {`id = "debian", release = "trixie"`, "live.stack = \"kiwi\"\n", []string{"stack-missing"}},
		"never there":                     {`id = "fedora", release = "42"`, "live.stack = \"casper\"\n", []string{"stack-missing"}},
		"not in the component":            {`id = "ubuntu", release = "noble"`, "live.stack = \"dracut\"\n", []string{"stack-component"}},
		"in the component":                {`id = "ubuntu", release = "noble", components = ["main", "universe"]`, "live.stack = \"dracut\"\n", nil},
		"Ubuntu's own":                    {`id = "ubuntu", release = "noble"`, "", nil},
		"perhaps in an own repository":    {`id = "debian", release = "trixie"`, "live.stack = \"kiwi\"\n[[repositories]]\nname = \"o\"\nuri = \"https://p.example\"\nsuite = \"./\"\nkey = \"o.asc\"\n", nil},
		"of a release nobody knows about": {`id = "debian", release = "forky"`, "live.stack = \"kiwi\"\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := recipes.Parse("web.toml", []byte("name = \"web\"\ndistro = { "+c.distro+" }\noverlay.strategy = \"overlayfs\"\n"+c.more))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range engine.Lint(doc) {
				if strings.HasPrefix(p.Code, "stack-") {
					got = append(got, p.Code)
					if err := doc.Apply(*p.Fix); err != nil {
						t.Fatal(err)
					}
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v", got, c.want)
			}
			for _, p := range engine.Lint(doc) {
				if strings.HasPrefix(p.Code, "stack-") {
					t.Errorf("not mended: %s", p.Detail())
				}
			}
		})
	}
}
