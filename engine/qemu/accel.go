package qemu

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"slipway/engine/proc"

	"github.com/google/renameio/v2"
)

//go:generate sh -c "as --64 probe.S -o probe.o && ld -m elf_x86_64 -Ttext 0 -o probe.elf probe.o && objcopy -O binary -j .text probe.elf probe.bin && rm probe.o probe.elf"

//go:embed probe.bin
var probeCode []byte

// probeDeadline is generous: the probe takes 0.7 s even when it is emulated.
const probeDeadline = 10 * time.Second

// probeWord is what the probe prints when everything worked.
const probeWord = "SLIPWAY OK"

// Choice is an accelerator, and why it was chosen.
type Choice struct {
	Accel  Accel  `json:"accel"`
	Reason string `json:"reason"`         // in an operator's words
	Hint   string `json:"hint,omitempty"` // what would make KVM usable
}

// device is where KVM is; tests put something else there.
var device = "/dev/kvm"

// Choose returns KVM only if it has proved that it runs a guest. The proof is
// kept in the folder cache for this boot of the host and this QEMU, so that it
// costs its fraction of a second once. A cancelled ctx gives its error.
func Choose(ctx context.Context, cache string) (Choice, error) {
	if c, usable := reachable(); !usable {
		return c, nil
	}
	program, err := proc.Look(Program)
	if err != nil {
		return Choice{}, err
	}
	key := proofKey(program)
	proving.Lock()
	defer proving.Unlock()
	if c, ok := remembered(cache, key); ok {
		return c, nil
	}
	why, err := prove(ctx, KVM)
	if err != nil {
		return Choice{}, err
	}
	c := Choice{KVM, "KVM runs guests here", ""}
	if why != "" {
		c = Choice{TCG, "KVM is present but does not run guests", why}
	}
	remember(cache, key, c)
	return c, nil
}

var proving sync.Mutex

// reachable says whether this user can open KVM, and if not, why.
func reachable() (Choice, bool) {
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if err == nil {
		f.Close()
		return Choice{}, true
	}
	return unreachable(err), false
}

func unreachable(err error) Choice {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Choice{TCG, "no /dev/kvm",
			"load the kvm module and switch virtualisation on in the firmware; in a virtual machine, allow nesting"}
	case errors.Is(err, fs.ErrPermission):
		return Choice{TCG, "no permission for /dev/kvm",
			"add yourself to group kvm: sudo usermod -aG kvm $USER, then log in again"}
	}
	return Choice{TCG, "/dev/kvm cannot be opened: " + err.Error(), ""}
}

// prove boots the probe under the accelerator. It returns what went wrong with
// it, empty if nothing did. Only a cancelled ctx and a QEMU that cannot be
// started are errors.
func prove(ctx context.Context, a Accel) (why string, err error) {
	rom, err := inMemory("probe", probeROM())
	if err != nil {
		return "", err
	}
	defer rom.Close()
	ours, theirs, err := connected()
	if err != nil {
		return "", fmt.Errorf("channel to qemu: %w", err)
	}
	defer ours.Close()
	limited, cancel := context.WithTimeout(ctx, probeDeadline)
	defer cancel()
	m := Machine{Accel: a}
	args := append([]string{"-name", "slipway-probe", "-nodefaults", "-no-user-config", "-no-reboot",
		"-machine", "pc", "-display", "none", "-m", "16M",
		"-bios", fmt.Sprintf("/dev/fd/%d", firstFD+1),
		"-chardev", channel("console", firstFD), "-serial", "chardev:console",
		"-device", "isa-debug-exit,iobase=0xf4,iosize=1"}, m.accelArgs()...)
	p, err := proc.Start(limited, proc.Cmd{Path: Program, Args: args, Files: []*os.File{theirs, rom}}, nil)
	theirs.Close()
	if err != nil {
		return "", err
	}
	said := make(chan string, 1)
	go func() {
		var all []byte
		buf := make([]byte, 256)
		for {
			n, err := ours.Read(buf)
			all = append(all, buf[:n]...)
			if err != nil || len(all) > 4096 {
				said <- string(all)
				return
			}
		}
	}()
	ended := p.Wait()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if strings.Contains(<-said, probeWord) {
		return "", nil
	}
	return stopped(ended), nil
}

// stopped says how a probe that did not reach its end stopped.
func stopped(ended error) string {
	var exit *proc.ExitError
	switch {
	case errors.Is(ended, context.DeadlineExceeded):
		return fmt.Sprintf("a test guest of half a kilobyte did not finish in %s", probeDeadline)
	case errors.As(ended, &exit) && len(exit.Last) > 0:
		return "qemu says: " + exit.Last[0]
	}
	return "a test guest of half a kilobyte stopped half way"
}

const (
	// emulated is by how much time limits, which recipes give for hardware, are
	// multiplied at least. A Debian live image needs 60 to 130 s to its login
	// prompt on two processors.
	emulated = 6
	// emulatedProbe is how long the probe takes on that host.
	emulatedProbe = 700 * time.Millisecond
	// slowest bounds what a host's slowness adds to that.
	slowest = 4
)

// Slowdown returns by how much time limits are multiplied on this host, now:
// 1 on hardware; emulated, 6 and more, by how long the probe takes. A busy host
// is no reason for a guest to fail.
func Slowdown(ctx context.Context, a Accel) (float64, error) {
	if a == KVM {
		return 1, nil
	}
	begin := time.Now()
	if _, err := prove(ctx, TCG); err != nil {
		return 0, err
	}
	return slowdown(time.Since(begin)), nil
}

func slowdown(probe time.Duration) float64 {
	return emulated * min(max(float64(probe)/float64(emulatedProbe), 1), slowest)
}

// probeROM is the firmware image: the code at its start, and at its end the
// jump to it that a processor executes first.
func probeROM() []byte {
	rom := make([]byte, 64<<10)
	copy(rom, probeCode)
	copy(rom[0xfff0:], []byte{0xea, 0x00, 0x00, 0x00, 0xf0}) // ljmp f000:0000
	return rom
}

// proofKey names what a proof holds for: this boot of the host, this QEMU,
// this probe.
func proofKey(program string) string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	var version string
	if st, err := os.Stat(program); err == nil {
		version = fmt.Sprintf("%d bytes of %s", st.Size(), st.ModTime().UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("%s %s %s %d", bytes.TrimSpace(id), program, version, len(probeCode))
}

type proof struct {
	Key    string `json:"key"`
	Choice Choice `json:"choice"`
}

func proofFile(cache string) string { return filepath.Join(cache, "kvm-proof.json") }

func remembered(cache, key string) (Choice, bool) {
	var p proof
	data, err := os.ReadFile(proofFile(cache))
	if err != nil || json.Unmarshal(data, &p) != nil || p.Key != key {
		return Choice{}, false
	}
	return p.Choice, true
}

// remember is best effort: without it the next run proves again.
func remember(cache, key string, c Choice) {
	data, err := json.Marshal(proof{key, c})
	if err == nil && os.MkdirAll(cache, 0o755) == nil {
		_ = renameio.WriteFile(proofFile(cache), append(data, '\n'), 0o644)
	}
}
