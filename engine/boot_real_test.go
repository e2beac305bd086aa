//go:build real

package engine_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"slipway/engine"
	"slipway/engine/live"
	"slipway/engine/smoke"
	"slipway/recipes"

	"golang.org/x/crypto/ssh"
)

// guests lets at most three machines of these tests run at once. Each needs a processor, of which
// two are common; but a machine that is rehearsed waits much of the time.
var guests = make(chan struct{}, 3)

// booted boots a build and returns its outcome and every check's result.
func booted(t *testing.T, run func() *engine.Run, each func(engine.Event)) (outcome, map[string]smoke.Result) {
	t.Helper()
	guests <- struct{}{}
	defer func() { <-guests }()
	results := map[string]smoke.Result{}
	o := collect(t, run(), func(e engine.Event) {
		if c, ok := e.(engine.CheckDone); ok {
			results[c.Result.ID] = c.Result
		}
		if each != nil {
			each(e)
		}
	})
	if o.Verdict == nil {
		t.Fatalf("no verdict; ended %s: %v", o.Status, o.Error)
	}
	t.Logf("%s", o.Verdict.Text())
	return o, results
}

// layout is what a build says that its image is.
func layout(t *testing.T, dir string) live.Layout {
	t.Helper()
	record, err := engine.ReadRecord(dir)
	if err != nil {
		t.Fatal(err)
	}
	return record.Layout
}

// failing are the ids of the checks that failed, sorted.
func failing(results map[string]smoke.Result) []string {
	var ids []string
	for id, r := range results {
		if r.Status == smoke.Fail {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestBootPasses(t *testing.T) {
	t.Parallel()
	e := shared(t)
	doc := vm(t)
	var typed sync.Once
	var console strings.Builder
	var run *engine.Run
	o, results := booted(t, func() *engine.Run {
		run = e.Boot(context.Background(), doc, engine.BootOptions{Rehearse: true})
		return run
	}, func(ev engine.Event) {
		c, ok := ev.(engine.Console)
		if !ok {
			return
		}
		console.Write(c.Data)
		if strings.Contains(console.String(), "debian-vm login:") {
			typed.Do(func() { run.Type([]byte("nobody-here\r")) })
		}
	})
	if !o.Verdict.Passed() || o.Status != engine.Done {
		t.Fatalf("%s: %s", o.Verdict.Word, o.Verdict.Reason)
	}
	for _, p := range smoke.Plans(doc.Recipe, layout(t, o.Build), smoke.Direct) {
		if r := results[p.ID]; r.Status != smoke.Pass || r.At <= 0 {
			t.Errorf("%s: %+v", p.ID, r)
		}
	}
	for _, s := range []string{engine.StepBoot, engine.StepChecks, engine.StepRehearse} {
		if o.steps[s].Status != engine.Done {
			t.Errorf("step %s: %+v", s, o.steps[s])
		}
	}
	checkRehearsal(t, variant{outcome: smoke.Recovers, verdict: "fills at 512 MiB with ENOSPC; recovers after deleting"}, o.Rehearsal)
	if !strings.Contains(console.String(), "nobody-here") || !strings.Contains(console.String(), "Password:") {
		t.Errorf("what was typed did not reach the login prompt")
	}
	var kept smoke.Verdict
	if text, err := os.ReadFile(filepath.Join(o.Build, "verdict.json")); err != nil || json.Unmarshal(text, &kept) != nil || kept.Word != "PASS" || len(kept.Results) != len(results) {
		t.Errorf("verdict.json: %v, %+v", err, kept)
	}
	unchanged(t, o.Build)
}

// unchanged holds the packed artefacts against the checksums of the build.
func unchanged(t *testing.T, dir string) {
	t.Helper()
	sums := exec.Command("sha256sum", "--check", "--quiet", "SHA256SUMS")
	sums.Dir = dir
	if out, err := sums.CombinedOutput(); err != nil {
		t.Errorf("the boot changed the build: %v\n%s", err, out)
	}
}

func TestBootISO(t *testing.T) {
	t.Parallel()
	e := shared(t)
	doc := vm(t)
	o, results := booted(t, func() *engine.Run { return e.Boot(context.Background(), doc, engine.BootOptions{Path: smoke.ISO}) }, nil)
	if !o.Verdict.Passed() {
		t.Errorf("%s: %s", o.Verdict.Word, o.Verdict.Reason)
	}
	// Debian 12's systemd takes the shell from outside: everything is asked.
	for _, p := range smoke.Plans(doc.Recipe, layout(t, o.Build), smoke.ISO) {
		if r := results[p.ID]; r.Status != smoke.Pass {
			t.Errorf("%s: %+v", p.ID, r)
		}
	}
	unchanged(t, o.Build)
}

// file is one file of a fault; a symbolic link if target is set.
type file struct {
	path, text, target string
	mode               os.FileMode
}

// faulty returns a copy of a build whose medium has one more layer over the
// root: live-boot stacks every squashfs it finds. So one real image serves all
// faults, even those that a build would refuse to make.
func faulty(t *testing.T, build, name string, files []file) string {
	t.Helper()
	dir, err := os.MkdirTemp(filepath.Dir(filepath.Dir(build)), "fault-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, f := range []string{"vmlinuz", "initrd.img", "cmdline", "build.json"} {
		if err := os.Link(filepath.Join(build, f), filepath.Join(dir, f)); err != nil {
			t.Fatal(err)
		}
	}
	iso := filepath.Join(build, name+".iso")
	if files == nil {
		if err := os.Link(iso, filepath.Join(dir, name+".iso")); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	layer := filepath.Join(dir, "layer")
	for _, f := range files {
		at := filepath.Join(layer, f.path)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if f.target != "" {
			err = os.Symlink(f.target, at)
		} else {
			err = os.WriteFile(at, []byte(f.text), f.mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	run("mksquashfs", layer, layer+".squashfs", "-all-root", "-quiet", "-no-progress")
	run("xorriso", "-indev", iso, "-outdev", filepath.Join(dir, name+".iso"), "-map", layer+".squashfs", "/live/zz-fault.squashfs")
	return dir
}

// reword changes words in a file of a copied build.
func reword(t *testing.T, dir, name, old, new string) {
	t.Helper()
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("no %q in %q (%v)", old, text, err)
	}
	os.Remove(path) // a link to the build's own
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fault boots a faulty image with another overlay-size and expects exactly the
// named checks to fail, each with words in its cause.
func fault(t *testing.T, doc *recipes.Document, size string, files []file, want map[string]string) {
	t.Helper()
	e := shared(t)
	built := build(t, e, vm(t))
	dir := faulty(t, built.Build, "debian-vm", files)
	reword(t, dir, "cmdline", "overlay-size=512m", "overlay-size="+size)
	if strings.HasSuffix(size, "%") { // asked for, not a fault
		reword(t, dir, "build.json", `"size": "512MiB"`, fmt.Sprintf(`"size": %q`, size))
	}
	o, results := booted(t, func() *engine.Run {
		return e.BootBuilt(context.Background(), doc.Recipe, dir, engine.BootOptions{})
	}, nil)
	var ids []string
	for id, words := range want {
		ids = append(ids, id)
		r := results[id]
		if !strings.Contains(r.Cause, words) || r.Command == "" || r.Output == "" {
			t.Errorf("%s: cause %q, want %q; asked %q, answer %q", id, r.Cause, words, r.Command, r.Output)
		}
	}
	slices.Sort(ids)
	if got := failing(results); !slices.Equal(got, ids) {
		t.Errorf("failed: %v, want exactly %v", got, ids)
	}
	if o.Verdict.Word != "FAIL" || o.steps[engine.StepChecks].Status != engine.Failed || o.steps[engine.StepChecks].Error == nil {
		t.Errorf("verdict %s, step checks %+v", o.Verdict.Word, o.steps[engine.StepChecks])
	}
	if len(results) != len(smoke.Plans(doc.Recipe, layout(t, o.Build), smoke.Direct)) {
		t.Errorf("%d results", len(results))
	}
}

// Five faults that cannot hide each other share a boot.
func TestBootFindsFaults(t *testing.T) {
	t.Parallel()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "baked")
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	const unit = "[Unit]\nDescription=A fault\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo seeded fault; exit 3'\n"
	fault(t, vm(t), "300m", []file{
		{path: "etc/ssh/sshd_config.d/00-fault.conf", text: "PasswordAuthentication yes\n", mode: 0o644},
		{path: "etc/systemd/system/fault.service", text: unit, mode: 0o644},
		{path: "etc/systemd/system/multi-user.target.wants/fault.service", target: "../fault.service"},
		{path: "etc/ssh/ssh_host_ed25519_key", text: string(pem.EncodeToMemory(block)), mode: 0o600},
		{path: "etc/ssh/ssh_host_ed25519_key.pub", text: string(ssh.MarshalAuthorizedKey(public)), mode: 0o644},
		{path: "etc/machine-id", text: "0123456789abcdef0123456789abcdef\n", mode: 0o444},
	}, map[string]string{
		"overlay":     "the overlay has 300 MiB, the recipe asks for 512 MiB",
		"sshd-config": "PasswordAuthentication is yes, the recipe says no",
		"units":       "fault.service failed",
		"host-key":    "the image holds /etc/ssh/ssh_host_ed25519_key",
		"machine-id":  "the image holds the machine-id 0123456789abcdef",
	})
}

// IPv6 off by sysctl without AddressFamily inet: sshd refuses X11 forwarding,
// and nothing else is wrong: an overlay in percent is what was asked for.
func TestBootFindsX11Refused(t *testing.T) {
	t.Parallel()
	doc := vm(t)
	if err := doc.Unset("sshd.AddressFamily"); err != nil {
		t.Fatal(err)
	}
	if err := doc.Set("overlay.size", "40%"); err != nil {
		t.Fatal(err)
	}
	fault(t, doc, "40%", []file{
		{path: "etc/ssh/sshd_config.d/00-fault.conf", text: "AddressFamily any\n", mode: 0o644},
		{path: "etc/sysctl.d/99-fault.conf", text: "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.lo.disable_ipv6 = 1\n", mode: 0o644},
	}, map[string]string{"x11": "IPv6 is switched off by sysctl, and AddressFamily is any"})
}

// A guest that panics ends the boot at once, with its last words.
func TestBootFindsPanic(t *testing.T) {
	t.Parallel()
	e := shared(t)
	dir := faulty(t, build(t, e, vm(t)).Build, "debian-vm", nil)
	reword(t, dir, "cmdline", "boot=live", "boot=live init=/bin/false")
	o, results := booted(t, func() *engine.Run {
		return e.BootBuilt(context.Background(), vm(t).Recipe, dir, engine.BootOptions{})
	}, nil)
	r := results["overlay"] // the first that needs the running system
	if r.Status != smoke.Fail || !strings.Contains(r.Cause, "the kernel panicked: Attempted to kill init") || !strings.Contains(r.Output, "Kernel panic") || r.Hint == "" {
		t.Errorf("%+v", r)
	}
	if got := failing(results); !slices.Equal(got, []string{"overlay"}) {
		t.Errorf("failed: %v", got)
	}
	if boot := o.steps[engine.StepBoot]; boot.Status != engine.Failed || boot.Error == nil {
		t.Errorf("step boot: %+v", boot)
	}
	if o.steps[engine.StepChecks].Status != engine.Skipped {
		t.Errorf("step checks: %+v", o.steps[engine.StepChecks])
	}
}

// A cancelled boot ends with its machine gone.
func TestBootCancelled(t *testing.T) {
	t.Parallel()
	e := shared(t)
	dir := faulty(t, build(t, e, vm(t)).Build, "debian-vm", nil)
	run := e.BootBuilt(context.Background(), vm(t).Recipe, dir, engine.BootOptions{})
	o := collect(t, run, func(ev engine.Event) {
		if _, ok := ev.(engine.CheckStarted); ok {
			run.Cancel()
		}
	})
	if o.Status != engine.Cancelled || o.Verdict != nil {
		t.Errorf("ended %s with verdict %v", o.Status, o.Verdict)
	}
	for _, s := range []string{engine.StepBoot, engine.StepChecks} {
		if o.steps[s].Status != engine.Cancelled {
			t.Errorf("step %s: %+v", s, o.steps[s])
		}
	}
	if pids := machinesOf(t, dir); len(pids) > 0 {
		t.Errorf("still there: %v", pids)
	}
}

// machinesOf are the processes whose arguments name a file below dir.
func machinesOf(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, p := range all {
		if args, err := os.ReadFile(p); err == nil && strings.Contains(string(args), dir) {
			pids = append(pids, filepath.Base(filepath.Dir(p)))
		}
	}
	return pids
}

// A build without an ISO cannot be booted, and the error says what to do.
func TestBootWithoutISO(t *testing.T) {
	e := shared(t)
	dir := faulty(t, build(t, e, vm(t)).Build, "debian-vm", nil)
	os.Remove(filepath.Join(dir, "debian-vm.iso"))
	o := collect(t, e.BootBuilt(context.Background(), vm(t).Recipe, dir, engine.BootOptions{}), nil)
	if o.Status != engine.Failed || o.Error == nil || !strings.Contains(o.Error.Hint, "formats") || o.Verdict != nil {
		t.Errorf("ended %s: %+v", o.Status, o.Error)
	}
}
