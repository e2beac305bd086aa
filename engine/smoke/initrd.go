package smoke

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"github.com/cavaliergopher/cpio"
)

// A Planter knows where an initramfs keeps the scripts that it runs last, after
// the real root is mounted and before it is entered. That place is all that
// differs between stacks.
type Planter struct {
	Stack string // "live-boot"
	// Late is the path of the late script inside the initramfs.
	Late string
	// Plant are shell lines that make the initramfs run Late, where a file at
	// that path is not enough. They run before the initramfs's own /init.
	Plant string
}

// Planters by stack. initramfs-tools runs what the ORDER file of a folder of
// scripts lists (initramfs-tools(7), run_scripts); live-boot lives in it.
var Planters = map[string]Planter{
	"live-boot": {
		Stack: "live-boot",
		Late:  "/scripts/init-bottom/slipway",
		Plant: `mkdir -p /scripts/init-bottom
echo '/scripts/init-bottom/slipway "$@"' >> /scripts/init-bottom/ORDER`,
	},
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
// so a unit put there runs in a system whose own files are untouched.
const late = `#!/bin/sh
if [ "$1" = prereqs ]; then exit 0; fi
mkdir -p /run/slipway /run/systemd/system/sysinit.target.wants
cp /slipway-agent /run/slipway/agent
cat > /run/systemd/system/slipway-probe.service <<'EOF'
` + unit + `EOF
ln -s ../slipway-probe.service /run/systemd/system/sysinit.target.wants/
`

// Append returns initrd followed by a second archive that opens a root shell on
// the guest's second serial port. A kernel unpacks archives one after the
// other; each must start at a multiple of four bytes.
func Append(initrd []byte, p Planter) ([]byte, error) {
	files := []struct{ path, text string }{
		{"slipway-init", fmt.Sprintf(first, p.Plant)},
		{"slipway-agent", agent},
		{p.Late[1:], late},
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
