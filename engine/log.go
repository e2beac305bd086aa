package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// logFile is the complete log of a run. A line is written before its event
// exists, so whatever a reader has seen is on disk.
type logFile struct {
	mu   sync.Mutex
	f    *os.File
	path string
}

func newLog(path string) (*logFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("create the log's folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create the log: %w", err)
	}
	return &logFile{f: f, path: path}, nil
}

// line writes one line, marked by its step. A full disk must not end a build
// that writes elsewhere, so errors are left to the build's own writes.
func (l *logFile) line(step, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.f, "%s %-9s %s\n", time.Now().UTC().Format("15:04:05.000"), step, text)
}

func (l *logFile) Close() error { return l.f.Close() }
