package distro

import (
	"fmt"
	"strings"

	"slipway/engine/proc"
)

// ZypperCache is where zypper keeps packages and indexes, below the root that it
// fills; ZypperRepos is the folder of its repositories there.
const (
	ZypperCache = "/var/cache/zypp"
	ZypperRepos = "/etc/zypp/repos.d"
)

// ZypperRepo is the file of a source in ZypperRepos. Both the index, where it is
// signed, and every package are held against the keys in the root's rpm database
// (zypper(8), libzypp's zypp.conf).
func ZypperRepo(s Source) string {
	return fmt.Sprintf("[%s]\nname=%s\nbaseurl=%s\ntype=rpm-md\nenabled=1\nautorefresh=1\nkeeppackages=1\ngpgcheck=1\nrepo_gpgcheck=%d\npkg_gpgcheck=1\n",
		s.Name, s.Name, strings.TrimSuffix(s.URI, "/")+"/", digit(s.IndexSigned))
}

// ZypperRun is one run of zypper(8) that fills Root, in which ZypperRepos has the
// repositories, ZypperCache is the package cache, and the rpm database holds the
// keys.
type ZypperRun struct {
	Root     string
	Release  string
	Packages []string
}

// Install returns the command that installs the packages. What is not in the package
// cache it fetches one by one, and says what it could not have from where.
func (z ZypperRun) Install() proc.Cmd {
	return z.install("--download-in-advance", "ZYPP_PCK_PRELOAD=0")
}

// Download returns the command that fetches the packages, five at a time, into the
// package cache. It is for speed only: where it fails, it does not say which mirror
// did not have what. Before 17.36.4 libzypp does not know the variable, and takes
// one after the other.
func (z ZypperRun) Download() proc.Cmd { return z.install("--download-only", "ZYPP_PCK_PRELOAD=1") }

func (z ZypperRun) install(how, env string) proc.Cmd {
	c := z.cmd(append([]string{"install", "--no-recommends", "--auto-agree-with-licenses", how, "--"}, z.Packages...)...)
	c.Env = []string{env}
	return c
}

// Refresh returns the command that reads the indexes.
func (z ZypperRun) Refresh() proc.Cmd { return z.cmd("refresh") }

// Lock returns the command that keeps a package out: what needs it cannot be
// installed.
func (z ZypperRun) Lock(name string) proc.Cmd { return z.cmd("addlock", "--", name) }

func (z ZypperRun) cmd(args ...string) proc.Cmd {
	return proc.Cmd{Path: "zypper", Args: append([]string{"--root", z.Root, "--releasever", z.Release, "--non-interactive"}, args...)}
}

// ZypperDone reports whether an exit status of zypper means that everything was
// done: 102 and 103 ask to restart something that does not run in a root
// (zypper(8), exit codes).
func ZypperDone(code int) bool { return code == 0 || code == 102 || code == 103 }
