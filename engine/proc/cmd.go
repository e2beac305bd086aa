// Package proc runs programs. It is the only importer of os/exec: a command is
// a value, runs in a process group of its own with a minimal environment and
// without standard input, has its two outputs merged in one pipe so that lines
// keep their order, and never outlives Slipway, not even when that is killed.
package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Cmd is a program to run.
type Cmd struct {
	Path  string   // a name, looked up like Look does, or a path
	Args  []string // without the name
	Env   []string // beyond the minimal environment
	Dir   string
	Root  string     // chroot: Path and Dir are inside it
	Stdin io.Reader  // nil: /dev/null. For secrets too: never an argument
	Files []*os.File // inherited as descriptors 3, 4, ...
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./^~-]+$`)

// Quote returns s as a POSIX shell takes it.
func Quote(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// String returns the command as an operator would type it.
func (c Cmd) String() string {
	words := make([]string, 0, len(c.Args)+3)
	if c.Root != "" {
		words = append(words, "chroot", Quote(c.Root))
	}
	words = append(words, Quote(c.Path))
	for _, a := range c.Args {
		words = append(words, Quote(a))
	}
	return strings.Join(words, " ")
}

// searchPath is used whatever PATH says: programs of an administrator live in
// sbin, which an ordinary user's PATH often lacks.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// NotFoundError says that a host program is missing.
type NotFoundError struct{ Program string }

func (e *NotFoundError) Error() string { return "program " + e.Program + " is not installed" }

// Look returns the path of a program of the host; *NotFoundError if it is missing.
func Look(name string) (string, error) {
	if strings.ContainsRune(name, '/') {
		if _, err := os.Stat(name); err != nil {
			return "", &NotFoundError{name}
		}
		return name, nil
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH") + ":" + searchPath) {
		if !filepath.IsAbs(dir) {
			continue
		}
		p := filepath.Join(dir, name)
		if st, err := os.Stat(p); err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0 {
			return p, nil
		}
	}
	return "", &NotFoundError{name}
}

// passedOn are variables of the host that programs may need to reach a mirror.
var passedOn = []string{"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "TMPDIR"}

func (c Cmd) environ() []string {
	env := []string{"PATH=" + searchPath, "LC_ALL=C.UTF-8", "TERM=dumb", "HOME=/nonexistent", "DEBIAN_FRONTEND=noninteractive"}
	for _, name := range passedOn {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return append(env, c.Env...)
}

// ExitError says how a program failed.
type ExitError struct {
	Cmd  Cmd
	Code int      // exit status; -1 if it was killed by a signal
	Exit string   // "exit status 25", "killed by SIGKILL"
	Last []string // its last lines
}

func (e *ExitError) Error() string {
	msg := filepath.Base(e.Cmd.Path) + ": " + e.Exit
	if n := len(e.Last); n > 0 {
		msg += ": " + e.Last[n-1]
	}
	return msg
}

// Code returns the exit status in err, -1 if it holds none.
func Code(err error) int {
	var e *ExitError
	if errors.As(err, &e) {
		return e.Code
	}
	return -1
}

func notStarted(c Cmd, err error) error {
	return fmt.Errorf("start %s: %w", filepath.Base(c.Path), err)
}
