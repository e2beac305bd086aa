package enginetest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gofrs/flock"

	"slipway/engine/distro"
	"slipway/recipes"
)

// hostRelease is the Debian release of Host, newer than the one that tests run on.
const hostRelease = "trixie"

// hostPackages are the package tools of that release, what checks their packages
// and makes mirrors with a fault, and the keys of other distributions.
var hostPackages = []string{"dnf", "zypper", "pacman-package-manager", "rpm", "gpg", "gpg-agent", "gpgv", "createrepo-c", "zstd", "ca-certificates",
	"distribution-gpg-keys", "ubuntu-keyring", "archlinux-keyring"}

// Host is the root of a machine with newer package tools than this one, made once
// in the folder that all real tests share.
func Host(t testing.TB) string {
	t.Helper()
	cache, _ := Shared(t)
	d, err := distro.Find("debian")
	if err != nil {
		t.Fatal(err)
	}
	sources, _ := d.Sources(recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: hostRelease}}, distro.ThisHost())
	wanted := strings.Join(hostPackages, ",")
	dir := filepath.Join(filepath.Dir(cache), "hosts")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(filepath.Join(dir, ".lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	root := filepath.Join(dir, fmt.Sprintf("%s-%x", hostRelease, sha256.Sum256([]byte(wanted)))[:len(hostRelease)+13])
	if _, err := os.Stat(root); err == nil {
		return root
	}
	list, making := filepath.Join(t.TempDir(), "sources"), filepath.Join(dir, ".making")
	if err := os.WriteFile(list, []byte(distro.Deb822(sources)), 0o644); err != nil {
		t.Fatal(err)
	}
	// In a mount namespace: killed, mmdebstrap would leave mounts in the root.
	run(t, "unshare", "--mount", "--propagation", "private", "--", "/bin/sh", "-ec", `rm -rf "$1"
mmdebstrap --quiet --mode=root --variant=minbase --include="$2" --aptopt='Apt::Install-Recommends "false"' --dpkgopt=force-unsafe-io "$3" "$1" "$4"`,
		"sh", making, wanted, hostRelease, list)
	if err := os.Rename(making, root); err != nil {
		t.Fatal(err)
	}
	return root
}

// InHost runs tests of the calling test binary again, by a pattern as go test -run
// takes it, in a mount namespace whose root is Host's, but for the shared folder.
// The outer test fails if they do, and gets what they print.
func InHost(t *testing.T, pattern string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cache, _ := Shared(t)
	return run(t, "unshare", "--mount", "--propagation", "private", "--", "/bin/sh", "-ec", `mount --bind "$1" "$1"
cd "$1"
mkdir -p "./$2" run/tests
touch run/tests/program
mount --bind "$2" "./$2"
mount --bind "$3" run/tests/program
for dir in proc sys dev; do mount --rbind /$dir $dir; done
pivot_root . mnt
cd /
umount --lazy /mnt
exec env --unset=TMPDIR HOME=/root SLIPWAY_TEST_DIR="$2" /run/tests/program -test.v -test.count=1 -test.run="$4"`,
		"sh", Host(t), filepath.Dir(cache), exe, pattern)
}

// run runs a program to its end and returns what it printed.
func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}
