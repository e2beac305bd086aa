//go:build real

package qemu

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// keeper is the environment variable that makes the test binary start a machine
// and keep it until it is killed.
const keeper = "SLIPWAY_TEST_KEEP_MACHINE"

func TestMain(m *testing.M) {
	if os.Getenv(keeper) != "" {
		v, err := Start(context.Background(), idle(), Ports{})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(v.process.Pid)
		_ = v.Wait()
		return
	}
	os.Exit(m.Run())
}

// idle is a machine that finds nothing to boot and waits.
func idle() Machine {
	return Machine{Memory: 32 << 20, Accel: TCG, GuestSSH: 22, Medium: "/dev/null"}
}

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func gone(t *testing.T, pid int) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); alive(pid); {
		if time.Now().After(until) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("qemu %d is still there", pid)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// SIGKILL of the program that started it takes the machine along.
func TestMachineDiesWithItsStarter(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), keeper+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("no machine: %s", line)
	}
	if !alive(pid) {
		t.Fatalf("qemu %d does not run", pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	gone(t, pid)
}

func TestMachineStops(t *testing.T) {
	for name, end := range map[string]func(context.CancelFunc, *VM){
		"by Stop":     func(_ context.CancelFunc, v *VM) { v.Stop(); v.Stop() },
		"by a cancel": func(cancel context.CancelFunc, _ *VM) { cancel() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var mu sync.Mutex
		var said strings.Builder
		v, err := Start(ctx, idle(), Ports{Console: func(p []byte) { mu.Lock(); said.Write(p); mu.Unlock() }, Log: func(l string) { t.Log(l) }})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if v.Forwarded <= 0 {
			t.Errorf("%s: forwarded port %d", name, v.Forwarded)
		}
		if err := v.Type([]byte("x")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		end(cancel, v)
		_ = v.Wait()
		gone(t, v.process.Pid)
	}
}

// What QEMU cannot start with is an error with its own words.
func TestMachineThatCannotStart(t *testing.T) {
	m := idle()
	m.Medium = "/nonexistent/medium.iso"
	v, err := Start(t.Context(), m, Ports{})
	if err == nil {
		v.Stop()
		t.Fatal("started")
	}
	if !strings.Contains(err.Error(), "No such file") {
		t.Errorf("%v", err)
	}
}
