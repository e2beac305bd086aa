package recipes

import (
	"slices"
	"testing"
)

// debian is Debian's naming, as slipway/engine/distro fills it.
func debian() Naming {
	return Naming{Distro: "Debian", Deb: true, Firmware: "non-free-firmware", Releases: []string{"bookworm", "trixie", "sid"},
		Package:  func(name string) (string, bool) { return name, name != "dash-board" },
		InDebian: func(name string) []string { return []string{name} },
		Unit: func(name string) (string, string) {
			if name == "sshd" {
				return "ssh", ""
			}
			return name, ""
		},
		UnitInDebian: func(name string) string { return name },
		Locale: func(locale string) []string {
			if locale == "" || locale == "C.UTF-8" {
				return nil
			}
			return []string{"locales", "locales-all"}
		}}
}

// other is the naming of a distribution that calls everything otherwise.
func other() Naming {
	packages := map[string]string{"openssh-server": "sshpkg", "ssh": "sshpkg", "xauth": "x-auth", "sudo": "sudo", "locales": "", "htop": NoPackage,
		"iproute2": "iproute", "linux-image-amd64": "kernel", "zsh": "zshell"}
	units := map[string][2]string{"ssh": {"sshd", ""}, "systemd-networkd": {"systemd-networkd", "networkd"}, "cron": {"crond", "cronie"}}
	return Naming{Distro: "Other", Releases: []string{"42", "43"}, Brought: []string{"base"},
		Package: func(name string) (string, bool) {
			own, ok := packages[name]
			if !ok {
				own = name
			}
			return own, ok
		},
		InDebian: func(name string) (all []string) {
			for debian, own := range packages {
				if own == name {
					all = append(all, debian)
				}
			}
			return all
		},
		Unit: func(name string) (string, string) {
			if u, ok := units[name]; ok {
				return u[0], u[1]
			}
			return name, ""
		},
		UnitInDebian: func(name string) string {
			for debian, u := range units {
				if u[0] == name {
					return debian
				}
			}
			return name
		},
		Locale: func(locale string) []string {
			if locale == "" || locale == "C.UTF-8" {
				return nil
			}
			return []string{"lang-de", "lang-all"}
		}}
}

// elsewhere is a sound recipe of that distribution.
func elsewhere(t *testing.T) *Document {
	t.Helper()
	d, err := Parse("other.toml", []byte(`name = "other"
distro = { id = "fedora", release = "42" }
overlay = { strategy = "overlayfs" }
[packages]
include = ["sshpkg", "x-auth", "sudo", "networkd", "iproute"]
[sshd]
X11Forwarding = true
[[users]]
name = "ops"
sudo = true
authorized_keys = ["`+testKey+`"]
[[files]]
path = "/etc/systemd/network/80-dhcp.network"
content = "[Match]\nType=ether\n"
[system]
locale = "C.UTF-8"
[system.services]
enabled = ["systemd-networkd", "sshd"]
[kernel]
package = "kernel"
`))
	if err != nil {
		t.Fatal(err)
	}
	if ps := d.Lint(other()); len(ps) > 0 {
		t.Fatalf("problems in a sound recipe:\n%v", ps)
	}
	return d
}

// TestLintElsewhere seeds one fault each into a recipe of a distribution with
// names of its own: found at that place, under the name that it has there.
func TestLintElsewhere(t *testing.T) {
	include := func(names ...string) []string { return append([]string{"networkd", "iproute"}, names...) }
	for _, c := range []struct {
		code, at, path string
		value          any
		fixed          any // what the fix sets or adds; nil: there is none, or it takes out
	}{
		{"x11-xauth", "sshd.X11Forwarding", "packages.include", include("sshpkg", "sudo"), "x-auth"},
		{"sshd-not-installed", "sshd", "packages.include", include("x-auth", "sudo"), "sshpkg"},
		{"sshd-foreign", "sshd.DebianBanner", "sshd.DebianBanner", false, nil},
		{"sudo-not-installed", "users[0].sudo", "packages.include", include("sshpkg", "x-auth"), "sudo"},
		{"shell-not-installed", "users[0].shell", "users[0].shell", "/usr/bin/zsh", "zshell"},
		{"no-login", "users[0].authorized_keys", "system.services.masked", []string{"sshd.service"}, nil},
		{"no-network", "system.services", "system.services.enabled", []string{"sshd"}, "systemd-networkd"},
		{"release-unknown", "distro.release", "distro.release", "442", "42"},
		{"locale-not-installed", "system.locale", "system.locale", "de_DE.UTF-8", "lang-de"},
		{"service-name", "system.services.enabled[1]", "system.services.enabled", []string{"systemd-networkd", "ssh"}, "sshd"},
		{"service-not-installed", "system.services.enabled[0]", "packages.include", []string{"sshpkg", "x-auth", "sudo"}, "networkd"},
		{"service-not-installed", "system.services.enabled[1]", "system.services.enabled", []string{"systemd-networkd", "crond"}, "cronie"},
		{"package-foreign", "packages.include[4]", "packages.include", []string{"sshpkg", "x-auth", "sudo", "networkd", "iproute2"}, "iproute"},
		{"package-foreign", "packages.include[5]", "packages.include", []string{"sshpkg", "x-auth", "sudo", "networkd", "iproute", "iproute2"}, nil},
		{"package-foreign", "packages.include[5]", "packages.include", []string{"sshpkg", "x-auth", "sudo", "networkd", "iproute", "htop"}, nil},
		{"package-foreign", "packages.include[5]", "packages.include", []string{"sshpkg", "x-auth", "sudo", "networkd", "iproute", "locales"}, nil},
		{"package-foreign", "packages.exclude[0]", "packages.exclude", []string{"locales"}, nil},
		{"package-foreign", "kernel.package", "kernel.package", "linux-image-amd64", "kernel"},
	} {
		t.Run(c.code, func(t *testing.T) {
			d := elsewhere(t)
			if err := d.Set(c.path, c.value); err != nil {
				t.Fatal(err)
			}
			ps := d.Lint(other())
			i := slices.IndexFunc(ps, func(p Problem) bool { return p.Code == c.code && p.Path == c.at })
			if i < 0 || len(ps) > 1 && c.code != "sshd-not-installed" && c.code != "no-network" && !(c.code == "no-login" && codes(ps)[1] == "service-conflict") {
				t.Fatalf("found %v", ps)
			}
			if fix := ps[i].Fix; c.fixed != nil && (fix == nil || fix.Edits[0].Value != c.fixed) {
				t.Errorf("the fix is %+v, want %v", fix, c.fixed)
			}
			if ps[i].Fix == nil {
				return
			}
			if err := d.Apply(*ps[i].Fix); err != nil {
				t.Fatal(err)
			}
			if slices.Contains(codes(d.Lint(other())), c.code) {
				t.Error("the fix does not help")
			}
		})
	}
}

// TestLintElsewhereBrought: what comes by itself need not be asked for.
func TestLintElsewhereBrought(t *testing.T) {
	d, names := elsewhere(t), other()
	if err := d.Set("packages.include", []string{"x-auth", "sudo"}); err != nil {
		t.Fatal(err)
	}
	names.Brought = []string{"networkd", "sshpkg"}
	if ps := d.Lint(names); len(ps) > 0 {
		t.Error(ps)
	}
	if ways := d.Logins(names)[0].Ways; !slices.Equal(ways, []string{"key over SSH"}) {
		t.Errorf("logs in by %v", ways)
	}
}
