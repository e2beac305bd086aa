package distro

import (
	"regexp"
	"slices"
	"testing"
)

// TestNamesAreNames: a table holds names that packages of its format can have,
// by names that packages of Debian can have.
func TestNamesAreNames(t *testing.T) {
	deb, other := regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`), regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9+._-]+$`)
	for _, debian := range wellKnown() {
		if !deb.MatchString(debian) {
			t.Errorf("Debian cannot call a package %q", debian)
		}
	}
	for _, d := range All() {
		if d.SSHService == "" || d.ID != "debian" && len(d.Names) == 0 {
			t.Errorf("%s has no names", d.ID)
		}
		for debian, own := range d.Names {
			if own != Unneeded && own != Missing && !other.MatchString(own) {
				t.Errorf("%s: %s is %q", d.ID, debian, own)
			}
			if slices.Contains(everywhere, debian) && own == debian {
				t.Errorf("%s: %s is said twice", d.ID, debian)
			}
		}
	}
	if !slices.IsSorted(everywhere) || !slices.IsSorted(chief) {
		t.Error("the lists are not in order")
	}
	for _, c := range chief {
		if !slices.Contains(wellKnown(), c) {
			t.Errorf("%s is in no table", c)
		}
	}
}

// TestNamesThere: what a server is made of, as each distribution calls it.
func TestNamesThere(t *testing.T) {
	for _, c := range []struct{ id, release, debian, own string }{
		{"debian", "bookworm", "xauth", "xauth"}, {"ubuntu", "noble", "xauth", "xauth"}, {"fedora", "42", "xauth", "xorg-x11-xauth"},
		{"centos", "9", "xauth", "xorg-x11-xauth"}, {"arch", "rolling", "xauth", "xorg-xauth"}, {"opensuse", "tumbleweed", "xauth", "xauth"},
		{"arch", "rolling", "openssh-server", "openssh"}, {"fedora", "42", "vim-tiny", "vim-minimal"}, {"opensuse", "15.6", "vim-tiny", "vim-small"},
		{"fedora", "42", "linux-image-amd64", "kernel"}, {"fedora", "42", "linux-image-cloud-amd64", "kernel-core"},
		{"opensuse", "15.6", "linux-image-amd64", "kernel-default"}, {"arch", "rolling", "linux-image-amd64", "linux"},
		{"ubuntu", "noble", "linux-image-cloud-amd64", "linux-image-virtual"}, {"rocky", "9", "htop", Missing}, {"arch", "rolling", "locales", Unneeded},
		{"opensuse", "15.6", "systemd-resolved", "systemd-network"}, {"opensuse", "tumbleweed", "systemd-resolved", "systemd-resolved"},
	} {
		d, err := Find(c.id)
		if err != nil {
			t.Fatal(err)
		}
		if own, known := d.Own(c.debian, c.release); own != c.own || !known {
			t.Errorf("%s calls %s %q (%v), want %q", c.id, c.debian, own, known, c.own)
		}
	}
	if own, known := fedora.Own("nobody-knows", "42"); known || own != "nobody-knows" {
		t.Errorf("a name that is not well-known: %q, %v", own, known)
	}
}

// TestNamesBack: one package that is several in Debian becomes those of them
// that are parts of it, and the usual one of alternatives.
func TestNamesBack(t *testing.T) {
	for _, c := range []struct {
		d    Distro
		own  string
		want []string
	}{
		{arch, "systemd", []string{"libpam-systemd", "udev"}}, {arch, "openssh", []string{"openssh-server"}}, {arch, "vim", []string{"vim-tiny"}},
		{arch, "linux", []string{"linux-image-amd64"}}, {fedora, "systemd", []string{"systemd-sysv"}}, {fedora, "vim-enhanced", []string{"vim"}},
		{fedora, "kernel-core", []string{"linux-image-cloud-amd64"}}, {fedora, "iputils", []string{"iputils-ping"}},
		{opensuse, "systemd", []string{"libpam-systemd", "systemd-sysv"}}, {opensuse, "netcat-openbsd", []string{"netcat-openbsd"}},
		{centos, "chrony", []string{"chrony"}}, {fedora, "nobody-knows", nil},
	} {
		if got := c.d.InDebian(c.own, c.d.Releases[0].ID); !slices.Equal(got, c.want) {
			t.Errorf("%s of %s is %v in Debian, want %v", c.own, c.d.ID, got, c.want)
		}
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		d                 Distro
		debian, unit, pkg string
	}{
		{fedora, "ssh", "sshd", ""}, {fedora, "ssh.service", "sshd.service", ""}, {debian, "ssh", "ssh", ""}, {fedora, "systemd-networkd", "systemd-networkd", "systemd-networkd"},
		{centos, "systemd-networkd", "NetworkManager", "NetworkManager"}, {arch, "cron.service", "cronie.service", "cronie"}, {arch, "systemd-networkd", "systemd-networkd", ""},
		{opensuse, "cron", "cron", "cronie"}, {fedora, "nginx", "nginx", ""},
	} {
		unit, pkg := c.d.Unit(c.debian, c.d.Releases[0].ID)
		if unit != c.unit || pkg != c.pkg {
			t.Errorf("%s: %s is %s of %q, want %s of %q", c.d.ID, c.debian, unit, pkg, c.unit, c.pkg)
		}
		if back := c.d.UnitInDebian(unit); back != c.debian {
			t.Errorf("%s: %s is %s in Debian, want %s", c.d.ID, unit, back, c.debian)
		}
	}
	if _, pkg := opensuse.Unit("systemd-networkd", "15.6"); pkg != "systemd-network" {
		t.Errorf("networkd of Leap is in %s", pkg)
	}
}

func TestLocalePackages(t *testing.T) {
	for _, c := range []struct {
		d      Distro
		locale string
		want   []string
	}{
		{debian, "de_DE.UTF-8", []string{"locales", "locales-all"}}, {fedora, "de_DE.UTF-8", []string{"glibc-langpack-de", "glibc-all-langpacks"}},
		{arch, "de_DE.UTF-8", []string{}}, {fedora, "C.UTF-8", nil}, {fedora, "", nil},
	} {
		if got := c.d.LocalePackages(c.locale); !slices.Equal(got, c.want) {
			t.Errorf("%s in %s: %v, want %v", c.locale, c.d.ID, got, c.want)
		}
	}
}
