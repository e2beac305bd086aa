package enginetest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"slipway/engine/enginetest/mirrors"
)

// Fixture is the mirror of a kind (mirrors.Kinds), made once in the folder that
// all real tests share.
func Fixture(t testing.TB, kind string) mirrors.Mirror {
	t.Helper()
	m, err := mirrors.Make(context.Background(), Mirrors(t), kind, func(l string) { t.Log(l) })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Mirrors is the folder of all made mirrors.
func Mirrors(t testing.TB) string {
	t.Helper()
	cache, _ := Shared(t)
	return filepath.Join(filepath.Dir(cache), "mirrors")
}

// Web serves a folder, but for one file that is refused until Mend is called.
type Web struct {
	URL string

	mu     sync.Mutex
	refuse string
	served []string
}

// Serve serves dir until the test ends. Paths that hold the text refuse are
// answered with an error.
func Serve(t testing.TB, dir, refuse string) *Web {
	t.Helper()
	w := &Web{refuse: refuse}
	files := http.FileServer(http.Dir(dir))
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		broken := w.refuse != "" && strings.Contains(r.URL.Path, w.refuse)
		if !broken {
			w.served = append(w.served, r.URL.Path)
		}
		w.mu.Unlock()
		if broken {
			http.Error(out, "out of order", http.StatusInternalServerError)
			return
		}
		files.ServeHTTP(out, r)
	}))
	t.Cleanup(s.Close)
	w.URL = s.URL
	return w
}

// Mend lets everything through from now on.
func (w *Web) Mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse = ""
}

// Served returns and forgets the paths that were answered.
func (w *Web) Served() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	served := w.served
	w.served = nil
	return served
}
