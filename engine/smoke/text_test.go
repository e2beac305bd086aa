package smoke

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cavaliergopher/cpio"

	"slipway/engine/goldentest"
)

func TestVerdictText(t *testing.T) {
	results := []Result{
		{Plan: Plan{"kernel", "kernel started"}, Status: Pass, At: 3100 * time.Millisecond, Found: "Linux 6.1.0-1-amd64"},
		{Plan: Plan{"multi-user", "multi-user.target reached"}, Status: Pass, At: 47200 * time.Millisecond},
		{Plan: Plan{"x11", "X11 forwarding accepted"}, Status: Fail, At: 49 * time.Second, Cause: "refused: IPv6 is off", Hint: "set AddressFamily",
			Command: "ssh -X ops", Output: strings.TrimSuffix(strings.Repeat("line\n", 25), "\n")},
		{Plan: Plan{"machine-id", "machine-id made in this boot"}, Status: Skipped, At: 49 * time.Second, Cause: "no shell"},
	}
	v := Judge(results)
	v.Recipe, v.Path, v.Accel, v.Took = "web", Direct, "tcg", 50*time.Second
	goldentest.Equal(t, "verdict-fail.txt", v.Text())
	v = Judge(append(results[:2:2], results[3]))
	v.Recipe, v.Path, v.Accel, v.Took, v.Fixture = "web", ISO, "kvm", 50*time.Second, true
	goldentest.Equal(t, "verdict-pass.txt", v.Text())
}

func TestJudge(t *testing.T) {
	r := func(s Status) Result { return Result{Plan: Plan{"a", "a holds"}, Status: s, Cause: "because"} }
	for _, tt := range []struct {
		results      []Result
		word, reason string
	}{
		{nil, "FAIL", "no check could be asked"},
		{[]Result{r(Skipped), r(Skipped)}, "FAIL", "no check could be asked"},
		{[]Result{r(Pass), r(Skipped)}, "PASS", "the one check that was asked holds; 1 not asked"},
		{[]Result{r(Pass), r(Fail)}, "FAIL", "a holds: because"},
		{[]Result{r(Fail), r(Fail)}, "FAIL", "2 checks failed"},
	} {
		if v := Judge(tt.results); v.Word != tt.word || !strings.Contains(v.Reason, tt.reason) {
			t.Errorf("%d results: %s, %s", len(tt.results), v.Word, v.Reason)
		}
	}
}

// appended unpacks what Append put behind an initramfs.
func appended(t *testing.T, p Planter) map[string]string {
	t.Helper()
	packed := []byte("an initramfs of an odd length..")
	out, err := Append(packed, p)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out, packed) || string(packed) != "an initramfs of an odd length.." {
		t.Fatal("the packed initramfs changed")
	}
	zip, err := gzip.NewReader(bytes.NewReader(out[(len(packed)+3)/4*4:]))
	if err != nil {
		t.Fatal(err)
	}
	archive := cpio.NewReader(zip)
	got := map[string]string{}
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil || h.Mode.Perm() != 0o755 {
			t.Errorf("%s: mode %o, %v", h.Name, h.Mode.Perm(), err)
		}
		got[h.Name] = string(text)
	}
}

// What is planted ends up where the stack looks: tried with the initramfs's
// folders below a directory of the test.
func TestAppend(t *testing.T) {
	for _, tt := range []struct{ stack, has, want string }{
		{"live-boot", "scripts/init-bottom", "scripts/init-bottom/slipway"},
		{"dracut", "usr/lib/dracut/hooks/pre-pivot", "lib/dracut/hooks/pre-pivot/99-slipway.sh"},
		{"dracut", "var/lib/dracut/hooks", "var/lib/dracut/hooks/pre-pivot/99-slipway.sh"},
		{"kiwi", "usr/lib/dracut/hooks", "lib/dracut/hooks/pre-pivot/99-slipway.sh"},
	} {
		dir := t.TempDir()
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, tt.has), 0o755), os.MkdirAll(filepath.Join(dir, "usr/lib"), 0o755), os.Symlink("usr/lib", filepath.Join(dir, "lib"))); err != nil {
			t.Fatal(err)
		}
		files := appended(t, Planters[tt.stack])
		if len(files) != 4 || !strings.Contains(files["slipway-agent"], "<<ready 0") || !strings.Contains(files["slipway-unit"], "TTYPath=/dev/ttyS1") {
			t.Errorf("%s: %d files", tt.stack, len(files))
		}
		if err := os.WriteFile(filepath.Join(dir, "slipway-late"), []byte(files["slipway-late"]), 0o755); err != nil {
			t.Fatal(err)
		}
		init := strings.NewReplacer(" /", " "+dir+"/", "exec /init", "exec true").Replace(files["slipway-init"])
		if out, err := exec.CommandContext(t.Context(), "/bin/sh", "-ec", init).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s\n%s", tt.stack, err, out, init)
		}
		if planted, err := os.ReadFile(filepath.Join(dir, tt.want)); err != nil || string(planted) != late {
			t.Errorf("%s: %v", tt.stack, err)
		}
	}
}
