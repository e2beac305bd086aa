package smoke

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"slipway/engine/live"
	"slipway/recipes"

	"golang.org/x/crypto/ssh"
)

// dial opens a connection to the guest's sshd that ends with ctx.
func (a *asking) dial(ctx context.Context) (net.Conn, func(), error) {
	c, err := (&net.Dialer{Timeout: a.Patience}).DialContext(ctx, "tcp", a.SSH)
	if err != nil {
		return nil, nil, err
	}
	_ = c.SetDeadline(time.Now().Add(a.Patience))
	stop := context.AfterFunc(ctx, func() { c.Close() })
	return c, func() { stop(); c.Close() }, nil
}

// banner reads sshd's first line. QEMU accepts for the guest whether or not
// anything listens there, so only this line tells.
func (a *asking) banner(ctx context.Context) (string, error) {
	c, done, err := a.dial(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	line, err := bufio.NewReader(io.LimitReader(c, 512)).ReadString('\n')
	if err != nil {
		return "", errors.New("the connection closed without a word")
	}
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "SSH-2.0-") {
		return "", fmt.Errorf("the first line is %q", line)
	}
	return line, nil
}

func askBanner(ctx context.Context, a *asking) (finding, error) {
	until := time.Now().Add(2 * a.Patience)
	for {
		line, err := a.banner(ctx)
		if err == nil {
			return pass(line), nil
		}
		if ctx.Err() != nil {
			return finding{}, context.Cause(ctx)
		}
		if time.Now().After(until) {
			return a.noBanner(ctx, err), nil
		}
		if err := pause(ctx); err != nil {
			return finding{}, err
		}
	}
}

const sshdStateScript = `for u in ssh.service sshd.service ssh.socket; do
	[ "$(systemctl show -P LoadState $u)" != loaded ] || echo "unit=$u $(systemctl show -P ActiveState $u) $(systemctl show -P Result $u)"
done
ss -Hltn 2>/dev/null | while read -r s r q local rest; do echo "listen=$local"; done
ip -o addr show scope global 2>/dev/null | while read -r n i f address rest; do echo "address=$address"; done
journalctl -b -u ssh -u sshd -n 8 -o cat --no-pager 2>/dev/null | sed 's/^/  /'`

// noBanner asks the guest, if it can, why its sshd does not answer.
func (a *asking) noBanner(ctx context.Context, err error) finding {
	f := fail(err.Error(), "is sshd enabled, and does the network come up?").of("connect to "+a.SSH, strings.Join(a.Console.Last(10), "\n"))
	if !a.Shell.Opened() {
		return f
	}
	answer, shellErr := a.root(ctx, sshdStateScript)
	if shellErr != nil {
		return f
	}
	cause, hint := whyNoBanner(facts(answer.Output), SSHPort(a.Recipe.SSHD))
	return fail(join(cause, err.Error()), hint).of("systemctl status ssh; ss -ltn; ip addr", answer.Output)
}

// whyNoBanner names why nobody answers on the forwarded port.
func whyNoBanner(f map[string][]string, port int) (cause, hint string) {
	for _, u := range f["unit"] {
		name, state, _ := strings.Cut(u, " ")
		if strings.HasPrefix(state, "failed") {
			return name + " failed", "its last journal lines are below"
		}
	}
	switch {
	case len(f["unit"]) == 0:
		return "the image has no ssh service", "add openssh-server to the packages"
	case len(f["address"]) == 0:
		return "the guest has no network address", "an interface must ask by DHCP: see /etc/systemd/network"
	}
	for _, l := range f["listen"] {
		if strings.HasSuffix(l, ":"+strconv.Itoa(port)) {
			return "sshd listens but is not reached", "a firewall, or a ListenAddress that is not the machine's?"
		}
	}
	return fmt.Sprintf("nothing listens on port %d", port), "is the ssh service enabled?"
}

// shownKey makes a handshake and returns the host key that sshd shows.
func (a *asking) shownKey(ctx context.Context) (ssh.PublicKey, error) {
	c, done, err := a.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	var shown ssh.PublicKey
	enough := errors.New("seen")
	_, _, _, err = ssh.NewClientConn(c, a.SSH, &ssh.ClientConfig{User: "nobody",
		HostKeyCallback: func(_ string, _ net.Addr, k ssh.PublicKey) error { shown = k; return enough }})
	if shown == nil {
		return nil, err
	}
	return shown, nil
}

func askKeyShown(ctx context.Context, a *asking) (finding, error) {
	k, err := a.shownKey(ctx)
	if err != nil {
		return finding{}, fmt.Errorf("handshake with sshd: %w", err)
	}
	return pass(k.Type() + " " + ssh.FingerprintSHA256(k)), nil
}

const hostKeyScript = `echo "boot=$(sed -n 's/^btime //p' /proc/stat)"
sshd -T 2>/dev/null | sed -n 's/^hostkey //p' | while read -r key; do
	layers | while read -r layer; do [ ! -e "$layer/$key" ] || echo "baked=$key"; done
	[ ! -e "$key" ] || echo "key=$(stat -Lc %Y "$key") $key"
	[ ! -e "$key.pub" ] || echo "public=$(cat "$key.pub")"
done`

func askHostKey(ctx context.Context, a *asking) (finding, error) {
	answer, err := a.root(ctx, a.lower(hostKeyScript))
	if err != nil {
		return finding{}, err
	}
	shown, err := a.shownKey(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return finding{}, err
		}
		return fail("no host key over the wire: "+err.Error(), "").of("handshake with "+a.SSH, answer.Output), nil
	}
	return judgeHostKey(facts(answer.Output), shown, a.Layout.Kind == live.KindDisk).of("ls -l HOSTKEY LOWERDIR/HOSTKEY; handshake with sshd", answer.Output), nil
}

// clockSlack in seconds: the boot time that the kernel tells moves when the
// clock is set.
const clockSlack = 5

// judgeHostKey: a machine that keeps what is written made its key in an earlier
// boot.
func judgeHostKey(f map[string][]string, shown ssh.PublicKey, keeps bool) finding {
	if one(f, "nolower") != "" {
		return fail("the root has no read-only layer to compare with", "")
	}
	if baked := f["baked"]; len(baked) > 0 {
		return fail("the image holds "+strings.Join(baked, ", ")+": every machine would show the same key",
			"remove the keys from the image; they are made at boot. Does a hook or a file of the recipe bring them?")
	}
	boot, _ := strconv.ParseInt(one(f, "boot"), 10, 64)
	for _, k := range f["key"] {
		when, name, _ := strings.Cut(k, " ")
		if made, _ := strconv.ParseInt(when, 10, 64); made+clockSlack < boot && !keeps {
			return fail(fmt.Sprintf("%s is %s older than this boot", name, time.Duration(boot-made)*time.Second), "something copies a key into the running system")
		}
	}
	for _, line := range f["public"] {
		k, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err == nil && bytes.Equal(k.Marshal(), shown.Marshal()) {
			return pass(shown.Type() + " " + ssh.FingerprintSHA256(shown))
		}
	}
	return fail("sshd shows "+ssh.FingerprintSHA256(shown)+", which is none of its key files", "was a key replaced after sshd had started?")
}

func configTitle(r recipes.Recipe) string {
	switch n := len(r.SSHD.Effective()); n {
	case 0:
		return "sshd -T accepts the configuration"
	case 1:
		return "sshd -T equals the recipe (1 directive)"
	default:
		return fmt.Sprintf("sshd -T equals the recipe (%d directives)", n)
	}
}

func askConfig(ctx context.Context, a *asking) (finding, error) {
	answer, err := a.root(ctx, "sshd -T")
	if err != nil {
		return finding{}, err
	}
	if f := judgeConfig(answer, a.Recipe.SSHD); f.status == Fail {
		return f.of("sshd -T", answer.Output), nil
	}
	for _, c := range matchCases(a.Recipe) {
		command := fmt.Sprintf("sshd -T -C user=%s,host=%s,addr=%s,laddr=10.0.2.15,lport=%d", c.user, testAddress, testAddress, SSHPort(a.Recipe.SSHD))
		answer, err := a.root(ctx, command)
		if err != nil {
			return finding{}, err
		}
		if f := judgeConfig(answer, c.settings); f.status == Fail {
			f.cause = "for " + c.user + ": " + f.cause
			return f.of(command, answer.Output), nil
		}
	}
	return pass(""), nil
}

func judgeConfig(answer Answer, s recipes.SSHD) finding {
	if answer.Exit != 0 {
		first, _, _ := strings.Cut(answer.Text(), "\n")
		return fail("sshd refuses its configuration: "+first, "")
	}
	if wrong := Mismatches(s, answer.Output); len(wrong) > 0 {
		return fail(strings.Join(wrong, "; "), "another file of the image overrides it: the first value that sshd reads wins (/etc/ssh/sshd_config.d, then sshd_config)")
	}
	return pass("")
}
