package smoke

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

func fed(text string, piece int) *Console {
	c := NewConsole()
	for chunk := range slices.Chunk([]byte(text), piece) {
		c.Feed(chunk)
	}
	return c
}

func TestConsoleMilestones(t *testing.T) {
	recorded, err := os.ReadFile("testdata/console-good.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []int{1, 7, 100000} {
		c := fed(string(recorded), piece)
		for _, m := range []Milestone{KernelStarted, LoginPrompt} {
			if !c.Reached(m) {
				t.Errorf("in pieces of %d: not reached: %s", piece, m)
			}
		}
		if c.Prompt() != "debian-vm" || !strings.HasPrefix(c.Kernel(), "6.1.0-") || c.Silent() {
			t.Errorf("prompt %q, kernel %q, silent %v", c.Prompt(), c.Kernel(), c.Silent())
		}
		if d := c.Died(); d != nil {
			t.Errorf("a good boot died: %s", d.Message)
		}
		for _, l := range c.Last(50) {
			if strings.ContainsAny(l, "\x1b\r") {
				t.Errorf("control sequence in %q", l)
			}
		}
	}
}

func TestConsoleDeaths(t *testing.T) {
	for _, tt := range []struct{ text, message, hint string }{
		{"[    2.713321] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n", "found no root", "memory"},
		{"[   12.1] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n", "the kernel panicked: Attempted to kill init! exitcode=0x00000100", ""},
		{"[   12.1] ---[ end Kernel panic - not syncing: No working init found.  Try passing init= option to kernel. ]---\n", "No working init found", ""},
		{"[    1.9] Kernel panic - not syncing: System is deadlocked on memory\n", "deadlocked on memory", "raise memory"},
		{"BusyBox v1.35.0 (Debian) built-in shell (ash)\nEnter 'help'\n\n(initramfs) ", "opened a shell", "typed into"},
		{"Unable to find a medium containing a live file system\n", "found no live image", "boot=live"},
		{"You are in emergency mode. After logging in, type \"journalctl -xb\"\n", "emergency mode", "local-fs.target"},
		{"\x1b[1;31m[!!!!!!] Failed to mount API filesystems, freezing.\x1b[0m\n", "Failed to mount API filesystems", ""},
		{"Booting from DVD/CD...\nNo bootable device.\n", "nothing to boot", "BIOS"},
		{"debian-vm login: ", "", ""},
		{"[    9.1] systemd[1]: Reached target emergency-ish\n", "", ""},
		{"(initramfs) is where this file was unpacked", "opened a shell", ""},
		{"Kernel panic - not syncing: half a li", "", ""},
	} {
		c := fed(tt.text, 5)
		d := c.Died()
		switch {
		case tt.message == "" && d != nil:
			t.Errorf("%q: died of %q", tt.text, d.Message)
		case tt.message != "" && (d == nil || !strings.Contains(d.Message, tt.message) || !strings.Contains(d.Hint, tt.hint)):
			t.Errorf("%q: %+v", tt.text, d)
		}
	}
}

func TestConsoleAwait(t *testing.T) {
	c := NewConsole()
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	got := make(chan error)
	go func() { got <- c.Await(ctx, LoginPrompt) }()
	c.Feed([]byte("x\n"))
	cancel(gone)
	if err := <-got; !errors.Is(err, gone) {
		t.Errorf("ended with %v", err)
	}
	go func() { got <- c.Await(t.Context(), LoginPrompt) }()
	c.Feed([]byte("host log"))
	c.Feed([]byte("in: "))
	if err := <-got; err != nil || c.Prompt() != "host" {
		t.Errorf("%v, prompt %q", err, c.Prompt())
	}
	c = fed("Last login: Sun Nov 22\n", 100)
	if c.Reached(LoginPrompt) {
		t.Error("a greeting taken for a prompt")
	}
}

func TestConsoleIsBounded(t *testing.T) {
	c := NewConsole()
	for range 1000 {
		c.Feed([]byte(strings.Repeat("y", 100) + "\n"))
	}
	c.Feed([]byte(strings.Repeat("z", 1<<20)))
	if len(c.lines) > keptLines || len(c.partial) > 4096 {
		t.Errorf("%d lines and %d bytes kept", len(c.lines), len(c.partial))
	}
}
