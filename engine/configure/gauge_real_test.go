//go:build real

package configure

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/engine/enginetest"
	"slipway/recipes"
)

// machine is a root with real file systems around it, in which the program runs
// as it does in an image. Its /run is the real one of the mount namespace.
type machine struct {
	t    *testing.T
	root string
}

func mount(t *testing.T, source, target, fstype string, flags uintptr, options string) {
	t.Helper()
	if err := os.MkdirAll(target, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount(source, target, fstype, flags, options); err != nil {
		t.Fatalf("mount %s on %s with %s: %v", fstype, target, options, err)
	}
	t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) })
}

func mountLoop(t *testing.T, img, target string) {
	t.Helper()
	if err := os.MkdirAll(target, 0o755); err != nil {
		t.Fatal(err)
	}
	tool(t, "mount", "-o", "loop", img, target)
	t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) })
}

func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// skeleton is a root that has the program and, by a mount, the host's /usr.
func skeleton(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"usr", "proc", "sys", "dev", "run", "var", "etc/slipway"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64", "var/run": "../run"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"slipway-overlay": gaugeScript, gaugeConf: gaugeSettings(recipes.Overlay{}), "etc/passwd": "root:x:0:0::/root:/bin/sh\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// newMachine mounts what a running system has into a mounted root.
func newMachine(t *testing.T, root string) *machine {
	t.Helper()
	for _, dir := range []string{"/usr", "/proc", "/sys", "/run"} {
		mount(t, dir, root+dir, "", unix.MS_BIND|unix.MS_REC, "")
	}
	mount(t, "tmpfs", root+"/dev", "tmpfs", 0, "size=64k")
	if err := errors.Join(unix.Mknod(root+"/dev/null", unix.S_IFCHR|0o666, 1<<8|3), os.WriteFile(root+"/dev/console", nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	return &machine{t, root}
}

// ownRoom mounts the gauge's tmpfs as its unit says.
func ownRoom(t *testing.T) {
	t.Helper()
	field := func(name string) string {
		m := regexp.MustCompile(`(?m)^` + name + `=(.*)$`).FindStringSubmatch(gaugeMount)
		if m == nil {
			t.Fatalf("no %s in the mount unit", name)
		}
		return m[1]
	}
	options := strings.TrimSuffix(field("Options"), ",nosuid,nodev,noexec")
	mount(t, field("What"), field("Where"), field("Type"), unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, options)
}

func (m *machine) run(shell string, args ...string) (string, int) {
	m.t.Helper()
	words := append(strings.Fields(shell), append([]string{"/slipway-overlay"}, args...)...)
	cmd := exec.Command("/usr/bin/env", words...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: m.root}
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		m.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// fill writes until the file system at path is filled to percent, or fails at 100.
func (m *machine) fill(path string, percent int) {
	m.t.Helper()
	f, err := os.OpenFile(m.root+"/fill", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		m.t.Fatal(err)
	}
	defer f.Close()
	for block := bytes.Repeat([]byte{1}, 64<<10); ; {
		used, size := truth(m.t, path)
		if percent < 100 && used*100 >= size*int64(percent) {
			return
		}
		_, err := f.Write(block)
		if err == nil {
			err = f.Sync()
		}
		switch {
		case errors.Is(err, unix.ENOSPC) && percent == 100 && len(block) > 1:
			block = block[:len(block)/2] // to the last byte
		case errors.Is(err, unix.ENOSPC) && percent == 100:
			return
		case err != nil:
			m.t.Fatalf("at %d of %d bytes: %v", used, size, err)
		}
	}
}

// truth is what statfs(2) says of the very file system that fills.
func truth(t *testing.T, path string) (used, size int64) {
	t.Helper()
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		t.Fatal(err)
	}
	return int64(st.Blocks-st.Bfree) * st.Bsize, int64(st.Blocks) * st.Bsize
}

var sample = regexp.MustCompile(`(?m)^slipway_overlay_bytes\{kind="([a-z-]+)",state="used"\} (\d+)\nslipway_overlay_bytes\{kind="[a-z-]+",state="size"\} (\d+)$`)

// compare holds what the text file says against the truth.
func (m *machine) compare(kind, path string) {
	m.t.Helper()
	b, err := os.ReadFile("/run/slipway/gauge/slipway_overlay.prom")
	if err != nil {
		m.t.Fatal(err)
	}
	got := sample.FindSubmatch(b)
	if got == nil {
		m.t.Fatalf("no sample in\n%s", b)
	}
	used, size := truth(m.t, path)
	for i, want := range []int64{used, size} {
		n, _ := strconv.ParseInt(string(got[2+i]), 10, 64)
		if off := n - want; off*50 > size || off*50 < -size {
			m.t.Errorf("%s: says %d, the truth is %d (of %d)", kind, n, want, size)
		}
	}
	if string(got[1]) != kind {
		m.t.Errorf("kind %s, want %s", got[1], kind)
	}
}

func (m *machine) console() string {
	m.t.Helper()
	b, err := os.ReadFile(m.root + "/dev/console")
	if err != nil {
		m.t.Fatal(err)
	}
	if err := os.Truncate(m.root+"/dev/console", 0); err != nil {
		m.t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// ext4 makes a file system in a file, sparse, with the contents of a folder.
func ext4(t *testing.T, img, size, from string) {
	t.Helper()
	tool(t, "mke2fs", "-q", "-t", "ext4", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=0", "-d", from, img, size)
}

// overlayRoot mounts an overlayfs as the stacks do, upper on what lies at dir.
func overlayRoot(t *testing.T, upper, work string) *machine {
	t.Helper()
	for _, d := range []string{upper, work} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	root := filepath.Join(t.TempDir(), "root")
	mount(t, "overlay", root, "overlay", 0, "lowerdir="+skeleton(t)+",upperdir="+upper+",workdir="+work)
	return newMachine(t, root)
}

// Every kind that this kernel has is read within 2 % of the truth at each level,
// warns on the way and works when nothing can be written any more.
func TestGaugeOnRealFileSystems(t *testing.T) {
	if !enginetest.InMountNamespace(t) {
		return
	}
	for _, c := range []struct {
		name, kind string
		make       func(t *testing.T) (m *machine, fills string)
	}{
		{"live-boot", "tmpfs", func(t *testing.T) (*machine, string) {
			mount(t, "tmpfs", "/run/live/overlay", "tmpfs", 0, "size=32m")
			return overlayRoot(t, "/run/live/overlay/rw", "/run/live/overlay/work"), "/run/live/overlay"
		}},
		{"dracut with a tmpfs of its own", "tmpfs", func(t *testing.T) (*machine, string) {
			mount(t, "tmpfs", "/run/slipway-overlay", "tmpfs", 0, "size=32m")
			for link, dir := range map[string]string{"/run/overlayfs": "upper", "/run/ovlwork": "work"} {
				if err := errors.Join(os.Mkdir("/run/slipway-overlay/"+dir, 0o755), os.Symlink("/run/slipway-overlay/"+dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			return overlayRoot(t, "/run/overlayfs", "/run/ovlwork"), "/run/slipway-overlay"
		}},
		{"dracut on /run", "run", func(t *testing.T) (*machine, string) {
			return overlayRoot(t, "/run/overlayfs", "/run/ovlwork"), "/run"
		}},
		{"persistent", "disk", func(t *testing.T) (*machine, string) {
			img := filepath.Join(t.TempDir(), "disk.img")
			ext4(t, img, "32M", t.TempDir())
			mountLoop(t, img, "/run/live/persistence/vda1")
			return overlayRoot(t, "/run/live/persistence/vda1/rw", "/run/live/persistence/vda1/work"), "/run/live/persistence/vda1"
		}},
		{"image in RAM", "image", func(t *testing.T) (*machine, string) {
			mount(t, "tmpfs", "/run/initramfs/fsimg", "tmpfs", 0, "size=100%")
			ext4(t, "/run/initramfs/fsimg/rootfs.img", "32M", skeleton(t))
			root := filepath.Join(t.TempDir(), "root")
			mountLoop(t, "/run/initramfs/fsimg/rootfs.img", root)
			return newMachine(t, root), root
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			mount(t, "tmpfs", "/run", "tmpfs", 0, "size=40m")
			ownRoom(t)
			m, fills := c.make(t)
			for _, step := range []struct {
				percent int
				warns   string
			}{{30, ""}, {60, ""}, {86, "above 80 %"}, {97, "above 95 %"}, {100, "writes to / fail"}} {
				m.fill(fills, step.percent)
				if out, code := m.run("sh", "--check"); out != "" || code != 0 {
					t.Fatalf("at %d %%: exit %d: %s", step.percent, code, out)
				}
				m.compare(c.kind, fills)
				told := m.console()
				if (told == "") != (step.warns == "") || !strings.Contains(told, step.warns) {
					t.Errorf("at %d %%: the console shows %q, want %q", step.percent, told, step.warns)
				}
			}
			for _, shell := range []string{"dash", "busybox ash"} {
				line, code := m.run(shell)
				if !strings.HasPrefix(line, c.kind+" ") || !strings.Contains(line, "used (100 %)") || code != 0 {
					t.Errorf("%s on a full root: exit %d: %s", shell, code, line)
				}
			}
			if err := os.WriteFile(m.root+"/one more", []byte("byte"), 0o644); !errors.Is(err, unix.ENOSPC) {
				t.Errorf("the root was not full: %v", err)
			}
			if c.kind != "run" {
				return
			}
			// The room of its own is what makes it work: without, it fails, and says so.
			if err := unix.Unmount(m.root+"/run/slipway/gauge", 0); err != nil {
				t.Fatal(err)
			}
			if _, code := m.run("sh", "--check"); code != 1 {
				t.Errorf("without room: exit %d", code)
			}
		})
	}
}

// An image in RAM whose tmpfs is smaller than it: the tmpfs is what runs out.
func TestGaugeSeesTheTighterTmpfs(t *testing.T) {
	if !enginetest.InMountNamespace(t) {
		return
	}
	mount(t, "tmpfs", "/run", "tmpfs", 0, "size=40m")
	ownRoom(t)
	mount(t, "tmpfs", "/run/initramfs/fsimg", "tmpfs", 0, "size=32m")
	ext4(t, "/run/initramfs/fsimg/rootfs.img", "128M", skeleton(t))
	root := filepath.Join(t.TempDir(), "root")
	mountLoop(t, "/run/initramfs/fsimg/rootfs.img", root)
	m := newMachine(t, root)
	for _, percent := range []int{50, 85, 92} {
		m.fill("/run/initramfs/fsimg", percent)
		if out, code := m.run("sh", "--check"); out != "" || code != 0 {
			t.Fatalf("exit %d: %s", code, out)
		}
		m.compare("image", "/run/initramfs/fsimg")
	}
	if line, _ := m.run("sh"); !strings.Contains(line, "limited by the tmpfs that holds it") {
		t.Errorf("says %s", line)
	}
}

func TestGaugeIsCleanShell(t *testing.T) {
	file := filepath.Join(t.TempDir(), "slipway-overlay")
	for text, clean := range map[string]bool{gaugeScript: true, gaugeScript + "local x=1\n[[ $x ]]\n": false} {
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("shellcheck", "-s", "sh", file).CombinedOutput()
		if (err == nil) != clean {
			t.Errorf("clean: %v, want %v: %s", err, clean, out)
		}
	}
}

// systemd itself reads the units; it says nothing of good ones.
func TestGaugeUnits(t *testing.T) {
	for _, c := range []struct {
		from, to string
		clean    bool
	}{{"", "", true}, {"OOMScoreAdjust", "OOMScore", false}, {"OnUnitActiveSec=15s", "OnUnitActiveSec=soon", false}, {"Where=/run/slipway", "Where=/run", false}} {
		dir := t.TempDir()
		program := filepath.Join(dir, "slipway-overlay")
		args := []string{"verify", "--man=no"}
		for _, f := range GaugeFiles(recipes.Overlay{}) {
			if strings.HasPrefix(f.Path, unitDir) {
				text := strings.ReplaceAll(f.Content, gaugeProgram, program)
				if c.from != "" {
					text = strings.ReplaceAll(text, c.from, c.to)
				}
				file := filepath.Join(dir, filepath.Base(f.Path))
				args = append(args, file)
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := os.WriteFile(program, []byte(gaugeScript), 0o755); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("systemd-analyze", args...).CombinedOutput()
		if said := fmt.Sprint(strings.TrimSpace(string(out)), err); (said == "<nil>") != c.clean {
			t.Errorf("%q for %q: %s", c.to, c.from, said)
		}
	}
}
