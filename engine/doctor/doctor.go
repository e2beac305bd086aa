// Package doctor looks at the machine that Slipway runs on: which programs are
// missing, why they are needed and the exact command that installs them; the
// room on disk and in memory; whether an ordinary user may build; whether
// virtual machines are fast. What it finds is data; only Mend changes anything,
// and its commands can be shown before.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"slices"
	"strings"

	"slipway/engine/distro"
	"slipway/engine/image"
	"slipway/engine/proc"
)

// State says how much a finding matters.
type State string

const (
	OK      State = "ok"
	Warning State = "warning" // Slipway works, with less
	Problem State = "problem" // something that Slipway does will fail
)

// Finding is one thing that was looked at.
type Finding struct {
	Subject string `json:"subject"` // "mksquashfs", "memory"
	State   State  `json:"state"`
	Found   string `json:"found"`          // what was seen
	Why     string `json:"why,omitempty"`  // what it is needed for
	Hint    string `json:"hint,omitempty"` // what to do if no command mends it
}

// Fix is a command that mends findings; Commands of a Report run in order.
type Fix struct {
	Title   string `json:"title"`
	Command string `json:"command"` // as a shell takes it
	cmd     proc.Cmd
	asRoot  string // Command without sudo, if it has that
	lesser  bool   // the next one may do without it
}

// Report is everything that was found.
type Report struct {
	Host     string    `json:"host"` // "Debian GNU/Linux 12 (bookworm)"
	Manager  string    `json:"package_manager,omitempty"`
	User     string    `json:"user"`
	Findings []Finding `json:"findings"`
	Fixes    []Fix     `json:"fixes"`
}

// Options say what to look at beyond what every run needs.
type Options struct {
	Cache, Builds string // the directories that grow
	Tests         bool   // also what the project's own tests need
	// Distros are ids of distributions that are to be built, beside Debian.
	Distros []string
}

// Examine looks at the machine. It takes as long as the probe of KVM: seconds.
func Examine(ctx context.Context, o Options) (Report, error) {
	me, err := user.Current()
	if err != nil {
		return Report{}, fmt.Errorf("find the current user: %w", err)
	}
	release, _ := os.ReadFile("/etc/os-release") // without it, PATH decides
	h := host{look: proc.Look, loader: image.BootLoaderFile, exists: exists, release: parseRelease(string(release)), root: os.Geteuid() == 0}
	manager := h.manager()

	report := Report{Host: h.release["PRETTY_NAME"], Manager: manager.name, User: me.Username}
	wanted, err := o.needs()
	if err != nil {
		return Report{}, err
	}
	findings, missing := h.programs(wanted, manager)
	report.Findings = append(findings, machine(ctx, o, me.Username, h.root)...)
	report.Fixes = manager.install(missing, h.root)
	if !h.root {
		report.Fixes = append(report.Fixes, subordinateFixes(me.Username)...)
	}
	return report, ctx.Err()
}

// needs is everything that the options ask for, each once. The project's tests
// build every distribution.
func (o Options) needs() ([]need, error) {
	all := slices.Clone(needs)
	if o.Tests {
		all = append(all, testNeeds...)
		for _, family := range []string{distro.RPM, distro.Zypper, distro.Pacman} {
			all = append(all, familyNeeds[family]...)
		}
	}
	for _, id := range o.Distros {
		d, err := distro.Find(id)
		if err != nil {
			return nil, err
		}
		all = append(all, ofDistro(d)...)
	}
	var once []need
	for _, n := range all {
		if !slices.ContainsFunc(once, func(o need) bool { return o.name == n.name }) {
			once = append(once, n)
		}
	}
	return once, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Count returns how many findings have the state.
func (r Report) Count(s State) int {
	n := 0
	for _, f := range r.Findings {
		if f.State == s {
			n++
		}
	}
	return n
}

// Mend runs the fixes in order and stops at the first that fails, unless it is
// one that the next may do without: a package list that could not be refreshed
// is often new enough. The programs run in the operator's terminal, so that sudo
// can ask; what they print goes to out. say is told each command before it runs.
func (r Report) Mend(ctx context.Context, out *os.File, say func(Fix)) error {
	var earlier error
	for _, f := range r.Fixes {
		say(f)
		err := proc.Foreground(ctx, f.cmd, out)
		if err == nil {
			continue
		}
		if errors.As(err, new(*proc.NotFoundError)) && f.asRoot != "" {
			return fmt.Errorf("%s: %w; run as root: %s", f.Title, err, f.asRoot)
		}
		earlier = errors.Join(earlier, fmt.Errorf("%s: %w", f.Title, err))
		if !f.lesser || ctx.Err() != nil {
			return earlier
		}
	}
	return nil
}

var marks = map[State]string{OK: "✓", Warning: "!", Problem: "✗"}

// Print writes the report for people.
func (r Report) Print(w io.Writer) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, user %s\n\n", orElse(r.Host, "unknown system"), r.User)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %-7s  %-26s %s\n", marks[f.State], f.State, f.Subject, f.Found)
		if f.State == OK {
			continue
		}
		if f.Why != "" {
			fmt.Fprintf(&b, "%38sneeded to %s\n", "", f.Why)
		}
		if f.Hint != "" {
			fmt.Fprintf(&b, "%38shint: %s\n", "", f.Hint)
		}
	}
	fmt.Fprintf(&b, "\n%s, %s\n", counted(r.Count(Problem), "problem"), counted(r.Count(Warning), "warning"))
	if len(r.Fixes) > 0 {
		b.WriteString("`slipway doctor --fix` runs:\n")
		for _, f := range r.Fixes {
			fmt.Fprintf(&b, "  %s\n", f.Command)
		}
	}
	_, _ = io.WriteString(w, b.String())
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
