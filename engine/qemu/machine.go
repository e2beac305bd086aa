// Package qemu starts virtual machines for test boots. A Machine is a value
// that becomes QEMU's arguments by a pure function; a VM is one that runs, with
// its serial ports and its control channel on inherited descriptors, so that no
// socket path can be left behind. A VM never outlives the context it was
// started under, nor Slipway itself.
package qemu

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Program is QEMU's name on the host.
const Program = "qemu-system-x86_64"

// Accel is how guest code is run.
type Accel string

const (
	KVM Accel = "kvm" // by the processor
	TCG Accel = "tcg" // emulated
)

// Machine describes a virtual machine: a PC with two serial ports, one disk or
// CD drive with the medium, perhaps a disk to write to, one network card behind user networking, and no display. The old
// "pc" board is used because Debian's cloud kernel has no AHCI driver, which
// the CD drive of the newer one would need.
type Machine struct {
	Memory int64 // bytes
	CPUs   int
	Accel  Accel

	// A direct boot names all three; Medium is then a disk. Otherwise the
	// firmware boots Medium as a CD.
	Kernel, Initrd, Append string
	Medium                 string // path of the ISO, opened read-only
	// Disk is the path of a raw image that the guest may write to; empty: none.
	Disk string

	// Credentials are files whose content the guest's systemd is given, by the
	// name of the credential; filled in by Start.
	Credentials map[string]string

	// GuestSSH is the guest's TCP port that a free port of the host's loopback
	// address is forwarded to; VM.Forwarded tells which.
	GuestSSH int

	// Numbers of inherited descriptors, filled in by Start.
	Console, Shell, Control int
}

// Direct reports whether the kernel is started without firmware and boot loader.
func (m Machine) Direct() bool { return m.Kernel != "" }

// Processors is how many processors the guest gets. Emulated, it is always
// one: a second one gave soft lock-ups in the guest on a busy host.
func (m Machine) Processors() int {
	if m.Accel != KVM {
		return 1
	}
	return max(m.CPUs, 1)
}

// Args returns QEMU's arguments, in the words of QEMU 7.2.
func (m Machine) Args() []string {
	args := []string{
		"-name", "slipway", "-nodefaults", "-no-user-config", "-no-reboot",
		"-machine", "pc", "-display", "none", "-vga", "std",
		"-m", strconv.FormatInt(m.Memory>>20, 10) + "M",
		"-smp", strconv.Itoa(m.Processors()),
	}
	args = append(args, m.accelArgs()...)
	args = append(args, m.bootArgs()...)
	if m.Disk != "" {
		args = append(args, "-drive", "if=none,id=disk,format=raw,file="+escape(m.Disk), "-device", "virtio-blk-pci,drive=disk")
	}
	for _, name := range slices.Sorted(maps.Keys(m.Credentials)) {
		args = append(args, "-fw_cfg", "name=opt/io.systemd.credentials/"+name+",file="+escape(m.Credentials[name]))
	}
	return append(args,
		"-chardev", channel("console", m.Console), "-serial", "chardev:console",
		"-chardev", channel("shell", m.Shell), "-serial", "chardev:shell",
		"-chardev", channel("control", m.Control), "-mon", "chardev=control,mode=control",
		"-netdev", fmt.Sprintf("user,id=net0,hostfwd=tcp:127.0.0.1:0-:%d", m.GuestSSH),
		"-device", "virtio-net-pci,netdev=net0,romfile=")
}

func (m Machine) accelArgs() []string {
	if m.Accel == KVM {
		return []string{"-accel", "kvm", "-cpu", "host"}
	}
	// erms and fsrm make the guest choose string instructions that are slow to
	// emulate, slow enough to look like a stall.
	return []string{"-accel", "tcg,thread=multi", "-cpu", "max,-erms,-fsrm"}
}

func (m Machine) bootArgs() []string {
	medium := "if=none,id=medium,format=raw,readonly=on,file=" + escape(m.Medium)
	if m.Direct() {
		args := []string{"-kernel", m.Kernel, "-initrd", m.Initrd, "-append", m.Append}
		if m.Medium != "" {
			args = append(args, "-drive", medium, "-device", "virtio-blk-pci,drive=medium")
		}
		return args
	}
	return []string{"-drive", medium + ",media=cdrom", "-device", "ide-cd,drive=medium,bus=ide.0,bootindex=0"}
}

func channel(id string, fd int) string { return fmt.Sprintf("socket,id=%s,fd=%d", id, fd) }

// escape doubles commas, which separate options inside a value.
func escape(path string) string { return strings.ReplaceAll(path, ",", ",,") }
