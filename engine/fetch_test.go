package engine

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDownload(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/whole":
			w.Write(bytes.Repeat([]byte("x"), 100_000))
		case "/cut":
			w.Header().Set("Content-Length", "100000")
			w.Write([]byte("only this"))
		case "/broken":
			http.Error(w, "out of order", http.StatusServiceUnavailable)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "listing")
	if err := os.WriteFile(file, []byte("listing"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		uri  string
		most int64
		size int
		want string
	}{
		"whole":       {server.URL + "/whole", 200_000, 100_000, ""},
		"bounded":     {server.URL + "/whole", 10, 10, ""},
		"of the disk": {"file://" + file, 100, 7, ""},
		"absent":      {server.URL + "/absent", 100, 0, "not found"},
		"cut off":     {server.URL + "/cut", 200_000, 9, "the mirror 127.0.0.1:"},
		"broken":      {server.URL + "/broken", 100, 0, "it answers 503 Service Unavailable"},
		"no address":  {"gopher://m.example/x", 100, 0, "want http, https, file or copy"},
	} {
		var out bytes.Buffer
		err := download(t.Context(), c.uri, &out, c.most)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || out.Len() != c.size {
			t.Errorf("%s: %d bytes, %v", name, out.Len(), err)
		}
		if down := (*mirrorDown)(nil); (name == "cut off" || name == "broken") && !errors.As(err, &down) {
			t.Errorf("%s: it is not the mirror's fault: %v", name, err)
		}
	}
	if err := download(t.Context(), "file://"+file, failing{}, 100); err == nil || err.Error() != "disk full" {
		t.Errorf("a full disk is %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }
