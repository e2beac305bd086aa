package smoke

import (
	"context"
	"strconv"
	"strings"
)

// Memory is a booted machine's memory as its own kernel counts it, in bytes,
// read when the start-up is over, at a moment when little else was going on.
type Memory struct {
	Total     int64 `json:"total"`     // MemTotal: what the kernel did not keep for itself
	Available int64 `json:"available"` // MemAvailable: what programs can still get
	Shmem     int64 `json:"shmem"`     // in tmpfs: files on /run, an overlay, an image in RAM
	Cached    int64 `json:"cached"`    // page cache, the tmpfs included
}

// Memory asks the guest. It is no check: nil if there is no shell to ask by, or no
// answer.
func (g *Guest) Memory(ctx context.Context) *Memory {
	if !g.Shell.Opened() {
		return nil
	}
	answer, err := g.Shell.Run(ctx, g.Patience, "cat /proc/meminfo")
	if err != nil {
		return nil
	}
	return meminfo(answer.Output)
}

// Calmest returns the reading of which more was available; either may be nil. One
// reading alone may fall into something that a machine does now and then.
func (m *Memory) Calmest(other *Memory) *Memory {
	if m == nil || other != nil && other.Available > m.Available {
		return other
	}
	return m
}

// meminfo reads what it needs of /proc/meminfo, proc(5); nil if that is not there.
func meminfo(text string) *Memory {
	var m Memory
	wanted := map[string]*int64{"MemTotal": &m.Total, "MemAvailable": &m.Available, "Shmem": &m.Shmem, "Cached": &m.Cached}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		if at, ok := wanted[name]; ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			if err != nil {
				return nil
			}
			*at = kib << 10
		}
	}
	if m.Total == 0 || m.Available == 0 {
		return nil
	}
	return &m
}
