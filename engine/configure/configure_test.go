package configure

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine/distro"
	"slipway/engine/proc"
	"slipway/recipes"
)

// fakeRoot is a root without programs: commands are recorded, not run.
func fakeRoot(t *testing.T, files map[string]string) (*Root, *[]proc.Cmd) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var ran []proc.Cmd
	return &Root{Dir: dir, Distro: distro.All()[0], Log: func(string) {}, Exec: func(_ context.Context, c proc.Cmd) error { ran = append(ran, c); return nil }}, &ran
}

func commands(ran []proc.Cmd) string {
	var lines []string
	for _, c := range ran {
		c.Root = ""
		lines = append(lines, c.String())
	}
	return strings.Join(lines, "\n")
}

func TestWhichSSHDFileIsHonoured(t *testing.T) {
	for main, want := range map[string]bool{
		"# comment\n\nInclude /etc/ssh/sshd_config.d/*.conf\nX11Forwarding yes\n": true,
		"X11Forwarding yes\nInclude /etc/ssh/sshd_config.d/*.conf\n":              false, // too late: the first value wins
		"#Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n":                    false,
		"": false,
	} {
		if got := honoursDropIns(main); got != want {
			t.Errorf("%q: %v", main, got)
		}
	}
}

func TestIntoMainKeepsMatchLast(t *testing.T) {
	got := intoMain("UsePAM yes\n", "Port 22\nMatch User ops\n  X11Forwarding no\n")
	port, pam, match := strings.Index(got, "Port 22"), strings.Index(got, "UsePAM yes"), strings.Index(got, "Match User ops")
	if port < 0 || port > pam || pam > match {
		t.Errorf("got\n%s", got)
	}
}

func TestOwnSubsystemReplacesTheReleases(t *testing.T) {
	const main = "UsePAM yes\nSubsystem\tsftp\t/usr/lib/openssh/sftp-server\nSubsystem other /bin/other\n"
	got := withoutSubsystems(main, "Port 22\nSubsystem sftp internal-sftp\n")
	want := "UsePAM yes\n# slipway: set by the recipe: Subsystem\tsftp\t/usr/lib/openssh/sftp-server\nSubsystem other /bin/other\n"
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if got := withoutSubsystems(main, "Port 22\n"); got != main {
		t.Errorf("without a subsystem in the recipe:\n%s", got)
	}
}

func TestDifferencesNameTheDirective(t *testing.T) {
	want := recipes.SSHD{"X11Forwarding": true, "AddressFamily": "inet"}
	if d := differences(want, "x11forwarding yes\naddressfamily inet\n"); len(d) != 0 {
		t.Errorf("%v", d)
	}
	d := differences(want, "x11forwarding no\naddressfamily inet\n")
	if len(d) != 1 || !strings.HasPrefix(d[0], "X11Forwarding:") {
		t.Errorf("%v", d)
	}
}

func TestPasswordHashIsNoArgument(t *testing.T) {
	r, ran := fakeRoot(t, map[string]string{"etc/passwd": "ops:x:1000:1000::/home/ops:/bin/bash\n", "etc/sudoers.d/README": ""})
	u := recipes.User{Name: "ops", PasswordHash: "$6$salt$hash", Sudo: true, Groups: []string{"adm"}, AuthorizedKeys: []string{"ssh-ed25519 AAAA ops"}}
	if err := r.users(context.Background(), recipes.Recipe{Users: []recipes.User{u}}); err != nil {
		t.Fatal(err)
	}
	if text := commands(*ran); strings.Contains(text, "$6$") || !strings.Contains(text, "chpasswd -e") || !strings.Contains(text, "usermod -a -G adm ops") {
		t.Errorf("commands:\n%s", text)
	}
	st, err := os.Stat(filepath.Join(r.Dir, "home/ops/.ssh/authorized_keys"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("authorized_keys: %v %v", st, err)
	}
	if st, err = os.Stat(filepath.Join(r.Dir, "etc/sudoers.d/slipway-ops")); err != nil || st.Mode().Perm() != 0o440 {
		t.Errorf("sudoers: %v %v", st, err)
	}
}

func TestFileModes(t *testing.T) {
	for s, want := range map[string]fs.FileMode{"": 0o644, "0600": 0o600, "4755": 0o755 | fs.ModeSetuid, "1777": 0o777 | fs.ModeSticky} {
		if got, err := fileMode(s); err != nil || got != want {
			t.Errorf("%q: %v %v", s, got, err)
		}
	}
	if _, err := fileMode("rw"); err == nil {
		t.Error("rw was taken for a mode")
	}
}

// A link in the image must never lead a write to the host.
func TestWritesStayInside(t *testing.T) {
	outside := t.TempDir()
	r, _ := fakeRoot(t, nil)
	if err := os.Symlink(outside, filepath.Join(r.Dir, "etc")); err != nil {
		t.Fatal(err)
	}
	if err := r.write("/etc/hostname", []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if found, _ := os.ReadDir(outside); len(found) > 0 {
		t.Errorf("written outside: %v", found)
	}
	if err := r.write("/../../"+outside+"/y", []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if found, _ := os.ReadDir(outside); len(found) > 0 {
		t.Errorf("written outside: %v", found)
	}
}

func TestCleanTakesOutWhatAFleetWouldShare(t *testing.T) {
	r, _ := fakeRoot(t, map[string]string{
		"etc/ssh/ssh_host_ed25519_key": "secret", "etc/ssh/ssh_host_rsa_key.pub": "x", "etc/ssh/sshd_config": "keep",
		"etc/machine-id": "0123456789abcdef0123456789abcdef\n", "var/lib/dbus/machine-id": "x", "etc/resolv.conf": "nameserver 192.0.2.1",
		"var/lib/apt/lists/index": "x", "var/cache/apt/archives/a.deb": "x", "var/cache/apt/pkgcache.bin": "x", "var/log/dpkg.log": "x"})
	if found := Shared(r.Dir); len(found) != 3 {
		t.Errorf("before: %v", found)
	}
	if err := r.clean(context.Background(), recipes.Recipe{}); err != nil {
		t.Fatal(err)
	}
	var left []string
	_ = filepath.WalkDir(r.Dir, func(p string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			left = append(left, strings.TrimPrefix(p, r.Dir))
		}
		return err
	})
	if got := strings.Join(left, " "); got != "/etc/machine-id /etc/ssh/sshd_config" {
		t.Errorf("left: %s", got)
	}
	if id, err := os.ReadFile(filepath.Join(r.Dir, "etc/machine-id")); err != nil || len(id) != 0 {
		t.Errorf("machine-id %q %v", id, err)
	}
	if found := Shared(r.Dir); len(found) != 0 {
		t.Errorf("after: %v", found)
	}
}

func TestSystemSettings(t *testing.T) {
	r, _ := fakeRoot(t, map[string]string{"usr/share/zoneinfo/Europe/Berlin": ""})
	rc := recipes.Recipe{Name: "fleet", System: recipes.System{Timezone: "Europe/Berlin", Locale: "C.UTF-8",
		Sysctl: map[string]any{"net.ipv6.conf.all.disable_ipv6": int64(1), "a.b": true}}}
	if err := r.system(context.Background(), rc); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"/etc/hostname": "fleet\n", "/etc/timezone": "Europe/Berlin\n", "/etc/default/locale": "LANG=C.UTF-8\n",
		sysctlFile: "# Written by slipway from [system.sysctl].\na.b = 1\nnet.ipv6.conf.all.disable_ipv6 = 1\n"} {
		if b, err := r.read(name); err != nil || string(b) != want {
			t.Errorf("%s: %q %v", name, b, err)
		}
	}
	rc.System.Timezone = "Mars/Olympus"
	if err := r.system(context.Background(), rc); err == nil || !strings.Contains(err.Error(), "tzdata") {
		t.Errorf("unknown zone: %v", err)
	}
}

func TestHooksRunAtTheirPoint(t *testing.T) {
	r, ran := fakeRoot(t, nil)
	rc := recipes.Recipe{Hooks: []recipes.Hook{{At: "before-configure", Script: "true"}, {At: "after-configure", Script: "#!/bin/bash\ntrue"}}}
	if err := r.hooks(context.Background(), rc, "after-configure"); err != nil {
		t.Fatal(err)
	}
	if len(*ran) != 1 {
		t.Errorf("ran %s", commands(*ran))
	}
	if b, err := r.read("/run/slipway-hook"); err != nil || !strings.HasPrefix(string(b), "#!/bin/bash\n") {
		t.Errorf("%q %v", b, err)
	}
}

func TestSELinuxConfig(t *testing.T) {
	fedora, err := distro.Find("fedora")
	if err != nil {
		t.Fatal(err)
	}
	arch, err := distro.Find("arch")
	if err != nil {
		t.Fatal(err)
	}
	const before = "SELINUX=permissive\n"
	for _, c := range []struct {
		d          distro.Distro
		mode, has  string
		mode2, pol string // what it then says; no mode: no file
	}{
		{distro.All()[0], "", "", "", ""},
		{distro.All()[0], "", before, "disabled", "default"}, // installed with the policy, of which nobody asked for a mode
		{distro.All()[0], "enforcing", "", "enforcing", "default"},
		{fedora, "", before, "enforcing", "targeted"},
		{fedora, "disabled", before, "disabled", "targeted"},
		{arch, "", "", "", ""},
	} {
		files := map[string]string{}
		if c.has != "" {
			files["etc/selinux/config"] = c.has
		}
		r, _ := fakeRoot(t, files)
		r.Distro = c.d
		if err := r.selinux(t.Context(), recipes.Recipe{Security: recipes.Security{SELinux: c.mode}}); err != nil {
			t.Fatal(err)
		}
		text, err := r.read(selinuxConfig)
		if c.mode2 == "" && err == nil || c.mode2 != "" && !strings.Contains(string(text), "\nSELINUX="+c.mode2+"\nSELINUXTYPE="+c.pol+"\n") {
			t.Errorf("%s, %q: %q (%v)", c.d.ID, c.mode, text, err)
		}
	}
}
