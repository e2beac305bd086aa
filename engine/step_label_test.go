package engine

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLabelError(t *testing.T) {
	for _, c := range []struct {
		err           error
		message, hint string
	}{
		{nil, "", ""},
		{unix.EPERM, "nobody but its root set security.selinux", "build as root"},
		{unix.ENOTSUP, "the file system of /cache has no security attributes", "ext4"},
		{unix.EIO, "input/output error", ""},
	} {
		err := labelError(c.err, "/cache")
		if err == nil || c.err == nil {
			if (err == nil) != (c.err == nil) {
				t.Errorf("%v: %v", c.err, err)
			}
			continue
		}
		if e := stepError(StepRoot, err, ""); !strings.Contains(e.Message, c.message) || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%v: %+v", c.err, e)
		}
	}
}

// Files without a label are named, and /proc is nobody's.
func TestListLabels(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"etc/passwd", "proc/1"} {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	labels, without, err := listLabels(root)
	if err != nil {
		t.Fatal(err)
	}
	// A host with SELinux gives every new file a label.
	if n := len(without); n != 0 && !slices.Equal(without, []string{"", "/etc", "/etc/passwd"}) || n == 0 && len(labels) == 0 {
		t.Errorf("without %q, with %v", without, slices.Collect(maps.Keys(labels)))
	}
}
