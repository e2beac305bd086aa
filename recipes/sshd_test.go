package recipes

import (
	"slices"
	"strings"
	"testing"

	"slipway/engine/goldentest"
)

func TestDirectiveTable(t *testing.T) {
	for i, d := range directives {
		if i > 0 && strings.ToLower(directives[i-1].Name) >= strings.ToLower(d.Name) {
			t.Errorf("%s does not come after %s", d.Name, directives[i-1].Name)
		}
		if d.Kind == "" || d.Meaning == "" || len(d.Meaning) > 100 {
			t.Errorf("%s: kind %q, meaning %q", d.Name, d.Kind, d.Meaning)
		}
		if d.Kind == KindEnum && len(d.Values) < 2 || (d.Kind == KindInt || d.Kind == KindTime) && d.Max <= d.Min {
			t.Errorf("%s allows nothing", d.Name)
		}
		if got, ok := DirectiveByName(d.Name); !ok || got.Name != d.Name {
			t.Errorf("%s is not found by its name", d.Name)
		}
		if _, ok := DirectiveByName(strings.ToLower(d.Name)); ok {
			t.Errorf("%s is found in another case", d.Name)
		}
	}
}

// TestDirectiveNames holds the table against the keywords of sshd_config(5) of
// OpenSSH 9.2p1 as Debian ships it; Match aside.
func TestDirectiveNames(t *testing.T) {
	const manual = `AcceptEnv AddressFamily AllowAgentForwarding AllowGroups AllowStreamLocalForwarding AllowTcpForwarding
		AllowUsers AuthenticationMethods AuthorizedKeysCommand AuthorizedKeysCommandUser AuthorizedKeysFile
		AuthorizedPrincipalsCommand AuthorizedPrincipalsCommandUser AuthorizedPrincipalsFile Banner CASignatureAlgorithms
		ChannelTimeout ChrootDirectory Ciphers ClientAliveCountMax ClientAliveInterval Compression DebianBanner DenyGroups
		DenyUsers DisableForwarding ExposeAuthInfo FingerprintHash ForceCommand GatewayPorts GSSAPIAuthentication
		GSSAPICleanupCredentials GSSAPIKeyExchange GSSAPIStrictAcceptorCheck GSSAPIStoreCredentialsOnRekey
		GSSAPIKexAlgorithms HostbasedAcceptedAlgorithms HostbasedAuthentication HostbasedUsesNameFromPacketOnly
		HostCertificate HostKey HostKeyAgent HostKeyAlgorithms IgnoreRhosts IgnoreUserKnownHosts Include IPQoS
		KbdInteractiveAuthentication KerberosAuthentication KerberosGetAFSToken KerberosOrLocalPasswd KerberosTicketCleanup
		KexAlgorithms ListenAddress LoginGraceTime LogLevel LogVerbose MACs MaxAuthTries MaxSessions MaxStartups ModuliFile
		PasswordAuthentication PermitEmptyPasswords PermitListen PermitOpen PermitRootLogin PermitTTY PermitTunnel
		PermitUserEnvironment PermitUserRC PerSourceMaxStartups PerSourceNetBlockSize PidFile Port PrintLastLog PrintMotd
		PubkeyAcceptedAlgorithms PubkeyAuthOptions PubkeyAuthentication RekeyLimit RequiredRSASize RevokedKeys
		SecurityKeyProvider SetEnv StreamLocalBindMask StreamLocalBindUnlink StrictModes Subsystem SyslogFacility
		TCPKeepAlive TrustedUserCAKeys UnusedConnectionTimeout UseDNS UsePAM VersionAddendum X11DisplayOffset X11Forwarding
		X11UseLocalhost XAuthLocation`
	names := strings.Fields(manual)
	for _, name := range names {
		if d, ok := DirectiveByName(name); !ok || d.Since != "" {
			t.Errorf("%s is missing", name)
		}
	}
	for _, d := range directives {
		if d.Since == "" && !slices.Contains(names, d.Name) {
			t.Errorf("the manual page has no %s", d.Name)
		}
	}
}

// everyKind has a value of every kind and form.
const everyKind = minimal + `
[sshd]
Port = [22, 2222]
AddressFamily = "inet"
ListenAddress = ["10.0.0.1", "10.0.0.2:99"]
PermitRootLogin = "prohibit-password"
PasswordAuthentication = false
X11Forwarding = "yes"
LoginGraceTime = "1m30s"
ClientAliveInterval = 300
AllowUsers = ["ops", "deploy@10.0.0.0/8"]
AllowGroups = ["domain users"]
AcceptEnv = "LANG LC_*"
SetEnv = ["A=1", "B=two words"]
AuthorizedKeysFile = [".ssh/authorized_keys", "/etc/ssh/keys/%u"]
Ciphers = ["aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"]
MACs = "-hmac-sha1*"
Banner = "/etc/my banner"
ForceCommand = "/bin/echo  \"a  b\""
Subsystem = ["sftp internal-sftp -l INFO", "x /bin/x"]
AllowTcpForwarding = "all"
LogLevel = "QUIET"
RekeyLimit = "1G 1h"
MaxStartups = "10"

[[sshd.Match]]
Criteria = "User deploy"
X11Forwarding = false
AllowTcpForwarding = false

[[sshd.Match]]
Criteria = "Group sftp Address 10.0.0.0/8"
ForceCommand = "internal-sftp"
`

func TestRender(t *testing.T) {
	d := mustParse(t, everyKind)
	goldentest.Equal(t, "render.golden", d.Recipe.SSHD.Render())
	if got := (SSHD{}).Render(); got != "" {
		t.Errorf("nothing set renders as %q", got)
	}
}

func TestEffective(t *testing.T) {
	d := mustParse(t, everyKind)
	var out []string
	for _, s := range d.Recipe.SSHD.Effective() {
		out = append(out, s.Directive+":")
		for _, w := range s.Want {
			out = append(out, "    "+w)
		}
	}
	goldentest.Equal(t, "effective.golden", strings.Join(out, "\n")+"\n")
}

func TestHolds(t *testing.T) {
	cases := []struct {
		name  string
		value any
		dump  string
		want  bool
	}{
		{"X11Forwarding", true, "x11forwarding yes", true},
		{"X11Forwarding", true, "x11forwarding no", false},
		{"X11Forwarding", true, "x11uselocalhost yes", false},
		{"PermitRootLogin", "prohibit-password", "permitrootlogin without-password", true},
		{"Port", []any{int64(22), int64(2222)}, "port 22\nport 2222", true},
		{"Port", []any{int64(22), int64(2222)}, "port 22", false},
		{"Port", int64(22), "port 22\nport 2222", false},
		{"AcceptEnv", "FOO", "acceptenv LANG\nacceptenv FOO", true},
		{"AcceptEnv", "FOO", "acceptenv LANG", false},
		{"AllowUsers", "ops", "allowusers ops\nallowusers root", false},
		{"Ciphers", "+aes128-cbc", "ciphers aes128-ctr,aes128-cbc", true},
		{"Ciphers", "+aes128-cbc", "ciphers aes128-ctr", false},
		{"Ciphers", "-aes*", "ciphers chacha20-poly1305@openssh.com", true},
		{"Ciphers", "-aes*", "ciphers chacha20-poly1305@openssh.com,aes128-ctr", false},
		{"Ciphers", "^aes128-ctr", "ciphers aes128-ctr,aes256-ctr", true},
		{"Ciphers", "^aes128-ctr", "ciphers aes256-ctr,aes128-ctr", false},
		{"ListenAddress", "::1", "listenaddress [::1]:22", true},
		{"ListenAddress", "host.example", "listenaddress 1.2.3.4:22", true},
		{"ListenAddress", "host.example", "port 22", false},
		{"ClientAliveInterval", "2m", "clientaliveinterval 120", true},
	}
	for _, c := range cases {
		s := SSHD{c.name: c.value}.Effective()
		if len(s) != 1 {
			t.Fatalf("%s: %v", c.name, s)
		}
		if found, ok := s[0].Holds(strings.Split(c.dump, "\n")); ok != c.want {
			t.Errorf("%s = %v against %q: %v, found %q", c.name, c.value, c.dump, ok, found)
		}
	}
}
