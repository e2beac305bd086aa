package live

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seed makes a root of some files.
func seed(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func installed(name, version string) string {
	return "Package: other\nStatus: install ok installed\nVersion: 1\n\nPackage: " + name + "\nStatus: install ok installed\nPriority: optional\nVersion: " + version + "\nDescription: x\n more: of it\n\n"
}

const (
	status     = "var/lib/dpkg/status"
	dmsquash90 = "usr/lib/dracut/modules.d/90dmsquash-live/dmsquash-live-root.sh"
)

func TestDetect(t *testing.T) {
	cases := []struct {
		name, id string
		files    map[string]string
		want     string // version, or the code of the refusal
	}{
		{"Debian 12", "live-boot", map[string]string{"usr/lib/live/boot/9990-overlay.sh": "", status: installed("live-boot", "1:20230131+deb12u1")}, "20230131"},
		{"before usr was merged", "live-boot", map[string]string{"lib/live/boot/9990-overlay.sh": "", status: installed("live-boot", "1:20190519")}, "20190519"},
		{"removed, but not purged", "live-boot", map[string]string{"usr/lib/live/boot/x": "", status: strings.ReplaceAll(installed("live-boot", "1:2"), "install ok installed", "deinstall ok config-files")}, "stack-version"},
		{"not there", "live-boot", map[string]string{status: installed("live-boot", "1:20230131")}, "stack-missing"},
		{"Debian 12", "dracut", map[string]string{dmsquash90: "", "usr/lib/dracut/dracut-version.sh": "#!/bin/sh\n# shellcheck disable=SC2034\nDRACUT_VERSION=059-4\n"}, "059"},
		{"Fedora 42", "dracut", map[string]string{"usr/lib/dracut/modules.d/70dmsquash-live/dmsquash-live-root.sh": "", "usr/lib/dracut/dracut-version.sh": "DRACUT_VERSION='107-4.fc42'\n"}, "107"},
		{"without its file", "dracut", map[string]string{dmsquash90: "", status: installed("dracut-core", "106-6")}, "106"},
		{"without dracut-live", "dracut", map[string]string{"usr/lib/dracut/dracut-version.sh": "DRACUT_VERSION=059-4\n"}, "stack-missing"},
		{"without any version", "dracut", map[string]string{dmsquash90: ""}, "stack-version"},
		{"Debian 12", "kiwi", map[string]string{"usr/lib/dracut/modules.d/90kiwi-live/kiwi-live-lib.sh": "", status: installed("kiwi-dracut-live", "9.24.56-1"),
			"usr/lib/dracut/dracut-version.sh": "DRACUT_VERSION=059-4\n"}, "9.24.56"},
		{"its new place", "kiwi", map[string]string{"usr/lib/dracut/modules.d/55kiwi-live/kiwi-live-lib.sh": "", status: installed("kiwi-dracut-live", "10.2.33-1")}, "10.2.33"},
		{"without it", "kiwi", map[string]string{dmsquash90: ""}, "stack-missing"},
		{"Ubuntu 22.04", "casper", map[string]string{"usr/share/initramfs-tools/scripts/casper": "", status: installed("casper", "1.470.2")}, "1.470.2"},
		{"without it", "casper", nil, "stack-missing"},
		{"Arch", "archiso", map[string]string{"usr/lib/initcpio/install/archiso": "", "var/lib/pacman/local/mkinitcpio-archiso-73-1/desc": "", "var/lib/pacman/local/mkinitcpio-39.2-3/desc": ""}, "73"},
		{"without pacman's data", "archiso", map[string]string{"usr/lib/initcpio/install/archiso": ""}, "stack-version"},
		{"no such stack", "dracula", nil, "stack-unknown"},
	}
	for _, c := range cases {
		t.Run(c.id+" "+c.name, func(t *testing.T) {
			got, err := Detect(seed(t, c.files), c.id)
			var r *Refusal
			if errors.As(err, &r) {
				if r.Code != c.want || r.Hint == "" || r.Path != "live.stack" {
					t.Errorf("%+v, want %s", r, c.want)
				}
				return
			}
			if err != nil || got != (Stack{c.id, c.want}) {
				t.Errorf("%v, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestDetectNoRoot(t *testing.T) {
	var r *Refusal
	if _, err := Detect(filepath.Join(t.TempDir(), "nothing"), "dracut"); err == nil || errors.As(err, &r) {
		t.Errorf("%v", err)
	}
}

// A root's links may lead anywhere: the host's own stack must not count.
func TestDetectStaysInside(t *testing.T) {
	outside := seed(t, map[string]string{dmsquash90: "", "usr/lib/dracut/dracut-version.sh": "DRACUT_VERSION=059\n", "usr/lib/modules/6/modules.dep": "kernel/aufs.ko:\n"})
	root := t.TempDir()
	if err := os.Symlink(filepath.Join(outside, "usr"), filepath.Join(root, "usr")); err != nil {
		t.Fatal(err)
	}
	var r *Refusal
	if s, err := Detect(root, "dracut"); !errors.As(err, &r) || r.Code != "stack-missing" {
		t.Errorf("%v, %v", s, err)
	}
	if Modules(root)("aufs") {
		t.Error("a module outside of the root counts")
	}
}

func TestModules(t *testing.T) {
	dep := "kernel/fs/overlayfs/overlay.ko.xz:\nkernel/drivers/md/dm-snapshot.ko: kernel/drivers/md/dm-mod.ko kernel/drivers/md/dm-bufio.ko\n"
	for name, c := range map[string]struct {
		files map[string]string
		has   string // of overlay dm-snapshot dm_mod ext4 aufs
	}{
		"one kernel":              {map[string]string{"usr/lib/modules/6.1/modules.dep": dep, "usr/lib/modules/6.1/modules.builtin": "kernel/fs/ext4/ext4.ko\n"}, "overlay dm-snapshot dm_snapshot ext4"},
		"before usr was merged":   {map[string]string{"lib/modules/6.1/modules.dep": dep}, "overlay dm-snapshot dm_snapshot"},
		"two kernels":             {map[string]string{"usr/lib/modules/6.1/modules.dep": dep, "usr/lib/modules/6.2/modules.dep": "kernel/a/overlay.ko.zst:\n"}, "overlay"},
		"leftovers of one":        {map[string]string{"usr/lib/modules/6.1/modules.dep": dep, "usr/lib/modules/5.10/updates/x": ""}, "overlay dm-snapshot dm_snapshot"},
		"no kernel":               {nil, ""},
		"a kernel that has aufs":  {map[string]string{"usr/lib/modules/5.4/modules.dep": "kernel/fs/aufs/aufs.ko:\n"}, "aufs"},
		"only a dependency of it": {map[string]string{"usr/lib/modules/5.4/modules.dep": "kernel/x.ko: kernel/fs/aufs/aufs.ko\n"}, ""},
	} {
		has := Modules(seed(t, c.files))
		for _, module := range []string{"overlay", "dm-snapshot", "dm_snapshot", "ext4", "aufs"} {
			if want := strings.Contains(" "+c.has+" ", " "+module+" "); has(module) != want {
				t.Errorf("%s: %s: %v, want %v", name, module, has(module), want)
			}
		}
	}
}
