package smoke

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"slipway/recipes"

	"golang.org/x/crypto/ssh"
)

// expect compares a finding with a status and words that its cause or, if it
// passed, what it found must hold.
func expect(t *testing.T, name string, f finding, status Status, words, hint string) {
	t.Helper()
	text := f.cause
	if f.status == Pass {
		text = f.found
	}
	if f.status != status || !strings.Contains(text, words) || !strings.Contains(f.hint, hint) {
		t.Errorf("%s: %s, cause %q, found %q, hint %q; want %s, %q, %q", name, f.status, f.cause, f.found, f.hint, status, words, hint)
	}
}

func TestJudgeUnits(t *testing.T) {
	expect(t, "running", judgeUnits(facts("state=running\n")), Pass, "system is running", "")
	expect(t, "one", judgeUnits(facts("state=degraded\nfailed=a.service\n  log=line\n")), Fail, "a.service failed", "journal")
	expect(t, "two", judgeUnits(facts("state=degraded\nfailed=a.service\nfailed=b.mount\n")), Fail, "2 units failed: a.service, b.mount", "journal")
}

func TestWaitingFor(t *testing.T) {
	got := waitingFor([]string{"12 network-online.target start waiting", "13 slow.service start running", "14 b.service start running", "odd"})
	if got != "still waiting for slow.service, b.service" {
		t.Errorf("%q", got)
	}
}

func TestJudgeMachineID(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	expect(t, "empty", judgeMachineID(facts("image=\nrunning="+id)), Pass, id, "")
	expect(t, "uninitialized", judgeMachineID(facts("image=uninitialized\nrunning="+id)), Pass, id, "")
	expect(t, "no file", judgeMachineID(facts("running="+id)), Pass, id, "")
	expect(t, "baked", judgeMachineID(facts("image="+id+"\nrunning="+id)), Fail, "the image holds the machine-id "+id, "must be empty")
	expect(t, "not made", judgeMachineID(facts("image=\nrunning=")), Fail, `the running machine-id is ""`, "systemd")
	expect(t, "not a live root", judgeMachineID(facts("nolower=1\nrunning="+id)), Fail, "no read-only layer", "")
}

func newKey(t *testing.T, seed byte) (ssh.PublicKey, string) {
	t.Helper()
	private := ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune('a'+seed)), ed25519.SeedSize)))
	k, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return k, "public=" + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k))) + " root@web\n"
}

func TestJudgeHostKey(t *testing.T) {
	shown, public := newKey(t, 0)
	_, other := newKey(t, 1)
	const fresh = "boot=1000\nkey=1030 /etc/ssh/ssh_host_ed25519_key\n"
	expect(t, "made now", judgeHostKey(facts(fresh+other+public), shown, false), Pass, "ssh-ed25519 SHA256:", "")
	expect(t, "baked", judgeHostKey(facts(fresh+public+"baked=/etc/ssh/ssh_host_ed25519_key\n"), shown, false), Fail, "the image holds /etc/ssh/ssh_host_ed25519_key", "hook")
	expect(t, "older", judgeHostKey(facts("boot=1000\nkey=400 /k\n"+public), shown, false), Fail, "/k is 10m0s older than this boot", "copies")
	expect(t, "older, on a disk", judgeHostKey(facts("boot=1000\nkey=400 /k\n"+public), shown, true), Pass, "ssh-ed25519", "")
	expect(t, "another", judgeHostKey(facts(fresh+other), shown, false), Fail, "none of its key files", "replaced")
	expect(t, "not a live root", judgeHostKey(facts("nolower=1\n"+public), shown, false), Fail, "no read-only layer", "")
}

func TestJudgeConfig(t *testing.T) {
	s := recipes.SSHD{"X11Forwarding": true, "Port": int64(2222), "PermitRootLogin": "prohibit-password"}
	const good = "port 2222\nx11forwarding yes\npermitrootlogin without-password\nusepam yes\n"
	expect(t, "equal", judgeConfig(Answer{Output: good}, s), Pass, "", "")
	expect(t, "overridden", judgeConfig(Answer{Output: strings.Replace(good, "x11forwarding yes", "x11forwarding no", 1)}, s), Fail, "X11Forwarding is no, the recipe says yes", "overrides")
	two := strings.NewReplacer("x11forwarding yes", "x11forwarding no", "port 2222", "port 22").Replace(good)
	f := judgeConfig(Answer{Output: two}, s)
	expect(t, "both named", f, Fail, "Port is 22, the recipe says 2222", "")
	expect(t, "both named", f, Fail, "X11Forwarding is no", "")
	expect(t, "missing", judgeConfig(Answer{Output: "port 2222\nx11forwarding yes\n"}, s), Fail, "PermitRootLogin is not set", "")
	expect(t, "broken", judgeConfig(Answer{Exit: 255, Output: "/etc/ssh/sshd_config: line 3: Bad configuration option: Foo\n"}, s), Fail, "Bad configuration option: Foo", "")
}

func TestWhyNoBanner(t *testing.T) {
	for _, tt := range []struct{ output, cause, hint string }{
		{"unit=ssh.service failed exit-code\naddress=10.0.2.15/24", "ssh.service failed", "journal"},
		{"address=10.0.2.15/24", "no ssh service", "openssh-server"},
		{"unit=ssh.service active success", "no network address", "DHCP"},
		{"unit=ssh.service active success\naddress=10.0.2.15/24\nlisten=0.0.0.0:22", "nothing listens on port 2222", "enabled"},
		{"unit=ssh.service active success\naddress=10.0.2.15/24\nlisten=0.0.0.0:2222", "listens but is not reached", "firewall"},
	} {
		cause, hint := whyNoBanner(facts(tt.output), 2222)
		if !strings.Contains(cause, tt.cause) || !strings.Contains(hint, tt.hint) {
			t.Errorf("%q: %q, %q", tt.output, cause, hint)
		}
	}
}

func TestWhyRefused(t *testing.T) {
	const entry = "entry=ops:x:1000:1000::/home/ops:/bin/bash\n"
	for _, tt := range []struct{ output, cause string }{
		{"passwd=", "no user ops"},
		{entry + "log=User ops not allowed because account is locked", "UsePAM no"},
		{entry + "passwd=ops L 2026-11-22 0 99999 7 -1\nsshd.usepam=no", "is locked"},
		{entry + "log=Authentication refused: bad ownership or modes for directory /home/ops", "writable by others"},
		{entry + "sshd.pubkeyauthentication=no", "PubkeyAuthentication no"},
		{entry + "log=User ops from 10.0.2.2 not allowed because not listed in AllowUsers", "lists of users"},
		{entry + "noshell=/bin/fish", "/bin/fish does not exist"},
		{entry, ""},
	} {
		if cause, hint := whyRefused(facts(tt.output), "ops"); !strings.Contains(cause, tt.cause) || cause+hint == "" {
			t.Errorf("%q: %q, %q", tt.output, cause, hint)
		}
	}
	if cause, _ := whyRefused(facts("entry=root:x:0:0::/root:/bin/bash\nsshd.permitrootlogin=no"), "root"); !strings.Contains(cause, "PermitRootLogin no") {
		t.Errorf("root: %q", cause)
	}
}

func TestWhyX11Refused(t *testing.T) {
	const on = "x11forwarding=yes\ndisableforwarding=no\nx11uselocalhost=yes\n"
	for _, tt := range []struct{ output, cause, hint string }{
		{"x11forwarding=no\naddressfamily=any\nipv6off=1", "X11Forwarding no", ""},
		{on + "disableforwarding=yes", "none of the known", ""}, // the first line of a name counts
		{"disableforwarding=yes\nx11forwarding=yes", "DisableForwarding yes", ""},
		{on + "addressfamily=any\nnoxauth=/usr/bin/xauth", "/usr/bin/xauth is missing", "package xauth"},
		{on + "addressfamily=any\nipv6off=1\nipv6off=1", "IPv6 is switched off", `AddressFamily = "inet"`},
		{on + "addressfamily=any\nipv6off=0\nipv6off=1", "IPv6 is switched off", "inet"},
		{on + "addressfamily=inet\nipv6off=1", "none of the known causes", "last words"},
		{"x11forwarding=yes\nx11uselocalhost=no\naddressfamily=any\nipv6off=1", "none of the known causes", ""},
		{on + "addressfamily=any", "none of the known causes", ""},
	} {
		cause, hint := whyX11Refused(facts(tt.output))
		if !strings.Contains(cause, tt.cause) || !strings.Contains(hint, tt.hint) {
			t.Errorf("%q: %q, %q", tt.output, cause, hint)
		}
	}
}

func TestWhyNoDisplay(t *testing.T) {
	failed := errors.New("Process exited with status 9")
	for _, tt := range []struct{ output, cause, hint string }{
		{"bash: line 2: localhost: Name or service not known", "localhost does not resolve", "/etc/hosts"},
		{"bash: connect: Connection refused", "refuses connections", "firewall"},
		{"", "status 9", ""},
	} {
		cause, hint := whyNoDisplay(tt.output, failed)
		if !strings.Contains(cause, tt.cause) || !strings.Contains(hint, tt.hint) {
			t.Errorf("%q: %q, %q", tt.output, cause, hint)
		}
	}
}

func TestJudgeOwn(t *testing.T) {
	c := recipes.Check{Name: "n", Command: "c", Prints: "hello"}
	expect(t, "prints", judgeOwn(Answer{0, "well, hello\nmore\n"}, c), Pass, "well, hello", "")
	expect(t, "does not", judgeOwn(Answer{0, "bye"}, c), Fail, `does not print "hello"`, "")
	expect(t, "fails", judgeOwn(Answer{2, "hello"}, c), Fail, "exit status 2", "")
	expect(t, "hangs", judgeOwn(Answer{124, "hello"}, c), Fail, "did not end in time", "")
	c.Prints = ""
	expect(t, "only succeeds", judgeOwn(Answer{0, ""}, c), Pass, "", "")
}

func TestJudgePrompt(t *testing.T) {
	expect(t, "same", judgePrompt("web", "web"), Pass, "web login:", "")
	expect(t, "unsaid", judgePrompt("debian", ""), Pass, "debian login:", "")
	expect(t, "another", judgePrompt("localhost", "web"), Fail, "names localhost, the recipe says web", "hostname")
}
