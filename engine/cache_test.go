package engine

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

func TestWorkspaceSweepsAbandonedOnly(t *testing.T) {
	parent := t.TempDir()
	held, err := newWorkspace(parent, "build-")
	if err != nil {
		t.Fatal(err)
	}
	abandoned := filepath.Join(parent, "build-dead")
	// What an overlay leaves: a directory that nobody may enter.
	if err := os.MkdirAll(filepath.Join(abandoned, "work", "work"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(abandoned, "work", "work"), 0); err != nil {
		t.Fatal(err)
	}
	stranger := filepath.Join(parent, "20260101-current")
	if err := os.Mkdir(stranger, 0o755); err != nil {
		t.Fatal(err)
	}
	second, err := newWorkspace(parent, "build-")
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]bool{held.dir: true, second.dir: true, stranger: true, abandoned: false} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: there is %v, want %v", filepath.Base(dir), err == nil, want)
		}
	}
	if err := held.remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(held.dir + lockSuffix); err == nil {
		t.Error("the lock file stays")
	}
}

func TestLayersAdoptOnceAndTrim(t *testing.T) {
	l := layers{filepath.Join(t.TempDir(), "layers")}
	src := t.TempDir()
	for i := range keepLayers + 3 {
		dir := filepath.Join(src, "x")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		p, err := l.adopt(dir, "root", key("root", []Input{{"n", string(rune('a' + i))}}))
		if err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(time.Duration(i) * time.Hour)
		if err := os.Chtimes(p, when, when); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.trim(); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(l.dir + "/*")
	if len(left) != keepLayers {
		t.Errorf("%d layers left", len(left))
	}
	if _, ok := l.find("root", key("root", []Input{{"n", "a"}})); ok {
		t.Error("the oldest layer stays")
	}
}

func TestWaitLockTellsAndObeysCancel(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lock")
	other := flock.New(file)
	if err := other.Lock(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	told := false
	if _, err := waitLock(ctx, file, func() { told = true; cancel() }); err == nil || !told {
		t.Errorf("told %v, err %v", told, err)
	}
}
