//go:build real

package engine_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"slipway/engine"
	"slipway/engine/enginetest"
	"slipway/engine/live"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// withSELinux is the recipe for virtual machines, with dracut, in a mode. All of
// them share a root and an initramfs.
func withSELinux(t *testing.T, name, mode, strategy string) *recipes.Document {
	t.Helper()
	return edited(t, vm(t), map[string]any{"name": name, "live.stack": "dracut", "overlay.strategy": strategy, "overlay.size": "128MiB", "security.selinux": mode})
}

// An image that is labelled when it is built boots enforcing, logs in, forwards
// X11, and nothing is denied where the policy knows its own distribution.
func TestSELinuxEnforcing(t *testing.T) {
	t.Parallel()
	e := shared(t)
	doc := withSELinux(t, "selinux-enforcing", "enforcing", live.DMSnapshot)
	policy, err := os.ReadFile("../testdata/board/policy.sh")
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Append("hooks", map[string]any{"name": "policy", "at": "before-configure", "script": string(policy)}); err != nil {
		t.Fatal(err)
	}
	o, results := booted(t, func() *engine.Run { return e.Boot(context.Background(), doc, engine.BootOptions{}) }, nil)
	if !o.Verdict.Passed() {
		t.Errorf("%s: %s\n%s", o.Verdict.Word, o.Verdict.Reason, results["avc"].Output)
	}
	record, err := engine.ReadRecord(o.Build)
	if err != nil {
		t.Fatal(err)
	}
	checkMemory(t, record, doc.Recipe, o)
	for _, id := range []string{"selinux-mode", "selinux-sshd", "avc"} {
		if r := results[id]; r.Status != smoke.Pass {
			t.Errorf("%s: %+v", id, r)
		}
	}
}

// The classic fault: an image packed without extended attributes. It starts, in
// permissive mode, and everything runs as the kernel; exactly the checks of
// labels and denials fail, and the first names sshd's program.
func TestSELinuxFindsLostLabels(t *testing.T) {
	t.Parallel()
	e := shared(t)
	doc := withSELinux(t, "selinux-lost", "permissive", live.Overlayfs)
	built := build(t, e, doc)
	dir := withoutLabels(t, built.Build, "selinux-lost")
	_, results := booted(t, func() *engine.Run {
		return e.BootBuilt(context.Background(), doc.Recipe, dir, engine.BootOptions{})
	}, nil)
	if got := failing(results); !slices.Equal(got, []string{"avc", "selinux-sshd"}) {
		t.Errorf("failed: %v, want exactly avc and selinux-sshd", got)
	}
	if r := results["selinux-sshd"]; !strings.Contains(r.Cause, "/usr/sbin/sshd has no label") || !strings.Contains(r.Hint, "extended attributes") {
		t.Errorf("%+v", r)
	}
	if r := results["avc"]; !strings.Contains(r.Output, "runs as the kernel itself") && !strings.Contains(r.Output, "has no label") {
		t.Errorf("%+v", r)
	}
}

// withoutLabels returns a copy of a build whose image was packed anew without
// extended attributes.
func withoutLabels(t *testing.T, build, name string) string {
	t.Helper()
	dir := faulty(t, build, name, nil)
	iso, image := filepath.Join(dir, name+".iso"), filepath.Join(dir, "lost.squashfs")
	if err := os.Remove(iso); err != nil { // a link to the build's own
		t.Fatal(err)
	}
	script := `sqfs2tar --no-xattr "$1/filesystem.squashfs" | tar2sqfs --quiet --compressor zstd "$2"
xorriso -indev "$1/$3.iso" -outdev "$4" -boot_image any replay -update "$2" /LiveOS/squashfs.img`
	if out, err := exec.Command("/bin/sh", "-ec", script, "sh", build, image, name, iso).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// A copy on the way into the image that drops extended attributes fails the
// build, which names sshd's program among the rest.
func TestLostLabelsFailTheBuild(t *testing.T) {
	t.Parallel()
	if !enginetest.InMountNamespace(t) {
		return
	}
	doc := withSELinux(t, "selinux-careless", "permissive", live.Overlayfs)
	const careful = "/usr/bin/mksquashfs"
	bin, err := os.ReadFile(careful)
	if err != nil {
		t.Fatal(err)
	}
	real, careless := filepath.Join(t.TempDir(), "mksquashfs"), filepath.Join(t.TempDir(), "mksquashfs")
	text := "#!/bin/sh\nfor a; do shift; [ \"$a\" != -xattrs ] || a=-no-xattrs; set -- \"$@\" \"$a\"; done\nexec " + real + " \"$@\"\n"
	for file, content := range map[string][]byte{real: bin, careless: []byte(text)} {
		if err := os.WriteFile(file, content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mount(careless, careful, "", syscall.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	o := collect(t, shared(t).Build(context.Background(), doc), nil)
	if o.Status != engine.Failed || o.Error.Step != engine.StepMedia || !strings.Contains(o.Error.Message, "/usr/sbin/sshd: root has") || !strings.Contains(o.Error.Message, "sshd_exec_t") {
		t.Fatalf("ended %s: %s", o.Status, o.Error.Text())
	}
	nothingLeft(t, shared(t))
}
