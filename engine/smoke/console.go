package smoke

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Milestone is something that a guest's console shows on the way up.
type Milestone string

const (
	KernelStarted Milestone = "kernel started"
	LoginPrompt   Milestone = "login prompt"
)

// Death is a guest that will not come up any more, and what to do about it.
type Death struct {
	Message string   // lower case: "the kernel panicked: ..."
	Hint    string   // what to do next
	Last    []string // the last console lines
}

func (d *Death) Error() string { return d.Message }

// keptLines is how much of the console is kept for messages.
const keptLines = 200

// Console reads a guest's serial console. It is fed from one goroutine and
// asked from any.
type Console struct {
	mu      sync.Mutex
	lines   []string
	partial string
	bytes   int64
	reached map[Milestone]bool
	kernel  string // version
	prompt  string // host name of the login prompt
	death   *Death
	watched []*sighting
	changed chan struct{} // closed and replaced at every step forward
}

// NewConsole returns an empty console.
func NewConsole() *Console {
	return &Console{reached: map[Milestone]bool{}, changed: make(chan struct{})}
}

// control sequences: CSI, OSC, two-byte escapes; and what is left of them.
var escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[@-Z\\-_=>78c]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`)

// Feed takes console bytes. It never blocks.
func (c *Console) Feed(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += int64(len(p))
	parts := strings.Split(c.partial+string(p), "\n")
	c.partial = parts[len(parts)-1]
	if len(c.partial) > 4096 {
		c.partial = c.partial[len(c.partial)-4096:]
	}
	for _, l := range parts[:len(parts)-1] {
		c.line(clean(l), true)
	}
	// A prompt has no line end.
	c.line(clean(c.partial), false)
}

// clean is what a line shows: no control sequences, the last overwriting only.
func clean(l string) string {
	l = strings.TrimRight(escapes.ReplaceAllString(l, ""), "\r ")
	return l[strings.LastIndexByte(l, '\r')+1:]
}

var (
	kernelLine  = regexp.MustCompile(`^\[ {0,4}\d+\.\d{6}\] `)
	loginLine   = regexp.MustCompile(`^(\S+) login:`)
	versionLine = regexp.MustCompile(`\[ *0\.\d{6}\] Linux version (\S+)`) // a boot loader may have left its own words before it
	promptLine  = regexp.MustCompile(`^\(initramfs\)|^dracut:/#`)
)

func (c *Console) line(l string, whole bool) {
	if whole && l != "" {
		if len(c.lines) == keptLines {
			c.lines = append(c.lines[:0], c.lines[1:]...)
		}
		c.lines = append(c.lines, l)
	}
	for _, w := range c.watched {
		if whole && w.line == "" && w.words.MatchString(l) {
			w.line = l
			c.wake()
		}
	}
	if m := versionLine.FindStringSubmatch(l); m != nil && whole {
		c.kernel = m[1]
		c.step(KernelStarted)
	}
	if whole && kernelLine.MatchString(l) {
		c.step(KernelStarted)
	}
	if m := loginLine.FindStringSubmatch(l); m != nil && m[1] != "Last" {
		c.prompt = m[1]
		c.step(KernelStarted) // a kernel told to be quiet shows itself only here
		c.step(LoginPrompt)
	}
	if c.death == nil && (whole || promptLine.MatchString(l)) {
		if d := deathIn(l); d != nil {
			c.death = d
			c.wake()
		}
	}
}

func (c *Console) step(m Milestone) {
	if !c.reached[m] {
		c.reached[m] = true
		c.wake()
	}
}

func (c *Console) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Reach notes a milestone that was seen elsewhere than on the console.
func (c *Console) Reach(m Milestone) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step(m)
}

// Reached tells whether a milestone was reached.
func (c *Console) Reached(m Milestone) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reached[m]
}

// Prompt returns the host name that the login prompt shows, if there was one.
func (c *Console) Prompt() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.prompt
}

// Kernel returns the version that the kernel printed, if it did.
func (c *Console) Kernel() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kernel
}

// Silent reports whether the console has shown nothing at all.
func (c *Console) Silent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes == 0
}

// Last returns at most n of the last lines.
func (c *Console) Last(n int) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.lines
	if p := clean(c.partial); p != "" {
		lines = append(lines[:len(lines):len(lines)], p)
	}
	return append([]string(nil), lines[max(0, len(lines)-n):]...)
}

// sighting is the first line with certain words from a moment on.
type sighting struct {
	c     *Console
	words *regexp.Regexp
	line  string
}

// watch looks out for a line from now on.
func (c *Console) watch(words *regexp.Regexp) *sighting {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &sighting{c: c, words: words}
	c.watched = append(c.watched, w)
	return w
}

// within waits for the line at most so long, and returns it; "" if it did not come.
func (w *sighting) within(ctx context.Context, limit time.Duration) string {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_ = w.c.until(limited, func() bool { return w.line != "" })
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	return w.line
}

// until waits until f holds or ctx ends, whose cause it returns. f is called
// with c locked.
func (c *Console) until(ctx context.Context, f func() bool) error {
	for {
		c.mu.Lock()
		ok, changed := f(), c.changed
		c.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Await waits until a milestone is reached.
func (c *Console) Await(ctx context.Context, m Milestone) error {
	return c.until(ctx, func() bool { return c.reached[m] })
}

// AwaitDeath waits until the console shows that the guest will not come up, and
// returns how; nil if ctx ends first.
func (c *Console) AwaitDeath(ctx context.Context) *Death {
	if c.until(ctx, func() bool { return c.death != nil }) != nil {
		return nil
	}
	return c.Died()
}

// Died returns how the guest died, as far as the console shows; else nil.
func (c *Console) Died() *Death {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.death == nil {
		return nil
	}
	d := *c.death
	return &d
}
