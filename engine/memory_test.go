package engine

import (
	"os"
	"path/filepath"
	"testing"

	"slipway/engine/live"
	"slipway/engine/smoke"
)

func TestPredictRAM(t *testing.T) {
	const mib = 1 << 20
	dir := t.TempDir()
	for name, size := range map[string]int64{squashfsName: 139 * mib, "vm.iso": 167 * mib} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Truncate(size); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	base, nested := int64(baseRAM/mib), int64(nestedRAM/mib)
	for _, c := range []struct {
		name   string
		layout live.Layout
		memory int64 // MiB
		path   string
		want   int64 // MiB
	}{
		{"from a medium", live.Layout{Kind: live.KindTmpfs}, 1024, smoke.Direct, base + 16},
		{"the same from the firmware", live.Layout{Kind: live.KindTmpfs}, 1024, smoke.ISO, base + 16},
		{"a larger machine", live.Layout{Kind: live.KindTmpfs}, 4096, smoke.ISO, base + 64},
		{"a snapshot is empty at first", live.Layout{Kind: live.KindSnapshot, Nested: true, Size: "512MiB"}, 1024, smoke.Direct, base + 16 + nested},
		{"a thin pool", live.Layout{Kind: live.KindThin, Nested: true, Size: "512MiB"}, 1024, smoke.Direct, base + 16 + nested + thinRAM/mib},
		{"medium in RAM", live.Layout{Kind: live.KindTmpfs, InRAM: true}, 1024, smoke.Direct, base + 16 + 167},
		{"fetched", live.Layout{Kind: live.KindTmpfs}, 1024, PathInRAM, base + 16 + 139},
		{"fetched, which is in RAM once", live.Layout{Kind: live.KindTmpfs, InRAM: true}, 1024, PathInRAM, base + 16 + 139},
		{"image in RAM", live.Layout{Kind: live.KindImage, InRAM: true, Nested: true, Size: "480MiB", Room: 64 * mib}, 2048, smoke.Direct, base + 32 + 416 + nested},
		{"image fetched and unpacked", live.Layout{Kind: live.KindImage, InRAM: true, Nested: true, Size: "480MiB", Room: 64 * mib}, 2048, PathInRAM, base + 32 + 416 + nested + 139},
	} {
		got, err := PredictRAM(Record{Recipe: "vm", Layout: c.layout}, dir, c.memory*mib, c.path)
		if err != nil || got != c.want*mib {
			t.Errorf("%s: %d MiB, want %d; %v", c.name, got/mib, c.want, err)
		}
	}
	labelled := Record{Layout: live.Layout{Kind: live.KindSnapshot, Nested: true}, Keys: map[string]string{StepLabel: "1"}}
	if got, err := PredictRAM(labelled, dir, 1024*mib, smoke.Direct); err != nil || got != (base+16+nested+selinuxRAM/mib)*mib {
		t.Errorf("with SELinux: %d MiB; %v", got/mib, err)
	}
	for name, f := range map[string]func() error{
		"no squashfs":  func() error { _, err := PredictRAM(Record{}, t.TempDir(), mib, PathInRAM); return err },
		"unknown path": func() error { _, err := PredictRAM(Record{}, dir, mib, "tape"); return err },
		"unknown size": func() error {
			_, err := PredictRAM(Record{Layout: live.Layout{Kind: live.KindImage, Size: "all"}}, dir, mib, smoke.Direct)
			return err
		},
	} {
		if f() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What was measured in guests of debian-vm stays predicted within 10 %.
func TestPredictRAMMeasured(t *testing.T) {
	const mib = 1 << 20
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "vm.iso"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(167 * mib); err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, c := range []struct {
		name   string
		layout live.Layout
		memory int64
		took   int64 // MiB
	}{
		{"live-boot", live.Layout{Kind: live.KindTmpfs}, 1024, 219},
		{"live-boot, once more", live.Layout{Kind: live.KindTmpfs}, 1024, 214},
		{"live-boot in RAM", live.Layout{Kind: live.KindTmpfs, InRAM: true}, 1024, 366},
		{"live-boot in RAM, a larger machine", live.Layout{Kind: live.KindTmpfs, InRAM: true}, 2048, 395},
		{"dracut", live.Layout{Kind: live.KindTmpfs}, 1024, 220},
		{"kiwi", live.Layout{Kind: live.KindTmpfs, Nested: true}, 1024, 232},
		{"dracut dm-snapshot", live.Layout{Kind: live.KindSnapshot, Nested: true}, 1024, 238},
		{"dracut thin", live.Layout{Kind: live.KindThin, Nested: true}, 1024, 251},
		{"dracut in RAM", live.Layout{Kind: live.KindImage, Nested: true, InRAM: true, Size: "467MiB", Room: 64 * mib}, 2048, 655},
	} {
		got, err := PredictRAM(Record{Recipe: "vm", Layout: c.layout}, dir, c.memory*mib, smoke.Direct)
		if off := got - c.took*mib; err != nil || off > c.took*mib/10 || -off > c.took*mib/10 {
			t.Errorf("%s: %d MiB, took %d; %v", c.name, got/mib, c.took, err)
		}
		t.Logf("%s: %d MiB, took %d", c.name, got/mib, c.took)
	}
}
