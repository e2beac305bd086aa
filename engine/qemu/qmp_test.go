package qemu

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

func TestForwardedPort(t *testing.T) {
	const text = "Hub -1 (net0):\r\n  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r\n" +
		"  TCP[HOST_FORWARD]   3       127.0.0.1 34287       10.0.2.15    22     0     0\r\n"
	if port, err := forwardedPort(text); err != nil || port != 34287 {
		t.Errorf("port %d, %v", port, err)
	}
	if port, err := forwardedPort("Hub -1 (net0):\r\n"); err == nil {
		t.Errorf("port %d out of nothing", port)
	}
}

// fakeQEMU answers each command line with the given lines.
func fakeQEMU(t *testing.T, answers map[string]string) *control {
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	go func() {
		_, _ = theirs.Write([]byte(`{"QMP": {"version": {}, "capabilities": []}}` + "\n"))
		in := bufio.NewScanner(theirs)
		for in.Scan() {
			for command, answer := range answers {
				if strings.Contains(in.Text(), `"`+command+`"`) {
					if _, err := theirs.Write([]byte(answer)); err != nil {
						return
					}
				}
			}
		}
	}()
	return newControl(ours)
}

func TestControl(t *testing.T) {
	const event = `{"timestamp": {"seconds": 1}, "event": "RTC_CHANGE", "data": {}}` + "\n"
	q := fakeQEMU(t, map[string]string{
		"qmp_capabilities":      event + `{"return": {}}` + "\n",
		"human-monitor-command": event + `{"return": "  TCP[HOST_FORWARD]   3       127.0.0.1 40001       10.0.2.15    22     0     0\r\n"}` + "\n",
		"system_powerdown":      `{"error": {"class": "GenericError", "desc": "no such button"}}` + "\n",
		"quit":                  `{"return": {}}` + "\n" + `{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}` + "\n",
	})
	if port, err := q.greet(t.Context()); err != nil || port != 40001 {
		t.Fatalf("greet: port %d, %v", port, err)
	}
	if _, err := q.do(t.Context(), "system_powerdown", nil); err == nil || !strings.Contains(err.Error(), "no such button") {
		t.Errorf("an error of QEMU became %v", err)
	}
	if _, err := q.do(t.Context(), "quit", nil); err != nil {
		t.Error(err)
	}
	for deadline := time.Now().Add(5 * time.Second); q.ended() == "" && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if got := q.ended(); got != "the guest powered off" {
		t.Errorf("ended: %q", got)
	}
}

func TestControlOfDeadQEMU(t *testing.T) {
	ours, theirs := net.Pipe()
	q := newControl(ours)
	theirs.Close()
	if _, err := q.greet(t.Context()); err == nil {
		t.Error("a closed channel greets")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.do(ctx, "quit", nil); err == nil {
		t.Error("a closed channel answers")
	}
}
