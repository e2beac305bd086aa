package ssh

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"golang.org/x/crypto/ssh"

	"slipway/screens/session"
	"slipway/tui"
)

// known is what can be said of a public key.
type known struct {
	kind        string // "ed25519"
	comment     string // who it is
	short       string // the end of its fingerprint
	fingerprint string
	options     []string
}

func describe(text string) known {
	pub, comment, options, _, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return known{kind: "key", comment: text}
	}
	k := known{kind: strings.TrimPrefix(pub.Type(), "ssh-"), comment: comment, fingerprint: ssh.FingerprintSHA256(pub), options: options}
	if k.comment == "" {
		k.comment = "without a comment"
	}
	k.short = "…" + k.fingerprint[len(k.fingerprint)-8:]
	return k
}

func (k known) about(w int) []string {
	return append([]string{tui.Heading.Render("Authorized key"), ""}, tui.Facts([]tui.Fact{
		{Name: "Kind", Value: k.kind}, {Name: "Comment", Value: k.comment}, {Name: "Fingerprint", Value: k.fingerprint},
		{Name: "Options", Value: strings.Join(k.options, " ")},
	}, w)...)
}

// pending is a file of keys that was named and is to be read in the background.
type pending struct {
	user int
	path string
}

// keysRead is what a file of keys held.
type keysRead struct {
	pending
	text string
	err  error
}

// paste takes keys, or the path of a file with keys, for an account.
func (u *users) paste(user int, text string) error {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil
	case strings.ContainsAny(text[:1], "/~.") && !strings.Contains(text, " "):
		u.pending = pending{user, text}
		return nil
	}
	keys, err := split(text)
	if err != nil {
		return err
	}
	return u.add(user, keys)
}

// read returns the command that reads the file that was named, if one was.
func (u *users) read() tea.Cmd {
	p := u.pending
	if p.path == "" {
		return nil
	}
	u.pending = pending{}
	return func() tea.Msg {
		text, err := readKeys(p.path)
		return keysRead{p, text, err}
	}
}

// maxKeys is more than any file of public keys holds.
const maxKeys = 256 << 10

func readKeys(path string) (string, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("keys: %w", err)
		}
		path = filepath.Join(home, rest)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("keys: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKeys))
	if err != nil {
		return "", fmt.Errorf("keys %s: %w", path, err)
	}
	return string(b), nil
}

// take adds the keys of a file.
func (u *users) take(msg keysRead) tea.Cmd {
	if msg.err != nil {
		return session.Complain(msg.err)
	}
	var keys []string
	for line := range strings.Lines(msg.text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			keys = append(keys, line)
		}
	}
	if len(keys) == 0 {
		return session.Complain(fmt.Errorf("%s holds no key", msg.path))
	}
	if err := u.add(msg.user, keys); err != nil {
		return session.Complain(fmt.Errorf("%s: %w", msg.path, err))
	}
	return session.Say(fmt.Sprintf("added %s of %s", count(len(keys), "key"), msg.path))
}

// split separates several keys that were pasted at once: line ends have become
// spaces, so a new key begins with the word before one that looks like key data.
func split(text string) ([]string, error) {
	if strings.Contains(text, "PRIVATE KEY") {
		return nil, errors.New("this is a private key — paste the public one: the file that ends in .pub")
	}
	var keys []string
	var now []string
	begun := false // the current key has its kind
	words := strings.Fields(text)
	for i, word := range words {
		// All of them begin with the length of their kind's name: three zero bytes.
		kind := i+1 < len(words) && strings.HasPrefix(words[i+1], "AAAA")
		if kind && begun {
			keys, now = append(keys, strings.Join(now, " ")), nil
		}
		begun = begun || kind
		now = append(now, word)
	}
	keys = append(keys, strings.Join(now, " "))
	for _, k := range keys {
		if _, _, _, _, err := ssh.ParseAuthorizedKey([]byte(k)); err != nil {
			return nil, fmt.Errorf("%q is no public key — want the one line of a .pub file, such as ssh-ed25519 AAAA… name@host", tui.Cut(k, 24))
		}
	}
	return keys, nil
}
