package image

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"syscall"

	"github.com/pkg/xattr"
	"golang.org/x/sys/unix"

	"slipway/engine/proc"
)

// Entry is everything of a file but its content and times.
type Entry struct {
	Mode   fs.FileMode // type, permissions, setuid, setgid, sticky
	UID    int
	GID    int
	Size   int64 // of regular files
	Target string
	Device uint64 // of device nodes
	Xattrs map[string]string
	// Twin is the first of all names of a file that has several; empty where the
	// tree has only this one.
	Twin string
}

// Listing is a tree: path (without a leading slash, "." for the top) to entry.
type Listing map[string]Entry

// String prints an entry for people.
func (e Entry) String() string {
	s := fmt.Sprintf("%s %d:%d", e.Mode, e.UID, e.GID)
	if e.Mode.IsRegular() {
		s += fmt.Sprintf(" %d bytes", e.Size)
	}
	if e.Target != "" {
		s += " -> " + e.Target
	}
	if e.Device != 0 {
		s += fmt.Sprintf(" device %d,%d", unix.Major(e.Device), unix.Minor(e.Device))
	}
	if e.Twin != "" {
		s += " hard link of /" + e.Twin
	}
	for _, k := range sortedNames(e.Xattrs) {
		s += fmt.Sprintf(" %s=%q", k, e.Xattrs[k])
	}
	return s
}

func sortedNames(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}

// twins are names of the tree by what tells that they are one file.
type twins[K comparable] map[K][]string

func (t twins[K]) add(key K, name string) { t[key] = append(t[key], name) }

// mark says in a listing which names are one file.
func (t twins[K]) mark(l Listing) {
	for _, names := range t {
		if len(names) < 2 {
			continue
		}
		first := slices.Min(names)
		for _, name := range names {
			if e, ok := l[name]; ok {
				e.Twin = first
				l[name] = e
			}
		}
	}
}

// ListRoot lists a directory tree.
func ListRoot(root string) (Listing, error) {
	l := Listing{}
	same := twins[[2]uint64]{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		e, sys, err := entryOf(path)
		if err != nil {
			return err
		}
		l[name] = e
		if !e.Mode.IsDir() && sys.Nlink > 1 {
			same.add([2]uint64{sys.Dev, sys.Ino}, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the root: %w", err)
	}
	same.mark(l)
	return l, nil
}

func entryOf(path string) (Entry, *syscall.Stat_t, error) {
	st, err := os.Lstat(path)
	if err != nil {
		return Entry{}, nil, err
	}
	sys := st.Sys().(*syscall.Stat_t)
	e := Entry{Mode: st.Mode(), UID: int(sys.Uid), GID: int(sys.Gid)}
	switch {
	case st.Mode().IsRegular():
		e.Size = st.Size()
	case st.Mode()&fs.ModeSymlink != 0:
		if e.Target, err = os.Readlink(path); err != nil {
			return e, sys, err
		}
	case st.Mode()&fs.ModeDevice != 0:
		e.Device = sys.Rdev
	}
	names, err := xattr.LList(path)
	if err != nil && !errors.Is(err, unix.ENOTSUP) {
		return e, sys, err
	}
	for _, name := range names {
		value, err := xattr.LGet(path, name)
		if err != nil {
			return e, sys, err
		}
		if e.Xattrs == nil {
			e.Xattrs = map[string]string{}
		}
		e.Xattrs[name] = string(value)
	}
	return e, sys, nil
}

// ListSquashfs lists a squashfs without mounting it, which only the host's root
// may: sqfs2tar(1) prints it as a tar stream with its extended attributes.
func ListSquashfs(ctx context.Context, file string) (Listing, error) {
	// A pipe of the kernel, not of ours: the whole image passes through it.
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", filepath.Base(file), err)
	}
	_, _ = unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, pipeSize)
	done := make(chan error, 1)
	go func() {
		err := proc.Copy(ctx, proc.Cmd{Path: "sqfs2tar", Args: []string{"--root-becomes", ".", file}}, w)
		w.Close()
		done <- err
	}()
	l, err := readTar(bufio.NewReaderSize(r, pipeSize))
	r.Close()
	if e := <-done; e != nil && err == nil || proc.Code(e) > 0 {
		err = e // a torn stream is its consequence
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", filepath.Base(file), err)
	}
	return l, nil
}

// pipeSize is the largest pipe that an ordinary user may have (pipe(7)).
const pipeSize = 1 << 20

// paxXattr is how tar streams carry extended attributes.
const paxXattr = "SCHILY.xattr."

func readTar(r io.Reader) (Listing, error) {
	l := Listing{}
	links := map[string]string{}
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		name := filepath.Clean(h.Name)
		if h.Typeflag == tar.TypeLink {
			links[name] = filepath.Clean(h.Linkname)
			continue
		}
		e := Entry{Mode: h.FileInfo().Mode(), UID: h.Uid, GID: h.Gid}
		switch h.Typeflag {
		case tar.TypeReg:
			e.Size = h.Size
		case tar.TypeSymlink:
			e.Target = h.Linkname
		case tar.TypeChar, tar.TypeBlock:
			e.Device = unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor))
		}
		for k, v := range h.PAXRecords {
			if x, ok := strings.CutPrefix(k, paxXattr); ok {
				if e.Xattrs == nil {
					e.Xattrs = map[string]string{}
				}
				e.Xattrs[x] = v
			}
		}
		l[name] = e
	}
	same := twins[string]{}
	for name, to := range links {
		l[name] = l[to]
		if len(same[to]) == 0 {
			same.add(to, to)
		}
		same.add(to, name)
	}
	same.mark(l)
	_, err := io.Copy(io.Discard, r) // what tar pads with
	return l, err
}

// telling is a program whose loss of a label, an owner or a bit makes a machine
// that nobody can log in to: where much differs, it is named first.
var telling = []string{"usr/sbin/sshd", "usr/bin/sshd"}

// Differences says in what the packed listing differs from the root's, a line
// for each file: sshd's program first, then sorted; at most limit lines.
func Differences(root, packed Listing, limit int) []string {
	diff := map[string]string{}
	for name, want := range root {
		have, ok := packed[name]
		switch {
		case !ok:
			diff[name] = fmt.Sprintf("/%s is missing from the image", name)
		case want.String() != have.String():
			diff[name] = fmt.Sprintf("/%s: root has %s, image has %s", name, want, have)
		}
	}
	for name, have := range packed {
		if _, ok := root[name]; !ok {
			diff[name] = fmt.Sprintf("/%s is only in the image: %s", name, have)
		}
	}
	var first, rest []string
	for name, line := range diff {
		if slices.Contains(telling, name) {
			first = append(first, line)
		} else {
			rest = append(rest, line)
		}
	}
	sort.Strings(rest)
	lines := append(first, rest...)
	if len(lines) > limit {
		lines = append(lines[:limit:limit], fmt.Sprintf("and %d more", len(lines)-limit))
	}
	return lines
}
