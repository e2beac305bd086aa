//go:build real

package engine_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"slipway/engine"
	"slipway/engine/live"
	"slipway/engine/smoke"
	"slipway/recipes"

	"github.com/cavaliergopher/cpio"
)

// variant is one way to let a machine write, as it is built, booted, filled to
// the brim and looked at.
type variant struct {
	stack, strategy string
	size            recipes.Size
	more            map[string]any // other settings
	kind            string         // of what takes the writes
	outcome         string         // of the rehearsal
	verdict         string         // a part of it
}

// variants are one boot each, but for the persistent one: two. The flat and the
// nested image of dracut and that of kiwi are filled where their own distributions
// boot: TestEveryDistributionBoots.
var variants = []variant{
	{stack: "live-boot", strategy: live.Persistent, size: "64MiB", kind: live.KindDisk, outcome: smoke.Recovers, verdict: "ENOSPC; recovers after deleting"},
	{stack: "live-boot", strategy: live.RAM, size: "64MiB", kind: live.KindTmpfs, outcome: smoke.Recovers, verdict: "fills at 64 MiB with ENOSPC; recovers after deleting"},
	{stack: "dracut", strategy: live.OverlayfsRun, size: "20%", kind: live.KindRun, outcome: smoke.Recovers, verdict: "with ENOSPC, and /run with it; recovers after deleting"},
	{stack: "dracut", strategy: live.DMThin, size: "64MiB", kind: live.KindThin, outcome: smoke.Recovers, verdict: "fills at 64 MiB with EIO; recovers after deleting"},
	{stack: "dracut", strategy: live.RAM, size: "64MiB", more: map[string]any{"boot.memory": "2GiB"}, kind: live.KindImage, outcome: smoke.Recovers, verdict: "ENOSPC; recovers after deleting"},
}

func (v variant) doc(t testing.TB) *recipes.Document {
	t.Helper()
	edits := map[string]any{"name": v.stack + "-" + v.strategy, "live.stack": v.stack, "overlay.strategy": v.strategy, "overlay.size": string(v.size)}
	for path, value := range v.more {
		edits[path] = value
	}
	return edited(t, vm(t), edits)
}

// Every strategy boots to PASS on the stacks that have it in Debian, has the
// kind and size that the recipe asks for, bears a full overlay as its screen
// says, and takes as much memory as was predicted.
func TestEveryOverlayBoots(t *testing.T) {
	t.Parallel() // so that the boots of other tests fill the second processor
	for _, v := range variants {
		t.Run(v.stack+" "+v.strategy, func(t *testing.T) {
			t.Parallel()
			e := shared(t)
			doc := v.doc(t)
			o, results := booted(t, func() *engine.Run {
				return e.Boot(context.Background(), doc, engine.BootOptions{Rehearse: true})
			}, nil)
			if !o.Verdict.Passed() {
				t.Errorf("%s: %s", o.Verdict.Word, o.Verdict.Reason)
			}
			record, err := engine.ReadRecord(o.Build)
			if err != nil {
				t.Fatal(err)
			}
			if record.Layout.Kind != v.kind || record.Layout.Stack.ID != v.stack {
				t.Errorf("built as %+v, want kind %s", record.Layout, v.kind)
			}
			for _, p := range smoke.Plans(doc.Recipe, record.Layout, smoke.Direct) {
				if r := results[p.ID]; r.Status != smoke.Pass {
					t.Errorf("%s: %+v", p.ID, r)
				}
			}
			checkRehearsal(t, v, o.Rehearsal)
			checkMemory(t, record, doc.Recipe, o)
			unchanged(t, o.Build)
		})
	}
}

// checkRehearsal holds the outcome against what is known of the strategy, and
// the image's own gauge against the truth.
func checkRehearsal(t *testing.T, v variant, r *smoke.Rehearsal) {
	t.Helper()
	if r == nil {
		t.Fatal("no rehearsal")
	}
	if r.Outcome != v.outcome || !strings.Contains(r.Verdict, v.verdict) {
		t.Errorf("rehearsal: %s: %q, want %s: %q", r.Outcome, r.Verdict, v.outcome, v.verdict)
	}
	if r.Warned == "" {
		t.Error("no warning on the console before the first write failed")
	}
	levels := 0
	for _, p := range r.Points {
		t.Logf("%-14s wrote %4d MiB, room %s, df %s; gauge: %s; %s", p.Name, p.Wrote>>20, roomText(p.Room), roomText(p.DF), p.Gauge, p.Error)
		if !slices.Contains([]string{"50 %", "90 %", "95 %"}, p.Name) {
			continue
		}
		levels++
		used, size, err := gauged(p.Gauge)
		if err != nil {
			t.Errorf("%s: gauge %q: %v", p.Name, p.Gauge, err)
			continue
		}
		if off := used - p.Room.Used; off > p.Room.Size/50 || -off > p.Room.Size/50 {
			t.Errorf("%s: the gauge says %d used, the truth is %d", p.Name, used, p.Room.Used)
		}
		if off := size - p.Room.Size; off > p.Room.Size/50 || -off > p.Room.Size/50 {
			t.Errorf("%s: the gauge says %d in all, the truth is %d", p.Name, size, p.Room.Size)
		}
	}
	if levels != 3 {
		t.Errorf("%d levels were read, want 3", levels)
	}
}

func roomText(r smoke.Room) string {
	return strconv.FormatInt(r.Used>>20, 10) + "/" + strconv.FormatInt(r.Size>>20, 10) + " MiB " + r.Source
}

var gaugeLine = regexp.MustCompile(`(\d+) MiB of (\d+) MiB`)

// gauged reads the line of the image's gauge, in bytes.
func gauged(line string) (used, size int64, err error) {
	m := gaugeLine.FindStringSubmatch(line)
	if m == nil {
		return 0, 0, os.ErrInvalid
	}
	used, _ = strconv.ParseInt(m[1], 10, 64)
	size, err = strconv.ParseInt(m[2], 10, 64)
	return used << 20, size << 20, err
}

// checkMemory compares what was predicted to be taken of the memory with what
// the guest says.
func checkMemory(t *testing.T, record engine.Record, r recipes.Recipe, o outcome) {
	t.Helper()
	memory, _, err := r.Boot.Memory.Parse()
	if err != nil {
		t.Fatal(err)
	}
	want, err := engine.PredictRAM(record, o.Build, memory, smoke.Direct)
	if err != nil {
		t.Fatal(err)
	}
	have := memory - o.Verdict.Memory.Available
	t.Logf("memory: %d MiB taken, %d MiB predicted", have>>20, want>>20)
	if off := have - want; off > have/10 || -off > have/10 {
		t.Errorf("%d MiB of memory are taken, %d MiB were predicted", have>>20, want>>20)
	}
}

// Old dracut made its snapshot in a mode in which a full one takes the machine
// with it. One file in the initramfs is what differs.
func TestFullSnapshotKillsWithOldDracut(t *testing.T) {
	t.Parallel()
	e := shared(t)
	doc := edited(t, fromBoard(t, "fedora-overlayfs"), map[string]any{"name": "old-dracut", "overlay.strategy": live.DMSnapshot})
	built := build(t, e, doc)
	dir := faulty(t, built.Build, doc.Recipe.Name, nil)
	record, err := engine.ReadRecord(built.Build)
	if err != nil {
		t.Fatal(err)
	}
	module := filepath.Join(e.Dirs.Cache, "layers", "root-"+record.Keys[engine.StepRoot], "root/usr/lib/dracut/modules.d/90dmsquash-live/dmsquash-live-root.sh")
	text, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(text), "PO 8 | dmsetup create live-rw", "P 8 | dmsetup create live-rw", 1)
	if old == string(text) {
		t.Fatal("this dracut does not make its snapshot in the mode PO")
	}
	appendToInitrd(t, filepath.Join(dir, "initrd.img"), "usr/sbin/dmsquash-live-root", old)
	o, _ := booted(t, func() *engine.Run {
		return e.BootBuilt(context.Background(), doc.Recipe, dir, engine.BootOptions{Rehearse: true})
	}, nil)
	if !o.Verdict.Passed() {
		t.Errorf("before it was full: %s: %s", o.Verdict.Word, o.Verdict.Reason)
	}
	if r := o.Rehearsal; r == nil || r.Outcome != smoke.Dead || !strings.Contains(r.Verdict, "dead until a hard reset") {
		t.Errorf("rehearsal: %+v", r)
	} else {
		t.Logf("rehearsal: %s", r.Verdict)
	}
}

// appendToInitrd replaces a copied build's initramfs by one with an archive
// behind it, from which the kernel takes one file in place of the packed one.
func appendToInitrd(t *testing.T, path, name, text string) {
	t.Helper()
	out, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for len(out)%4 != 0 {
		out = append(out, 0)
	}
	var archive bytes.Buffer
	w := cpio.NewWriter(&archive)
	err = w.WriteHeader(&cpio.Header{Name: name, Mode: cpio.TypeReg | 0o755, Size: int64(len(text)), Links: 1})
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	for archive.Len()%4 != 0 {
		archive.WriteByte(0)
	}
	os.Remove(path) // a link to the build's own
	if err := os.WriteFile(path, append(out, archive.Bytes()...), 0o644); err != nil {
		t.Fatal(err)
	}
}
