package smoke

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"slipway/recipes"

	"golang.org/x/crypto/ssh"
)

func x11Title(r recipes.Recipe) string {
	x := ExpectX11(r, ExpectLogin(r).User, nil)
	_, says := directive(r.SSHD, "X11Forwarding")
	switch {
	case x.Unknown != "" || !says && !x.Accepted && x.Why != "DisableForwarding yes":
		return "X11 forwarding"
	case x.Accepted:
		return "X11 forwarding accepted"
	}
	return "X11 forwarding refused"
}

// x11Request is the payload of "x11-req" (RFC 4254, 6.3.1).
type x11Request struct {
	SingleConnection bool
	AuthProtocol     string
	AuthCookie       string
	ScreenNumber     uint32
}

func askX11(ctx context.Context, a *asking) (finding, error) {
	defer a.unplant(ctx)
	if a.login.client == nil {
		return skip("it needs a login with a key, and there was none"), nil
	}
	want := ExpectX11(a.Recipe, a.login.user, a.login.image)
	if want.Unknown != "" {
		return skip("the recipe's text does not decide it: " + want.Unknown), nil
	}
	const command = "ssh -X " // shown only
	accepted, seen, err := a.requestX11(ctx, ExpectLogin(a.Recipe).Session)
	switch {
	case ctx.Err() != nil:
		return finding{}, context.Cause(ctx)
	case !accepted && err != nil:
		return fail("the request got no answer: "+err.Error(), "").of(command+a.login.user, ""), nil
	case accepted && !want.Accepted:
		return fail("accepted, but "+want.Why, "which file of the image overrides it?").of(command+a.login.user, ""), nil
	case !accepted && want.Accepted:
		return a.whyNoX11(ctx, command), nil
	case !accepted:
		return pass("refused as it must be: " + want.Why), nil
	case err != nil:
		cause, hint := whyNoDisplay(seen, err)
		return fail("accepted, but no client in the guest gets through: "+cause, hint).of(command+a.login.user, seen), nil
	}
	return pass(seen), nil
}

// words that travel through the forwarded display, one each way.
const fromGuest, toGuest = "slipway-to-display", "slipway-to-guest"

// guestClient connects to the display as an X client would.
const guestClient = `bash -c 'd=${DISPLAY##*:}; h=${DISPLAY%%:*}; n=${d%%.*}
exec 3<>/dev/tcp/${h:-localhost}/$((6000+n)) || exit 9
printf "` + fromGuest + `\n" >&3; read -r -t 30 reply <&3; echo "$DISPLAY $reply"'`

// requestX11 asks for forwarding and, if it is granted and a command can be
// run, sends a word through it in both directions.
func (a *asking) requestX11(ctx context.Context, run bool) (accepted bool, seen string, err error) {
	channels := a.login.client.HandleChannelOpen("x11")
	s, err := a.login.client.NewSession()
	if err != nil {
		return false, "", fmt.Errorf("session: %w", err)
	}
	defer s.Close()
	limited, cancel := context.WithTimeout(ctx, a.Patience)
	defer cancel()
	stop := context.AfterFunc(limited, func() { s.Close() })
	defer stop()
	cookie := make([]byte, 16)
	_, _ = rand.Read(cookie)
	accepted, err = s.SendRequest("x11-req", true, ssh.Marshal(x11Request{AuthProtocol: "MIT-MAGIC-COOKIE-1", AuthCookie: hex.EncodeToString(cookie)}))
	if err != nil || !accepted || !run {
		if accepted {
			seen = "accepted"
		}
		return accepted, seen, err
	}
	heard := make(chan string, 1)
	go display(channels, heard)
	out, err := a.within(ctx, s, guestClient)
	out = strings.TrimSpace(out)
	if err != nil {
		return true, out, err
	}
	select {
	case h := <-heard:
		if h != fromGuest || !strings.HasSuffix(out, toGuest) {
			return true, out, fmt.Errorf("heard %q on the display", h)
		}
		// xauth may have said something before the client did.
		last := out[strings.LastIndexByte(out, '\n')+1:]
		return true, "a client in the guest reached the display " + strings.TrimSuffix(last, " "+toGuest), nil
	case <-time.After(a.Patience):
		return true, out, errors.New("no channel was opened")
	}
}

// display takes the first forwarded connection, reads a word and answers.
func display(channels <-chan ssh.NewChannel, heard chan<- string) {
	for nc := range channels {
		c, requests, err := nc.Accept()
		if err != nil {
			continue
		}
		go ssh.DiscardRequests(requests)
		buf := make([]byte, len(fromGuest)+1)
		n, _ := io.ReadFull(c, buf)
		_, _ = c.Write([]byte(toGuest + "\n"))
		_ = c.CloseWrite()
		select {
		case heard <- strings.TrimSpace(string(buf[:n])):
		default:
		}
		c.Close()
	}
}

const x11StateScript = `sshd -T 2>/dev/null | grep -E '^(x11forwarding|disableforwarding|addressfamily|x11uselocalhost|xauthlocation) ' | sed 's/ /=/'
xauth=$(sshd -T 2>/dev/null | sed -n 's/^xauthlocation //p')
[ -x "${xauth:-/usr/bin/xauth}" ] || echo "noxauth=${xauth:-/usr/bin/xauth}"
for i in all lo; do [ ! -e /proc/sys/net/ipv6 ] || echo "ipv6off=$(cat /proc/sys/net/ipv6/conf/$i/disable_ipv6)"; done
journalctl -b -t sshd -n 8 -o cat --no-pager 2>/dev/null | sed 's/^/log=/'`

func (a *asking) whyNoX11(ctx context.Context, command string) finding {
	answer, err := a.root(ctx, x11StateScript)
	if err != nil {
		return fail("refused", "").of(command+a.login.user, "")
	}
	cause, hint := whyX11Refused(facts(answer.Output))
	return fail(cause, hint).of(command+a.login.user+" ; sshd -T; sysctl net.ipv6.conf; ls -l xauth", answer.Output)
}

// whyNoDisplay names why a client could not use a forwarding that was granted.
func whyNoDisplay(output string, err error) (cause, hint string) {
	switch {
	case strings.Contains(output, "Name or service not known"), strings.Contains(output, "failure in name resolution"):
		return "localhost does not resolve", "/etc/hosts of the image needs the line 127.0.0.1 localhost"
	case strings.Contains(output, "Connection refused"):
		return "the display's port refuses connections", "is a firewall in the guest in the way?"
	}
	return err.Error(), ""
}

// whyX11Refused tells the causes apart that all give the client one and the
// same refusal.
func whyX11Refused(f map[string][]string) (cause, hint string) {
	off := false
	for _, v := range f["ipv6off"] {
		off = off || v == "1"
	}
	switch {
	case one(f, "disableforwarding") == "yes":
		return "refused: sshd -T says DisableForwarding yes", "which file of the image sets it?"
	case one(f, "x11forwarding") == "no":
		return "refused: sshd -T says X11Forwarding no", "which file of the image sets it?"
	case one(f, "noxauth") != "":
		return "refused: " + one(f, "noxauth") + " is missing", "add the package xauth"
	case off && one(f, "addressfamily") != "inet" && one(f, "x11uselocalhost") != "no":
		return "refused: IPv6 is switched off by sysctl, and AddressFamily is " + orNothing(one(f, "addressfamily")), `set AddressFamily = "inet" in [sshd]`
	}
	return "refused, and none of the known causes is there", "sshd's last words are in the output"
}
