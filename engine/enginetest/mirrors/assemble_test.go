package mirrors

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine/goldentest"
)

// smallRoot is a Debian root of a few packages, owned by who runs the test.
func smallRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	me := fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
	status := ""
	pkg := func(name, version, more string, files ...string) {
		status += "Package: " + name + "\nStatus: install ok installed\nVersion: " + version + "\n" + more + "Description: " + name + " for 100% of tests\n\n"
		list := "/.\n"
		for _, f := range files {
			list += "/" + f + "\n"
		}
		addFile(t, root, "var/lib/dpkg/info/"+name+".list", list, 0o644)
	}
	pkg("base-files", "12.4", "Essential: yes\nPre-Depends: mawk\n", "etc", "usr", "usr/bin", "usr/lib")
	pkg("base-passwd", "3.6.1", "Essential: yes\n", "usr/share/base-passwd")
	pkg("bash", "5.2.15-2+b13", "Essential: yes\nPre-Depends: libc6 (>> 2.36)\nConffiles:\n /etc/bash.bashrc 00\n", "bin/bash", "etc/bash.bashrc")
	pkg("libc6", "2.36-9", "Depends: libgcc-s1\n", "lib/x86_64-linux-gnu/libc.so.6")
	pkg("libc-bin", "2.36-9", "Depends: libc6 (<< 2.37)\n", "usr/bin/ldd")
	pkg("mawk", "1.3", "", "usr/bin/mawk", "usr/share/doc/mawk/changelog")
	pkg("passwd", "1:4.13", "Depends: libc6 (= 2.36-9)\n", "usr/bin/passwd")
	pkg("openssh-server", "1:9.2p1-2", "Depends: libc6 (>= 2.36), passwd, adduser\nRecommends: xauth | x11\n", "usr/sbin/sshd", "lib/systemd/system/ssh.service", "usr/bin/odd[1]%\\x2d")
	pkg("adduser", "3.134", "", "usr/sbin/adduser")
	pkg("systemd", "252.39-1~deb12u2", "Recommends: openssh-server\n", "lib/systemd/systemd", "usr/bin/networkctl")
	for name, text := range map[string]string{
		"var/lib/dpkg/status": status, "usr/bin/bash": "bash", "etc/bash.bashrc": "rc", "usr/lib/x86_64-linux-gnu/libc.so.6": "libc", "usr/bin/ldd": "ldd", "usr/bin/mawk": "mawk",
		"usr/bin/passwd": "passwd", "usr/sbin/sshd": "sshd", "usr/lib/systemd/system/ssh.service": "[Install]\nAlias=sshd.service\n", "usr/bin/odd[1]%\\x2d": "odd",
		"usr/sbin/adduser": "perl", "usr/lib/systemd/systemd": "init", "usr/bin/networkctl": "ctl", "usr/lib/modules/6.1/modules.dep": "", "etc/nobody-owns": "", "etc/ssh/sshd_config": "UsePAM yes",
		"usr/share/doc/mawk/changelog": "",
		"etc/passwd":                   "me:x:" + me + ":::\nsshd:x:64101:64534::/run/sshd:/usr/sbin/nologin\n",
		"etc/group":                    "me:x:" + strings.SplitAfter(me, ":")[1] + ":\nnogroup:x:64534:\n_ssh:x:64102:\n",
	} {
		addFile(t, root, name, text, 0o644)
	}
	for link, to := range map[string]string{"bin": "usr/bin", "lib": "usr/lib", "usr/bin/awk": "/etc/alternatives/awk", "etc/alternatives/awk": "/usr/bin/mawk"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, link)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	for file, mode := range map[string]fs.FileMode{"usr/bin/passwd": 0o755 | fs.ModeSetuid, "usr/bin/bash": 0o755} {
		if err := os.Chmod(filepath.Join(root, file), mode); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func addFile(t *testing.T, root, name, text string, mode fs.FileMode) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
}

// smallTable has one of everything that a table can say.
func smallTable() *table {
	return &table{
		Format: "rpm-md", Dist: ".t1", Arch: "x86_64",
		ReleasePackage: releasePackage{Name: "test-release", Version: "1", OSRelease: "ID=test\n", Provides: []string{"system-release"}},
		names: [][2]string{{"base-files", "filesystem"}, {"base-passwd", "setup"}, {"bash", "bash"}, {"libc6", "glibc"}, {"libc-bin", "glibc"}, {"mawk", "gawk"},
			{"passwd", "shadow-utils"}, {"openssh-server", "openssh-server"}, {"adduser", "-"}, {"system*", "systemd"}},
		Drop:     []string{"usr/share/doc/", "etc/alternatives/"},
		Unowned:  map[string]string{"etc/passwd": "base-passwd", "etc/group": "base-passwd", "etc/ssh/": "openssh-server"},
		Move:     map[string]string{"usr/lib/systemd/system/ssh.service": "usr/lib/systemd/system/sshd.service"},
		Edit:     []edit{{"usr/lib/systemd/system/sshd.service", "Alias=sshd.service\n", ""}},
		Users:    map[string]string{"sshd": "openssh-server", "_ssh": "openssh-server"},
		Groups:   map[string]int{"wheel": 990},
		File:     []extraFile{{Package: "bash", Path: "usr/bin/sh", Link: "bash"}, {To: "networkd", Path: "etc/networkd.conf", Text: "\n[Network]\n"}},
		Forget:   map[string][]string{"base-files": {"*"}, "libc6": {"libgcc-s1"}},
		After:    map[string]string{"openssh-server": "echo 100%"},
		Split:    []split{{To: "networkd", Paths: []string{"usr/bin/networkctl"}}},
		Meta:     []meta{{Name: "ssh", Like: "openssh-*", Requires: []string{"openssh-server"}}},
		Requires: map[string][]string{"networkd": {"systemd"}},
		Provides: map[string][]string{"bash": {"/bin/sh"}},
	}
}

func smallPacks(t *testing.T) ([]*pack, []string) {
	t.Helper()
	d, err := readDebian(smallRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	packs, left, err := assemble(d, smallTable())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packs { // what the umask of a tester makes of directories
		for i := range p.entries {
			if p.entries[i].uid = 0; p.entries[i].isDir() {
				p.entries[i].mode = fs.ModeDir | 0o755
			}
			p.entries[i].gid = 0
		}
	}
	return packs, left
}

// The whole way from a root to the text that rpmbuild reads.
func TestSpec(t *testing.T) {
	packs, left := smallPacks(t)
	goldentest.Equal(t, "small.spec.golden", spec(packs, "/tree"))
	if got, want := strings.Join(left, " "), "etc/nobody-owns usr/lib/modules/6.1/modules.dep"; got != want {
		t.Errorf("left out: %s, want %s", got, want)
	}
}

// And to what pacman reads.
func TestPacmanText(t *testing.T) {
	packs, _ := smallPacks(t)
	text := ""
	for _, p := range packs {
		d := dbEntry{pack: p, arch: "x86_64", file: "f", signature: []byte("sig"), sum: "00"}
		text += "== " + p.name + "\n" + d.info() + installScript(p) + d.desc()
		for _, e := range p.entries {
			body, err := e.body()
			if err != nil {
				t.Fatal(err)
			}
			text += mtreeLine(e, body) + "\n"
		}
	}
	goldentest.Equal(t, "small.pacman.golden", text)
}

// A table that is wrong is an error that says where.
func TestWrongTables(t *testing.T) {
	for says, spoil := range map[string]func(*table){
		"ssh requires nothing-has-this, which nothing provides": func(t *table) { t.Meta[0].Requires = []string{"nothing-has-this"} },
		"requires of nobody":                            func(t *table) { t.Requires["nobody"] = nil },
		"provides of nobody":                            func(t *table) { t.Provides["nobody"] = nil },
		`no package "nobody"`:                           func(t *table) { t.File[1].To = "nobody" },
		"the root has no emacs":                         func(t *table) { t.Meta[0].Like = "emacs" },
		`has no "gone" to change`:                       func(t *table) { t.Edit[0].Old = "gone" },
		"usr/bin/bash is in the packages bash and gawk": func(t *table) { t.Move["usr/bin/mawk"] = "usr/bin/bash" },
		"package nothing: nothing went to it":           func(t *table) { t.Split = append(t.Split, split{To: "nothing"}) },
	} {
		d, err := readDebian(smallRoot(t))
		if err != nil {
			t.Fatal(err)
		}
		table := smallTable()
		spoil(table)
		if _, _, err := assemble(d, table); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
