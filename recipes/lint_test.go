package recipes

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const testKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPX3cxTPSFGPlSAzTXdJmHLdrQx0rOyRhv3d1d1GCyRt test@example"

const testHash = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"

// sound is a recipe that the linter has nothing to say about.
func sound(t *testing.T) *Document {
	t.Helper()
	d, ok := Builtin("debian-vm")
	if !ok {
		t.Fatal("debian-vm is not built in")
	}
	if err := d.Set("users[0].authorized_keys", []string{testKey}); err != nil {
		t.Fatal(err)
	}
	return d
}

func codes(ps Problems) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestLintSound(t *testing.T) {
	if ps := sound(t).Lint(debian()); len(ps) > 0 {
		t.Errorf("problems in a sound recipe:\n%v", ps)
	}
}

// TestLintBuiltins: nothing but the key that only the operator can add. Those of
// other distributions are judged where their names are known, in slipway/engine.
func TestLintBuiltins(t *testing.T) {
	for _, d := range Builtins() {
		if d.Recipe.Distro.ID != "debian" {
			continue
		}
		ps := d.Lint(debian())
		if got := codes(ps); !slices.Equal(got, []string{"no-login"}) {
			t.Errorf("%s: %v", d.Path, ps)
		}
		for _, p := range ps {
			if p.Path != "users[0].authorized_keys" || p.Severity != Warning {
				t.Errorf("%s: %s", d.Path, p.Detail())
			}
		}
	}
}

// TestLintFaults seeds one fault each into the sound recipe: exactly that must
// be found, at that place, and its fix must make it go away.
func TestLintFaults(t *testing.T) {
	include := func(t *testing.T, names ...string) []string {
		return append(slices.Clone(sound(t).Recipe.Packages.Include), names...)
	}
	exclude := func(t *testing.T, names ...string) []string {
		return slices.DeleteFunc(include(t), func(p string) bool { return slices.Contains(names, p) })
	}
	type set = map[string]any
	cases := []struct {
		code, at string
		severity Severity
		fixed    bool
		faults   func(t *testing.T) set // values to set, or nil to take out
		appends  map[string][]set
	}{
		{code: "x11-ipv6", at: "sshd.X11Forwarding", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{`system.sysctl."net.ipv6.conf.all.disable_ipv6"`: 1, "sshd.AddressFamily": nil}
		}},
		{code: "x11-ipv6", at: "sshd.X11Forwarding", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{`system.sysctl."net/ipv6/conf/lo/disable_ipv6"`: "1", "sshd.AddressFamily": "any"}
		}},
		{code: "x11-xauth", at: "sshd.X11Forwarding", severity: Warning, fixed: true, faults: func(t *testing.T) set {
			return set{"packages.include": exclude(t, "xauth")}
		}},
		{code: "x11-disabled", at: "sshd.X11Forwarding", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{"sshd.DisableForwarding": true}
		}},
		{code: "sshd-not-installed", at: "sshd", severity: Error, fixed: true, faults: func(t *testing.T) set {
			return set{"packages.include": exclude(t, "openssh-server"), "users[0].password_hash": testHash}
		}},
		{code: "sshd-not-installed", at: "system.services.enabled", severity: Error, fixed: true, faults: func(t *testing.T) set {
			return set{"packages.include": exclude(t, "openssh-server"), "sshd": nil, "users[0].password_hash": testHash}
		}},
		{code: "ssh-port", at: "sshd.Port", severity: Warning, faults: func(*testing.T) set { return set{"sshd.Port": []int{2222, 2022}} }},
		{code: "sshd-no-address", at: "sshd.AddressFamily", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{"sshd.AddressFamily": "inet6", "kernel.cmdline": "ipv6.disable=1"}
		}},
		{code: "root-password", at: "sshd.PermitRootLogin", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{"sshd.PermitRootLogin": "yes", "sshd.PasswordAuthentication": true}
		}},
		{code: "empty-passwords", at: "sshd.PermitEmptyPasswords", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{"sshd.PermitEmptyPasswords": true, "sshd.PasswordAuthentication": "yes"}
		}},
		{code: "allowed-unknown", at: "sshd.AllowUsers", severity: Warning, faults: func(*testing.T) set {
			return set{"sshd.AllowUsers": []string{"ops", "opps"}}
		}},
		{code: "no-login", at: "users", severity: Warning, faults: func(*testing.T) set { return set{"users": nil} }},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set {
			return set{"users[0].authorized_keys": []string{}}
		}},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set { return set{"sshd.PubkeyAuthentication": false} }},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set { return set{"sshd.DenyUsers": "o*"} }},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set { return set{"sshd.AllowUsers": "root"} }},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set { return set{"sshd.AllowGroups": []string{"wheel"}} }},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set { return set{"sshd.DenyGroups": "adm"} }},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set { return set{"sshd.AuthorizedKeysFile": "none"} }},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set { return set{"users[0].shell": "/usr/sbin/nologin"} }},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set { return set{"users[0].name": "root"} }},
		{code: "no-login", at: "users[0].authorized_keys", severity: Warning, faults: func(*testing.T) set {
			return set{"sshd.AuthenticationMethods": []string{"publickey,password", "password"}}
		}},
		{code: "shared-password", at: "users[0].password_hash", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{"users[0].password_hash": testHash}
		}},
		{code: "weak-hash", at: "users[0].password_hash", severity: Warning, faults: func(*testing.T) set {
			return set{"users[0].password_hash": "$1$abcdefgh$0123456789abcdefghij.."}
		}},
		{code: "sudo-not-installed", at: "users[0].sudo", severity: Warning, fixed: true, faults: func(t *testing.T) set {
			return set{"packages.include": exclude(t, "sudo")}
		}},
		{code: "shell-not-installed", at: "users[0].shell", severity: Warning, fixed: true, faults: func(*testing.T) set { return set{"users[0].shell": "/usr/bin/zsh"} }},
		{code: "overlay-percent", at: "overlay.size", severity: Warning, fixed: true, faults: func(*testing.T) set { return set{"overlay.size": "95%"} }},
		{code: "overlay-small", at: "overlay.size", severity: Warning, fixed: true, faults: func(*testing.T) set { return set{"overlay.size": "100K"} }},
		{code: "overlay-small", at: "overlay.size", severity: Warning, fixed: true, faults: func(*testing.T) set { return set{"overlay.size": "1%"} }},
		{code: "overlay-memory", at: "overlay.size", severity: Warning, fixed: true, faults: func(*testing.T) set { return set{"overlay.size": "2GiB"} }},
		{code: "gauge-off", at: "overlay.warn_at", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{"overlay.gauge": false, "overlay.warn_at": []int{80}}
		}},
		{code: "gauge-off", at: "overlay.warn_command", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{"overlay.gauge": false, "overlay.warn_command": "true"}
		}},
		{code: "no-network", at: "system.services", severity: Warning, fixed: true, faults: func(*testing.T) set { return set{"system.services.enabled": []string{"ssh"}} }},
		{code: "no-network-file", at: "system.services.enabled", severity: Warning, faults: func(*testing.T) set { return set{"files": nil} }},
		{code: "release-unknown", at: "distro.release", severity: Warning, fixed: true, faults: func(*testing.T) set { return set{"distro.release": "bookwrom"} }},
		{code: "package-twice", at: "packages.include[14]", severity: Warning, fixed: true, faults: func(t *testing.T) set { return set{"packages.include": include(t, "sudo:amd64")} }},
		{code: "package-both", at: "packages.exclude[0]", severity: Error, fixed: true, faults: func(*testing.T) set { return set{"packages.exclude": []string{"sudo"}} }},
		{code: "component-missing", at: "packages.include[14]", severity: Warning, fixed: true, faults: func(t *testing.T) set {
			return set{"packages.include": include(t, "firmware-bnx2x")}
		}},
		{code: "service-conflict", at: "system.services.enabled[0]", severity: Error, fixed: true, faults: func(*testing.T) set {
			return set{"system.services.masked": []string{"cron"}, "system.services.enabled": []string{"cron.service", "systemd-networkd"}}
		}},
		{code: "service-conflict", at: "system.services.enabled[0]", severity: Error, fixed: true, faults: func(*testing.T) set {
			return set{"system.services.disabled": []string{"cron.service"}, "system.services.enabled": []string{"cron", "systemd-networkd"}}
		}},
		{code: "package-name", at: "packages.include[0]", severity: Error, faults: func(*testing.T) set {
			return set{"packages.include[0]": "OpenSSH"}
		}},
		{code: "service-name", at: "system.services.enabled[1]", severity: Warning, fixed: true, faults: func(*testing.T) set {
			return set{"system.services.enabled": []string{"systemd-networkd", "sshd"}}
		}},
		{code: "locale-not-installed", at: "system.locale", severity: Warning, fixed: true, faults: func(*testing.T) set { return set{"system.locale": "de_DE.UTF-8"} }},
		{code: "timezone-unknown", at: "system.timezone", severity: Warning, faults: func(*testing.T) set { return set{"system.timezone": "Europe/Berln"} }},
		{code: "baked-identity", at: "files[1].path", severity: Error, fixed: true, appends: map[string][]set{"files": {{"path": "/etc/ssh/ssh_host_rsa_key.pub", "content": "x"}}}},
		{code: "baked-identity", at: "files[1].path", severity: Error, fixed: true, appends: map[string][]set{"files": {{"path": "/etc/machine-id", "content": ""}}}},
		{code: "file-overwritten", at: "files[1].path", severity: Warning, appends: map[string][]set{"files": {{"path": "/etc/ssh/sshd_config", "content": "x"}}}},
		{code: "file-overwritten", at: "files[1].path", severity: Warning, appends: map[string][]set{"files": {{"path": "/etc/hostname", "content": "x"}}}},
		{code: "file-overwritten", at: "files[1].path", severity: Warning, appends: map[string][]set{"files": {{"path": "/etc/group", "content": "x"}}}},
		{code: "baked-secret", at: "files[1].content", severity: Warning, appends: map[string][]set{"files": {{"path": "/root/key", "content": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n"}}}},
		{code: "crlf", at: "files[1].content", severity: Warning, fixed: true, appends: map[string][]set{"files": {{"path": "/etc/x", "content": "a\r\nb\r\n"}}}},
		{code: "crlf", at: "hooks[0].script", severity: Error, fixed: true, appends: map[string][]set{"hooks": {{"at": "after-configure", "script": "#!/bin/sh\r\ntrue\r\n"}}}},
	}
	seeded := map[string]bool{"source-missing": true, // TestLintSources
		"package-foreign": true, "service-not-installed": true, "sshd-foreign": true} // TestLintElsewhere
	for _, c := range cases {
		seeded[c.code] = true
		t.Run(c.code, func(t *testing.T) {
			d := sound(t)
			var faults set
			if c.faults != nil {
				faults = c.faults(t)
			}
			for path, v := range faults {
				if err := d.Set(path, v); err != nil {
					t.Fatal(err)
				}
			}
			for path, tables := range c.appends {
				for _, table := range tables {
					if err := d.Append(path, table); err != nil {
						t.Fatal(err)
					}
				}
			}
			p := only(t, d.Lint(debian()), c.code)
			if p.Path != c.at || p.Severity != c.severity {
				t.Errorf("found at %s as %s, want %s as %s", p.Path, p.Severity, c.at, c.severity)
			}
			if p.Line < 1 || p.Column < 1 || p.Source == "" || p.Message == "" {
				t.Errorf("incomplete: %+v", p)
			}
			if (p.Fix != nil) != c.fixed {
				t.Fatalf("fix is %+v", p.Fix)
			}
			if p.Fix == nil {
				return
			}
			if err := d.Apply(*p.Fix); err != nil {
				t.Fatal(err)
			}
			if again := d.Lint(debian()); slices.Contains(codes(again), c.code) {
				t.Errorf("after %q there is still\n%v", p.Fix.Title, again)
			}
		})
	}
	for _, code := range lintCodes(t) {
		if !seeded[code] {
			t.Errorf("no fault is seeded for %s", code)
		}
	}
}

// only returns the one problem there is, those aside that come with the same
// fault by nature.
func only(t *testing.T, ps Problems, code string) Problem {
	t.Helper()
	companions := map[string][]string{"weak-hash": {"shared-password"}, "sshd-not-installed": {"shared-password"}}
	var found *Problem
	for _, p := range ps {
		switch {
		case p.Code == code && found == nil:
			found = &p
		case !slices.Contains(companions[code], p.Code):
			t.Errorf("also found: %s", p.Detail())
		}
	}
	if found == nil {
		t.Fatalf("%s was not found in\n%v", code, ps)
	}
	return *found
}

// lintCodes reads the codes out of the linter's source, so that a new one
// without a seeded fault fails the test.
func lintCodes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("lint_*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range []string{`l.warn("`, `l.report(Error, "`} {
			for _, part := range strings.Split(string(text), call)[1:] {
				code, _, _ := strings.Cut(part, `"`)
				out = append(out, code)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestLintX11Works: the ways in which IPv6 may be off without harm.
func TestLintX11Works(t *testing.T) {
	cases := map[string]map[string]any{
		"on the kernel command line": {"kernel.cmdline": "ipv6.disable=1", "sshd.AddressFamily": nil},
		"with inet":                  {`system.sysctl."net.ipv6.conf.all.disable_ipv6"`: 1},
		"on the wildcard address":    {`system.sysctl."net.ipv6.conf.all.disable_ipv6"`: 1, "sshd.AddressFamily": nil, "sshd.X11UseLocalhost": false},
		"set to 0":                   {`system.sysctl."net.ipv6.conf.all.disable_ipv6"`: 0, "sshd.AddressFamily": nil},
		"without forwarding":         {`system.sysctl."net.ipv6.conf.all.disable_ipv6"`: 1, "sshd.AddressFamily": nil, "sshd.X11Forwarding": false},
	}
	for name, values := range cases {
		t.Run(name, func(t *testing.T) {
			d := sound(t)
			for path, v := range values {
				if err := d.Set(path, v); err != nil {
					t.Fatal(err)
				}
			}
			if ps := d.Lint(debian()); len(ps) > 0 {
				t.Error(ps)
			}
		})
	}
}

// TestLintSources: what a recipe brings along must be there, and must be no
// secret.
func TestLintSources(t *testing.T) {
	dir := t.TempDir()
	d := sound(t)
	for _, f := range []map[string]any{{"path": "/etc/a", "source": "a"}, {"path": "/etc/b", "source": "missing"}} {
		if err := d.Append("files", f); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("-----BEGIN RSA PRIVATE KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if ps := d.Lint(debian()); len(ps) > 0 {
		t.Errorf("files were looked for beside a recipe that is no file: %v", ps)
	}
	path := filepath.Join(dir, "r.toml")
	if err := d.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	d, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	ps := d.Lint(debian())
	if got := codes(ps); !slices.Equal(got, []string{"baked-secret", "source-missing"}) {
		t.Errorf("found %v:\n%v", got, ps)
	}
	for _, p := range ps {
		if p.Code == "source-missing" && (p.Path != "files[2].source" || !strings.Contains(p.Message, "no such file")) {
			t.Errorf("%s", p.Detail())
		}
	}
}
