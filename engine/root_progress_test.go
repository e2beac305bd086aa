package engine

import "testing"

func TestInstallProgress(t *testing.T) {
	for line, want := range map[string]installProgress{
		"  Installing       : bash-5.2.15-2.x86_64                          3/142 ":        {"installing bash-5.2.15-2.x86_64", 3, 142},
		"( 3/143) Installing: bash-5.2.15-2.x86_64 [....done]":                             {"installing bash-5.2.15-2.x86_64", 3, 143},
		"[ 75/118] Installing libsemanage-0:3.4- 100% |  32.5 MiB/s | 266.5 KiB |  00m00s": {"installing libsemanage-0:3.4-", 75, 118},
		"(  3/147) installing bash...":                                                     {"installing bash", 3, 147},
		"( 12/147) installing gcc-libs...":                                                 {"installing gcc-libs", 12, 147},
		"Packages (94) acl-2.3.1-3  apparmor-3.0.8-3":                                      {"downloading", 0, 94},
		"installing bash...":                                                               {"installing bash", 1, 0},
		"0 upgraded, 158 newly installed, 0 to remove and 0 not upgraded.":                 {"", 0, 158},
		"Setting up bash (5.2.15-2+b7) ...":                                                {"setting up bash", 1, 0},
		"I: installing essential packages...":                                              {"installing essential packages", 0, 0},
	} {
		var p installProgress
		if !p.line(line) || p != want {
			t.Errorf("%q: %+v", line, p)
		}
	}
	for _, line := range []string{"  Verifying        : bash-5.2.15-2.x86_64   3/142", "(1/2) checking keys in keyring", "Downloading Packages:", "[1/5] x"} {
		if p := (installProgress{}); p.line(line) {
			t.Errorf("%q: %+v", line, p)
		}
	}
}
