package recipes

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestBuiltins(t *testing.T) {
	var names []string
	for _, d := range Builtins() {
		names = append(names, d.Path)
		if "builtin:"+d.Recipe.Name != d.Path {
			t.Errorf("%s is called %s", d.Path, d.Recipe.Name)
		}
		if d.Changed() {
			t.Errorf("%s is changed from the start", d.Path)
		}
		if strings.Contains(string(d.Source), "\r") || !strings.HasSuffix(string(d.Source), "\n") {
			t.Errorf("%s is no plain text file", d.Path)
		}
	}
	want := []string{"builtin:debian-server", "builtin:debian-vm", "builtin:arch-server", "builtin:centos-server", "builtin:fedora-server",
		"builtin:opensuse-server", "builtin:ubuntu-server"}
	if !slices.Equal(names, want) {
		t.Errorf("built in: %v, want %v", names, want)
	}
}

// TestBuiltinsDiffer: the two differ in the machine they are for, and nothing
// else that matters.
func TestBuiltinsDiffer(t *testing.T) {
	server, _ := Builtin("debian-server")
	vm, _ := Builtin("debian-vm")
	for _, path := range []string{"sshd", "users", "files", "system.services", "system.timezone", "checks", "distro", "output", "kernel.cmdline"} {
		a, _ := server.Value(path)
		b, _ := vm.Value(path)
		if diff := changedPlain(a, b); diff {
			t.Errorf("%s differs: %v and %v", path, a, b)
		}
	}
	for _, want := range []struct {
		d           *Document
		path, value string
	}{
		{server, "kernel.package", "linux-image-amd64"}, {vm, "kernel.package", "linux-image-cloud-amd64"},
		{server, "overlay.size", "50%"}, {vm, "overlay.size", "512MiB"}, {vm, "boot.memory", "1GiB"},
		{server, "sshd.AddressFamily", "inet"}, {server, "sshd.PermitRootLogin", "no"}, {server, "users[0].name", "ops"},
	} {
		if got, _ := want.d.Value(want.path); got != want.value {
			t.Errorf("%s: %s is %v, want %s", want.d.Path, want.path, got, want.value)
		}
	}
}

func changedPlain(a, b any) bool {
	x, _ := with(nil, place{{key: "x", index: -1}}, a)
	y, _ := with(nil, place{{key: "x", index: -1}}, b)
	return len(differences([]any{x}, []any{y})) > 0
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"web.toml", "debian-vm", "broken.toml"} {
		text := minimal
		if name == "broken.toml" {
			text = "nothing"
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("debian-server", 0o755); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{
		"web.toml": "web.toml", "./web.toml": "./web.toml", filepath.Join(dir, "web.toml"): filepath.Join(dir, "web.toml"),
		"debian-vm":         "debian-vm", // a file goes first
		"debian-server":     "builtin:debian-server",
		"builtin:debian-vm": "builtin:debian-vm",
	}
	for ref, path := range found {
		d, err := Find(ref)
		if err != nil || d.Path != path {
			t.Errorf("%s: found %v, %v", ref, d, err)
		}
	}
	const all = "built in: debian-server, debian-vm, arch-server, centos-server, fedora-server, opensuse-server, ubuntu-server"
	lost := map[string]string{
		"debian-sever": "did you mean debian-server?",
		"debian":       "did you mean debian-server or debian-vm?",
		"we.toml":      "did you mean web.toml?",
		"webb":         "did you mean web.toml?",
		"fedora":       "did you mean fedora-server?",
		"zzz":          all,
		"builtin:vm":   all,
	}
	for ref, hint := range lost {
		_, err := Find(ref)
		var missing *NotFound
		if !errors.As(err, &missing) || !errors.Is(err, fs.ErrNotExist) || missing.Hint != hint {
			t.Errorf("%s: %v, want the hint %q", ref, err, hint)
		}
	}
	if _, err := Find("broken.toml"); AsProblems(err) == nil {
		t.Errorf("broken.toml: %v, want problems", err)
	}
}

func TestBeside(t *testing.T) {
	d, path := saved(t, minimal, 0o644)
	if got, want := d.Beside("keys/a.asc"), filepath.Join(filepath.Dir(path), "keys/a.asc"); got != want {
		t.Errorf("beside is %s, want %s", got, want)
	}
	if got := d.Beside("/etc/a"); got != "/etc/a" {
		t.Errorf("an absolute path became %s", got)
	}
}

func TestJoinAndPlace(t *testing.T) {
	path := Join("system", "sysctl", "net.ipv4.ip_forward")
	if path != `system.sysctl."net.ipv4.ip_forward"` {
		t.Errorf("joined to %s", path)
	}
	for _, path := range []string{"name", "users[0].name", "sshd.Match[2].Criteria", path, `a."b\"c"[1]`} {
		p, err := parsePlace(path)
		if err != nil || p.String() != path {
			t.Errorf("%s was read as %s, %v", path, p, err)
		}
	}
	for _, path := range []string{"", ".", "a.", "a..b", "[0]", "a[", "a[x]", "a[-1]", `a."b`, "a b", "a[0]b", "a.[0]"} {
		if p, err := parsePlace(path); err == nil {
			t.Errorf("%q was read as %s", path, p)
		}
	}
}

func TestSize(t *testing.T) {
	good := map[Size]struct {
		bytes   int64
		percent int
	}{
		"50%": {percent: 50}, "100%": {percent: 100}, "512MiB": {bytes: 512 << 20}, "512M": {bytes: 512 << 20},
		"2GiB": {bytes: 2 << 30}, "2g": {bytes: 2 << 30}, "1 TiB": {bytes: 1 << 40}, "64KB": {bytes: 64 << 10},
	}
	for s, want := range good {
		bytes, percent, err := s.Parse()
		if err != nil || bytes != want.bytes || percent != want.percent {
			t.Errorf("%s: %d bytes, %d%%, %v", s, bytes, percent, err)
		}
	}
	for _, s := range []Size{"", "0%", "101%", "-1G", "1.5G", "G", "12", "0M", "99999999T", "9999999999999999999999K", "50%%"} {
		if bytes, percent, err := s.Parse(); err == nil {
			t.Errorf("%q: %d bytes, %d%%", s, bytes, percent)
		}
	}
	if n, err := Size("50%").Of(2 << 30); err != nil || n < 1<<30-100 || n > 1<<30 {
		t.Errorf("half of 2 GiB is %d, %v", n, err)
	}
}

// TestDottedSysctl: names of kernel parameters may be written bare.
func TestDottedSysctl(t *testing.T) {
	d := mustParse(t, minimal+"[system.sysctl]\nnet.ipv6.conf.all.disable_ipv6 = 1\n\"kernel.panic\" = true\n")
	for key, want := range map[string]any{"net.ipv6.conf.all.disable_ipv6": int64(1), "kernel.panic": true} {
		if got := d.Recipe.System.Sysctl[key]; got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
		if got, _ := d.Value(Join("system", "sysctl", key)); got != want {
			t.Errorf("the value of %s is %v, want %v", key, got, want)
		}
	}
}

// TestDirectiveTooNew: directives of a release that has an older sshd.
func TestDirectiveTooNew(t *testing.T) {
	text := minimal + "[sshd]\nRefuseConnection = true\n"
	if _, err := Parse("x", []byte(text)); err == nil || AsProblems(err)[0].Code != "sshd-too-old" {
		t.Errorf("bookworm: %v", err)
	}
	if _, err := Parse("x", []byte(strings.Replace(text, "bookworm", "trixie", 1))); err != nil {
		t.Errorf("trixie: %v", err)
	}
}
