package smoke

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"slipway/engine/proc"
	"slipway/recipes"

	"golang.org/x/crypto/ssh"
)

// login is a connection that the login check leaves open for the X11 check.
type login struct {
	client *ssh.Client
	user   string
	image  Config // of sshd -T
	remove string // script that takes the throw-away key out again
}

func (l *login) close() {
	if l.client != nil {
		l.client.Close()
	}
}

func loginTitle(r recipes.Recipe) string {
	e := ExpectLogin(r)
	switch {
	case e.Unknown != "":
		return "login with a key as " + e.User
	case !e.Allowed:
		return "login with a key is refused (" + e.Why + ")"
	}
	return e.User + " logs in with a key"
}

// throwaway makes a key pair for this boot only, in memory, of a kind that this
// sshd takes.
func throwaway(image Config) (ssh.Signer, error) {
	accepted := strings.Split(image.First("pubkeyacceptedalgorithms"), ",")
	takes := func(algorithm string) bool { return slices.Contains(accepted, algorithm) }
	var key any
	var err error
	switch {
	case len(accepted) < 2 && accepted[0] == "" || takes(ssh.KeyAlgoED25519):
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case takes(ssh.KeyAlgoECDSA256):
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case takes(ssh.KeyAlgoRSASHA256) || takes(ssh.KeyAlgoRSASHA512):
		key, err = rsa.GenerateKey(rand.Reader, 3072)
	default:
		return nil, errors.New("sshd takes no kind of key that this check can make: " + strings.Join(accepted, ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("throw-away key: %w", err)
	}
	return ssh.NewSignerFromKey(key)
}

// plantScript puts a public key into the user's file of authorized keys, in the
// running overlay. It prints the file, and keeps a copy of what was there.
const plantScript = `user=%s pattern=%s key=%s
entry=$(getent passwd "$user") || { echo "error=the image has no user $user"; exit 1; }
home=$(printf %%s "$entry" | cut -d: -f6)
file=$(printf %%s "$pattern" | sed "s|%%h|$home|g; s|%%u|$user|g; s|%%%%|%%|g")
case $file in /*) ;; *) file=$home/$file ;; esac
echo "file=$file"
[ -d "$home" ] || echo "nohome=$home"
dir=$(dirname "$file")
rm -f /run/slipway/keys
[ ! -e "$file" ] || cp -p "$file" /run/slipway/keys
[ -d "$dir" ] || { mkdir -p "$dir"; chmod 755 "$dir"; case $file in "$home"/*) chmod 700 "$dir"; chown "$user:" "$dir" ;; esac; }
[ -e "$file" ] || { touch "$file"; case $file in "$home"/*) chmod 600 "$file"; chown "$user:" "$file" ;; esac; }
[ -z "$(tail -c 1 "$file")" ] || echo >> "$file"
echo "$key" >> "$file" && echo "planted=1"
[ ! -e /sys/fs/selinux/enforce ] || restorecon -RF "$dir"`

const removeScript = `if [ -e /run/slipway/keys ]; then cp -p /run/slipway/keys %[1]s; rm /run/slipway/keys; else rm -f %[1]s; fi`

// plant lets the throw-away key in, as far as the image's sshd looks at files.
func (a *asking) plant(ctx context.Context, user string, image Config, k ssh.PublicKey) (finding, error) {
	files := strings.Fields(image.First("authorizedkeysfile"))
	if len(files) == 0 || files[0] == "none" {
		return pass(""), nil // nowhere to put it: the login must be refused
	}
	public := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k))) + " slipway test boot"
	answer, err := a.root(ctx, fmt.Sprintf(plantScript, proc.Quote(user), proc.Quote(files[0]), proc.Quote(public)))
	if err != nil {
		return finding{}, err
	}
	f := facts(answer.Output)
	if one(f, "planted") == "" {
		cause := one(f, "error")
		if cause == "" {
			cause = "a key cannot be put into " + orNothing(one(f, "file"))
		}
		return fail(cause, "").of("write "+one(f, "file"), answer.Output), nil
	}
	a.login.remove = fmt.Sprintf(removeScript, proc.Quote(one(f, "file")))
	return pass(""), nil
}

// unplant is best effort; the overlay goes with the guest anyway. It keeps the
// recipe's own checks from seeing the key.
func (a *asking) unplant(ctx context.Context) {
	if a.login.remove != "" {
		_, _ = a.root(ctx, a.login.remove)
		a.login.remove = ""
	}
}

func askLogin(ctx context.Context, a *asking) (finding, error) {
	want := ExpectLogin(a.Recipe)
	if want.Unknown != "" {
		return skip("the recipe's text does not decide it: " + want.Unknown), nil
	}
	dump, err := a.root(ctx, "sshd -T 2>/dev/null")
	if err != nil {
		return finding{}, err
	}
	a.login.image = ParseConfig(dump.Output)
	signer, err := throwaway(a.login.image)
	if err != nil {
		return fail(err.Error(), "").of("sshd -T", dump.Output), nil
	}
	if f, err := a.plant(ctx, want.User, a.login.image, signer.PublicKey()); err != nil || f.status == Fail {
		return f, err
	}
	command := "ssh " + want.User + "@guest id -un, with a key of this boot"
	client, err := a.connect(ctx, want.User, signer)
	if ctx.Err() != nil {
		return finding{}, context.Cause(ctx)
	}
	if !want.Allowed {
		a.unplant(ctx)
	}
	switch {
	case err == nil && !want.Allowed:
		client.Close()
		return fail(want.User+" was let in, the recipe says "+want.Why, "which file of the image overrides it?").of(command, ""), nil
	case err != nil && !want.Allowed && refused(err):
		return pass("refused as the recipe says: " + want.Why), nil
	case err != nil:
		f := a.whyNoLogin(ctx, want.User, err)
		f.command = command
		return f, nil
	}
	a.login.client, a.login.user = client, want.User
	if !want.Session {
		return pass("let in; no command is run, because of " + want.Why), nil
	}
	out, err := a.remote(ctx, "id -un")
	if err != nil || strings.TrimSpace(out) != want.User {
		if ctx.Err() != nil {
			return finding{}, context.Cause(ctx)
		}
		return fail(fmt.Sprintf("let in, but `id -un` gives %q (%v)", strings.TrimSpace(out), err), "does the user's shell exist in the image?").of(command, out), nil
	}
	return pass("as " + want.User), nil
}

// connect logs in. Failure to authenticate gives an error that refused knows.
func (a *asking) connect(ctx context.Context, user string, signer ssh.Signer) (*ssh.Client, error) {
	c, err := (&net.Dialer{Timeout: a.Patience}).DialContext(ctx, "tcp", a.SSH)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	_ = c.SetDeadline(time.Now().Add(2 * a.Patience))
	conn, channels, requests, err := ssh.NewClientConn(c, a.SSH, &ssh.ClientConfig{User: user,
		Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
		// Which key it must be is asked by a check of its own.
		HostKeyCallback: ssh.InsecureIgnoreHostKey()})
	if err != nil {
		c.Close()
		return nil, err
	}
	_ = c.SetDeadline(time.Time{})
	return ssh.NewClient(conn, channels, requests), nil
}

func refused(err error) bool { return strings.Contains(err.Error(), "unable to authenticate") }

// remote runs a command over the open login.
func (a *asking) remote(ctx context.Context, command string) (string, error) {
	s, err := a.login.client.NewSession()
	if err != nil {
		return "", fmt.Errorf("session: %w", err)
	}
	defer s.Close()
	return a.within(ctx, s, command)
}

// within runs a command in a session that ends with ctx or after Patience.
func (a *asking) within(ctx context.Context, s *ssh.Session, command string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, a.Patience)
	defer cancel()
	stop := context.AfterFunc(limited, func() { s.Close() })
	defer stop()
	out, err := s.CombinedOutput(command)
	if limited.Err() != nil {
		return string(out), errors.New("no end in " + a.Patience.String())
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the session closed")
	}
	return string(out), err
}

const loginStateScript = `user=%s
echo "passwd=$(passwd -S "$user" 2>/dev/null)"
echo "entry=$(getent passwd "$user")"
shell=$(getent passwd "$user" | cut -d: -f7); [ -x "$shell" ] || echo "noshell=$shell"
sshd -T 2>/dev/null | grep -E '^(pubkeyauthentication|usepam|authenticationmethods|permitrootlogin|allowusers|denyusers|allowgroups|denygroups|authorizedkeysfile|strictmodes) ' | sed 's/ /=/; s/^/sshd./'
journalctl -b -t sshd -n 12 -o cat --no-pager 2>/dev/null | sed 's/^/log=/'`

func (a *asking) whyNoLogin(ctx context.Context, user string, err error) finding {
	answer, shellErr := a.root(ctx, fmt.Sprintf(loginStateScript, proc.Quote(user)))
	if shellErr != nil {
		return fail(err.Error(), "")
	}
	cause, hint := whyRefused(facts(answer.Output), user)
	f := fail(join(cause, err.Error()), hint)
	f.output = answer.Output
	return f
}

// whyRefused names why sshd did not let in a user who holds the right key.
func whyRefused(f map[string][]string, user string) (cause, hint string) {
	log := strings.Join(f["log"], "\n")
	passwd := strings.Fields(one(f, "passwd"))
	switch {
	case one(f, "entry") == "":
		return "the image has no user " + user, ""
	case strings.Contains(log, "account is locked") || one(f, "sshd.usepam") == "no" && len(passwd) > 1 && passwd[1] == "L":
		return user + " is locked, and with UsePAM no sshd refuses locked users", "set UsePAM yes, or give the user a password hash"
	case strings.Contains(log, "bad ownership or modes"):
		return "the user's home or .ssh folder is writable by others", "sshd's StrictModes refuses such keys: correct owner and mode"
	case one(f, "sshd.pubkeyauthentication") == "no":
		return "sshd -T says PubkeyAuthentication no", "which file of the image sets it?"
	case strings.Contains(log, "not listed in AllowUsers"), strings.Contains(log, "listed in DenyUsers"),
		strings.Contains(log, "none of user's groups are listed in AllowGroups"), strings.Contains(log, "listed in DenyGroups"):
		return "sshd's lists of users and groups refuse " + user, "see allowusers, denyusers, allowgroups, denygroups in the output"
	case strings.Contains(log, "shell") && strings.Contains(log, "does not exist"), one(f, "noshell") != "":
		return "the user's shell " + one(f, "noshell") + " does not exist", ""
	case user == "root" && one(f, "sshd.permitrootlogin") == "no":
		return "sshd -T says PermitRootLogin no", ""
	}
	return "", "sshd's last words are in the output"
}
