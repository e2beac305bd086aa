package distro

import (
	"slices"
	"strings"
	"testing"

	"slipway/recipes"
)

// What a mode brings along: packages and kernel options, and nothing where there
// is no SELinux.
func TestSELinuxMode(t *testing.T) {
	for _, c := range []struct{ distro, asked, mode, policy, options string }{
		{"debian", "", "disabled", "", ""},
		{"debian", "enforcing", "enforcing", "selinux-policy-default", "security=selinux selinux=1"},
		{"fedora", "", "enforcing", "selinux-policy-targeted", "security=selinux selinux=1"},
		{"fedora", "disabled", "disabled", "", "selinux=0"},
		{"centos", "permissive", "permissive", "selinux-policy-targeted", "security=selinux selinux=1"},
		{"arch", "", "disabled", "", ""},
		{"arch", "enforcing", "disabled", "", ""}, // an error of the linter
		{"opensuse", "", "disabled", "", ""},
		{"ubuntu", "", "disabled", "", ""},
	} {
		d, err := Find(c.distro)
		if err != nil {
			t.Fatal(err)
		}
		r := recipes.Recipe{Distro: recipes.Distro{ID: c.distro, Release: d.Releases[0].ID}, Security: recipes.Security{SELinux: c.asked}}
		if mode := d.SELinuxMode(r); mode != c.mode {
			t.Errorf("%+v: mode %s", c, mode)
		}
		if options := strings.Join(d.SELinuxOptions(r), " "); options != c.options {
			t.Errorf("%+v: options %q", c, options)
		}
		packages := d.Packages(r)
		has := slices.ContainsFunc(packages, func(p string) bool { return strings.HasPrefix(p, "selinux-policy") })
		if has != (c.policy != "") || has && !slices.Contains(packages, c.policy) {
			t.Errorf("%+v: packages %v", c, packages)
		}
	}
}
