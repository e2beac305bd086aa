package doctor

import (
	"slices"
	"strings"
	"testing"

	"slipway/engine/distro"
)

// Building another distribution asks for its package tool, and for its keys.
func TestNeedsOfADistribution(t *testing.T) {
	for id, want := range map[string][]string{
		"debian": nil, "ubuntu": {"ubuntu-archive-keyring"}, "fedora": {"dnf", "rpm", "fedora"}, "rocky": {"dnf", "rpm", "Rocky"},
		"opensuse": {"zypper", "rpm", "openSUSE"}, "arch": {"pacman", "gpg", "archlinux"},
	} {
		all, err := Options{Distros: []string{id}}.needs()
		if err != nil {
			t.Fatal(err)
		}
		more := all[len(needs):]
		if len(more) != len(want) {
			t.Errorf("%s: %d more needs, want %v", id, len(more), want)
			continue
		}
		for i, w := range want {
			if !strings.Contains(more[i].name, w) || more[i].why == "" {
				t.Errorf("%s: %+v, want %s", id, more[i], w)
			}
		}
	}
	if _, err := (Options{Distros: []string{"plan9"}}).needs(); err == nil {
		t.Error("a distribution that nobody knows has needs")
	}
}

// dnf5 does as well as dnf; keys that are missing are no problem, but said.
func TestOtherNamesAndKeys(t *testing.T) {
	fedora, err := distro.Find("fedora")
	if err != nil {
		t.Fatal(err)
	}
	found, missing := testHost(debianRelease, true, "dnf5").programs(ofDistro(fedora), managers[0])
	if found[0].State != OK || !strings.HasSuffix(found[0].Found, "dnf5") {
		t.Errorf("%+v", found[0])
	}
	if !slices.Equal(missing, []string{"rpm"}) {
		t.Errorf("to install: %v", missing)
	}
	if key := found[len(found)-1]; key.State != Warning || !strings.Contains(key.Hint, "distro.key") {
		t.Errorf("%+v", key)
	}
}
