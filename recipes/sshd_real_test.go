//go:build real

package recipes

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sshdDump runs the machine's sshd over a configuration and returns what
// `sshd -T` prints. No daemon is started.
func sshdDump(t *testing.T, key, config string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sshd_config")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("/usr/sbin/sshd", "-T", "-f", file, "-h", key).Output()
	if err != nil {
		detail := err.Error()
		if e, ok := err.(*exec.ExitError); ok {
			detail = string(e.Stderr)
		}
		t.Fatalf("sshd refuses\n%s\n%s", config, detail)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func hostKey(t *testing.T) string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v %s", err, out)
	}
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		t.Fatal(err)
	}
	return key
}

// realValues are values for directives whose kind alone does not give any.
var realValues = map[string][]any{
	"AcceptEnv":                       {"FOO", []any{"A", "B_*"}},
	"AllowGroups":                     {"adm", []any{"adm", "domain users"}},
	"AllowUsers":                      {"ops deploy", []any{"ops", "git@10.0.0.0/8"}},
	"AuthenticationMethods":           {"publickey", []any{"publickey,password", "publickey,keyboard-interactive"}, "any"},
	"AuthorizedKeysCommand":           {"/bin/true %u"},
	"AuthorizedKeysCommandUser":       {"nobody"},
	"AuthorizedKeysFile":              {"none", ".ssh/a /etc/b", []any{".ssh/a", "/etc/%u"}},
	"AuthorizedPrincipalsCommand":     {"/bin/true %u"},
	"AuthorizedPrincipalsCommandUser": {"nobody"},
	"AuthorizedPrincipalsFile":        {"/etc/ssh/p"},
	"Banner":                          {"/etc/issue", "/etc/my banner", "none"},
	"CASignatureAlgorithms":           {"ssh-ed25519", "-rsa*"},
	"ChannelTimeout":                  {"session:*=5m", []any{"session:*=5m", "x11-connection=1h30m"}, "none"},
	"ChrootDirectory":                 {"/srv/%u", "none"},
	"Ciphers":                         {"aes128-ctr,aes256-ctr", []any{"aes256-ctr", "aes128-ctr"}, "+aes128-cbc", "-aes*-ctr", "^aes256-ctr"},
	"DenyGroups":                      {"users"},
	"DenyUsers":                       {[]any{"a", "b"}},
	"ForceCommand":                    {"/bin/echo  \"a  b\" # c", "internal-sftp", "none"},
	"GSSAPIKexAlgorithms":             {"gss-group14-sha256-"},
	"HostbasedAcceptedAlgorithms":     {"ssh-ed25519", "ssh-ed25519,rsa-*"},
	"HostKeyAgent":                    {"/run/agent"},
	"HostKeyAlgorithms":               {"ssh-ed25519", "^rsa-sha2-512"},
	"IPQoS":                           {"af21", "ef cs1", "none", []any{"lowdelay", "throughput"}, "0x20"},
	"KexAlgorithms":                   {"curve25519-sha256", "-diffie*"},
	"ListenAddress":                   {"127.0.0.1", "127.0.0.1:99", "[::1]:99", "::1", []any{"10.0.0.1", "10.0.0.2:99"}, "localhost"},
	"LogVerbose":                      {"kex.c:*:1000,*:foo():*", []any{"a.c:*", "b.c:*"}},
	"MACs":                            {"hmac-sha2-256", "-hmac-sha1*"},
	"MaxStartups":                     {"10", "10:40:50"},
	"PermitListen":                    {"8080", []any{"8080", "localhost:99"}, "none", "any"},
	"PermitOpen":                      {"host:22", []any{"host:22", "[::1]:*"}, "none"},
	"PermitUserEnvironment":           {"yes", "no", "LANG,LC_*"},
	"PerSourceNetBlockSize":           {"24", "24:64"},
	"PubkeyAcceptedAlgorithms":        {"ssh-ed25519", "+ssh-rsa"},
	"RekeyLimit":                      {"1G 1h", "500M", "default 1h", "default none"},
	"SecurityKeyProvider":             {"/usr/lib/sk.so"},
	"SetEnv":                          {"A=1", []any{"A=1", "B=two words"}},
	"StreamLocalBindMask":             {"0177", "077"},
	"Subsystem":                       {"sftp internal-sftp -l INFO", []any{"sftp internal-sftp", "x /bin/x"}},
	"VersionAddendum":                 {"hello  world", "none"},
}

func valuesOf(d Directive) []any {
	if v, ok := realValues[d.Name]; ok {
		return v
	}
	var out []any
	for _, v := range d.Values {
		out = append(out, v)
	}
	switch d.Kind {
	case KindBool:
		out = append(out, true, false, "yes", "no")
	case KindInt:
		out = append(out, d.Min, min(d.Max, 65535), max(d.Min, 30))
		if d.Repeats {
			out = append(out, []any{int64(30), int64(40)})
		}
	case KindTime:
		out = append(out, int64(0), int64(90), "1h30m", "2d", "1W")
	case KindFile:
		out = append(out, "/etc/some/file")
	}
	return out
}

// TestSSHDirectives sets every directive to every kind of value it takes: the
// checks must allow it, sshd must accept what Render writes, and `sshd -T` must
// print what Effective expects.
func TestSSHDirectives(t *testing.T) {
	key := hostKey(t)
	for _, d := range directives {
		if d.Since != "" || d.Name == "HostKey" || d.Name == "HostCertificate" || d.Name == "Include" {
			continue // newer than Debian 12's sshd, or about files that must exist
		}
		t.Run(d.Name, func(t *testing.T) {
			values := valuesOf(d)
			if len(values) == 0 {
				t.Fatal("no value to try: add some to realValues")
			}
			for _, v := range values {
				s := SSHD{d.Name: v}
				if strings.HasSuffix(d.Name, "Command") && d.Name != "ForceCommand" {
					s[d.Name+"User"] = "nobody"
				}
				if d.Name == "AuthenticationMethods" {
					s["KbdInteractiveAuthentication"] = true
				}
				document := mustParse(t, minimal)
				for _, name := range s.names() {
					if err := document.Set(Join("sshd", name), s[name]); err != nil {
						t.Errorf("%v is refused: %v", v, err)
					}
				}
				dump := sshdDump(t, key, document.Recipe.SSHD.Render())
				for _, setting := range document.Recipe.SSHD.Effective() {
					if found, ok := setting.Holds(dump); !ok {
						t.Errorf("%s = %v: sshd -T says %q, want %q", d.Name, v, found, setting.Want)
					}
				}
				if len(document.Recipe.SSHD.Effective()) == 0 && !slices.Contains(unprinted, d.Name) {
					t.Errorf("%s = %v expects nothing of sshd -T", d.Name, v)
				}
			}
		})
	}
}

// TestSSHDirectiveDefaults holds the table's defaults against an sshd without
// any configuration.
func TestSSHDirectiveDefaults(t *testing.T) {
	dump := sshdDump(t, hostKey(t), "")
	for _, d := range directives {
		if d.Since != "" || d.Default == "" || d.Name == "HostKey" || d.Name == "ListenAddress" || slices.Contains(unprinted, d.Name) {
			continue
		}
		s := SSHD{d.Name: d.Default}
		if found, ok := s.Effective()[0].Holds(dump); !ok {
			t.Errorf("%s: the table says %q, sshd -T says %q", d.Name, d.Default, found)
		}
	}
}

// TestSSHMatch holds the directives that may stand in a Match block against
// sshd, in both directions.
func TestSSHMatch(t *testing.T) {
	key := hostKey(t)
	for _, d := range directives {
		values := valuesOf(d)
		if d.Since != "" || len(values) == 0 || d.Name == "Include" {
			continue
		}
		s := SSHD{"Match": []map[string]any{{"Criteria": "User nobody", d.Name: values[0]}}}
		file := filepath.Join(t.TempDir(), "sshd_config")
		if err := os.WriteFile(file, []byte(s.Render()), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("/usr/sbin/sshd", "-t", "-f", file, "-h", key).CombinedOutput()
		refused := strings.Contains(string(out), "not allowed within a Match block")
		if d.Match == refused {
			t.Errorf("%s in a Match block: the table says %v, sshd says %v %s", d.Name, d.Match, err, out)
		}
	}
}

// TestSSHEveryKind gives sshd the whole of a rich recipe at once.
func TestSSHEveryKind(t *testing.T) {
	d := mustParse(t, everyKind)
	dump := sshdDump(t, hostKey(t), d.Recipe.SSHD.Render())
	for _, s := range d.Recipe.SSHD.Effective() {
		if found, ok := s.Holds(dump); !ok {
			t.Errorf("%s: sshd -T says %q, want %q", s.Directive, found, s.Want)
		}
	}
}
