package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/engine/goldentest"
	"slipway/recipes"
)

func builtin(t *testing.T, name string) *recipes.Document {
	t.Helper()
	doc, ok := recipes.Builtin(name)
	if !ok {
		t.Fatalf("no built-in %s", name)
	}
	return doc
}

// told is what Port says, for goldens.
func told(changes []engine.Change) string {
	var b strings.Builder
	for _, c := range changes {
		mark := " "
		if c.Open {
			mark = "!"
		}
		fmt.Fprintf(&b, "%s %s: %q -> %q %s\n", mark, c.Path, c.From, c.To, c.Why)
	}
	return b.String()
}

// What is built in for Debian is sound on every other distribution, and on the way
// back it is Debian's again.
func TestPortOfBuiltins(t *testing.T) {
	for _, name := range []string{"debian-server", "debian-vm"} {
		for _, d := range distro.All()[1:] {
			t.Run(name+" to "+d.ID, func(t *testing.T) {
				doc := builtin(t, name)
				source := string(doc.Source)
				there, changes, err := engine.Port(doc, d.ID, "", nil)
				if err != nil {
					t.Fatal(err)
				}
				if string(doc.Source) != source {
					t.Error("the recipe itself was changed")
				}
				if name == "debian-server" {
					goldentest.Equal(t, "port-"+d.ID+".txt", told(changes)+"\n"+string(there.Source))
				}
				for _, p := range engine.Lint(there) {
					if p.Code != "no-login" {
						t.Errorf("not sound: %s", p.Detail())
					}
				}
				for _, c := range changes {
					if c.Open && c.Path == "packages.include" {
						t.Errorf("left open: %+v", c)
					}
				}
				back, _, err := engine.Port(there, "debian", "bookworm", nil)
				if err != nil {
					t.Fatal(err)
				}
				was, is := slices.Sorted(slices.Values(doc.Recipe.Packages.Include)), slices.Sorted(slices.Values(back.Recipe.Packages.Include))
				if !slices.Equal(was, is) {
					t.Errorf("packages on the way back:\n%v, was\n%v", is, was)
				}
				if !slices.Equal(doc.Recipe.System.Services.Enabled, back.Recipe.System.Services.Enabled) || back.Recipe.Name != name {
					t.Errorf("on the way back: %s %+v", back.Recipe.Name, back.Recipe.System.Services)
				}
			})
		}
	}
}

// What is not known stays, and is said; what cannot be there is replaced by the
// nearest, and that is said too.
func TestPortLeavesNothingUnsaid(t *testing.T) {
	const text = `name = "box"
[distro]
id = "debian"
release = "bookworm"
mirror = "http://m.example/debian"
components = ["main", "contrib"]
[live]
stack = "kiwi"
[overlay]
strategy = "overlayfs"
size = "300MiB"
[packages]
include = [
  "our-own-tool", # keep this
  "curl=7.88.1-10",
  "apt-utils",
]
exclude = ["locales", "nano"]
[[repositories]]
name = "ours"
uri = "https://p.example"
suite = "./"
key = "ours.asc"
[security]
selinux = "enforcing"
[[users]]
name = "ops"
groups = ["sudo", "adm"]
[system]
locale = "de_DE.UTF-8"
[[hooks]]
at = "after-configure"
script = """
#!/bin/sh
apt-get clean
"""
[[files]]
path = "/etc/apt/apt.conf.d/99own"
content = ""
`
	doc, err := recipes.Parse("box.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string][]string{
		"ubuntu": {
			`  live.stack: "kiwi" -> "" what Ubuntu boots by is casper`,
			`  overlay.size: "300MiB" -> "50%"`,
			`  security.selinux: "enforcing" -> "" Ubuntu has no policy`,
			`! packages.include: "our-own-tool"`,
		},
		"fedora": {
			`  distro.mirror: "http://m.example/debian" -> "" it is Debian's`,
			`  distro.components: "main contrib" -> ""`,
			`  packages.include: "curl=7.88.1-10" -> "curl" "=7.88.1-10" is of Debian's package`,
			`  packages.include: "apt-utils" -> "" what it is for is in every root`,
			`! packages.include: "our-own-tool" -> "" not known by heart`,
			`! repositories[0]: "https://p.example"`,
			`! hooks[0]: "apt-get clean" -> "" it uses apt-get`,
			`! files[0]: "/etc/apt/apt.conf.d/99own"`,
			`  packages.include: "" -> "glibc-langpack-de" it brings the locale de_DE.UTF-8`,
			`  users[0].groups: "sudo adm" -> "wheel adm"`,
		},
	} {
		there, changes, err := engine.Port(doc, to, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		said := told(changes)
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("%s: %s is not in\n%s", to, w, said)
			}
		}
		if !strings.Contains(string(there.Source), `"our-own-tool", # keep this`) {
			t.Errorf("%s: the package or its comment is gone:\n%s", to, there.Source)
		}
	}
	for to, release := range map[string]string{"debian": "bookworm", "plan9": ""} {
		if _, _, err := engine.Port(doc, to, release, nil); err == nil {
			t.Errorf("to %s %s: no error", to, release)
		}
	}
}

// Every built-in is sound on every other distribution, but for what somebody is
// told to look at, and a root there has what makes it start.
func TestPortAmongBuiltins(t *testing.T) {
	for _, doc := range recipes.Builtins() {
		for _, d := range distro.All() {
			if d.ID == doc.Recipe.Distro.ID {
				continue
			}
			there, changes, err := engine.Port(doc, d.ID, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range engine.Lint(there) {
				told := slices.ContainsFunc(changes, func(c engine.Change) bool { return c.Open && c.Path == p.Path })
				if p.Code != "no-login" && (p.Severity == recipes.Error || !told) {
					t.Errorf("%s to %s: %s", doc.Recipe.Name, d.ID, p.Detail())
				}
			}
			for _, debian := range []string{"systemd-sysv", "udev", "iproute2", "kmod", "openssh-server"} {
				own, _ := d.Own(debian, there.Recipe.Distro.Release)
				in := slices.Concat(there.Recipe.Packages.Include, d.Brought(there.Recipe))
				if !slices.Contains(in, own) && !slices.Contains(in, "base") {
					t.Errorf("%s to %s: no %s", doc.Recipe.Name, d.ID, own)
				}
			}
		}
	}
}

// What only a family's own tools know is replaced or said.
func TestPortOfStrangers(t *testing.T) {
	const text = `name = "box"
distro = { id = "debian", release = "bookworm" }
overlay = { strategy = "overlayfs" }
[packages]
include = ["openssh-server", "locales", "htop"]
[sshd]
DebianBanner = false
Subsystem = "sftp /usr/lib/openssh/sftp-server -l INFO"
[system]
locale = "de_DE.UTF-8"
[kernel]
cmdline = "persistence-media=removable"
`
	doc, err := recipes.Parse("box.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	there, changes, err := engine.Port(doc, "centos", "9", nil)
	if err != nil {
		t.Fatal(err)
	}
	said := told(changes)
	for _, want := range []string{
		`  sshd.DebianBanner: "false" -> ""`,
		`  sshd.Subsystem: "sftp /usr/lib/openssh/sftp-server -l INFO" -> "sftp internal-sftp -l INFO"`,
		`  packages.include: "locales" -> "glibc-langpack-de"`,
		`! packages.include: "htop" -> "" CentOS Stream has no such package`,
		`! kernel.cmdline: "" -> "" kernel option persistence-media=removable`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is not in\n%s", want, said)
		}
	}
	if strings.Count(said, "htop") > 1 || strings.Contains(said, "langpack-en") {
		t.Errorf("said twice, or of another language:\n%s", said)
	}
	back, _, err := engine.Port(there, "debian", "bookworm", nil)
	if err != nil {
		t.Fatal(err)
	}
	if in := back.Recipe.Packages.Include; !slices.Contains(in, "locales") || slices.Contains(in, "glibc-langpack-de") {
		t.Errorf("back: %v", in)
	}
}

// NetworkManager stays what configures the network where there are no files for
// networkd.
func TestPortKeepsTheNetwork(t *testing.T) {
	there, _, err := engine.Port(builtin(t, "centos-server"), "debian", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	r := there.Recipe
	if !slices.Contains(r.System.Services.Enabled, "NetworkManager") || !slices.Contains(r.Packages.Include, "network-manager") || !strings.HasPrefix(r.Checks[0].Command, "nm-online") {
		t.Errorf("%v %v %v", r.System.Services.Enabled, r.Packages.Include, r.Checks)
	}
}
