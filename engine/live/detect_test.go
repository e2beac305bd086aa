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

const dmsquash90 = "usr/lib/dracut/modules.d/90dmsquash-live/dmsquash-live-root.sh"

// files are texts by path, and versions by package.
type files = map[string]string

func TestDetect(t *testing.T) {
	cases := []struct {
		name, id string
		files    files
		packages files
		want     string // version, or the code of the refusal
	}{
		{"Debian 12", "live-boot", files{"usr/lib/live/boot/9990-overlay.sh": ""}, files{"live-boot": "1:20230131+deb12u1"}, "20230131"},
		{"before usr was merged", "live-boot", files{"lib/live/boot/9990-overlay.sh": ""}, files{"live-boot": "1:20190519"}, "20190519"},
		{"no package", "live-boot", files{"usr/lib/live/boot/x": ""}, files{"other": "1"}, "stack-version"},
		{"not there", "live-boot", nil, files{"live-boot": "1:20230131"}, "stack-missing"},
		{"Debian 12", "dracut", files{dmsquash90: "", "usr/lib/dracut/dracut-version.sh": "#!/bin/sh\n# shellcheck disable=SC2034\nDRACUT_VERSION=059-4\n"}, nil, "059"},
		{"Fedora 42", "dracut", files{"usr/lib/dracut/modules.d/70dmsquash-live/dmsquash-live-root.sh": "", "usr/lib/dracut/dracut-version.sh": "DRACUT_VERSION='107-4.fc42'\n"}, nil, "107"},
		{"without its file", "dracut", files{dmsquash90: ""}, files{"dracut-core": "106-6"}, "106"},
		{"without dracut-live", "dracut", files{"usr/lib/dracut/dracut-version.sh": "DRACUT_VERSION=059-4\n"}, nil, "stack-missing"},
		{"without any version", "dracut", files{dmsquash90: ""}, nil, "stack-version"},
		{"Debian 12", "kiwi", files{"usr/lib/dracut/modules.d/90kiwi-live/kiwi-live-lib.sh": "", "usr/lib/dracut/dracut-version.sh": "DRACUT_VERSION=059-4\n"},
			files{"kiwi-dracut-live": "9.24.56-1"}, "9.24.56"},
		{"its new place", "kiwi", files{"usr/lib/dracut/modules.d/55kiwi-live/kiwi-live-lib.sh": ""}, files{"kiwi-dracut-live": "10.2.33-1"}, "10.2.33"},
		{"openSUSE", "kiwi", files{"usr/lib/dracut/modules.d/55kiwi-live/kiwi-live-lib.sh": ""}, files{"dracut-kiwi-live": "10.2.33-1.1"}, "10.2.33"},
		{"without it", "kiwi", files{dmsquash90: ""}, nil, "stack-missing"},
		{"Ubuntu 22.04", "casper", files{"usr/share/initramfs-tools/scripts/casper": ""}, files{"casper": "1.470.2"}, "1.470.2"},
		{"without it", "casper", nil, nil, "stack-missing"},
		{"Arch", "archiso", files{"usr/lib/initcpio/install/archiso": ""}, files{"mkinitcpio-archiso": "73-1", "mkinitcpio": "39.2-3"}, "73"},
		{"without its package", "archiso", files{"usr/lib/initcpio/install/archiso": ""}, nil, "stack-version"},
		{"no such stack", "dracula", nil, nil, "stack-unknown"},
	}
	for _, c := range cases {
		t.Run(c.id+" "+c.name, func(t *testing.T) {
			got, err := Detect(seed(t, c.files), c.id, c.packages)
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
	if _, err := Detect(filepath.Join(t.TempDir(), "nothing"), "dracut", nil); err == nil || errors.As(err, &r) {
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
	if s, err := Detect(root, "dracut", nil); !errors.As(err, &r) || r.Code != "stack-missing" {
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
