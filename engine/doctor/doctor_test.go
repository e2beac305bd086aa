package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"slipway/engine/qemu"
)

// a machine of a test: what it has, and what os-release says.
func testHost(release string, root bool, has ...string) host {
	there := map[string]bool{}
	for _, h := range has {
		there[h] = true
	}
	under := func(dir string) func(string) (string, error) {
		return func(name string) (string, error) {
			if there[name] {
				return dir + name, nil
			}
			return "", errors.New("missing")
		}
	}
	return host{
		look:    under("/usr/bin/"),
		loader:  under("/usr/lib/"),
		exists:  func(p string) bool { return there[p] },
		release: parseRelease(release),
		root:    root,
	}
}

const debianRelease = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"

func TestManager(t *testing.T) {
	for _, c := range []struct {
		name, release, want string
		has                 []string
	}{
		{"debian", "ID=debian\n", "apt", []string{"apt-get", "dnf"}},
		{"ubuntu's child", "ID=mint\nID_LIKE=\"ubuntu debian\"\n", "apt", []string{"apt-get"}},
		{"fedora with apt", "ID=fedora\n", "dnf", []string{"apt-get", "dnf"}},
		{"rocky", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf", []string{"dnf"}},
		{"arch", "ID=arch\n", "pacman", []string{"pacman"}},
		{"tumbleweed", "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", "zypper", []string{"zypper"}},
		{"unknown with pacman", "ID=other\n", "pacman", []string{"pacman"}},
		{"nothing known", "", "", nil},
	} {
		if got := testHost(c.release, true, c.has...).manager().name; got != c.want {
			t.Errorf("%s: manager %q, want %q", c.name, got, c.want)
		}
	}
}

// The commands that install everything, per package manager, as root and not.
func TestInstallEverything(t *testing.T) {
	for _, m := range managers {
		t.Run(m.name, func(t *testing.T) {
			h := testHost("", true, m.program)
			_, missing := h.programs(append(append([]need{}, needs...), testNeeds...), m)
			var b bytes.Buffer
			for _, root := range []bool{true, false} {
				for _, f := range m.install(missing, root) {
					fmt.Fprintf(&b, "%s:\n  %s\n", f.Title, f.Command)
				}
			}
			golden.RequireEqual(t, b.Bytes())
		})
	}
}

// A machine that lacks one thing gets one finding and one command for it.
func TestOneMissing(t *testing.T) {
	apt := managers[0]
	for i, gone := range needs {
		var has []string
		for j, n := range needs {
			if i != j {
				has = append(has, n.name)
			}
		}
		findings, missing := testHost(debianRelease, false, has...).programs(needs, apt)
		var bad []string
		for _, f := range findings {
			if f.State != OK {
				bad = append(bad, f.Subject)
			}
		}
		if fmt.Sprint(bad) != fmt.Sprint([]string{filepath.Base(gone.name)}) {
			t.Errorf("without %s: findings %v", gone.name, bad)
		}
		if want := []string{gone.packages["apt"]}; fmt.Sprint(missing) != fmt.Sprint(want) {
			t.Errorf("without %s: packages %v, want %v", gone.name, missing, want)
		}
	}
}

func TestRootNeedsNoIDTools(t *testing.T) {
	for _, root := range []bool{true, false} {
		want := map[bool]State{true: Warning, false: Problem}[root]
		findings, _ := testHost(debianRelease, root).programs(needs, managers[0])
		for _, f := range findings {
			if f.Subject == "newuidmap" && f.State != want {
				t.Errorf("root %v: missing newuidmap is a %s, want %s", root, f.State, want)
			}
		}
	}
}

// A need without a package says so instead of proposing a wrong command.
func TestNoPackage(t *testing.T) {
	zypper := managers[3]
	findings, missing := testHost("", true, "zypper").programs(needs[:1], zypper)
	if len(missing) != 0 || !strings.Contains(findings[0].Hint, "no package") {
		t.Errorf("got packages %v, hint %q", missing, findings[0].Hint)
	}
	if fixes := zypper.install(missing, true); fixes != nil {
		t.Errorf("proposes %v", fixes)
	}
}

func TestJudge(t *testing.T) {
	none := errors.New("user ann has no range of 65535 ids in /etc/subuid")
	const gib = 1 << 30
	for _, c := range []struct {
		name string
		got  Finding
		want State
		says string
	}{
		{"much disk", judgeRoom("cache", "/c", room{bytes: 80 * gib}), OK, "80 GiB free in /c"},
		{"little disk", judgeRoom("cache", "/c", room{bytes: 4 * gib}), Warning, "4.0 GiB"},
		{"no disk", judgeRoom("builds", "/b", room{bytes: gib}), Problem, "1.0 GiB"},
		{"unwritable disk", judgeRoom("builds", "/b", room{err: errors.New("denied")}), Problem, "denied"},
		{"much memory", judgeMemory(room{bytes: 4 * gib}), OK, "4.0 GiB"},
		{"little memory", judgeMemory(room{bytes: gib + gib/2}), Warning, "1.5 GiB"},
		{"no memory", judgeMemory(room{bytes: gib / 2}), Problem, "512 MiB"},
		{"root", judgeUser("root", true, none, none), OK, "root is root"},
		{"user with ids", judgeUser("ann", false, nil, nil), OK, "ann has a range"},
		{"user without", judgeUser("ann", false, none, nil), Problem, "no range"},
		{"KVM", judgeKVM(qemu.Choice{Accel: qemu.KVM, Reason: "KVM runs guests here"}, nil), OK, "runs guests"},
		{"no KVM", judgeKVM(qemu.Choice{Accel: qemu.TCG, Reason: "no /dev/kvm"}, nil), Warning, "no /dev/kvm"},
		{"no QEMU", judgeKVM(qemu.Choice{}, errors.New("program qemu-system-x86_64 is not installed")), Warning, "not installed"},
		{"namespaces", judgeWorker(nil), OK, "overlays work in the cache"},
		{"no namespaces", judgeWorker(errors.New("cannot make private namespaces: operation not permitted")), Problem, "not permitted"},
	} {
		if c.got.State != c.want || !strings.Contains(c.got.Found, c.says) {
			t.Errorf("%s: %s %q, want %s with %q", c.name, c.got.State, c.got.Found, c.want, c.says)
		}
		if c.got.State == Problem && c.got.Hint == "" && c.got.Subject != "subordinate ids" {
			t.Errorf("%s: a problem without a hint", c.name)
		}
	}
}

func TestFreeRange(t *testing.T) {
	for content, want := range map[string]string{
		"":                                "100000-165535",
		"ann:100000:65536\n":              "165536-231071",
		"ann:100000:65536\nbob:300000:10": "300010-365545",
		"broken line\nann:x:1\n":          "100000-165535",
	} {
		if got := freeRange(content); got != want {
			t.Errorf("after %q: %s, want %s", content, got, want)
		}
	}
}

func TestPrint(t *testing.T) {
	h := testHost(debianRelease, false, "apt-get", "mmdebstrap", "gpgv", "xorriso", "isolinux.bin")
	findings, missing := h.programs(needs, managers[0])
	findings = append(findings, judgeMemory(room{bytes: 1 << 29}), judgeUser("ann", false, nil, nil))
	r := Report{Host: h.release["PRETTY_NAME"], Manager: "apt", User: "ann", Findings: findings, Fixes: managers[0].install(missing, false)}
	var b bytes.Buffer
	r.Print(&b)
	golden.RequireEqual(t, b.Bytes())
}

func TestFreeDisk(t *testing.T) {
	below := filepath.Join(t.TempDir(), "not", "there", "yet")
	if free := freeDisk(below); free.err != nil || free.bytes == 0 {
		t.Errorf("a directory that can be made: %d bytes, %v", free.bytes, free.err)
	}
	if free := freeDisk("/etc/os-release/cache"); free.err == nil {
		t.Error("a directory that cannot be made has room")
	}
}

// An ordinary user where there is no sudo is told what root has to run.
func TestNoSudo(t *testing.T) {
	fix := newFix("install 1 package", false, "apt-get", "install", "mmdebstrap")
	fix.cmd.Path = "/nonexistent/sudo"
	err := Report{Fixes: []Fix{fix}}.Mend(t.Context(), nil, func(Fix) {})
	if err == nil || !strings.Contains(err.Error(), "run as root: apt-get install mmdebstrap") {
		t.Errorf("says %v", err)
	}
}

// A refresh that fails does not keep the packages from being installed; an
// install that fails is reported with both reasons, and ends it.
func TestMend(t *testing.T) {
	refresh := newFix("refresh the package lists", true, "false")
	refresh.lesser = true
	works, fails := newFix("install 1 package", true, "true"), newFix("install 1 package", true, "false")
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, c := range []struct {
		fixes []Fix
		runs  int
		says  string
	}{
		{[]Fix{refresh, works}, 2, ""},
		{[]Fix{refresh, fails, works}, 2, "refresh the package lists: false: exit status 1\ninstall 1 package: false: exit status 1"},
		{[]Fix{fails, works}, 1, "install 1 package: false: exit status 1"},
	} {
		runs := 0
		err := Report{Fixes: c.fixes}.Mend(t.Context(), null, func(Fix) { runs++ })
		if says := fmt.Sprint(err); runs != c.runs || says != c.says && (c.says != "" || err != nil) {
			t.Errorf("%d fixes: ran %d, want %d; says %q, want %q", len(c.fixes), runs, c.runs, says, c.says)
		}
	}
}
