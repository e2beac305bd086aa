package distro

import (
	"strings"
	"testing"

	"slipway/engine/goldentest"
)

// some sources of each family: one whose index is signed and one whose is not.
func someSources(family string) []Source {
	return []Source{
		{Family: family, Name: "fedora", URI: "https://m.example/releases/42/os", IndexSigned: true},
		{Family: family, Name: "updates", URI: "https://m.example/updates/42/", Optional: true},
	}
}

func TestToolConfigurations(t *testing.T) {
	zypper := ""
	for _, s := range someSources(Zypper) {
		zypper += ZypperRepo(s)
	}
	for name, text := range map[string]string{
		"dnf.conf": DNFConf(someSources(RPM), []string{"/work/a.asc", "/work/b.asc"}, []string{"nano", "vim-minimal"}),
		"zypper":   zypper,
		"pacman.conf": PacmanConf(someSources(Pacman), "x86_64", PacmanPlaces{Root: "/work/root", Cache: "/cache/pacman", Keys: "/work/gnupg",
			Log: "/work/pacman.log"}),
	} {
		goldentest.Equal(t, name+".golden", text)
	}
}

// No configuration and no command may leave a signature unchecked.
func TestSignaturesAreAlwaysChecked(t *testing.T) {
	sources := someSources(RPM)
	dnf := DNFConf(sources, []string{"/a", "/b"}, nil)
	if strings.Count(dnf, "\ngpgcheck=1\n") != 3 || strings.Count(dnf, "repo_gpgcheck=1") != 1 {
		t.Errorf("dnf:\n%s", dnf)
	}
	for _, s := range someSources(Zypper) {
		if repo := ZypperRepo(s); !strings.Contains(repo, "\ngpgcheck=1\n") || !strings.Contains(repo, "\npkg_gpgcheck=1\n") {
			t.Errorf("zypper:\n%s", repo)
		}
	}
	pacman := PacmanConf(someSources(Pacman), "x86_64", PacmanPlaces{})
	if strings.Count(pacman, "SigLevel = Required Database") != 3 || strings.Contains(pacman, "TrustAll") || strings.Contains(pacman, "Never") {
		t.Errorf("pacman:\n%s", pacman)
	}
	z := ZypperRun{Root: "/r", Release: "15.6", Packages: []string{"bash"}}
	p := PacmanRun{Config: "/c", Packages: []string{"bash"}}
	for _, c := range []string{z.Install().String(), z.Download().String(), z.Refresh().String(), p.Install().String(), p.Refresh().String(),
		DNFRun{Program: "dnf", Config: "/c", Root: "/r", Release: "42", Arch: "x86_64", Packages: []string{"bash"}}.Cmd().String()} {
		for _, word := range []string{"nogpg", "no-gpg", "allow-unsigned", "auto-import"} {
			if strings.Contains(c, word) {
				t.Errorf("%s has %s", c, word)
			}
		}
	}
}

func TestDNFGenerations(t *testing.T) {
	run := DNFRun{Config: "/w/dnf.conf", Root: "/w/root", Release: "42", Arch: "x86_64", Packages: []string{"bash", "kernel-core"}}
	const common = "--config=/w/dnf.conf --installroot=/w/root --releasever=42 --forcearch=x86_64 --assumeyes "
	for program, want := range map[string]string{
		"/usr/bin/dnf":  "/usr/bin/dnf " + common + "install -- bash kernel-core",
		"/usr/bin/dnf5": "/usr/bin/dnf5 " + common + "--setopt=cachedir=/w/root/var/cache/dnf --setopt=system_cachedir=/w/root/var/cache/dnf install -- bash kernel-core",
	} {
		if run.Program = program; run.Cmd().String() != want {
			t.Errorf("%s", run.Cmd())
		}
	}
}

func TestZypperDone(t *testing.T) {
	for code, want := range map[int]bool{0: true, 102: true, 103: true, 4: false, 104: false, 106: false, 107: false, -1: false} {
		if ZypperDone(code) != want {
			t.Errorf("%d: %v", code, !want)
		}
	}
}

// Every distribution has what a build asks of it.
func TestDistributionsAreWhole(t *testing.T) {
	for _, d := range All() {
		if d.ID == "" || d.Name == "" || len(d.Releases) == 0 || len(d.Keys.Files) == 0 || d.Keys.Package == "" || d.MirrorEnv == "" ||
			d.Archs["amd64"] == "" || len(d.Stacks) == 0 || d.Strategy == "" || d.KernelPackage == "" || d.SSHService == "" || d.Locale.File == "" {
			t.Errorf("%s lacks something: %+v", d.ID, d)
		}
		switch d.Family {
		case Deb:
			if len(d.Repositories) > 0 || !d.IndexSigned {
				t.Errorf("%s: %+v", d.ID, d.Repositories)
			}
		case RPM, Zypper, Pacman:
			if len(d.Repositories) == 0 || len(d.Base) == 0 || d.Mirror == "" || d.Family != Pacman && d.RPMDB == "" {
				t.Errorf("%s lacks repositories, base or mirror", d.ID)
			}
		default:
			t.Errorf("%s: family %q", d.ID, d.Family)
		}
	}
}
