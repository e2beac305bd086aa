package engine

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/engine/live"
	"slipway/engine/qemu"
	"slipway/engine/smoke"
	"slipway/recipes"
)

func TestMachineOfABuild(t *testing.T) {
	dir := t.TempDir()
	r := recipes.Recipe{Name: "web", SSHD: recipes.SSHD{"Port": int64(2222)}, Boot: recipes.Boot{Memory: "512MiB", CPUs: 2}}
	l := live.Layout{Stack: live.Stack{ID: "live-boot"}}
	if _, _, err := machine(r, l, dir, smoke.Direct, qemu.TCG); !errors.Is(err, errNoISO) {
		t.Errorf("without an ISO: %v", err)
	}
	packed := []byte("packed initramfs")
	for name, text := range map[string][]byte{"web.iso": nil, "vmlinuz": nil, "initrd.img": packed, "cmdline": []byte("boot=live console=ttyS0\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, initrd, err := machine(r, l, dir, smoke.Direct, qemu.TCG)
	if err != nil {
		t.Fatal(err)
	}
	want := qemu.Machine{Memory: 512 << 20, CPUs: 2, Accel: qemu.TCG, Kernel: dir + "/vmlinuz", Append: "boot=live console=ttyS0 " + smoke.RDInit,
		Medium: dir + "/web.iso", GuestSSH: 2222}
	if got := strings.Join(m.Args(), " "); got != strings.Join(want.Args(), " ") {
		t.Errorf("direct: %s", got)
	}
	if !bytes.HasPrefix(initrd, packed) || len(initrd) <= len(packed) {
		t.Errorf("initrd of %d bytes does not begin with the packed one", len(initrd))
	}
	if onDisk, err := os.ReadFile(filepath.Join(dir, "initrd.img")); err != nil || !bytes.Equal(onDisk, packed) {
		t.Errorf("the packed initramfs changed: %v", err)
	}
	if m, initrd, err = machine(r, l, dir, smoke.ISO, qemu.TCG); err != nil || m.Direct() || initrd != nil || m.Medium != dir+"/web.iso" {
		t.Errorf("iso: %+v, %d bytes of initrd, %v", m, len(initrd), err)
	}
}

func TestBootDefaults(t *testing.T) {
	for _, tt := range []struct {
		boot     recipes.Boot
		slowdown float64
		memory   int64
		timeout  time.Duration
	}{
		{recipes.Boot{}, 1, 1 << 30, 2 * time.Minute},
		{recipes.Boot{}, 6, 1 << 30, 12 * time.Minute},
		{recipes.Boot{Memory: "2G", Timeout: "30s"}, 12, 2 << 30, 6 * time.Minute},
		{recipes.Boot{Memory: "50%", Timeout: "soon"}, 1, 1 << 30, 2 * time.Minute},
	} {
		if m, d := memory(tt.boot), timeout(tt.boot, tt.slowdown); m != tt.memory || d != tt.timeout {
			t.Errorf("%+v: %d bytes, %s", tt.boot, m, d)
		}
	}
}

// A boot whose checks fail ends its steps as failed, with the first failure.
func TestBootSteps(t *testing.T) {
	log, err := newBootLog(filepath.Join(t.TempDir(), bootLogName))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	run := &Run{queue: newQueue()}
	b := &boot{run: run, step: StepBoot, begun: time.Now(), log: log}
	b.started(smoke.Plan{ID: "kernel"})
	b.done(smoke.Result{Plan: smoke.Plan{ID: "kernel"}, Status: smoke.Pass})
	b.next(StepChecks)
	b.started(smoke.Plan{ID: "a"})
	b.done(smoke.Result{Plan: smoke.Plan{ID: "a", Title: "a holds"}, Status: smoke.Fail, Cause: "because", Command: "ask", Output: "x\ny", Hint: "h"})
	b.done(smoke.Result{Plan: smoke.Plan{ID: "b", Title: "b holds"}, Status: smoke.Fail, Cause: "later"})
	b.next("")
	var done []StepDone
	for _, e := range run.queue.take() {
		if d, ok := e.(StepDone); ok {
			done = append(done, d)
		}
	}
	if len(done) != 2 || done[0].Status != Done || done[1].Status != Failed {
		t.Fatalf("%+v", done)
	}
	if e := done[1].Error; e.Message != "a holds: because" || e.Command != "ask" || len(e.Last) != 2 || e.Hint != "h" {
		t.Errorf("%+v", e)
	}
	text, err := os.ReadFile(log.name())
	if err != nil || !strings.Contains(string(text), "slipway: ") || !strings.Contains(string(text), "FAIL a holds: because") {
		t.Errorf("log: %v\n%s", err, text)
	}
	skipped := &boot{run: run, step: StepChecks, begun: time.Now(), log: log}
	skipped.done(smoke.Result{Status: smoke.Skipped})
	skipped.next("")
	if d := run.queue.take(); d[len(d)-1].(StepDone).Status != Skipped {
		t.Errorf("a step whose checks were all skipped: %+v", d)
	}
}

// The plan that a build announces names the steps of the boot too.
func TestBootPlan(t *testing.T) {
	r := recipes.Recipe{Checks: []recipes.Check{{Name: "own"}}}
	run := &Run{queue: newQueue(), also: bootSteps(r, BootOptions{Path: smoke.ISO})}
	steps := make([]Step, 1, 5)
	steps[0].Name = "manifest"
	run.emit(PlanReady{Steps: steps})
	got := run.queue.take()[0].(PlanReady).Steps
	if more := bootSteps(r, BootOptions{Rehearse: true}); len(more) != 3 || more[2].Name != StepRehearse {
		t.Errorf("with a rehearsal: %+v", more)
	}
	if len(got) != 3 || got[1].Name != StepBoot || got[2].Name != StepChecks || !strings.Contains(got[1].Does, "BIOS") {
		t.Errorf("%+v", got)
	}
}
