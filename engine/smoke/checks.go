package smoke

import (
	"context"
	"fmt"
	"strings"
	"time"

	"slipway/engine/live"
	"slipway/engine/proc"
	"slipway/recipes"
)

// checks are the questions of a recipe on a boot path, in the order in which a
// guest becomes able to answer.
func checks(r recipes.Recipe, l live.Layout, path string) []check {
	made := "made in this boot"
	if l.Kind == live.KindDisk {
		made = "made by this machine" // in its first boot
	}
	all := []check{{Plan{"kernel", "kernel started"}, false, askKernel}}
	if path == ISO {
		title := "login prompt on the serial console"
		if r.System.Hostname != "" {
			title = "login prompt of " + r.System.Hostname + " on the serial console"
		}
		all = append(all, check{Plan{"prompt", title}, false, askPrompt})
	}
	all = append(all,
		check{Plan{"overlay", "root is " + OverlayText(l)}, true, askOverlay},
		check{Plan{"multi-user", "multi-user.target reached"}, true, askMultiUser},
		check{Plan{"units", "no failed unit"}, true, askUnits},
		check{Plan{"sshd", fmt.Sprintf("sshd answers on port %d", SSHPort(r.SSHD))}, false, askBanner},
	)
	if path == ISO {
		all = append(all, check{Plan{"host-key-shown", "sshd shows a host key"}, false, askKeyShown})
	}
	all = append(all,
		check{Plan{"host-key", "SSH host key " + made}, true, askHostKey},
		check{Plan{"sshd-config", configTitle(r)}, true, askConfig},
		check{Plan{"login", loginTitle(r)}, true, askLogin},
		check{Plan{"x11", x11Title(r)}, true, askX11},
		check{Plan{"machine-id", "machine-id " + made}, true, askMachineID},
	)
	if l.Kind == live.KindDisk {
		all = append(all, check{keptPlan, true, askKept})
	}
	for i, own := range r.Checks {
		all = append(all, check{Plan{fmt.Sprintf("own-%d", i+1), own.Name}, true, askOwn(own)})
	}
	return append(all, selinuxChecks(r)...)
}

func askKernel(ctx context.Context, a *asking) (finding, error) {
	// A kernel told to be quiet says nothing; a shell needs a kernel.
	either, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		if a.Shell.Ready(either) == nil {
			a.Console.Reach(KernelStarted)
		}
	}()
	if err := a.Console.Await(ctx, KernelStarted); err != nil {
		return finding{}, err
	}
	if v := a.Console.Kernel(); v != "" {
		return pass("Linux " + v), nil
	}
	return pass(""), nil
}

func askPrompt(ctx context.Context, a *asking) (finding, error) {
	if err := a.Console.Await(ctx, LoginPrompt); err != nil {
		return finding{}, err
	}
	return judgePrompt(a.Console.Prompt(), a.Recipe.System.Hostname).of("serial console", strings.Join(a.Console.Last(5), "\n")), nil
}

func judgePrompt(got, want string) finding {
	if want != "" && got != want {
		return fail("the prompt names "+got+", the recipe says "+want, "is something in the image changing /etc/hostname?")
	}
	return pass(got + " login:")
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

const multiUserScript = `echo "state=$(systemctl is-active multi-user.target)"
systemctl list-jobs --plain --no-legend --no-pager 2>/dev/null | head -n 12 | sed 's/^/job=/'`

func askMultiUser(ctx context.Context, a *asking) (finding, error) {
	var last finding
	for {
		answer, err := a.root(ctx, multiUserScript)
		if err != nil {
			return last, err
		}
		f := facts(answer.Output)
		if one(f, "state") == "active" {
			return pass(""), nil
		}
		// Kept for the case that the time is over before the next look.
		last = fail(waitingFor(f["job"]), "").of("systemctl list-jobs", answer.Output)
		if err := pause(ctx); err != nil {
			return last, err
		}
	}
}

// waitingFor names the running jobs out of lines of `systemctl list-jobs`.
func waitingFor(jobs []string) string {
	var names []string
	for _, j := range jobs {
		if f := strings.Fields(j); len(f) >= 4 && f[3] == "running" {
			names = append(names, f[1])
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "still waiting for " + strings.Join(names, ", ")
}

const unitsScript = `state=$(systemctl is-system-running)
echo "state=$state"
case $state in
initializing|starting) systemctl list-jobs --plain --no-legend --no-pager | sed 's/^/job=/'; exit ;;
esac
systemctl list-units --state=failed --plain --no-legend --no-pager | while read -r unit rest; do
	echo "failed=$unit"
	journalctl -u "$unit" -b -n 8 -o cat --no-pager 2>/dev/null | sed 's/^/  /'
done`

func askUnits(ctx context.Context, a *asking) (finding, error) {
	until := time.Now().Add(2 * a.Patience)
	for {
		answer, err := a.root(ctx, unitsScript)
		if err != nil {
			return finding{}, err
		}
		f := facts(answer.Output)
		state := one(f, "state")
		if state != "initializing" && state != "starting" {
			return judgeUnits(f).of("systemctl --failed", answer.Output), nil
		}
		if time.Now().After(until) {
			return fail("the start-up does not end: "+waitingFor(f["job"]), "a unit without a time-out?").of("systemctl list-jobs", answer.Output), nil
		}
		if err := pause(ctx); err != nil {
			return finding{}, err
		}
	}
}

func judgeUnits(f map[string][]string) finding {
	switch failed := f["failed"]; len(failed) {
	case 0:
		return pass("system is " + one(f, "state"))
	case 1:
		return fail(failed[0]+" failed", "its last journal lines are below")
	default:
		return fail(fmt.Sprintf("%d units failed: %s", len(failed), strings.Join(failed, ", ")), "their last journal lines are below")
	}
}

// lowerLayers gives a script the read-only layers under the running root. Where
// there is no overlayfs to name them, it is the image as the medium has it: below
// a snapshot its read-only device, for an image in RAM the medium's own, mounted
// for as long as the script runs. %s is the squashfs's path on the medium.
const lowerLayers = `lower=$(findmnt -no OPTIONS / | sed -n 's/.*lowerdir=\([^,]*\).*/\1/p')
at=/run/slipway/own/base
image=%s
leave() { umount $at/root 2>/dev/null; umount $at/squashfs 2>/dev/null; umount $at/medium 2>/dev/null; }
if [ -z "$lower" ]; then
	mkdir -p $at/root $at/squashfs $at/medium
	[ ! -e /sys/fs/selinux/enforce ] || chcon -t mnt_t $at/root $at/squashfs $at/medium
	trap leave EXIT
	if [ -e /dev/mapper/live-base ]; then
		mount -o ro,noload /dev/mapper/live-base $at/root && lower=$at/root
	else
		label=$(sed -n 's/.*CDLABEL=\([^ ]*\).*/\1/p' /proc/cmdline)
		mount -o ro "/dev/disk/by-label/$label" $at/medium && mount -o ro,loop "$at/medium/$image" $at/squashfs &&
			mount -o ro,noload,loop $at/squashfs/LiveOS/rootfs.img $at/root && lower=$at/root
	fi
fi
[ -n "$lower" ] || echo "nolower=1"
layers() { printf '%%s\n' "$lower" | tr ':' '\n'; }
`

// lower is a script that can use the image's own layers.
func (a *asking) lower(script string) string {
	return fmt.Sprintf(lowerLayers, proc.Quote(a.Layout.Image)) + script
}

const machineIDScript = `layers | while read -r layer; do [ ! -e "$layer/etc/machine-id" ] || echo "image=$(cat "$layer/etc/machine-id")"; done
echo "running=$(cat /etc/machine-id)"`

func askMachineID(ctx context.Context, a *asking) (finding, error) {
	answer, err := a.root(ctx, a.lower(machineIDScript))
	if err != nil {
		return finding{}, err
	}
	return judgeMachineID(facts(answer.Output)).of("cat LOWERDIR/etc/machine-id /etc/machine-id", answer.Output), nil
}

func judgeMachineID(f map[string][]string) finding {
	if one(f, "nolower") != "" {
		return fail("the root has no read-only layer to compare with", "")
	}
	for _, id := range f["image"] {
		if id != "" && id != "uninitialized" {
			return fail("the image holds the machine-id "+id+": every machine would be the same one", "/etc/machine-id of the image must be empty: does a hook write it?")
		}
	}
	id := one(f, "running")
	if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
		return fail(fmt.Sprintf("the running machine-id is %q", id), "systemd makes one at boot if /etc/machine-id is empty and can be written")
	}
	return pass(id)
}

func askOwn(own recipes.Check) func(context.Context, *asking) (finding, error) {
	return func(ctx context.Context, a *asking) (finding, error) {
		// A recipe's command may wait for something: it gets more time.
		answer, err := a.Shell.Run(ctx, 4*a.Patience, own.Command)
		if err != nil {
			return finding{}, err
		}
		return judgeOwn(answer, own).of(own.Command, answer.Output), nil
	}
}

// timedOut is the exit status of timeout(1), and 137 when it had to kill.
func timedOut(exit int) bool { return exit == 124 || exit == 137 }

func judgeOwn(answer Answer, own recipes.Check) finding {
	switch {
	case timedOut(answer.Exit):
		return fail("the command did not end in time", "")
	case answer.Exit != 0:
		return fail(fmt.Sprintf("exit status %d", answer.Exit), "")
	case own.Prints != "" && !strings.Contains(answer.Output, own.Prints):
		return fail(fmt.Sprintf("does not print %q", own.Prints), "")
	}
	first, _, _ := strings.Cut(answer.Text(), "\n")
	return pass(first)
}
