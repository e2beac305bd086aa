package qemu

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"slipway/engine/proc"

	"golang.org/x/sys/unix"
)

// Ports are a VM's ends for the program that started it. The functions are each
// called from one goroutine, in order, and must not block: a guest stands still
// while its serial port is not read.
type Ports struct {
	Console func([]byte) // output of the first serial port
	Shell   func([]byte) // output of the second
	Log     func(string) // lines that QEMU itself prints
	// Initrd, if set, replaces Machine.Initrd; Credentials become those of the
	// machine. Both live in memory only.
	Initrd      []byte
	Credentials map[string][]byte
}

// VM is a running machine.
type VM struct {
	Forwarded int // port on 127.0.0.1 that leads to Machine.GuestSSH

	process        *proc.Process
	console, shell net.Conn
	control        *control
	draining       sync.WaitGroup
	stop           sync.Once
}

// firstFD is the number of the first inherited descriptor in a child.
const firstFD = 3

// Start starts the machine and returns when QEMU answers on its control
// channel, which is before the guest has run far. The machine ends with ctx.
// Wait must be called.
func Start(ctx context.Context, m Machine, p Ports) (*VM, error) {
	e := &ends{}
	defer e.handOver()
	if err := e.connect(&m, p); err != nil {
		closeAll(e.ours)
		return nil, err
	}
	process, err := proc.Start(ctx, proc.Cmd{Path: Program, Args: m.Args(), Files: e.theirs}, p.Log)
	e.handOver()
	if err != nil {
		closeAll(e.ours)
		return nil, err
	}
	v := &VM{process: process, console: e.ours[0], shell: e.ours[1], control: newControl(e.ours[2])}
	v.drain(v.console, p.Console)
	v.drain(v.shell, p.Shell)
	go func() {
		<-process.Done()
		v.draining.Wait() // what the guest said last must still be heard
		closeAll(e.ours)
	}()
	if v.Forwarded, err = v.control.greet(ctx); err != nil {
		v.Stop()
		if ended := v.Wait(); ended != nil {
			return nil, ended
		}
		return nil, fmt.Errorf("control channel of qemu: %w", err)
	}
	return v, nil
}

// ends are the ends of what connects us with QEMU.
type ends struct {
	ours   []net.Conn
	theirs []*os.File // inherited, from descriptor firstFD on
}

// connect makes the channels and the files in memory, and tells the machine
// their numbers.
func (e *ends) connect(m *Machine, p Ports) error {
	for _, number := range []*int{&m.Console, &m.Shell, &m.Control} {
		mine, other, err := connected()
		if err != nil {
			return fmt.Errorf("channel to qemu: %w", err)
		}
		*number = firstFD + len(e.theirs)
		e.ours, e.theirs = append(e.ours, mine), append(e.theirs, other)
	}
	var err error
	if p.Initrd != nil {
		if m.Initrd, err = e.inherit("initrd", p.Initrd); err != nil {
			return err
		}
	}
	m.Credentials = map[string]string{}
	for name, data := range p.Credentials {
		if m.Credentials[name], err = e.inherit(name, data); err != nil {
			return err
		}
	}
	return nil
}

// inherit returns the path under which QEMU finds the data.
func (e *ends) inherit(name string, data []byte) (path string, err error) {
	f, err := inMemory(name, data)
	if err != nil {
		return "", err
	}
	e.theirs = append(e.theirs, f)
	return fmt.Sprintf("/dev/fd/%d", firstFD+len(e.theirs)-1), nil
}

// handOver closes what is QEMU's alone: a channel must close when QEMU ends.
func (e *ends) handOver() {
	for _, f := range e.theirs {
		f.Close() // a second close is harmless
	}
}

// connected returns two ends of one new stream: a connection for ourselves and
// a file for a child.
func connected() (net.Conn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	mine, other := os.NewFile(uintptr(fds[0]), "slipway's end"), os.NewFile(uintptr(fds[1]), "qemu's end")
	conn, err := net.FileConn(mine)
	mine.Close()
	if err != nil {
		other.Close()
		return nil, nil, err
	}
	return conn, other, nil
}

// inMemory returns an open file that has no name on any disk.
func inMemory(name string, data []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("slipway-"+name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memory for the %s: %w", name, err)
	}
	f := os.NewFile(uintptr(fd), name)
	if _, err := f.Write(data); err != nil {
		f.Close()
		return nil, fmt.Errorf("memory for the %s: %w", name, err)
	}
	return f, nil
}

func closeAll(conns []net.Conn) {
	for _, c := range conns {
		c.Close()
	}
}

func (v *VM) drain(c net.Conn, to func([]byte)) {
	v.draining.Add(1)
	go func() {
		defer v.draining.Done()
		buf := make([]byte, 32<<10)
		for {
			n, err := c.Read(buf)
			if n > 0 && to != nil {
				to(append([]byte(nil), buf[:n]...))
			}
			if err != nil {
				return
			}
		}
	}()
}

// typing bounds how long a write may wait for a guest that does not read.
const typing = 5 * time.Second

// Type sends bytes to the first serial port.
func (v *VM) Type(p []byte) error { return send(v.console, p) }

// TypeShell sends bytes to the second serial port.
func (v *VM) TypeShell(p []byte) error { return send(v.shell, p) }

func send(c net.Conn, p []byte) error {
	_ = c.SetWriteDeadline(time.Now().Add(typing))
	if _, err := c.Write(p); err != nil {
		return fmt.Errorf("serial port: %w", err)
	}
	return nil
}

// Stop ends the machine at once. It does not wait; Wait does.
func (v *VM) Stop() {
	v.stop.Do(func() {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			_, _ = v.control.do(ctx, "quit", nil)
			select {
			case <-v.process.Done():
			case <-ctx.Done():
				v.process.Stop()
			}
		}()
	})
}

// Done is closed when QEMU has ended.
func (v *VM) Done() <-chan struct{} { return v.process.Done() }

// Wait waits for QEMU's end. The error is proc's; nil if it ended by itself or
// by Stop.
func (v *VM) Wait() error {
	return v.process.Wait()
}

// Ended says in words why the machine ended, as far as QEMU told: "the guest
// powered off", "the guest asked for a reset"; empty if it did not tell.
func (v *VM) Ended() string { return v.control.ended() }
