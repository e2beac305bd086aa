package proc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// namespaces of the sandbox: mounts, processes, users, host name and System V
// objects of a build are its own and end with it.
const namespaces = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC

// ids is how many user and group ids an image may use: 0 to 65535.
const ids = 65536

// Worker is this program started again in private namespaces as their first
// process and root. When it ends, however it ends, the kernel ends every
// process in them and drops every mount.
type Worker struct {
	Events  io.ReadCloser // what the worker writes to its Events()
	control *os.File
	p       *Process
	tail    *tail
}

// StartWorker starts this program as `slipway VERB` in the sandbox and sends it
// job, one line. As root the worker keeps its ids in a user namespace of its
// own; an ordinary user needs newuidmap(1) and a range in subuid(5).
func StartWorker(ctx context.Context, verb string, job []byte) (*Worker, error) {
	if os.Getenv(workerEnv) != "" {
		return nil, errors.New("worker: this process is a worker itself that did not call Enter")
	}
	eventsR, eventsW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	defer eventsW.Close()
	controlR, controlW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	defer controlR.Close()
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}

	attr := &syscall.SysProcAttr{Cloneflags: namespaces}
	asRoot := os.Geteuid() == 0
	if asRoot {
		same := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: ids}}
		attr.UidMappings, attr.GidMappings, attr.GidMappingsEnableSetgroups = same, same, true
	}
	c := Cmd{Path: "/proc/self/exe", Args: []string{verb}, Env: append(os.Environ(), workerEnv+"=1"), Files: []*os.File{eventsW, controlR}}
	// The worker's own death signal is not used: it notices the closed control
	// pipe, removes what it was making, and ends. See Enter.
	p, err := startWorker(c, attr, outW)
	outW.Close()
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	w := &Worker{Events: eventsR, control: controlW, p: p, tail: &tail{}}
	read := make(chan struct{})
	go func() { defer close(read); readLines(outR, w.tail.add) }()
	go p.reap(context.Background(), c, func() []string { <-read; outR.Close(); return w.tail.lines })
	if !asRoot {
		if err := mapIDs(ctx, p.Pid); err != nil {
			w.Kill()
			return nil, err
		}
	}
	if _, err := controlW.Write(append(append([]byte("go\n"), job...), '\n')); err != nil {
		w.Kill()
		return nil, fmt.Errorf("worker: send the job: %w", err)
	}
	context.AfterFunc(ctx, w.Cancel)
	return w, nil
}

func startWorker(c Cmd, attr *syscall.SysProcAttr, out *os.File) (*Process, error) {
	attr.Setpgid = true
	cmd := &exec.Cmd{Path: c.Path, Args: append([]string{"slipway"}, c.Args...), Env: c.Env,
		Stdout: out, Stderr: out, ExtraFiles: c.Files, SysProcAttr: attr}
	if err := cmd.Start(); err != nil {
		return nil, namespaceError(err)
	}
	return &Process{Pid: cmd.Process.Pid, cmd: cmd, done: make(chan struct{})}, nil
}

func namespaceError(err error) error {
	return fmt.Errorf("cannot make private namespaces: %w (is user.max_user_namespaces 0, or do AppArmor or a container forbid them?)", err)
}

// Cancel asks the worker to stop and clean up; its events end when it has.
func (w *Worker) Cancel() { w.control.Close() }

// Kill ends the worker and all in its namespaces at once.
func (w *Worker) Kill() {
	_ = syscall.Kill(w.p.Pid, syscall.SIGKILL)
	w.Wait()
}

// Wait waits for the worker's end; an *ExitError has what it printed last.
func (w *Worker) Wait() error {
	err := w.p.Wait()
	w.control.Close()
	return err
}

// mapIDs gives the worker's user namespace root = the calling user, and 1 to
// 65535 = the user's subordinate range (subuid(5), newuidmap(1)).
func mapIDs(ctx context.Context, pid int) error {
	for _, m := range []struct {
		tool, file string
		own        int
	}{{"newuidmap", "/etc/subuid", os.Getuid()}, {"newgidmap", "/etc/subgid", os.Getgid()}} {
		start, err := SubRange(m.file)
		if err != nil {
			return err
		}
		args := []string{strconv.Itoa(pid), "0", strconv.Itoa(m.own), "1", "1", strconv.Itoa(start), strconv.Itoa(ids - 1)}
		if err := Run(ctx, Cmd{Path: m.tool, Args: args}, nil); err != nil {
			return fmt.Errorf("map user ids: %w", err)
		}
	}
	return nil
}

// SubRange returns the first id of the calling user's subordinate range in
// /etc/subuid or /etc/subgid that is large enough for an image.
func SubRange(file string) (int, error) {
	u, err := user.Current()
	if err != nil {
		return 0, fmt.Errorf("find the current user: %w", err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("user %s has no subordinate ids: %w", u.Username, err)
	}
	for _, l := range strings.Split(string(b), "\n") {
		f := strings.Split(strings.TrimSpace(l), ":")
		if len(f) != 3 || f[0] != u.Username && f[0] != u.Uid {
			continue
		}
		start, err1 := strconv.Atoi(f[1])
		count, err2 := strconv.Atoi(f[2])
		if err1 == nil && err2 == nil && count >= ids-1 {
			return start, nil
		}
	}
	return 0, fmt.Errorf("user %s has no range of %d ids in %s", u.Username, ids-1, file)
}

// Enter is called first in the worker. It waits until its ids are mapped,
// makes itself root of its namespaces, cuts mount propagation, and mounts the
// process list of its own. It returns the job, where events go, and a context
// that ends when Slipway cancels, ends or is killed.
func Enter() (ctx context.Context, job []byte, events io.Writer, err error) {
	control := os.NewFile(4, "control")
	if _, mapped := os.LookupEnv(mappedEnv); !mapped {
		if err := awaitMapping(control); err != nil {
			return nil, nil, nil, err
		}
		if os.Geteuid() != 0 {
			return nil, nil, nil, fmt.Errorf("worker is not root of its namespace")
		}
		// Only an exec as root gives the capabilities back that the first exec,
		// before the ids were mapped, took away (user_namespaces(7)).
		return nil, nil, nil, unix.Exec("/proc/self/exe", os.Args, append(os.Environ(), mappedEnv+"=1"))
	}
	os.Unsetenv(mappedEnv)
	unix.CloseOnExec(3)
	unix.CloseOnExec(4)
	r := bufio.NewReader(control)
	job, err = r.ReadBytes('\n')
	if err != nil {
		return nil, nil, nil, fmt.Errorf("worker: read the job: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return nil, nil, nil, fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return nil, nil, nil, fmt.Errorf("mount /proc: %w", err)
	}
	_ = unix.Sethostname([]byte("slipway"))
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, r)
		cancel()
	}()
	return ctx, job, os.NewFile(3, "events"), nil
}

// workerEnv marks a worker: a program that starts one without calling Enter for
// the verb would start itself without end.
const workerEnv = "SLIPWAY_WORKER"

const mappedEnv = "SLIPWAY_WORKER_MAPPED"

// awaitMapping reads the go-ahead byte by byte: the job after it belongs to the
// process image that follows.
func awaitMapping(control *os.File) error {
	for b := make([]byte, 1); ; {
		if _, err := control.Read(b); err != nil {
			return fmt.Errorf("worker: wait for the id mapping: %w", err)
		}
		if b[0] == '\n' {
			return nil
		}
	}
}

// Protect makes the whole host read-only for this mount namespace, except the
// given directories: a package script gone wrong cannot write elsewhere.
func Protect(writable ...string) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, dir := range writable {
		if err := unix.Mount(dir, dir, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("bind %s: %w", dir, err)
		}
	}
	set := func(path string, recursive uint, attr *unix.MountAttr) error {
		if err := unix.MountSetattr(unix.AT_FDCWD, path, recursive, attr); err != nil {
			return fmt.Errorf("protect the host: set attributes of %s: %w", path, err)
		}
		return nil
	}
	if err := set("/", unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}); err != nil {
		return err
	}
	for _, dir := range append([]string{"/proc"}, writable...) {
		if err := set(dir, 0, &unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY}); err != nil {
			return err
		}
	}
	return nil
}

// PrivateTmp puts empty memory in the place of /tmp and /var/tmp for this mount
// namespace: dnf and zypper write there whatever TMPDIR says. What lies below
// them and is named in keep stays where it is.
func PrivateTmp(keep ...string) error {
	for _, tmp := range []string{"/tmp", "/var/tmp"} {
		if err := cover(tmp, keep); err != nil {
			return err
		}
	}
	return nil
}

// cover mounts a tmpfs on target, with the directories of keep below it in sight.
func cover(target string, keep []string) error {
	kept := map[string]int{}
	for _, k := range keep {
		if !strings.HasPrefix(k, target+"/") {
			continue
		}
		fd, err := unix.OpenTree(unix.AT_FDCWD, k, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
		if err != nil {
			return fmt.Errorf("keep %s in sight: %w", k, err)
		}
		defer unix.Close(fd)
		kept[k] = fd
	}
	if err := mountAt("tmpfs", target, unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"); err != nil {
		return err
	}
	for k, fd := range kept {
		if err := os.MkdirAll(k, 0o755); err != nil {
			return fmt.Errorf("keep %s in sight: %w", k, err)
		}
		if err := unix.MoveMount(fd, "", unix.AT_FDCWD, k, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			return fmt.Errorf("keep %s in sight: %w", k, err)
		}
	}
	return nil
}
