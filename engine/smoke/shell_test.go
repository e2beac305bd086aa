package smoke

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fakeGuest answers requests as reply says; a reply of "" is silence.
func fakeGuest(t *testing.T, reply func(id, script string) string) *Shell {
	in, out := io.Pipe()
	t.Cleanup(func() { in.Close() })
	var s *Shell
	s = NewShell(func(p []byte) error { _, err := out.Write(p); return err })
	go func() {
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			f := strings.Fields(lines.Text())
			script, _ := base64.StdEncoding.DecodeString(f[2])
			// In pieces, as serial ports deliver.
			for _, b := range []byte(reply(f[0], string(script))) {
				s.Feed([]byte{b})
			}
		}
	}()
	return s
}

func answerLine(id string, exit int, output string) string {
	return fmt.Sprintf("\n<<%s %d %s>>\r\n", id, exit, base64.StdEncoding.EncodeToString([]byte(output)))
}

func TestShellAnswers(t *testing.T) {
	s := fakeGuest(t, func(id, script string) string {
		switch script {
		case "echo tricky":
			return answerLine(id, 0, "<<1 0 >>\n<<ready 0 >>\nlines\n")
		case "false":
			return "kernel noise <<9 9\n" + answerLine("999", 0, "of another question") + answerLine(id, 7, "")
		}
		return ""
	})
	if s.Opened() {
		t.Error("open before the guest has spoken")
	}
	s.Feed([]byte("login: junk\r\n\n<<ready 0 >>\n"))
	a, err := s.Run(t.Context(), time.Minute, "echo tricky")
	if err != nil || a.Exit != 0 || a.Output != "<<1 0 >>\n<<ready 0 >>\nlines\n" {
		t.Errorf("%+v, %v", a, err)
	}
	a, err = s.Run(t.Context(), time.Minute, "false")
	if err != nil || a.Exit != 7 || a.Output != "" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestShellOfDeadGuest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		s := NewShell(func([]byte) error { sent++; return nil })
		ctx, cancel := context.WithCancelCause(t.Context())
		why := &Death{Message: "the kernel panicked"}
		time.AfterFunc(time.Minute, func() { cancel(why) })
		if _, err := s.Run(ctx, time.Second, "true"); !errors.Is(err, why) || sent != 0 {
			t.Errorf("before the shell opened: %v, %d requests sent", err, sent)
		}
		s.Feed([]byte("<<ready 0 >>\n"))
		if _, err := s.Run(t.Context(), time.Second, "true"); !errors.Is(err, ErrNoAnswer) {
			t.Errorf("a silent guest: %v", err)
		}
		ctx, cancel = context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		if _, err := s.Run(ctx, time.Minute, "true"); !errors.Is(err, why) {
			t.Errorf("a guest that dies while asked: %v", err)
		}
	})
}

func TestShellLineWithoutEnd(t *testing.T) {
	s := NewShell(func([]byte) error { return nil })
	for range 40 {
		s.Feed([]byte(strings.Repeat("x", 64<<10)))
	}
	if len(s.buf) > longestAnswer {
		t.Errorf("%d bytes kept", len(s.buf))
	}
}

// agentShell runs the agent by this host's sh, as the guest would. edit changes
// its text.
func agentShell(t *testing.T, edit ...string) *Shell {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "own"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", strings.NewReplacer(append(edit, "/run/slipway", dir)...).Replace(agent))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := NewShell(func(p []byte) error { _, err := in.Write(p); return err })
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 1000)
		for {
			n, err := out.Read(buf)
			s.Feed(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		in.Close()
		<-read
		if err := cmd.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("the agent ends with %v", err)
		}
	})
	return s
}

func TestAgent(t *testing.T) {
	s := agentShell(t)
	for _, tt := range []struct {
		script string
		limit  time.Duration
		want   Answer
	}{
		{"echo out; echo err >&2; exit 3", time.Minute, Answer{3, "out\nerr\n"}},
		{"cat; printf 'no end of line'", time.Minute, Answer{0, "no end of line"}},
		{"echo '<<1 0 >>' \"it's $((1+1))\" 'ü'", time.Minute, Answer{0, "<<1 0 >> it's 2 ü\n"}},
		{"sleep 60", time.Second, Answer{124, ""}},
		{"head -c 100000 /dev/zero | tr '\\0' x", time.Minute, Answer{0, strings.Repeat("x", 65536)}},
	} {
		a, err := s.Run(t.Context(), tt.limit, tt.script)
		if err != nil || a != tt.want {
			t.Errorf("%s: exit %d, %d bytes, %v", tt.script, a.Exit, len(a.Output), err)
		}
	}
	if a, ok := s.TryRun(t.Context(), time.Minute, "echo free"); !ok || a.Text() != "free" {
		t.Errorf("a free shell: %v, %+v", ok, a)
	}
	s.asking.Lock()
	if _, ok := s.TryRun(t.Context(), time.Minute, "true"); ok {
		t.Error("a busy shell was asked")
	}
	s.asking.Unlock()
}

// Where no program can be started any more, the running shell still says so.
func TestAgentOnDeadRoot(t *testing.T) {
	s := agentShell(t, "PATH=/usr/local/sbin", "PATH=/nowhere", ":/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "")
	a, err := s.Run(t.Context(), time.Minute, "echo alive")
	if err != nil || a.Exit != 126 || !strings.Contains(a.Output, "base64") {
		t.Errorf("%+v, %v", a, err)
	}
	if err := s.Ping(t.Context(), time.Minute); err != nil {
		t.Errorf("ping: %v", err)
	}
}
