package qemu

import (
	"strings"
	"testing"

	"slipway/engine/goldentest"
)

// shown puts every option on a line of its own.
func shown(args []string) string {
	var b strings.Builder
	for i, a := range args {
		switch {
		case i == 0:
		case strings.HasPrefix(a, "-"):
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		b.WriteString(a)
	}
	return b.String() + "\n"
}

func TestArgs(t *testing.T) {
	fds := Machine{Console: 3, Shell: 4, Control: 5, Memory: 1 << 30, CPUs: 2, GuestSSH: 22}
	direct := fds
	direct.Accel, direct.Kernel, direct.Initrd, direct.Append = TCG, "/b/vmlinuz", "/dev/fd/6", "boot=live console=ttyS0"
	direct.Medium = "/b/a,b.iso"
	iso := fds
	iso.Accel, iso.Medium, iso.GuestSSH = TCG, "/b/a.iso", 2222
	iso.Credentials = map[string]string{"tmpfiles.extra": "/dev/fd/6"}
	kvm := direct
	kvm.Accel, kvm.Memory = KVM, 512<<20
	disk := direct
	disk.Disk = "/c/disk,1.img"
	for name, m := range map[string]Machine{"direct-disk.txt": disk, "direct-tcg.txt": direct, "iso-tcg.txt": iso, "direct-kvm.txt": kvm} {
		goldentest.Equal(t, name, shown(m.Args()))
	}
}

func TestProcessors(t *testing.T) {
	for _, tt := range []struct {
		m    Machine
		want int
	}{
		{Machine{Accel: TCG, CPUs: 4}, 1},
		{Machine{Accel: KVM, CPUs: 4}, 4},
		{Machine{Accel: KVM}, 1},
		{Machine{CPUs: 2}, 1},
	} {
		if got := tt.m.Processors(); got != tt.want {
			t.Errorf("%+v: %d processors, want %d", tt.m, got, tt.want)
		}
	}
}
