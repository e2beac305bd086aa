//go:build real

package image

import (
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/xattr"

	"slipway/engine/proc"
)

// labelledRoot has what only the host's root can make: labels of SELinux, a
// capability, and other owners; two of its names are one file.
func labelledRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	// struct vfs_cap_data of capability.h, revision 2: cap_net_raw, effective.
	capability := binary.LittleEndian.AppendUint32(nil, 0x02000001)
	for _, word := range []uint32{1 << 13, 0, 0, 0} {
		capability = binary.LittleEndian.AppendUint32(capability, word)
	}
	for _, f := range []struct {
		name, label string
		mode        os.FileMode
		more        map[string][]byte
	}{
		{name: "usr/sbin/sshd", label: "sshd_exec_t", mode: 0o755},
		{name: "usr/bin/ping", label: "ping_exec_t", mode: 0o755, more: map[string][]byte{"security.capability": capability}},
		{name: "usr/bin/su", label: "su_exec_t", mode: 0o755 | os.ModeSetuid},
		{name: "usr/share/note", label: "usr_t", mode: 0o640, more: map[string][]byte{"user.comment": []byte("two\nlines")}},
	} {
		p := filepath.Join(root, f.name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(f.name), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(p, 0, len(f.name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, f.mode); err != nil {
			t.Fatal(err)
		}
		if err := xattr.LSet(p, "security.selinux", []byte("system_u:object_r:"+f.label+":s0\x00")); err != nil {
			t.Fatal(err)
		}
		for name, value := range f.more {
			if err := xattr.LSet(p, name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Link(filepath.Join(root, "usr/bin/ping"), filepath.Join(root, "usr/bin/ping4")); err != nil {
		t.Fatal(err)
	}
	return root
}

// packed lists a root after it was packed by the commands of a build; edit may
// change their arguments.
func packed(t *testing.T, root string, nested bool, want Listing, edit func(string) string) Listing {
	t.Helper()
	var have Listing
	var err error
	if nested {
		e, err := NewExt4(root, filepath.Join(t.TempDir(), "rootfs.img"), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		e.Label, e.Epoch = "root", 1700000000
		if err := proc.Run(context.Background(), e.Cmd(), nil); err != nil {
			t.Fatal(err)
		}
		have, err = ListExt4(context.Background(), e.File, want)
		if err != nil {
			t.Fatal(err)
		}
		return have
	}
	c := Squashfs(root, filepath.Join(t.TempDir(), "root.squashfs"), Profile{"draft", 3}, 1700000000)
	file := c.Args[1]
	for i := range c.Args {
		c.Args[i] = edit(c.Args[i])
	}
	if err := proc.Run(context.Background(), c, nil); err != nil {
		t.Fatal(err)
	}
	if have, err = ListSquashfs(context.Background(), file); err != nil {
		t.Fatal(err)
	}
	return have
}

// Everything of a file that lies beside its content gets into either kind of
// image, and a copy on the way that drops it is found out, by name.
func TestNothingIsLost(t *testing.T) {
	keep := func(arg string) string { return arg }
	for _, nested := range []bool{false, true} {
		for _, c := range []struct {
			name string
			copy string // shell, of $1 to $2; empty: no copy
			edit func(string) string
			want []string // differences begin so; nil: none
		}{
			{name: "as a build does it", edit: keep},
			{name: "cp -a", copy: `cp -a "$1/." "$2"`, edit: keep},
			{name: "cpio", copy: `cd "$1" && find . -depth | cpio -pdm --quiet "$2"`, edit: keep,
				want: []string{"/usr/sbin/sshd: root has", "/usr/bin/ping4: root has", "/usr/bin/ping: root has", "/usr/bin/su: root has", "/usr/share/note: root has"}},
			{name: "no hard links", copy: `cp -PR --preserve=mode,ownership,xattr "$1/." "$2"`, edit: keep,
				want: []string{"/usr/bin/ping4: root has", "/usr/bin/ping: root has"}},
			{name: "-no-xattrs", edit: func(arg string) string { return strings.Replace(arg, "-xattrs", "-no-xattrs", 1) },
				want: []string{"/usr/sbin/sshd: root has", "/usr/bin/ping4: root has", "/usr/bin/ping: root has", "/usr/bin/su: root has", "/usr/share/note: root has"}},
		} {
			if nested && c.name == "-no-xattrs" {
				continue // of mksquashfs; mke2fs has no such option
			}
			root := labelledRoot(t)
			want, err := ListRoot(root)
			if err != nil {
				t.Fatal(err)
			}
			if c.copy != "" {
				to := t.TempDir()
				if out, err := exec.Command("/bin/sh", "-ec", c.copy, "sh", root, to).CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", c.name, err, out)
				}
				root = to
			}
			diff := Differences(want, packed(t, root, nested, want, c.edit), 20)
			same := len(diff) == len(c.want)
			for i := range c.want {
				same = same && strings.HasPrefix(diff[i], c.want[i])
			}
			if !same {
				t.Errorf("nested %v, %s: got\n%s\nwant %q", nested, c.name, strings.Join(diff, "\n"), c.want)
			}
		}
	}
}
