package configure

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strings"

	"slipway/engine/proc"
	"slipway/recipes"
)

const (
	sshdMain   = "/etc/ssh/sshd_config"
	sshdDropIn = "/etc/ssh/sshd_config.d/00-slipway.conf"
	// sshdHeader explains the name: the first value of a directive wins
	// (sshd_config(5)), so the file must be read before all others.
	sshdHeader = "# Written by slipway from [sshd]. Read first, so these values win.\n"
	// sshdVendor is where openSUSE has what sshdMain, which it does not have, may
	// take the place of.
	sshdVendor = "/usr/etc/ssh/sshd_config"
	// hostKeysUnit makes the keys that the image must not hold. Debian's
	// ssh.service checks its configuration before it starts, which fails
	// without a host key, so a drop-in of ssh.service would come too late.
	hostKeysUnit = "slipway-host-keys.service"
)

// hostKeysService is the unit; %s is the one of the SSH server.
const hostKeysService = `# Written by slipway: host keys are made at boot, never shipped in the image.
[Unit]
Description=Make the SSH host keys of this machine
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
Before=ssh.service sshd.service ssh.socket

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/ssh-keygen -A

[Install]
WantedBy=multi-user.target
RequiredBy=%s
`

// sshd writes the recipe's directives and the unit that makes host keys.
func (r *Root) sshd(ctx context.Context, rc recipes.Recipe) error {
	if !r.exists("/usr/sbin/sshd") {
		if len(rc.SSHD) > 0 {
			return fmt.Errorf("[sshd] is set but the image has no sshd: add openssh-server to packages.include")
		}
		return nil
	}
	if err := r.write("/etc/systemd/system/"+hostKeysUnit, []byte(fmt.Sprintf(hostKeysService, r.Distro.SSHService)), 0o644); err != nil {
		return err
	}
	if err := r.run(ctx, "systemctl", "enable", hostKeysUnit); err != nil {
		return fmt.Errorf("enable the host key unit: %w", err)
	}
	if len(rc.SSHD) == 0 {
		return nil
	}
	main, err := r.read(sshdMain)
	if errors.Is(err, fs.ErrNotExist) {
		main, err = r.read(sshdVendor)
	}
	if err != nil {
		return fmt.Errorf("read the release's sshd_config: %w", err)
	}
	text := rc.SSHD.Render()
	if kept := withoutSubsystems(string(main), text); kept != string(main) {
		r.Log("the recipe's Subsystem takes the place of that in " + sshdMain)
		if err := r.write(sshdMain, []byte(kept), 0o644); err != nil {
			return err
		}
		main = []byte(kept)
	}
	if honoursDropIns(string(main)) {
		r.Log("sshd settings in " + sshdDropIn)
		return r.write(sshdDropIn, []byte(sshdHeader+text), 0o644)
	}
	r.Log("sshd settings at the top of " + sshdMain)
	return r.write(sshdMain, []byte(intoMain(string(main), text)), 0o644)
}

// honoursDropIns reports whether sshd_config includes the drop-in folder before
// it sets anything itself.
func honoursDropIns(main string) bool {
	sc := bufio.NewScanner(strings.NewReader(main))
	for sc.Scan() {
		f := strings.Fields(sc.Text())
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		return strings.EqualFold(f[0], "Include") && strings.Contains(f[1], "sshd_config.d/")
	}
	return false
}

// withoutSubsystems turns the release's own Subsystem lines into comments where
// the recipe sets a subsystem of the same name: sshd refuses to start on a
// second one, where of other directives the first simply wins.
func withoutSubsystems(main, text string) string {
	subsystem := func(line string) string {
		if f := strings.Fields(line); len(f) > 1 && strings.EqualFold(f[0], "Subsystem") {
			return f[1]
		}
		return ""
	}
	own := map[string]bool{}
	for line := range strings.Lines(text) {
		if name := subsystem(line); name != "" {
			own[name] = true
		}
	}
	var b strings.Builder
	for line := range strings.Lines(main) {
		if own[subsystem(line)] {
			b.WriteString("# slipway: set by the recipe: ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// intoMain puts global directives before, and Match blocks after, what the
// release's own file says: a Match block reaches to the end of the file.
func intoMain(main, text string) string {
	global, match := text, ""
	if i := strings.Index("\n"+text, "\nMatch "); i >= 0 {
		global, match = text[:i], text[i:]
	}
	return sshdHeader + global + "\n" + strings.TrimRight(main, "\n") + "\n" + match
}

// checkSSHD lets the image's own sshd judge the result and reads it back, with
// a host key that lives on the build's /run only.
func (r *Root) checkSSHD(ctx context.Context, rc recipes.Recipe) error {
	if len(rc.SSHD) == 0 || !r.exists("/usr/sbin/sshd") {
		return nil
	}
	p, err := r.path("/run")
	if err == nil {
		err = os.MkdirAll(p+"/sshd", 0o755) // privilege separation directory
	}
	if err != nil {
		return fmt.Errorf("check sshd: %w", err)
	}
	const key = "/run/slipway-host-key"
	if err := r.run(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key); err != nil {
		return fmt.Errorf("make a host key for the check: %w", err)
	}
	if err := r.run(ctx, "sshd", "-t", "-h", key); err != nil {
		return fmt.Errorf("the image's sshd refuses its configuration: %w", err)
	}
	out, err := proc.Output(ctx, proc.Cmd{Path: "sshd", Args: []string{"-T", "-h", key}, Root: r.Dir})
	if err != nil {
		return fmt.Errorf("read the effective sshd configuration: %w", err)
	}
	if wrong := differences(rc.SSHD, out); len(wrong) > 0 {
		return fmt.Errorf("sshd would not do what the recipe says: %s", strings.Join(wrong, "; "))
	}
	r.Log("sshd -t accepts the configuration, sshd -T shows every directive as the recipe says")
	return nil
}

// differences compares the recipe with the output of sshd -T.
func differences(want recipes.SSHD, out string) []string {
	dump := strings.Split(out, "\n")
	var wrong []string
	for _, s := range want.Effective() {
		if found, ok := s.Holds(dump); !ok {
			wrong = append(wrong, fmt.Sprintf("%s: sshd -T shows %q, not %q", s.Directive, strings.Join(found, ", "), strings.Join(s.Want, ", ")))
		}
	}
	sort.Strings(wrong)
	return wrong
}
