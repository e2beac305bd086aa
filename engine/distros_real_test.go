//go:build real

package engine_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/engine/enginetest"
	"slipway/engine/enginetest/mirrors"
	"slipway/recipes"
)

// sshServer is the package of the SSH server, by kind of mirror.
var sshServer = map[string]string{"fedora": "openssh-server", "centos": "openssh-server", "opensuse": "openssh-server", "arch": "openssh", "ubuntu": "openssh-server"}

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
include = ["`+sshServer[m.Kind]+`"]
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
	for _, kind := range []string{"fedora", "opensuse", "arch", "ubuntu"} {
		t.Run(kind, func(t *testing.T) {
			m := enginetest.Fixture(t, kind)
			web := enginetest.Serve(t, m.Dir, "/"+sshServer[kind]+"-9.")
			if kind == "ubuntu" {
				web = enginetest.Serve(t, m.Dir, "/"+sshServer[kind]+"_")
			}
			m.URL = web.URL
			e, doc := fresh(t), small(t, m)
			o := collect(t, e.Build(context.Background(), doc), nil)
			if o.Status != engine.Failed || o.Error.Step != engine.StepRoot {
				t.Fatalf("ended %s: %s", o.Status, o.Error.Text())
			}
			t.Logf("%s", o.Error.Text())
			host := strings.TrimPrefix(web.URL, "http://")
			if !strings.Contains(o.Error.Message, sshServer[kind]) || !strings.Contains(o.Error.Message, host) {
				t.Errorf("the message does not name package and mirror: %s", o.Error.Message)
			}
			first := packages(web.Served())
			web.Mend()
			o = collect(t, e.Build(context.Background(), doc), nil)
			if o.steps[engine.StepRoot].Status != engine.Done {
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
