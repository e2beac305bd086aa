//go:build real

package configure

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"slipway/engine/enginetest"
)

// terminal opens a terminal of its own and returns its name, "pts/3", and the
// side on which what is written to it can be read.
func terminal(t *testing.T) (string, *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("pts/%d", n)
	user, err := os.OpenFile("/dev/"+name, os.O_RDWR|unix.O_NOCTTY, 0) // somebody sits there
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close() })
	return name, master
}

// login writes who is logged in at a terminal to a file of utmp(5).
func login(t *testing.T, file, user, line string) {
	t.Helper()
	record := make([]byte, 384)
	binary.NativeEndian.PutUint16(record, 7) // USER_PROCESS
	binary.NativeEndian.PutUint32(record[4:], uint32(os.Getpid()))
	copy(record[8:40], line)
	copy(record[44:76], user)
	if err := os.WriteFile(file, record, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Everybody who is logged in is told, with wall and where an image has none.
func TestGaugeTellsThoseLoggedIn(t *testing.T) {
	if !enginetest.InMountNamespace(t) {
		return
	}
	for _, wall := range []bool{true, false} {
		t.Run(fmt.Sprintf("wall %v", wall), func(t *testing.T) {
			mount(t, "tmpfs", "/run", "tmpfs", 0, "size=40m")
			ownRoom(t)
			mount(t, "tmpfs", "/run/live/overlay", "tmpfs", 0, "size=8m")
			m := overlayRoot(t, "/run/live/overlay/rw", "/run/live/overlay/work")
			mount(t, "/dev/pts", m.root+"/dev/pts", "", unix.MS_BIND, "")
			if !wall {
				mount(t, "tmpfs", filepath.Join(m.root, "none"), "tmpfs", 0, "size=4k")
				if err := os.WriteFile(m.root+"/none/wall", nil, 0o644); err != nil {
					t.Fatal(err)
				}
				if err := unix.Mount(m.root+"/none/wall", m.root+"/usr/bin/wall", "", unix.MS_BIND, ""); err != nil {
					t.Fatal(err)
				}
			}
			line, screen := terminal(t)
			login(t, "/run/utmp", "root", line)
			m.fill("/run/live/overlay", 85)
			if out, code := m.run("sh", "--check"); out != "" || code != 0 {
				t.Fatalf("exit %d: %s", code, out)
			}
			// An end of our own, so that reading does not wait where nothing came.
			if err := os.WriteFile("/dev/"+line, []byte("END\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			var shown string
			for buf := make([]byte, 4096); !strings.Contains(shown, "END"); {
				n, err := screen.Read(buf)
				if err != nil {
					t.Fatal(err)
				}
				shown += string(buf[:n])
			}
			if text := strings.Join(strings.Fields(shown), " "); !strings.Contains(text, "slipway-overlay: warning: tmpfs") || strings.Contains(text, "Broadcast") != wall {
				t.Errorf("on the terminal: %q", text)
			}
		})
	}
}
