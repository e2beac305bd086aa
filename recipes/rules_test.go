package recipes

import (
	"strings"
	"testing"
)

// What the package tools of all families take beside names can be written; what
// none of them takes, or what would be an option to one, cannot.
func TestItemsOfPackages(t *testing.T) {
	for item, good := range map[string]bool{
		"htop": true, "libstdc++6": true, "curl=7.88.1-10": true, "curl:amd64": true, "curl/bookworm-backports": true, "nginx=1:1.0~rc1": true,
		"kernel=6.1^20240101-1.fc42": true, "nano=8.0_1-1": true, "bash.x86_64": true, "@core": true, "pattern:base": true, "core/bash": true,
		"-y": false, "--root=x": false, "a b": false, "a,b": false, "a;b": false, "@": false, "@-y": false, "@@core": false, "/usr/bin/rsync": false, "a$(b)": false,
	} {
		_, err := Parse("x.toml", []byte("name = \"x\"\ndistro = { id = \"fedora\", release = \"42\" }\noverlay.strategy = \"overlayfs\"\npackages.include = [\""+item+"\"]\n"))
		if (err == nil) != good {
			t.Errorf("%q: %v", item, err)
		}
		if err != nil && !strings.Contains(err.Error(), "packages.include[0]") {
			t.Errorf("%q: it is about something else: %v", item, err)
		}
	}
}
