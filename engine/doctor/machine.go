package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"golang.org/x/sys/unix"

	"slipway/engine"
	"slipway/engine/proc"
	"slipway/engine/qemu"
)

// What a build and a test boot of a small server image take, roughly: a root of
// 700 MiB, its layers, downloaded packages, an image and an ISO; a guest of 1 GiB.
const (
	diskNeeded   = 2 << 30
	diskRoomy    = 8 << 30
	memoryNeeded = 1 << 30
	memoryRoomy  = 2 << 30
)

// machine looks at everything that no package mends.
func machine(ctx context.Context, o Options, name string, root bool) []Finding {
	return []Finding{
		judgeRoom("cache", o.Cache, freeDisk(o.Cache)),
		judgeRoom("builds", o.Builds, freeDisk(o.Builds)),
		judgeMemory(availableMemory("/proc/meminfo")),
		judgeUser(name, root, subordinate("/etc/subuid"), subordinate("/etc/subgid")),
		judgeWorker(engine.New(engine.Dirs{Cache: o.Cache, Builds: o.Builds}).TryWorker(ctx)),
		judgeKVM(qemu.Choose(ctx, o.Cache)),
	}
}

// room is a number of bytes, or why it is not known.
type room struct {
	bytes uint64
	err   error
}

// freeDisk asks the file system that dir is, or would be, on; it is an error if
// dir could not be made or written.
func freeDisk(dir string) room {
	var st unix.Statfs_t
	for {
		err := unix.Statfs(dir, &st)
		if err == nil {
			if err = unix.Access(dir, unix.W_OK); err != nil {
				return room{err: fmt.Errorf("write to %s: %w", dir, err)}
			}
			return room{bytes: st.Bavail * uint64(st.Bsize)}
		}
		parent := filepath.Dir(dir)
		if !errors.Is(err, unix.ENOENT) || parent == dir {
			return room{err: fmt.Errorf("free space of %s: %w", dir, err)}
		}
		dir = parent
	}
}

func judgeRoom(subject, dir string, free room) Finding {
	f := Finding{Subject: "disk for " + subject, State: OK, Why: "keep packages, layers and images"}
	if free.err != nil {
		f.State, f.Found = Problem, free.err.Error()
		f.Hint = fmt.Sprintf("set SLIPWAY_%s to a directory of your own", strings.ToUpper(subject))
		return f
	}
	f.Found = fmt.Sprintf("%s free in %s", humanize.IBytes(free.bytes), dir)
	switch {
	case free.bytes < diskNeeded:
		f.State = Problem
	case free.bytes < diskRoomy:
		f.State = Warning
	}
	if f.State != OK {
		f.Hint = fmt.Sprintf("a few images need %s; set SLIPWAY_%s to a directory with more room",
			humanize.IBytes(diskRoomy), strings.ToUpper(subject))
	}
	return f
}

// availableMemory reads MemAvailable, see proc_meminfo(5).
func availableMemory(file string) room {
	r, err := os.Open(file)
	if err != nil {
		return room{err: fmt.Errorf("available memory: %w", err)}
	}
	defer r.Close()
	for s := bufio.NewScanner(r); s.Scan(); {
		if f := strings.Fields(s.Text()); len(f) == 3 && f[0] == "MemAvailable:" {
			kib, err := strconv.ParseUint(f[1], 10, 64)
			return room{bytes: kib << 10, err: err}
		}
	}
	return room{err: fmt.Errorf("available memory: %s does not say", file)}
}

func judgeMemory(free room) Finding {
	f := Finding{Subject: "memory", State: OK, Why: "run the guest of a test boot, 1 GiB unless the recipe says otherwise"}
	if free.err != nil {
		f.State, f.Found = Warning, free.err.Error()
		return f
	}
	f.Found = humanize.IBytes(free.bytes) + " available"
	switch {
	case free.bytes < memoryNeeded:
		f.State = Problem
	case free.bytes < memoryRoomy:
		f.State = Warning
	}
	if f.State != OK {
		f.Hint = "close other programs, or give the guest less: memory in the recipe's [boot]"
	}
	return f
}

// subordinate says why the user has no range of ids in a file, nil if it has.
func subordinate(file string) error {
	_, err := proc.SubRange(file)
	return err
}

func judgeUser(name string, root bool, uids, gids error) Finding {
	f := Finding{Subject: "subordinate ids", State: OK, Why: "give the files of an image their owners without being root"}
	err := errors.Join(uids, gids)
	switch {
	case root:
		f.Found = "not needed: " + name + " is root"
	case err == nil:
		f.Found = "user " + name + " has a range of uids and of gids"
	default:
		f.State, f.Found = Problem, strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return f
}

// judgeWorker is about what every build begins with.
func judgeWorker(err error) Finding {
	f := Finding{Subject: "namespaces", State: OK, Found: "a build's worker starts in namespaces of its own, and overlays work in the cache",
		Why: "keep the mounts of a build away from the host"}
	if err != nil {
		f.State, f.Found = Problem, err.Error()
		f.Hint = "allow them: sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0, and on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0; in a container, allow nested namespaces"
	}
	return f
}

func judgeKVM(c qemu.Choice, err error) Finding {
	f := Finding{Subject: "KVM", State: OK, Found: c.Reason, Hint: c.Hint, Why: "boot fast; without it the guest is emulated, several times slower"}
	switch {
	case err != nil:
		f.State, f.Found = Warning, err.Error()
	case c.Accel != qemu.KVM:
		f.State = Warning
	}
	return f
}

// subordinateFixes gives a user the ranges that it lacks.
func subordinateFixes(name string) []Fix {
	var words []string
	for _, r := range []struct{ file, option string }{{"/etc/subuid", "--add-subuids"}, {"/etc/subgid", "--add-subgids"}} {
		if subordinate(r.file) != nil {
			content, _ := os.ReadFile(r.file) // a missing file has no ranges
			words = append(words, r.option, freeRange(string(content)))
		}
	}
	if words == nil {
		return nil
	}
	words = append(append([]string{"usermod"}, words...), name)
	return []Fix{newFix("give "+name+" subordinate ids", false, words...)}
}

// firstSubordinate is where useradd(8) starts too (SUB_UID_MIN, login.defs(5)).
const firstSubordinate = 100000

// freeRange returns "first-last" of 65536 ids after all that a subuid(5) file
// has given away.
func freeRange(content string) string {
	first := firstSubordinate
	for _, l := range strings.Split(content, "\n") {
		f := strings.Split(strings.TrimSpace(l), ":")
		if len(f) != 3 {
			continue
		}
		start, err1 := strconv.Atoi(f[1])
		count, err2 := strconv.Atoi(f[2])
		if err1 == nil && err2 == nil {
			first = max(first, start+count)
		}
	}
	return fmt.Sprintf("%d-%d", first, first+65535)
}
