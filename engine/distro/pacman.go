package distro

import (
	"fmt"
	"path/filepath"
	"strings"

	"slipway/engine/proc"
)

// PacmanDB is where pacman records packages, in a root.
const PacmanDB = "/var/lib/pacman"

// PacmanRun is one run of pacman(8) that fills Root. Config is the file with the
// text of PacmanConf.
type PacmanRun struct {
	Config   string
	Packages []string
}

// Refresh returns the command that reads the indexes.
func (p PacmanRun) Refresh() proc.Cmd { return p.cmd("--sync", "--refresh") }

// List returns the command that prints the names of all packages that would be
// installed.
func (p PacmanRun) List() proc.Cmd {
	return p.cmd(append([]string{"--sync", "--print", "--print-format", "%n", "--"}, p.Packages...)...)
}

// Install returns the command that installs the packages.
func (p PacmanRun) Install() proc.Cmd {
	return p.cmd(append([]string{"--sync", "--needed", "--"}, p.Packages...)...)
}

func (p PacmanRun) cmd(args ...string) proc.Cmd {
	return proc.Cmd{Path: "pacman", Args: append([]string{"--config", p.Config, "--noconfirm", "--noprogressbar"}, args...)}
}

// PacmanPlaces are the folders of a run of pacman; all are paths of the host.
type PacmanPlaces struct {
	Root  string
	Cache string // of packages
	Keys  string // a GnuPG home with the keys, and how far each is trusted
	Log   string // a file
}

// PacmanConf is a configuration (pacman.conf(5)) for the sources and nothing
// else. Every package must be signed by a key that is trusted; so must the index,
// where the distribution signs it.
func PacmanConf(sources []Source, arch string, at PacmanPlaces) string {
	var b strings.Builder
	b.WriteString("[options]\n")
	for _, o := range [][2]string{
		{"RootDir", at.Root}, {"DBPath", filepath.Join(at.Root, PacmanDB)}, {"CacheDir", at.Cache}, {"GPGDir", at.Keys}, {"LogFile", at.Log},
		{"HookDir", filepath.Join(at.Root, "etc/pacman.d/hooks")}, {"Architecture", arch}, {"SigLevel", "Required DatabaseOptional TrustedOnly"},
		{"ParallelDownloads", "5"},
	} {
		fmt.Fprintf(&b, "%s = %s\n", o[0], o[1])
	}
	for _, s := range sources {
		level := "Required DatabaseOptional TrustedOnly"
		if s.IndexSigned {
			level = "Required DatabaseRequired TrustedOnly"
		}
		fmt.Fprintf(&b, "\n[%s]\nSigLevel = %s\nServer = %s\n", s.Name, level, strings.TrimSuffix(s.URI, "/"))
	}
	return b.String()
}
