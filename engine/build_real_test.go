//go:build real

package engine_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"slipway/engine"
	"slipway/engine/enginetest"
	"slipway/recipes"
)

// buildVerb makes the test binary build a recipe and print its events, so that
// tests can kill the whole tool.
const buildVerb = "__test-build"

func TestMain(m *testing.M) {
	if engine.WorkerMain() {
		return
	}
	if len(os.Args) == 3 && os.Args[1] == buildVerb {
		doc, err := recipes.Find(os.Args[2])
		if err != nil {
			fmt.Println(err)
			os.Exit(2)
		}
		_ = engine.New(engine.DefaultDirs()).Build(context.Background(), doc).Each(context.Background(), func(e engine.Event) {
			b, _ := engine.MarshalEvent(e)
			fmt.Println(string(b))
		})
		return
	}
	os.Exit(m.Run())
}

func shared(t testing.TB) *engine.Engine {
	cache, builds := enginetest.Shared(t)
	return engine.New(engine.Dirs{Cache: cache, Builds: builds})
}

// fresh is an engine with empty folders of its own, on the same file system as
// the shared ones.
func fresh(t testing.TB) *engine.Engine {
	cache, _ := enginetest.Shared(t)
	dir, err := os.MkdirTemp(filepath.Dir(cache), "fresh-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return engine.New(engine.Dirs{Cache: filepath.Join(dir, "cache"), Builds: filepath.Join(dir, "builds")})
}

// seeded is a fresh engine with the root of debian-vm and the packages that it was
// made of, so that its own builds need nobody's lock.
func seeded(t testing.TB) *engine.Engine {
	from := shared(t)
	record, err := engine.ReadRecord(build(t, from, vm(t)).Build)
	if err != nil {
		t.Fatal(err)
	}
	e := fresh(t)
	lock := flock.New(filepath.Join(from.Dirs.Cache, "packages/debian/lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	script := `mkdir -p "$2/packages/debian/archives" "$2/layers"
ln "$1"/packages/debian/archives/*.deb "$2/packages/debian/archives/"
cp --archive --link "$1/layers/$3" "$2/layers/"`
	root := engine.StepRoot + "-" + record.Keys[engine.StepRoot]
	if out, err := exec.Command("/bin/sh", "-ec", script, "sh", from.Dirs.Cache, e.Dirs.Cache, root).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return e
}

func vm(t testing.TB) *recipes.Document {
	t.Helper()
	doc, ok := recipes.Builtin("debian-vm")
	if !ok {
		t.Fatal("no built-in debian-vm")
	}
	return doc
}

func edited(t testing.TB, doc *recipes.Document, edits map[string]any) *recipes.Document {
	t.Helper()
	for path, value := range edits {
		if err := doc.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	return doc
}

// outcome is what a run's events came to.
type outcome struct {
	engine.Finished
	steps  map[string]engine.StepDone
	output []string
}

func collect(t testing.TB, r *engine.Run, each func(engine.Event)) outcome {
	t.Helper()
	o := outcome{steps: map[string]engine.StepDone{}}
	err := r.Each(context.Background(), func(e engine.Event) {
		switch e := e.(type) {
		case engine.StepDone:
			o.steps[e.Step] = e
		case engine.Output:
			o.output = append(o.output, e.Lines...)
		case engine.Finished:
			o.Finished = e
		}
		if each != nil {
			each(e)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func build(t testing.TB, e *engine.Engine, doc *recipes.Document) outcome {
	t.Helper()
	o := collect(t, e.Build(context.Background(), doc), nil)
	if o.Status != engine.Done {
		t.Fatalf("the build ended %s: %s", o.Status, o.Error.Text())
	}
	return o
}

func TestBuildIsWholeAndReused(t *testing.T) {
	e := shared(t)
	first := build(t, e, vm(t))
	for _, name := range []string{"vmlinuz", "initrd.img", "filesystem.squashfs", "cmdline", "packages.txt", "recipe.toml", "SHA256SUMS", "build.log", "build.json", "debian-vm.iso"} {
		if st, err := os.Stat(filepath.Join(first.Build, name)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	sums := exec.Command("sha256sum", "--check", "--quiet", "SHA256SUMS")
	sums.Dir = first.Build
	if out, err := sums.CombinedOutput(); err != nil {
		t.Errorf("SHA256SUMS: %v\n%s", err, out)
	}
	if dir, err := e.Current("debian-vm"); err != nil || dir != first.Build {
		t.Errorf("current is %s (%v), want %s", dir, err, first.Build)
	}
	again := build(t, e, vm(t))
	if again.Build != first.Build {
		t.Errorf("the same recipe was built again: %s", again.Build)
	}
	for name, s := range again.steps {
		if name != engine.StepResolve && s.Status != engine.Cached {
			t.Errorf("second build: %s is %s: %v", name, s.Status, s.Reasons)
		}
	}
	changed := build(t, e, edited(t, vm(t), map[string]any{"sshd.X11Forwarding": false, "name": "debian-vm-nox"}))
	if s := changed.steps[engine.StepRoot]; s.Status != engine.Cached {
		t.Errorf("after one sshd change the root is %s: %v", s.Status, s.Reasons)
	}
	fresher := build(t, e, edited(t, vm(t), map[string]any{"system.hostname": fmt.Sprint("new-", time.Now().UnixNano()), "name": "debian-vm-new"}))
	if st, err := os.Stat(filepath.Join(fresher.Build, "filesystem.squashfs")); err != nil || st.Sys().(*syscall.Stat_t).Nlink < 2 {
		t.Errorf("the image was copied, not linked: %v %v", st, err)
	}
	same := build(t, e, edited(t, vm(t), map[string]any{"sshd.X11Forwarding": true, "name": "debian-vm-nox"}))
	if why := strings.Join(same.steps[engine.StepConfigure].Reasons, "; "); why != "sshd.X11Forwarding: false → true" && same.steps[engine.StepConfigure].Status != engine.Cached {
		t.Errorf("configure ran because %q", why)
	}
}

// quick is a recipe whose root is small; it has no kernel, so its build ends
// after the root step.
func quick(t testing.TB, mirror string) *recipes.Document {
	t.Helper()
	doc, err := recipes.Parse("quick.toml", []byte(`name = "quick"
[distro]
id = "debian"
release = "bookworm"
mirror = "`+mirror+`"
[overlay]
strategy = "overlayfs"
[packages]
include = ["zstd"]
[kernel]
package = "less"
`))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestSecondColdBuildDownloadsNothing(t *testing.T) {
	t.Parallel()
	e, mirror := fresh(t), enginetest.NewMirror(t, nil)
	root := func() {
		o := collect(t, e.Build(context.Background(), quick(t, mirror.URL)), nil)
		if o.steps[engine.StepRoot].Status != engine.Done {
			t.Fatalf("root: %+v\n%s", o.steps[engine.StepRoot], o.Error.Text())
		}
		if !strings.Contains(o.Error.Message, "no kernel") {
			t.Errorf("a root without a kernel gave: %s", o.Error.Text())
		}
	}
	root()
	debs := 0
	for _, p := range mirror.Served() {
		if strings.HasSuffix(p, ".deb") {
			debs++
		}
	}
	if debs < 50 {
		t.Fatalf("the first build downloaded %d packages", debs)
	}
	if err := os.RemoveAll(filepath.Join(e.Dirs.Cache, "layers")); err != nil {
		t.Fatal(err)
	}
	root()
	for _, p := range mirror.Served() {
		// The small signed indexes are what tells that nothing is new.
		if !strings.HasSuffix(p, "/InRelease") {
			t.Errorf("the second build downloaded %s", p)
		}
	}
}

// nothingLeft fails the test if a build left anything but logs and caches. What is
// locked belongs to a build of another test, which is still under way.
func nothingLeft(t testing.TB, e *engine.Engine) {
	t.Helper()
	for _, pattern := range []string{e.Dirs.Cache + "/work/build-*", e.Dirs.Builds + "/*/.making-*"} {
		found, _ := filepath.Glob(pattern)
		for _, dir := range found {
			if strings.HasSuffix(dir, ".lock") {
				continue
			}
			lock := flock.New(dir + ".lock")
			free, err := lock.TryLock()
			_, gone := os.Stat(dir)
			if gone == nil && (free || err != nil) {
				t.Errorf("left behind: %s (%v)", dir, err)
			}
			if lock.Close(); gone != nil {
				os.Remove(dir + ".lock")
			}
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || strings.Contains(string(mounts), e.Dirs.Cache) {
		t.Errorf("a mount is left (%v):\n%s", err, mounts)
	}
	if loops, err := filepath.Glob("/sys/block/loop*/loop/backing_file"); err != nil || len(loops) > 0 {
		for _, l := range loops {
			if b, _ := os.ReadFile(l); strings.HasPrefix(string(b), e.Dirs.Cache) {
				t.Errorf("a loop device is left: %s", b)
			}
		}
	}
}

func TestMirrorFailuresNameTheCause(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	flip := func(suffix string) func(string, []byte) []byte {
		return func(path string, body []byte) []byte {
			if strings.Contains(path, suffix) && len(body) > 1000 {
				body = append([]byte{}, body...)
				body[len(body)/2] ^= 1
			}
			return body
		}
	}
	tests := []struct {
		name    string
		mirror  string
		edits   map[string]any
		step    string
		message string
	}{
		{"the mirror is down", "http://" + closed.Addr().String() + "/debian", nil, engine.StepResolve, "cannot be reached"},
		{"wrong suite", enginetest.NewMirror(t, nil).URL, map[string]any{"distro.release": "bookwurm"}, engine.StepResolve, `no suite "bookwurm"`},
		{"unknown package", enginetest.NewMirror(t, nil).URL, map[string]any{"packages.include": []any{"no-such-package"}}, engine.StepRoot, "no package is called no-such-package"},
		{"tampered index", enginetest.NewMirror(t, flip("/dists/bookworm/InRelease")).URL, nil, engine.StepResolve, "signature of"},
		{"tampered package list", enginetest.NewMirror(t, flip("binary-amd64/by-hash")).URL, nil, engine.StepRoot, "not what the signed index says"},
		{"tampered package", enginetest.NewMirror(t, flip("/base-files_")).URL, nil, engine.StepRoot, "not what the signed index says"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := fresh(t)
			o := collect(t, e.Build(context.Background(), edited(t, quick(t, tt.mirror), tt.edits)), nil)
			if o.Status != engine.Failed || o.Error.Step != tt.step || !strings.Contains(o.Error.Message, tt.message) {
				t.Errorf("ended %s: %s\nwant step %s, %q", o.Status, o.Error.Text(), tt.step, tt.message)
			}
			if o.Error.Hint == "" || o.Error.Log == "" {
				t.Errorf("no hint or no log: %+v", o.Error)
			}
			nothingLeft(t, e)
			if layers, _ := filepath.Glob(e.Dirs.Cache + "/layers/*"); len(layers) > 0 {
				t.Errorf("a failed build left layers: %v", layers)
			}
		})
	}
}

func TestFullDiskNamesTheCause(t *testing.T) {
	t.Parallel()
	if !enginetest.InMountNamespace(t) {
		return
	}
	e := fresh(t)
	disk := filepath.Dir(e.Dirs.Cache)
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=120m"); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	o := collect(t, e.Build(context.Background(), quick(t, enginetest.NewMirror(t, nil).URL)), nil)
	if o.Status != engine.Failed || !strings.Contains(o.Error.Message, "disk is full") {
		t.Errorf("ended %s: %s", o.Status, o.Error.Text())
	}
	if found, _ := filepath.Glob(e.Dirs.Cache + "/work/build-*"); len(found) > 0 {
		t.Errorf("left behind: %v", found)
	}
}

// A script of a package or a hook reaches the host's files through /proc/1/root
// at worst; there they must be read-only.
func TestHostIsReadOnlyForTheBuild(t *testing.T) {
	t.Parallel()
	escape := fmt.Sprintf("/var/tmp/slipway-escape-%d", os.Getpid())
	doc := edited(t, vm(t), map[string]any{"name": "escape"})
	err := doc.Append("hooks", map[string]any{"name": "escape", "at": "after-configure",
		"script": "#!/bin/sh\ntest -d /proc/1/root/var/tmp || exit 8\nif echo x > /proc/1/root" + escape + "; then exit 9; fi\n"})
	if err != nil {
		t.Fatal(err)
	}
	o := build(t, shared(t), doc)
	if _, err := os.Stat(escape); err == nil {
		os.Remove(escape)
		t.Error("a hook wrote to the host")
	}
	if !strings.Contains(strings.Join(o.output, "\n"), "Read-only file system") {
		t.Errorf("the hook was not refused:\n%s", strings.Join(o.output, "\n"))
	}
}

// What squashfs cannot carry fails the build and is named, instead of being
// lost: a POSIX ACL, set by setxattr(2), system call 188.
func TestLostAttributeFailsTheBuild(t *testing.T) {
	t.Parallel()
	doc := edited(t, vm(t), map[string]any{"name": "lost"})
	err := doc.Append("hooks", map[string]any{"name": "acl", "at": "after-configure", "script": `#!/usr/bin/perl
my ($file, $name) = ("/usr/bin/less", "system.posix_acl_access");
my $acl = pack("V(vvV)*", 2, 1, 7, 0xffffffff, 2, 5, 33, 4, 5, 0xffffffff, 16, 5, 0xffffffff, 32, 5, 0xffffffff);
syscall(188, $file, $name, $acl, length($acl), 0) == 0 or die "setxattr: $!";
`})
	if err != nil {
		t.Fatal(err)
	}
	e := shared(t)
	for range 2 { // the refused image must not be found in the cache
		o := collect(t, e.Build(context.Background(), doc), nil)
		if o.Status != engine.Failed || !strings.Contains(o.Error.Message, "/usr/bin/less: root has") || !strings.Contains(o.Error.Hint, "tmpfiles.d") {
			t.Errorf("ended %s: %s", o.Status, o.Error.Text())
		}
		if o.steps[engine.StepPack].Status != engine.Done {
			t.Errorf("pack is %s", o.steps[engine.StepPack].Status)
		}
	}
	nothingLeft(t, e)
}
