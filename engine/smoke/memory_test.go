package smoke

import "testing"

func TestMeminfo(t *testing.T) {
	const real = "MemTotal:         991156 kB\nMemFree:          702340 kB\nMemAvailable:     812404 kB\nBuffers:            1204 kB\n" +
		"Cached:           151900 kB\nSwapCached:            0 kB\nShmem:             13720 kB\nHugePages_Total:       0\n"
	got := meminfo(real)
	if want := (Memory{Total: 991156 << 10, Available: 812404 << 10, Shmem: 13720 << 10, Cached: 151900 << 10}); got == nil || *got != want {
		t.Errorf("read %+v", got)
	}
	for _, text := range []string{"", "MemTotal: 991156 kB\n", "MemTotal: much kB\nMemAvailable: 1 kB\n", "cat: /proc/meminfo: No such file or directory\n"} {
		if got := meminfo(text); got != nil {
			t.Errorf("%q reads as %+v", text, got)
		}
	}
}

func TestCalmest(t *testing.T) {
	busy, calm := &Memory{Available: 1}, &Memory{Available: 2}
	var none *Memory
	if busy.Calmest(calm) != calm || calm.Calmest(busy) != calm || none.Calmest(busy) != busy || busy.Calmest(nil) != busy {
		t.Error("not the reading of which more was available")
	}
}
