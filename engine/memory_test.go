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
	base := int64(baseRAM / mib)
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
		{"a snapshot is empty at first", live.Layout{Kind: live.KindSnapshot, Nested: true, Size: "512MiB"}, 1024, smoke.Direct, base + 16},
		{"medium in RAM", live.Layout{Kind: live.KindTmpfs, InRAM: true}, 1024, smoke.Direct, base + 16 + 167},
		{"fetched", live.Layout{Kind: live.KindTmpfs}, 1024, PathInRAM, base + 16 + 139},
		{"fetched, which is in RAM once", live.Layout{Kind: live.KindTmpfs, InRAM: true}, 1024, PathInRAM, base + 16 + 139},
		{"image in RAM", live.Layout{Kind: live.KindImage, InRAM: true, Nested: true, Size: "480MiB"}, 2048, smoke.Direct, base + 32 + 480},
		{"image fetched and unpacked", live.Layout{Kind: live.KindImage, InRAM: true, Nested: true, Size: "480MiB"}, 2048, PathInRAM, base + 32 + 480 + 139},
	} {
		got, err := PredictRAM(Record{Recipe: "vm", Layout: c.layout}, dir, c.memory*mib, c.path)
		if err != nil || got != c.want*mib {
			t.Errorf("%s: %d MiB, want %d; %v", c.name, got/mib, c.want, err)
		}
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
