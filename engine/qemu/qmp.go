package qemu

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// control is QEMU's machine protocol: a JSON object a line, answers in order,
// events in between. Everything is read always, whether asked for or not.
type control struct {
	conn    net.Conn
	asking  sync.Mutex // one question at a time
	answers chan message
	greeted chan struct{}

	mu       sync.Mutex
	shutdown string // reason of the SHUTDOWN event
	closed   chan struct{}
}

type message struct {
	QMP    json.RawMessage `json:"QMP"`
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Class string `json:"class"`
		Desc  string `json:"desc"`
	} `json:"error"`
	Event string `json:"event"`
	Data  struct {
		Reason string `json:"reason"`
	} `json:"data"`
}

var errControlClosed = errors.New("control channel closed")

// answering bounds how long QEMU may take to answer.
const answering = 10 * time.Second

func newControl(c net.Conn) *control {
	q := &control{conn: c, answers: make(chan message, 1), greeted: make(chan struct{}), closed: make(chan struct{})}
	go q.read()
	return q
}

func (q *control) read() {
	defer close(q.closed)
	var greet sync.Once
	lines := bufio.NewReader(q.conn)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(line, &m) != nil {
			continue
		}
		switch {
		case m.QMP != nil:
			greet.Do(func() { close(q.greeted) })
		case m.Event == "SHUTDOWN":
			q.mu.Lock()
			q.shutdown = m.Data.Reason
			q.mu.Unlock()
		case m.Event == "":
			select {
			case q.answers <- m:
			default: // nobody waits for it any more
			}
		}
	}
}

// greet enters command mode and returns the host's port that is forwarded.
func (q *control) greet(ctx context.Context) (port int, err error) {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	select {
	case <-q.greeted:
	case <-q.closed:
		return 0, errControlClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if _, err := q.do(ctx, "qmp_capabilities", nil); err != nil {
		return 0, err
	}
	answer, err := q.do(ctx, "human-monitor-command", map[string]any{"command-line": "info usernet"})
	if err != nil {
		return 0, err
	}
	var text string
	if err := json.Unmarshal(answer, &text); err != nil {
		return 0, fmt.Errorf("info usernet: %w", err)
	}
	return forwardedPort(text)
}

var forwardLine = regexp.MustCompile(`TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s`)

// forwardedPort finds the host's port in the answer to "info usernet": QEMU was
// told port 0, so the kernel chose a free one.
func forwardedPort(text string) (int, error) {
	m := forwardLine.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("no forwarded port in %q", text)
	}
	return strconv.Atoi(m[1])
}

// do sends one command and returns what it returned.
func (q *control) do(ctx context.Context, command string, arguments map[string]any) (json.RawMessage, error) {
	q.asking.Lock()
	defer q.asking.Unlock()
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	select {
	case <-q.answers: // an answer that came too late for its question
	default:
	}
	line, err := json.Marshal(map[string]any{"execute": command, "arguments": arguments})
	if arguments == nil {
		line, err = json.Marshal(map[string]any{"execute": command})
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	_ = q.conn.SetWriteDeadline(time.Now().Add(answering))
	if _, err := q.conn.Write(append(line, '\n')); err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	select {
	case m := <-q.answers:
		if m.Error != nil {
			return nil, fmt.Errorf("%s: %s", command, m.Error.Desc)
		}
		return m.Return, nil
	case <-q.closed:
		return nil, errControlClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", command, ctx.Err())
	}
}

// ended turns the reason of the last SHUTDOWN event into words.
// https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html, ShutdownCause
func (q *control) ended() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch q.shutdown {
	case "guest-shutdown":
		return "the guest powered off"
	case "guest-reset":
		return "the guest restarted"
	case "guest-panic":
		return "the guest's kernel panicked"
	}
	return ""
}
