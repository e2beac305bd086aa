package smoke

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"github.com/cavaliergopher/cpio"
)

// A Planter knows how to make an initramfs run one more script last, after the
// real root is mounted and before it is entered. That is all that differs between
// stacks.
type Planter struct {
	Stack string // a live.Stack.ID
	// Plant are shell lines that make the initramfs run the file /slipway-late at
	// that point. They run before the initramfs's own /init, with no more than
	// cp, mkdir and what the shell itself has.
	Plant string
}

// plantHook puts the script among dracut's hooks, of which it reads the directory.
// They lie in /var since dracut-ng 102, where /lib has at most a link to them.
const plantHook = `for hooks in /var/lib/dracut/hooks /lib/dracut/hooks; do
	if [ -d $hooks ]; then
		mkdir -p $hooks/pre-pivot
		cp /slipway-late $hooks/pre-pivot/99-slipway.sh
		break
	fi
done`

// plantOrder: initramfs-tools runs what the ORDER file of a folder of scripts
// lists (initramfs-tools(7), run_scripts).
const plantOrder = `mkdir -p /scripts/init-bottom
cp /slipway-late /scripts/init-bottom/slipway
echo '/scripts/init-bottom/slipway "$@"' >> /scripts/init-bottom/ORDER`

// plantLate: mkinitcpio's init reads from the file /config which hooks there are,
// and runs the function run_latehook of those that are late ones, if they may be
// executed (mkinitcpio(8), RUNTIME HOOKS; its init and init_functions). The copy is
// for its mode: there is no chmod yet.
const plantLate = `mkdir -p /hooks
cp /slipway-late /hooks/slipway
echo 'run_latehook() { . /slipway-late; }' > /hooks/slipway
echo 'LATEHOOKS="$LATEHOOKS slipway"' >> /config`

// Planters by stack. live-boot and casper live in initramfs-tools; kiwi's live
// module is one of dracut's.
var Planters = map[string]Planter{
	"live-boot": {"live-boot", plantOrder},
	"casper":    {"casper", plantOrder},
	"dracut":    {"dracut", plantHook},
	"kiwi":      {"kiwi", plantHook},
	"archiso":   {"archiso", plantLate},
}

// RDInit is what a kernel command line needs for an appended initrd to act.
const RDInit = "rdinit=/slipway-init"

// first runs as the initramfs's init, and hands over to the real one.
const first = `#!/bin/sh
%s
exec /init "$@"
`

// unit gives a root shell to the second serial port.
const unit = `[Unit]
Description=Slipway's questions to this system
DefaultDependencies=no
[Service]
ExecStart=/bin/sh /run/slipway/agent
StandardInput=tty-force
StandardOutput=inherit
StandardError=inherit
TTYPath=/dev/ttyS1
Restart=always
OOMScoreAdjust=-900
`

// late runs when the real root is about to be entered. /run survives that step,
// so a unit put there runs in a system whose own files are untouched. dracut
// sources it: it must not end the shell that it runs in.
const late = `#!/bin/sh
if [ "$1" = prereqs ]; then exit 0; fi
mkdir -p /run/slipway /run/systemd/system/sysinit.target.wants
cp /slipway-agent /run/slipway/agent
cp /slipway-unit /run/systemd/system/slipway-probe.service
ln -s ../slipway-probe.service /run/systemd/system/sysinit.target.wants/
`

// Append returns initrd followed by a second archive that opens a root shell on
// the guest's second serial port. A kernel unpacks archives one after the
// other; each must start at a multiple of four bytes.
func Append(initrd []byte, p Planter) ([]byte, error) {
	files := []struct{ path, text string }{
		{"slipway-init", fmt.Sprintf(first, p.Plant)},
		{"slipway-agent", agent},
		{"slipway-unit", unit},
		{"slipway-late", late},
	}
	out := bytes.NewBuffer(append([]byte(nil), initrd...))
	for out.Len()%4 != 0 {
		out.WriteByte(0)
	}
	zip := gzip.NewWriter(out)
	archive := cpio.NewWriter(zip)
	for _, f := range files {
		h := &cpio.Header{Name: f.path, Mode: cpio.TypeReg | 0o755, Size: int64(len(f.text)), Links: 1}
		if err := archive.WriteHeader(h); err != nil {
			return nil, fmt.Errorf("archive for the test's initrd: %w", err)
		}
		if _, err := archive.Write([]byte(f.text)); err != nil {
			return nil, fmt.Errorf("archive for the test's initrd: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("archive for the test's initrd: %w", err)
	}
	if err := zip.Close(); err != nil {
		return nil, fmt.Errorf("archive for the test's initrd: %w", err)
	}
	return out.Bytes(), nil
}
