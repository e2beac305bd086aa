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
	at, src := filepath.Join(t.TempDir(), "layers"), t.TempDir()
	nth := func(i int) string { return key("root", []Input{{"n", string(rune('a' + i))}}) }
	for i := range keepLayers + 3 {
		l := layers{dir: at} // of another build each
		dir := filepath.Join(src, "x")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		p, err := l.adopt(dir, "root", nth(i))
		if err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(time.Duration(i) * time.Hour)
		if err := os.Chtimes(p, when, when); err != nil {
			t.Fatal(err)
		}
		for _, f := range l.held {
			f.Close()
		}
	}
	// The second oldest is in use, and keeps its age.
	using := layers{dir: at}
	p, ok := using.find("root", nth(1))
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(p, old, old); err != nil || !ok {
		t.Fatalf("%v %v", ok, err)
	}
	l := layers{dir: at}
	if err := l.trim(); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(at + "/*")
	if len(left) != keepLayers+1 {
		t.Errorf("%d layers left", len(left))
	}
	for i, want := range map[int]bool{0: false, 1: true, 2: false, 3: true} {
		if _, ok := l.find("root", nth(i)); ok != want {
			t.Errorf("layer %d: there is %v, want %v", i, ok, want)
		}
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
