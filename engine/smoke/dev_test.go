//go:build bootdev

package smoke

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"slipway/engine/qemu"
)

func TestDev(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	initrd, err := os.ReadFile("/tmp/boot-dev/initrd.img")
	if err != nil {
		t.Fatal(err)
	}
	initrd, err = Append(initrd, Planters["live-boot"])
	if err != nil {
		t.Fatal(err)
	}
	m := qemu.Machine{Memory: 1 << 30, CPUs: 1, Accel: qemu.TCG, Kernel: "/tmp/boot-dev/vmlinuz", Medium: "/tmp/boot-dev/t.iso",
		Append: "boot=live overlay-size=512m console=tty0 console=ttyS0,115200 " + RDInit, GuestSSH: 22}
	con, _ := os.Create("/tmp/boot-dev/console.log")
	raw, _ := os.Create("/tmp/boot-dev/shell.log")
	var vm *qemu.VM
	sh := NewShell(func(p []byte) error { return vm.TypeShell(p) })
	start := time.Now()
	vm, err = qemu.Start(ctx, m, qemu.Ports{Initrd: initrd, Console: func(p []byte) { con.Write(p) }, Shell: func(p []byte) { raw.Write(p); sh.Feed(p) }, Log: func(l string) { fmt.Println("qemu:", l) }})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("forwarded", vm.Forwarded)
	fmt.Println("ready", sh.Ready(ctx), time.Since(start))
	script, _ := os.ReadFile("/tmp/boot-dev/script.sh")
	for range 40 {
		a, err := sh.Run(ctx, 20*time.Second, "systemctl is-system-running")
		fmt.Println(a, err, time.Since(start))
		if err != nil || (a.Text() != "starting" && a.Text() != "initializing" && a.Text() != "offline") {
			break
		}
		time.Sleep(2 * time.Second)
	}
	a, err := sh.Run(ctx, 60*time.Second, string(script))
	fmt.Println(a.Exit, err, time.Since(start))
	fmt.Println(a.Output)
	vm.Stop()
	fmt.Println("wait", vm.Wait())
}
