// Package enginetest helps the tests that build and boot real images: one
// folder of builds that they share, a mirror that they control, and a mount
// namespace of their own.
package enginetest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"slipway/engine/distro"
	"slipway/recipes"
)

// Shared returns the cache and builds folders that all real tests share, so
// that a root is made once. SLIPWAY_TEST_DIR names the folder they are in.
func Shared(t testing.TB) (cache, builds string) {
	t.Helper()
	dir := os.Getenv("SLIPWAY_TEST_DIR")
	if dir == "" {
		// Not the folder for temporary files, which may be a tmpfs: overlays of
		// a user namespace need user attributes, and an image much room.
		dir = fmt.Sprintf("/var/tmp/slipway-test-%d", os.Getuid())
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "cache"), filepath.Join(dir, "builds")
}

// Mirror is a package mirror on this machine that passes on what the host's
// own mirror serves.
type Mirror struct {
	URL string // of the archive; the security archive is URL + "-security"

	server *httptest.Server
	mu     sync.Mutex
	served []string // paths answered with content
	tamper func(path string, body []byte) []byte
}

// NewMirror starts a mirror that ends with the test. tamper may change what is
// served; nil changes nothing.
func NewMirror(t testing.TB, tamper func(path string, body []byte) []byte) *Mirror {
	t.Helper()
	main, security := upstream(t)
	m := &Mirror{tamper: tamper}
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/debian-security/"):
			m.pass(w, r, security+strings.TrimPrefix(r.URL.Path, "/debian-security"))
		case strings.HasPrefix(r.URL.Path, "/debian/"):
			m.pass(w, r, main+strings.TrimPrefix(r.URL.Path, "/debian"))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(m.server.Close)
	m.URL = m.server.URL + "/debian"
	return m
}

// Close takes the mirror off the network before the test ends.
func (m *Mirror) Close() { m.server.Close() }

// upstream is the mirror that a build on this host would use.
func upstream(t testing.TB) (main, security string) {
	t.Helper()
	d, err := distro.Find("debian")
	if err != nil {
		t.Fatal(err)
	}
	sources, _ := d.Sources(recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: "bookworm"}}, distro.ThisHost())
	if len(sources) < 3 {
		t.Fatal("this host names no Debian mirror in its apt sources: set SLIPWAY_DEBIAN_MIRROR")
	}
	return strings.TrimSuffix(sources[0].URI, "/"), strings.TrimSuffix(sources[2].URI, "/")
}

func (m *Mirror) pass(w http.ResponseWriter, r *http.Request, uri string) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, uri, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if since := r.Header.Get("If-Modified-Since"); since != "" {
		req.Header.Set("If-Modified-Since", since)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if m.tamper != nil {
		body = m.tamper(r.URL.Path, body)
	}
	if h := resp.Header.Get("Last-Modified"); h != "" {
		w.Header().Set("Last-Modified", h)
	}
	if resp.StatusCode == http.StatusOK {
		m.mu.Lock()
		m.served = append(m.served, r.URL.Path)
		m.mu.Unlock()
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(body)
}

// Served returns and forgets the paths that were answered with content.
func (m *Mirror) Served() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	served := m.served
	m.served = nil
	return served
}

// innerEnv tells a test that it runs in the namespace already.
const innerEnv = "SLIPWAY_TEST_INNER"

// InMountNamespace runs the calling test again in a process with a private
// mount namespace and returns true there; the outer test returns false when the
// inner one has passed. Needs root.
func InMountNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(innerEnv) == t.Name() {
		if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), innerEnv+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("in a mount namespace: %v\n%s", err, out)
	}
	return false
}
