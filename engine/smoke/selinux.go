package smoke

import (
	"context"
	"fmt"
	"strings"

	"slipway/engine/distro"
	"slipway/recipes"
)

// ownLevel is the level with which Slipway's shell in the guest runs where SELinux
// does. No machine's service has it, and whatever the shell starts keeps it
// through every change of domain: so a denial that is Slipway's own doing is told
// from one that the image has without it.
const ownLevel = "s0-s0:c911"

// selinuxChecks come last: they are about everything that happened so far. A
// machine without SELinux has none.
func selinuxChecks(r recipes.Recipe) []check {
	mode := selinuxMode(r)
	if mode == distro.SELinuxOff {
		return nil
	}
	return []check{
		{Plan{"selinux-mode", "SELinux is " + mode}, true, askMode(mode)},
		{Plan{"selinux-sshd", "sshd runs in the domain sshd_t"}, true, askLabels},
		{Plan{"avc", "SELinux denied nothing since power-on"}, true, askDenials},
	}
}

func selinuxMode(r recipes.Recipe) string {
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return distro.SELinuxOff
	}
	return d.SELinuxMode(r)
}

const modeScript = `echo "enforce=$(cat /sys/fs/selinux/enforce 2>/dev/null)"
echo "lsm=$(cat /sys/kernel/security/lsm 2>/dev/null)"
echo "cmdline=$(cat /proc/cmdline)"
sed -n 's/^SELINUX=/config=/p; s/^SELINUXTYPE=/policy=/p' /etc/selinux/config 2>/dev/null
journalctl -b -t systemd -o cat --no-pager 2>/dev/null | sed -n '/SELinux policy/s/^/init=/p' | tail -n 3`

func askMode(want string) func(context.Context, *asking) (finding, error) {
	return func(ctx context.Context, a *asking) (finding, error) {
		answer, err := a.root(ctx, modeScript)
		if err != nil {
			return finding{}, err
		}
		return judgeMode(facts(answer.Output), want).of("cat /sys/fs/selinux/enforce /sys/kernel/security/lsm /etc/selinux/config", answer.Output), nil
	}
}

// judgeMode compares the running mode with the recipe's.
func judgeMode(f map[string][]string, want string) finding {
	mode := map[string]string{"0": "permissive", "1": "enforcing"}[one(f, "enforce")]
	if mode == want {
		return pass("policy " + orNothing(one(f, "policy")))
	}
	if mode != "" {
		for _, o := range strings.Fields(one(f, "cmdline")) {
			if o == "enforcing=0" || o == "enforcing=1" {
				return fail("SELinux is "+mode+", the recipe says "+want, o+" on the kernel command line goes before /etc/selinux/config")
			}
		}
		return fail("SELinux is "+mode+", the recipe says "+want, fmt.Sprintf("/etc/selinux/config says %s: does something in the image change it, or call setenforce?", orNothing(one(f, "config"))))
	}
	switch lsm := one(f, "lsm"); {
	case lsm != "" && !strings.Contains(","+lsm+",", ",selinux,"):
		return fail("SELinux is off: the kernel runs "+lsm, "does the kernel command line have security=selinux selinux=1, and nothing that says otherwise?")
	case one(f, "config") == "disabled":
		return fail("SELinux is off: /etc/selinux/config says disabled", "does something in the image change it?")
	}
	return fail("SELinux is off: init has loaded no policy", "is there one for this kernel in /etc/selinux/"+orNothing(one(f, "policy"))+"/policy?")
}

// labelsScript looks at sshd's program, at the process that listens, and at init,
// whose domain tells whether any program gets one.
const labelsScript = `program=$(readlink -f "$(command -v sshd)")
echo "program=$program"
echo "label=$(stat -c %C "$program")"
for unit in ssh.service sshd.service; do
	pid=$(systemctl show -P MainPID $unit)
	[ "${pid:-0}" = 0 ] || { echo "process=$(tr -d '\000' < /proc/$pid/attr/current)"; break; }
done
echo "init=$(tr -d '\000' < /proc/1/attr/current)"`

func askLabels(ctx context.Context, a *asking) (finding, error) {
	answer, err := a.root(ctx, labelsScript)
	if err != nil {
		return finding{}, err
	}
	return judgeLabels(facts(answer.Output)).of("stat -c %C /usr/sbin/sshd; cat /proc/PID/attr/current", answer.Output), nil
}

// judgeLabels wants the label of sshd's program and the domain of its process to
// be those of every SELinux policy.
func judgeLabels(f map[string][]string) finding {
	program, label, process, init := one(f, "program"), one(f, "label"), one(f, "process"), one(f, "init")
	if program == "" {
		return fail("the image has no sshd", "")
	}
	switch t := typeOf(label); {
	case t == "unlabeled_t" || t == "file_t" || t == "":
		return fail(fmt.Sprintf("%s has no label (%s)", program, orNothing(label)),
			"labels are extended attributes: was the root copied or packed without them?")
	case t != "sshd_exec_t":
		return fail(fmt.Sprintf("%s has the label %s, not sshd_exec_t", program, t), "does a hook of the recipe or a later copy change it? restorecon -v "+program+" sets it")
	}
	switch t := typeOf(process); {
	case process == "":
		return skip("no process of sshd is running; " + program + " has the label sshd_exec_t")
	case t != "sshd_t" && typeOf(init) != "init_t":
		return fail(fmt.Sprintf("sshd runs as %s, and init as %s", t, typeOf(init)), "init's own program has lost its label: no service gets a domain")
	case t != "sshd_t":
		return fail(fmt.Sprintf("sshd runs as %s, not sshd_t", t), "who started it? init starts it in its domain, an administrator's shell may not")
	}
	return pass(program + " is sshd_exec_t, its process sshd_t")
}

// typeOf is the type in a label, user:role:type and often a level.
func typeOf(label string) string {
	parts := strings.SplitN(label, ":", 4)
	if len(parts) < 3 {
		return ""
	}
	return parts[2]
}
