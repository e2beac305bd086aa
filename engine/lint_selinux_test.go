package engine

import (
	"strings"
	"testing"

	"slipway/recipes"
)

func TestLintSELinux(t *testing.T) {
	for _, c := range []struct{ distro, mode, cmdline, code, words, fixed string }{
		{"debian", "", "quiet selinux=0", "", "", ""},
		{"debian", "enforcing", "quiet", "", "", ""},
		{"debian", "disabled", "selinux=0", "", "", ""},
		{"debian", "enforcing", "enforcing=1 selinux=1 security=selinux lsm=yama,selinux", "", "", ""},
		{"arch", "", "selinux=0", "", "", ""},
		{"arch", "disabled", "", "", "", ""},
		{"arch", "enforcing", "", "selinux-unavailable", "Arch Linux has no policy", `selinux = "disabled"`},
		{"ubuntu", "permissive", "", "selinux-unavailable", "cannot be permissive", `selinux = "disabled"`},
		{"debian", "enforcing", "quiet selinux=0", "selinux-cmdline", "selinux=0 turns it off, but SELinux is to be enforcing", `cmdline = "quiet"`},
		{"debian", "enforcing", "enforcing=0", "selinux-cmdline", "makes it permissive", ""},
		{"debian", "permissive", "enforcing=1 quiet", "selinux-cmdline", "makes it enforcing", `cmdline = "quiet"`},
		{"debian", "permissive", "security=apparmor", "selinux-cmdline", "keeps it out", ""},
		{"debian", "permissive", "lsm=yama,apparmor", "selinux-cmdline", "keeps it out", ""},
		{"debian", "", "selinux=1", "selinux-cmdline", "turns it on", ""},
		{"fedora", "", "selinux=0", "selinux-cmdline", "SELinux is to be enforcing", ""}, // its own mode
	} {
		text := "name = \"web\"\ndistro = { id = \"" + c.distro + "\", release = \"42\" }\noverlay.strategy = \"overlayfs\"\n"
		if c.distro == "debian" {
			text = strings.Replace(text, "overlayfs", "dm-snapshot", 1) + "live.stack = \"dracut\"\n"
		}
		if c.cmdline != "" {
			text += "\n[kernel]\ncmdline = \"" + c.cmdline + "\"\n"
		}
		if c.mode != "" {
			text += "\n[security]\nselinux = \"" + c.mode + "\"\n"
		}
		text = strings.Replace(text, `"debian", release = "42"`, `"debian", release = "bookworm"`, 1)
		doc, err := recipes.Parse("web.toml", []byte(text))
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		found := lintSELinux(doc)
		if c.code == "" {
			if len(found) > 0 {
				t.Errorf("%+v: %v", c, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Code != c.code || found[0].Severity != recipes.Error || !strings.Contains(found[0].Message, c.words) {
			t.Errorf("%+v: %v", c, found)
			continue
		}
		if err := doc.Apply(*found[0].Fix); err != nil || len(lintSELinux(doc)) > 0 || !strings.Contains(string(doc.Source), c.fixed) {
			t.Errorf("%+v: after %q (%v):\n%s", c, found[0].Fix.Title, err, doc.Source)
		}
	}
}

// In permissive and enforcing mode an overlayfs in memory is warned of, where the
// policy is known to mind.
func TestLintSELinuxOverlayfs(t *testing.T) {
	for _, c := range []struct {
		distro, mode, stack, strategy string
		want                          bool
	}{
		{"debian", "enforcing", "live-boot", "overlayfs", true},
		{"debian", "permissive", "dracut", "overlayfs-run", true},
		{"debian", "enforcing", "dracut", "dm-snapshot", false},
		{"debian", "disabled", "dracut", "overlayfs", false},
		{"fedora", "enforcing", "dracut", "overlayfs", false}, // its policy is another one
	} {
		release := map[string]string{"debian": "bookworm", "fedora": "42"}[c.distro]
		doc, err := recipes.Parse("web.toml", []byte("name = \"web\"\ndistro = { id = \""+c.distro+"\", release = \""+release+"\" }\nlive.stack = \""+c.stack+
			"\"\noverlay.strategy = \""+c.strategy+"\"\nsecurity.selinux = \""+c.mode+"\"\n"))
		if err != nil {
			t.Fatal(err)
		}
		found := lintSELinux(doc)
		if got := len(found) == 1 && found[0].Code == "selinux-overlayfs" && found[0].Severity == recipes.Warning; got != c.want || len(found) > 1 {
			t.Errorf("%+v: %v", c, found)
		}
	}
}
