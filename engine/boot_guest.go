package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"slipway/engine/live"
	"slipway/engine/qemu"
	"slipway/engine/smoke"
	"slipway/recipes"
)

const (
	defaultMemory  = 1 << 30
	defaultTimeout = 2 * time.Minute
	// patience is how long a healthy guest may take for one answer, on hardware.
	patience = 15 * time.Second
	// aftermath is how long a dying guest's last words are awaited.
	aftermath = 1500 * time.Millisecond
)

// machine is the virtual machine for a build. initrd is what the direct path
// boots with instead of the packed one: that and what is appended to it.
func machine(r recipes.Recipe, l live.Layout, dir, path string, accel qemu.Accel) (m qemu.Machine, initrd []byte, err error) {
	m = qemu.Machine{Memory: memory(r.Boot), CPUs: max(r.Boot.CPUs, 1), Accel: accel,
		GuestSSH: smoke.SSHPort(r.SSHD), Medium: filepath.Join(dir, r.Name+".iso")}
	if _, err := os.Stat(m.Medium); err != nil {
		return m, nil, errNoISO
	}
	if path != smoke.Direct {
		return m, nil, nil
	}
	planter, ok := smoke.Planters[l.Stack.ID]
	if !ok {
		return m, nil, fmt.Errorf("stack %s: no way to ask questions in the booted system", l.Stack)
	}
	packed, err := os.ReadFile(filepath.Join(dir, "initrd.img"))
	if err != nil {
		return m, nil, fmt.Errorf("packed initramfs: %w", err)
	}
	if initrd, err = smoke.Append(packed, planter); err != nil {
		return m, nil, err
	}
	options, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil {
		return m, nil, fmt.Errorf("packed kernel command line: %w", err)
	}
	m.Kernel = filepath.Join(dir, "vmlinuz")
	m.Append = string(bytes.TrimSpace(options)) + " " + smoke.RDInit
	return m, initrd, nil
}

func memory(b recipes.Boot) int64 {
	if bytes, _, err := b.Memory.Parse(); err == nil && bytes > 0 {
		return bytes
	}
	return defaultMemory
}

// timeout is how long a guest may take to come up.
func timeout(b recipes.Boot, slowdown float64) time.Duration {
	d, err := time.ParseDuration(b.Timeout)
	if err != nil || d <= 0 {
		d = defaultTimeout
	}
	return times(d, slowdown)
}

func times(d time.Duration, f float64) time.Duration {
	return time.Duration(float64(d) * f).Round(time.Second)
}

// guest is a machine that runs, watched.
type guest struct {
	parent  context.Context // of the run
	ctx     context.Context // ends with what ended the guest as its cause
	cancel  context.CancelCauseFunc
	vm      *qemu.VM
	timer   *time.Timer
	guest   *smoke.Guest
	leaving atomic.Bool // it was told to power off

	gauge     sync.WaitGroup
	stopGauge context.CancelFunc
}

// start starts the machine and what watches it.
func (b *boot) start(parent context.Context, choice qemu.Choice) (*guest, error) {
	m, initrd, err := machine(b.recipe, b.layout, b.dir, b.path, choice.Accel)
	if err != nil {
		return nil, err
	}
	slowdown, err := qemu.Slowdown(parent, choice.Accel)
	if err != nil {
		return nil, fmt.Errorf("measure this host: %w", err)
	}
	limit := timeout(b.recipe.Boot, slowdown)
	now := time.Now()
	m.Disk = b.disk
	if !b.told {
		b.told = true
		b.run.emit(Booting{Time: now, Path: b.path, Accel: string(choice.Accel), Reason: choice.Reason, Timeout: limit,
			Overlay: smoke.OverlayText(b.layout), Checks: smoke.Plans(b.recipe, b.layout, b.path)})
	}
	b.log.line(fmt.Sprintf("%s boot, %s: %s; time-out %s", b.path, choice.Accel, choice.Reason, limit))
	g := &guest{parent: parent, guest: &smoke.Guest{Recipe: b.recipe, Layout: b.layout, Path: b.path, Console: smoke.NewConsole(), PowerOn: now,
		Patience: times(patience, slowdown), Mark: b.mark}}
	g.ctx, g.cancel = context.WithCancelCause(parent)
	ports := qemu.Ports{Initrd: initrd,
		Console: func(p []byte) { b.console(g.guest.Console, p) },
		Log: func(l string) {
			b.log.line("qemu: " + l)
			b.run.emit(Output{Step: StepBoot, Lines: []string{l}})
		}}
	g.guest.Shell = smoke.NewShell(func(p []byte) error { return g.vm.TypeShell(p) })
	ports.Shell = g.guest.Shell.Feed
	if b.path != smoke.Direct {
		ports.Credentials = map[string][]byte{smoke.CredentialName: smoke.Credential()}
	}
	// The machine lives under parent: the end of g.ctx is only noticed by the
	// checks, and the last words of a dying guest must still arrive.
	if g.vm, err = qemu.Start(parent, m, ports); err != nil {
		g.cancel(err)
		return nil, fmt.Errorf("start qemu: %w", err)
	}
	b.run.setInput(func(p []byte) { _ = g.vm.Type(p) })
	g.guest.SSH = net.JoinHostPort("127.0.0.1", strconv.Itoa(g.vm.Forwarded))
	g.timer = time.AfterFunc(limit, func() { g.cancel(&smoke.TimeoutError{After: limit}) })
	go g.watchConsole()
	go g.watchMachine()
	b.watchGauge(g)
	return g, nil
}

// gaugeEvery is how often a running guest is asked how full its overlay is, and
// gaugeSeldom where answering costs it much.
const gaugeEvery, gaugeSeldom = 5 * time.Second, 15 * time.Second

// watchGauge tells how full the overlay is while the guest's shell has nothing
// else to answer.
func (b *boot) watchGauge(g *guest) {
	var ctx context.Context
	ctx, g.stopGauge = context.WithCancel(g.ctx)
	g.gauge.Go(func() {
		for wait := time.Second; ; {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
			begin := time.Now()
			room, ok := g.guest.Room(ctx)
			if !ok {
				wait = time.Second // busy: between two checks there is a moment
				continue
			}
			b.run.emit(Gauge{Time: time.Now(), Room: room})
			wait = min(max(gaugeEvery, 10*time.Since(begin)), gaugeSeldom)
		}
	})
}

// console takes console bytes: to the log first, then to the milestones, then
// to the reader.
func (b *boot) console(c *smoke.Console, p []byte) {
	b.log.Write(p)
	c.Feed(p)
	b.run.emit(Console{Data: p})
}

func (g *guest) watchConsole() {
	d := g.guest.Console.AwaitDeath(g.ctx)
	if d == nil {
		return
	}
	select {
	case <-time.After(aftermath):
	case <-g.ctx.Done():
	}
	g.die(d)
}

func (g *guest) watchMachine() {
	select {
	case <-g.vm.Done():
	case <-g.ctx.Done():
		return
	}
	err := g.vm.Wait()
	if errors.Is(err, context.Canceled) || g.leaving.Load() {
		return // the run was cancelled, and says so itself; or this was asked for
	}
	time.Sleep(aftermath / 3) // the console's reader may still be at its last words
	if d := g.guest.Console.Died(); d != nil {
		g.die(d)
		return
	}
	d := &smoke.Death{Message: g.vm.Ended(), Hint: "what asked for that? The last lines of the console are below"}
	if err != nil {
		d = &smoke.Death{Message: "qemu stopped: " + err.Error(), Hint: "see " + bootLogName + " in the build's directory"}
	}
	if d.Message == "" {
		d.Message = "the machine stopped by itself"
	}
	g.die(d)
}

func (g *guest) die(d *smoke.Death) {
	d.Last = g.guest.Console.Last(20)
	g.cancel(d)
}

// inTime says that the guest is up: from here every check has its own limit.
func (g *guest) inTime() { g.timer.Stop() }

// end stops the machine and waits until it is gone.
func (g *guest) end() {
	g.timer.Stop()
	g.cancel(context.Canceled)
	g.gauge.Wait()
	g.vm.Stop()
	_ = g.vm.Wait()
}

// bootLog is a boot's complete log: console bytes as they came, and lines of
// our own marked as such. Writing is best effort once it is open: a full disk
// must not end a boot.
type bootLog struct {
	mu sync.Mutex
	f  *os.File
	// fresh says that the last byte written ended a line.
	fresh bool
}

func newBootLog(path string) (*bootLog, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("log of the boot: %w", err)
	}
	return &bootLog{f: f, fresh: true}, nil
}

func (l *bootLog) name() string {
	if l == nil {
		return ""
	}
	return l.f.Name()
}

func (l *bootLog) Write(p []byte) {
	if len(p) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.f.Write(p)
	l.fresh = p[len(p)-1] == '\n'
}

func (l *bootLog) line(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.fresh {
		_, _ = l.f.WriteString("\n")
	}
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		_, _ = l.f.WriteString("slipway: " + line)
	}
	l.fresh = true
}

func (l *bootLog) Close() { l.f.Close() }

// lastLines are the lines of a check's answer that a StepError shows.
func lastLines(output string) []string {
	if output == "" {
		return nil
	}
	lines := strings.Split(output, "\n")
	return lines[max(0, len(lines)-20):]
}
