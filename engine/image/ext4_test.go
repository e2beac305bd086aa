package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/pkg/xattr"

	"slipway/engine/proc"
)

// oddRoot is a small root with one of everything that can be lost.
func oddRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(root, name) }
	must(os.Mkdir(at("dir"), 0o750))
	must(os.WriteFile(at("plain"), []byte("hello\n"), 0o644))
	must(os.WriteFile(at("setuid"), []byte("hello\n"), 0o755))
	must(os.Chmod(at("setuid"), 0o755|os.ModeSetuid))
	must(os.WriteFile(at(`dir/a "quoted" name`), nil, 0o600))
	must(os.Link(at("plain"), at("dir/hard")))
	must(os.Symlink("plain", at("short")))
	must(os.Symlink(strings.Repeat("long/", 30), at("far")))
	must(syscall.Mkfifo(at("pipe"), 0o600))
	for name, value := range map[string]string{"user.text": "a \"value\"\n", "user.long": strings.Repeat("y", 300), "user.empty": ""} {
		must(xattr.LSet(at("dir"), name, []byte(value)))
	}
	return root
}

func makeExt4(t *testing.T, root string) string {
	t.Helper()
	e, err := NewExt4(root, filepath.Join(t.TempDir(), "rootfs.img"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	e.Label, e.Epoch = "root", 1700000000
	if err := proc.Run(context.Background(), e.Cmd(), func(l string) { t.Log(l) }); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(e.File); err != nil || st.Size() != e.Bytes {
		t.Errorf("%d bytes, want %d (%v)", st.Size(), e.Bytes, err)
	}
	return e.File
}

func TestExt4HoldsTheRoot(t *testing.T) {
	root := oddRoot(t)
	file := makeExt4(t, root)
	want, err := ListRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	have, err := ListExt4(context.Background(), file, want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := Differences(want, have, 20); len(diff) > 0 {
		t.Errorf("differs:\n%s", strings.Join(diff, "\n"))
	}
}

// Each thing that could be lost on the way is found, and only it.
func TestExt4Differences(t *testing.T) {
	tests := []struct {
		name, want string
		seed       func(at func(string) string) error
		others     int // names that differ with it
	}{
		{name: "attribute", want: "/dir: root has", seed: func(at func(string) string) error { return xattr.LRemove(at("dir"), "user.long") }},
		{name: "value of an attribute", want: "/dir: root has", seed: func(at func(string) string) error { return xattr.LSet(at("dir"), "user.text", []byte("b")) }},
		{name: "setuid bit", want: "/setuid: root has", seed: func(at func(string) string) error { return os.Chmod(at("setuid"), 0o755) }},
		{name: "missing file", want: "/pipe is missing from the image", seed: func(at func(string) string) error { return os.Remove(at("pipe")) }},
		{name: "more", want: "/more is only in the image", seed: func(at func(string) string) error { return os.WriteFile(at("more"), nil, 0o644) }},
		{name: "long link", want: "/far: root has", seed: func(at func(string) string) error {
			os.Remove(at("far"))
			return os.Symlink(strings.Repeat("else/", 30), at("far"))
		}},
		{name: "size", want: "/dir/a \"quoted\" name: root has", seed: func(at func(string) string) error {
			return os.WriteFile(at(`dir/a "quoted" name`), []byte("x"), 0o600)
		}},
		{name: "hard link became a copy", want: "/dir/hard: root has", others: 1, seed: func(at func(string) string) error {
			os.Remove(at("dir/hard"))
			return os.WriteFile(at("dir/hard"), []byte("hello\n"), 0o644)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := oddRoot(t)
			want, err := ListRoot(root)
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.seed(func(name string) string { return filepath.Join(root, name) }); err != nil {
				t.Fatal(err)
			}
			have, err := ListExt4(context.Background(), makeExt4(t, root), want)
			if err != nil {
				t.Fatal(err)
			}
			// A directory's size is no part of an entry: only the seeded fault differs.
			diff := Differences(want, have, 20)
			if len(diff) != 1+tt.others || !strings.HasPrefix(diff[0], tt.want) {
				t.Errorf("got %q, want %d more than one that begins with %q", diff, tt.others, tt.want)
			}
		})
	}
}

// What is asked to be free is free, for roots of a few large and of many small
// files, and not much more than that.
func TestExt4HasRoom(t *testing.T) {
	for _, tt := range []struct {
		name        string
		files, size int
	}{{"few large", 3, 20 << 20}, {"many small", 6000, 1000}} {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			content := bytes.Repeat([]byte("slipway\n"), tt.size/8) // zeros would be left out
			for i := range tt.files {
				dir := filepath.Join(root, fmt.Sprint(i/100))
				if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), content, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			e, err := NewExt4(root, filepath.Join(t.TempDir(), "rootfs.img"), 64<<20)
			if err != nil {
				t.Fatal(err)
			}
			if err := proc.Run(context.Background(), e.Cmd(), func(l string) { t.Log(l) }); err != nil {
				t.Fatal(err)
			}
			free := freeBlocks(t, e.File) * 4096
			free -= min(e.Bytes/50, 16<<20) // the kernel's own
			if free < 64<<20 || free > 80<<20 {
				t.Errorf("%d MiB are free, want 64", free>>20)
			}
		})
	}
}

func freeBlocks(t *testing.T, file string) int64 {
	t.Helper()
	var free int64
	err := proc.Run(context.Background(), proc.Cmd{Path: "debugfs", Args: []string{"-R", "show_super_stats -h", file}}, func(l string) {
		if n, ok := strings.CutPrefix(l, "Free blocks:"); ok {
			free, _ = strconv.ParseInt(strings.TrimSpace(n), 10, 64)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return free
}
