package engine_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/recipes"
)

// TestLintJoins: what the recipe alone shows and what its live stack says come
// together, in the order of the file.
func TestLintJoins(t *testing.T) {
	const head = "name = \"web\"\ndistro = { id = \"debian\", release = \"bookworm\" }\n"
	const ours = "\n[[repositories]]\nname = \"ours\"\nuri = \"https://packages.example.org\"\nsuite = \"./\"\nkey = \"ours.asc\"\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"sound":                      {head + "overlay.strategy = \"overlayfs\"\n", nil},
		"what the stack cannot do":   {head + "overlay.strategy = \"dm-snapshot\"\n", []string{"overlay-unavailable"}},
		"another stack can":          {head + "live.stack = \"dracut\"\noverlay.strategy = \"dm-snapshot\"\n", []string{"overlay-overflows"}},
		"no effect in dracut 059":    {head + "live.stack = \"dracut\"\noverlay.strategy = \"overlayfs\"\nkernel.cmdline = \"rd.live.overlay.size=512\"\n", []string{"cmdline-no-effect"}},
		"too large for the machine":  {head + "overlay = { strategy = \"ram\", size = \"2GiB\" }\n", []string{"overlay-memory"}},
		"as large as the disk":       {head + "overlay = { strategy = \"persistent\", size = \"2GiB\" }\n", []string{"overlay-falls-back"}},
		"no kernel of it has aufs":   {head + "overlay.strategy = \"aufs\"\n", []string{"overlay-unavailable"}},
		"a kernel of somebody else":  {head + "overlay.strategy = \"aufs\"\n" + ours, []string{"overlay-unproven"}},
		"an unknown release's stack": {strings.Replace(head, "bookworm", "bookwrm", 1) + "live.stack = \"dracut\"\noverlay.strategy = \"dm-snapshot-thin\"\n", []string{"release-unknown", "overlay-unavailable"}},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := recipes.Parse("web.toml", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range engine.Lint(doc) {
				if p.Code != "no-login" && p.Code != "source-missing" {
					got = append(got, p.Code)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v", got, c.want)
			}
		})
	}
}

// Another stack is named only if it has the strategy in the version of that release.
func TestLintNamesWhatTheReleaseHas(t *testing.T) {
	for release, want := range map[string]bool{"bookworm": true, "trixie": false} {
		doc, err := recipes.Parse("web.toml", []byte("name = \"web\"\ndistro = { id = \"debian\", release = \""+release+"\" }\noverlay.strategy = \"dm-snapshot-thin\"\n"))
		if err != nil {
			t.Fatal(err)
		}
		errs := engine.Lint(doc).Errors()
		if len(errs) != 1 || strings.Contains(errs[0].Hint, `stack = "dracut"`) != want {
			t.Errorf("%s: %v", release, errs)
		}
	}
}
