package smoke

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// CredentialName is the credential that systemd-tmpfiles takes more lines from,
// since systemd 252 (systemd-tmpfiles(8)). systemd itself fetches credentials
// from QEMU (systemd.exec(5)).
const CredentialName = "tmpfiles.extra"

// Credential is how a system whose boot loader reads the medium itself gets the
// root shell, without a byte of the medium being touched. systemd-tmpfiles puts
// the unit into /run. By then all units of this boot are chosen, so it also puts
// a rule there that makes the second serial port want the unit, and lets the
// kernel announce that port once more.
func Credential() []byte {
	const rule = `SUBSYSTEM=="tty", KERNEL=="ttyS1", TAG+="systemd", ENV{SYSTEMD_WANTS}+="slipway-probe.service"` + "\n"
	var b strings.Builder
	b.WriteString("d /run/slipway 0755 root root\n")
	for _, f := range []struct{ path, text string }{
		{"/run/slipway/agent", agent},
		{"/run/systemd/system/slipway-probe.service", unit},
		{"/run/udev/rules.d/99-slipway.rules", rule},
	} {
		fmt.Fprintf(&b, "f+~ %s 0644 root root - %s\n", f.path, base64.StdEncoding.EncodeToString([]byte(f.text)))
	}
	b.WriteString("w /sys/class/tty/ttyS1/uevent - - - - change\n")
	return []byte(b.String())
}
