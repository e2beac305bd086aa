package proc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// grace is how long a cancelled program has between SIGTERM and SIGKILL.
	grace = 5 * time.Second
	// linger is how long output is awaited after the program itself ended: a
	// child that it left behind may hold the pipe open for ever.
	linger = 2 * time.Second
	// lastLines is how many lines an ExitError keeps.
	lastLines = 20
	// longestLine bounds a line; what is longer arrives in pieces.
	longestLine = 64 << 10
)

// Process is a program that was started.
type Process struct {
	Pid  int
	cmd  *exec.Cmd
	done chan struct{}
	err  error
	stop sync.Once
}

// Run runs the command to its end and gives each line of its merged output to
// line (which may be nil), in order, from one goroutine. When ctx ends, the
// process group gets SIGTERM, then SIGKILL, and ctx's error is returned. A
// program that fails gives an *ExitError, a missing one a *NotFoundError.
func Run(ctx context.Context, c Cmd, line func(string)) error {
	p, err := Start(ctx, c, line)
	if err != nil {
		return err
	}
	return p.Wait()
}

// Output is Run with the output returned as one string.
func Output(ctx context.Context, c Cmd) (string, error) {
	var b strings.Builder
	err := Run(ctx, c, func(l string) { b.WriteString(l); b.WriteByte('\n') })
	return b.String(), err
}

// Start starts the command and returns at once; Wait must be called. See Run.
func Start(ctx context.Context, c Cmd, line func(string)) (*Process, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, notStarted(c, err)
	}
	p, err := start(ctx, c, &syscall.SysProcAttr{}, w)
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	tail := &tail{}
	read := make(chan struct{})
	go func() {
		defer close(read)
		readLines(r, func(l string) {
			tail.add(l)
			if line != nil {
				line(l)
			}
		})
	}()
	go p.reap(ctx, c, func() []string {
		select {
		case <-read:
		case <-time.After(linger):
			r.Close()
			<-read
		}
		r.Close()
		return tail.lines
	})
	return p, nil
}

// start starts c with its outputs on out. The thread that forks must live as
// long as the child: the kernel sends the death signal when that thread ends.
func start(ctx context.Context, c Cmd, attr *syscall.SysProcAttr, out *os.File) (*Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path := c.Path
	if c.Root == "" {
		var err error
		if path, err = Look(c.Path); err != nil {
			return nil, err
		}
	} else if !strings.HasPrefix(path, "/") {
		path = lookIn(c.Root, c.Path)
	}
	attr.Setpgid, attr.Pdeathsig, attr.Chroot = true, syscall.SIGKILL, c.Root
	cmd := &exec.Cmd{Path: path, Args: append([]string{c.Path}, c.Args...), Env: c.environ(), Dir: c.Dir,
		Stdin: c.Stdin, Stdout: out, Stderr: out, ExtraFiles: c.Files, SysProcAttr: attr, WaitDelay: linger}
	if c.Root != "" && c.Dir == "" {
		cmd.Dir = "/"
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			<-p.done
		}
	}()
	if err := <-started; err != nil {
		if errors.Is(err, syscall.ENOENT) && c.Root != "" {
			return nil, &NotFoundError{c.Path + " in the image"}
		}
		return nil, notStarted(c, err)
	}
	p.Pid = cmd.Process.Pid
	return p, nil
}

// lookIn finds a program inside a root; exec does not search PATH there.
func lookIn(root, name string) string {
	for _, dir := range strings.Split(searchPath, ":") {
		if st, err := os.Stat(root + dir + "/" + name); err == nil && st.Mode().IsRegular() {
			return dir + "/" + name
		}
	}
	return "/usr/bin/" + name
}

func (p *Process) reap(ctx context.Context, c Cmd, last func() []string) {
	unwatch := context.AfterFunc(ctx, p.Stop)
	err := p.cmd.Wait()
	unwatch()
	// Children that the program left in its group go with it.
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
	p.err = exitError(c, err, last())
	if ctx.Err() != nil && p.err != nil {
		p.err = ctx.Err()
	}
	close(p.done)
}

// Wait waits for the end and returns how it went, as Run does.
func (p *Process) Wait() error {
	<-p.done
	return p.err
}

// Done is closed when the program has ended and its output was read.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stop ends the process group: SIGTERM, after a grace period SIGKILL. It
// returns at once; Wait tells when it is over.
func (p *Process) Stop() {
	p.stop.Do(func() {
		_ = syscall.Kill(-p.Pid, syscall.SIGTERM)
		go func() {
			select {
			case <-p.done:
			case <-time.After(grace):
				_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
			}
		}()
	})
}

func exitError(c Cmd, err error, last []string) error {
	var ee *exec.ExitError
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	if !errors.As(err, &ee) {
		return fmt.Errorf("wait for %s: %w", c.Path, err)
	}
	e := &ExitError{Cmd: c, Code: ee.ExitCode(), Exit: ee.String(), Last: last}
	if ws, ok := ee.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		e.Exit = "killed by " + signalName(ws.Signal())
	}
	return e
}

func signalName(s syscall.Signal) string {
	names := map[syscall.Signal]string{syscall.SIGKILL: "SIGKILL", syscall.SIGTERM: "SIGTERM",
		syscall.SIGINT: "SIGINT", syscall.SIGSEGV: "SIGSEGV", syscall.SIGPIPE: "SIGPIPE", syscall.SIGHUP: "SIGHUP"}
	if n, ok := names[s]; ok {
		return n
	}
	return fmt.Sprintf("signal %d", int(s))
}

// tail remembers the last lines that say something.
type tail struct{ lines []string }

func (t *tail) add(l string) {
	if strings.TrimSpace(l) == "" {
		return
	}
	if len(t.lines) == lastLines {
		t.lines = append(t.lines[:0], t.lines[1:]...)
	}
	t.lines = append(t.lines, l)
}

func readLines(r io.Reader, line func(string)) {
	br := bufio.NewReaderSize(r, longestLine)
	for {
		b, err := br.ReadSlice('\n')
		if len(b) > 0 {
			line(strings.TrimRight(string(b), "\r\n"))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// Copy runs the command and copies its standard output, as bytes, to w. What it
// writes to standard error is in the *ExitError.
func Copy(ctx context.Context, c Cmd, w io.Writer) error {
	path, err := Look(c.Path)
	if err != nil {
		return err
	}
	said := &tail{}
	cmd := exec.CommandContext(ctx, path, c.Args...)
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.WaitDelay = c.environ(), c.Dir, c.Stdin, w, linger
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	r, errors, err := os.Pipe()
	if err != nil {
		return notStarted(c, err)
	}
	cmd.Stderr = errors
	read := make(chan struct{})
	go func() { defer close(read); readLines(r, said.add) }()
	runtime.LockOSThread() // the death signal is tied to the thread that forks
	err = cmd.Run()
	runtime.UnlockOSThread()
	errors.Close()
	<-read
	r.Close()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return exitError(c, err, said.lines)
}
