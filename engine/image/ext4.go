package image

import (
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"slipway/engine/proc"
)

// NestedName is where stacks that want a file system inside the squashfs look
// for it.
const NestedName = "LiveOS/rootfs.img"

// Ext4 is a file system that holds a root, made without mounting anything.
type Ext4 struct {
	Root   string
	File   string
	Bytes  int64 // of the whole file system
	Inodes int64
	Label  string
	Epoch  int64 // SOURCE_DATE_EPOCH
}

// ext4ID and ext4Seed are fixed: the same root gives the same bytes. No two of
// these file systems are ever mounted on one machine.
const (
	ext4ID   = "51195a17-0000-4000-8000-000000000001"
	ext4Seed = "51195a17-0000-4000-8000-000000000002"
)

// Cmd returns the command, of mke2fs(8) 1.47 with E2FSPROGS_FAKE_TIME and
// SOURCE_DATE_EPOCH (1.47.1). Without a journal: in RAM there is nothing to
// recover, and writing one would eat a snapshot.
func (e Ext4) Cmd() proc.Cmd {
	epoch := strconv.FormatInt(e.Epoch, 10)
	return proc.Cmd{Path: "mke2fs", Env: []string{"E2FSPROGS_FAKE_TIME=" + epoch, "SOURCE_DATE_EPOCH=" + epoch},
		Args: []string{"-q", "-F", "-t", "ext4", "-O", "^has_journal", "-b", "4096", "-m", "0", "-N", strconv.FormatInt(e.Inodes, 10), "-L", e.Label, "-U", ext4ID,
			"-E", "hash_seed=" + ext4Seed + ",lazy_itable_init=0,root_owner=0:0", "-d", e.Root, e.File, strconv.FormatInt(e.Bytes>>10, 10) + "k"}}
}

// NewExt4 is an ext4 in file that holds the root and has room bytes free: a
// whole number of MiB.
func NewExt4(root, file string, room int64) (Ext4, error) {
	const block, inode, perGroup = 4096, 256, 128 << 20
	var data, files int64
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		files++
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() || info.IsDir() {
			data += (max(info.Size(), 1) + block - 1) / block * block
		}
		return nil
	})
	if err != nil {
		return Ext4{}, fmt.Errorf("measure the root: %w", err)
	}
	e := Ext4{Root: root, File: file, Inodes: files*5/4 + room/16384 + 16}
	// Each group of blocks has bitmaps and descriptors, and inodes in whole
	// blocks; extent trees and long extended attributes take a little.
	total := data + room + e.Inodes*inode
	total += (total/perGroup+1)*8*block + data/100 + 4<<20
	// The kernel keeps 2 % of the blocks, at most 4096, for its own need
	// (ext4_calculate_resv_clusters): they are free, and nobody's.
	total += min(total/50, 4096*block)
	e.Bytes = (total + 1<<20 - 1) >> 20 << 20
	return e, nil
}

// ListExt4 lists what an ext4 holds under the names of a root's listing, and
// what lies beside them. It reads the file with debugfs(8): nothing is mounted.
func ListExt4(ctx context.Context, file string, names Listing) (Listing, error) {
	out, err := os.CreateTemp("", "debugfs-")
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", filepath.Base(file), err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	c := proc.Cmd{Path: "debugfs", Args: []string{"-f", "/dev/stdin", file}, Stdin: strings.NewReader(debugfsRequests(names))}
	if err := proc.Copy(ctx, c, out); err != nil {
		return nil, fmt.Errorf("list %s: %w", filepath.Base(file), err)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", filepath.Base(file), err)
	}
	l, err := readDebugfs(string(text))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", filepath.Base(file), err)
	}
	return l, nil
}

// fastLink is the longest target of a symbolic link that ext4 keeps in the
// inode, where debugfs's stat shows it.
const fastLink = 59

// debugfsRequests asks for everything in a listing, a line for each request.
func debugfsRequests(names Listing) string {
	var b strings.Builder
	for _, n := range slices.Sorted(maps.Keys(names)) {
		e, quoted := names[n], debugfsName(n)
		if e.Mode.IsDir() {
			fmt.Fprintf(&b, "ls -p %s\n", quoted)
		}
		fmt.Fprintf(&b, "stat %s\n", quoted)
		if len(e.Target) > fastLink {
			fmt.Fprintf(&b, "cat %s\n", quoted)
		}
		for _, x := range sortedNames(e.Xattrs) {
			fmt.Fprintf(&b, "ea_get -V -x %s %s\n", quoted, x)
		}
	}
	return b.String()
}

// debugfsName quotes a path for a request of debugfs, which doubles quotes
// inside of quotes (ss(3) of e2fsprogs).
func debugfsName(name string) string {
	return `"/` + strings.ReplaceAll(strings.TrimPrefix(name, "."), `"`, `""`) + `"`
}

// echoed is how debugfs repeats a request before its answer; an answer need not
// end its line.
var echoed = regexp.MustCompile(`debugfs: (ls -p|stat|cat|ea_get -V -x) "/((?:[^"\n]|"")*)" ?(\S*)\n`)

// readDebugfs reads the answers to debugfsRequests.
func readDebugfs(text string) (Listing, error) {
	l := Listing{}
	same := twins[string]{}
	var beside []string
	at := echoed.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		verb, answer := text[m[2]:m[3]], text[m[1]:end]
		name := path.Clean(strings.ReplaceAll(text[m[4]:m[5]], `""`, `"`))
		e, known := l[name]
		switch verb {
		case "ls -p":
			for line := range strings.Lines(answer) {
				if n := listed(strings.TrimSpace(line)); n != "" {
					beside = append(beside, path.Join(name, n))
				}
			}
			continue
		case "stat":
			var err error
			if e, known, err = readStat(answer); err != nil {
				return nil, fmt.Errorf("/%s: %w", name, err)
			}
			if m := statHead.FindStringSubmatch(answer); known && !e.Mode.IsDir() {
				same.add(m[1], name)
			}
		case "cat":
			e.Target = answer
		case "ea_get -V -x":
			value, err := hex.DecodeString(strings.Join(strings.Fields(answer), ""))
			if _, has := e.Xattrs[text[m[6]:m[7]]]; err == nil && has {
				e.Xattrs[text[m[6]:m[7]]] = string(value)
			}
		}
		if known {
			l[name] = e
		}
	}
	same.mark(l)
	for _, name := range beside {
		if _, known := l[name]; !known && name != "lost+found" {
			l[name] = Entry{}
		}
	}
	return l, nil
}

// listed returns the name in a line of "ls -p": /INODE/MODE/UID/GID/NAME/SIZE/.
func listed(line string) string {
	f := strings.Split(line, "/")
	if len(f) < 8 || f[1] == "0" || f[5] == "." || f[5] == ".." {
		return ""
	}
	return f[5]
}

var (
	statHead  = regexp.MustCompile(`^Inode: (\d+) +Type: (.*?) +Mode: +(\d+)`)
	statOwner = regexp.MustCompile(`(?m)^User: +(\d+) +Group: +(\d+) .*Size: (\d+)`)
	statLink  = regexp.MustCompile(`(?m)^Fast link dest: "(.*)"`)
	statNode  = regexp.MustCompile(`(?m)^Device major/minor number: (\d+):(\d+)`)
	statXattr = regexp.MustCompile(`(?m)^  (\S+) \(\d+\)`)
)

// readStat reads debugfs's description of an inode; not known if there is none.
// The values of extended attributes are left empty.
func readStat(text string) (e Entry, known bool, err error) {
	head, owner := statHead.FindStringSubmatch(text), statOwner.FindStringSubmatch(text)
	if head == nil || owner == nil {
		return e, false, nil
	}
	bits, err := strconv.ParseUint(head[3], 8, 32)
	if err != nil {
		return e, false, fmt.Errorf("mode %q: %w", head[3], err)
	}
	e.Mode = goMode(uint32(bits), head[2])
	e.UID, _ = strconv.Atoi(owner[1])
	e.GID, _ = strconv.Atoi(owner[2])
	if e.Mode.IsRegular() {
		e.Size, _ = strconv.ParseInt(owner[3], 10, 64)
	}
	if m := statLink.FindStringSubmatch(text); m != nil {
		e.Target = m[1]
	}
	if m := statNode.FindStringSubmatch(text); m != nil {
		major, _ := strconv.ParseUint(m[1], 10, 32)
		minor, _ := strconv.ParseUint(m[2], 10, 32)
		e.Device = unix.Mkdev(uint32(major), uint32(minor))
	}
	if _, list, ok := strings.Cut(text, "\nExtended attributes:\n"); ok {
		e.Xattrs = map[string]string{}
		for _, m := range statXattr.FindAllStringSubmatch(list, -1) {
			e.Xattrs[m[1]] = ""
		}
	}
	return e, true, nil
}

// goMode makes a mode of permission bits and debugfs's word for a type.
func goMode(bits uint32, kind string) fs.FileMode {
	types := map[string]fs.FileMode{"directory": fs.ModeDir, "symlink": fs.ModeSymlink, "character special": fs.ModeDevice | fs.ModeCharDevice,
		"block special": fs.ModeDevice, "FIFO": fs.ModeNamedPipe, "socket": fs.ModeSocket}
	mode := fs.FileMode(bits&0o777) | types[kind]
	for bit, m := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if bits&bit != 0 {
			mode |= m
		}
	}
	return mode
}
