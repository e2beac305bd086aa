package engine

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"

	"slipway/engine/live"
	"slipway/engine/proc"
)

// withHint is an error that knows what to do next.
type withHint struct {
	error
	text string
}

func (e withHint) hint() string  { return e.text }
func (e withHint) Unwrap() error { return e.error }

func hinted(err error, hint string) error { return withHint{err, hint} }

// cause recognises a failure by what the program printed.
type cause struct {
	pattern *regexp.Regexp
	message string // $1 is the first group
	hint    string
}

// What to do about packages that are refused.
const (
	tamperedHint = "the mirror is broken, being updated, or tampered with; try again later or choose another mirror"
	unsignedHint = "nothing unsigned is installed: the mirror is broken or was tampered with; choose another one"
	keptHint     = "what was downloaded is kept: build again to go on from there, or choose another mirror"
	otherKeyHint = "is distro.key in the recipe the mirror's own key? Otherwise the mirror was tampered with"
)

// causes, most telling first. The texts are those of apt 2.6, dpkg 1.21, dnf 4.14 and 5.4,
// zypper 1.14, pacman 6.0, mksquashfs 4.5, mmdebstrap 1.3, dracut 059 and sshd 9.2.
var causes = []cause{
	{regexp.MustCompile(`No space left on device|Disk quota exceeded|You don't have enough free space|FATAL ERROR: Probably out of space`),
		"the disk is full", "free some space below the cache and builds folders (slipway doctor shows them), then build again"},
	{regexp.MustCompile(`E: Unable to locate package (\S+)`),
		"no package is called $1", "check packages.include for a spelling error, or add the repository that has it"},
	{regexp.MustCompile(`E: Package '(\S+)' has no installation candidate`),
		"package $1 cannot be installed: no source offers it", "check packages.include and packages.exclude, or add the repository that has it"},
	{regexp.MustCompile(`(?:E: Failed to fetch|Err:\S+) (\S+).*(?:Hash Sum mismatch|File has unexpected size)`),
		"$1 is not what the signed index says: refused", tamperedHint},
	{regexp.MustCompile(`Hash Sum mismatch|File has unexpected size`),
		"a package is not what the signed index says: refused", tamperedHint},
	{regexp.MustCompile(`Package "(\S+)" from local repository "\S+" has incorrect checksum|\[MIRROR\] (\S+): Downloading successful, but checksum doesn't match`), // dnf
		"$1$2 is not what the index of its repository says: refused", tamperedHint},
	{regexp.MustCompile(`>>> Downloading successful, but checksum doesn't match\..* - \S*/(\S+\.rpm)`), // dnf5
		"$1 is not what the index of its repository says: refused", tamperedHint},
	{regexp.MustCompile(`OpenPGP check for package "(\S+)" .* has failed: The package is not signed`), // dnf5
		"$1 is not signed: refused", unsignedHint},
	{regexp.MustCompile(`OpenPGP check for package "(\S+)" .* has failed: (?:Public key|Import of the key)`), // dnf5
		"$1 is signed by another key than the mirror's: refused", otherKeyHint},
	{regexp.MustCompile(`OpenPGP check for package "(\S+)" .* has failed`), // dnf5
		"$1 is not what was signed: refused", tamperedHint},
	{regexp.MustCompile(`(\S+) \([^)]*\): Signature verification failed \[6-`), // zypper
		"$1 is not signed: refused", unsignedHint},
	{regexp.MustCompile(`(\S+) \([^)]*\): Signature verification failed \[[34]-`), // zypper
		"$1 is signed by another key than the mirror's: refused", otherKeyHint},
	{regexp.MustCompile(`(\S+) \([^)]*\): Signature verification failed`), // zypper
		"$1 is not what was signed: refused", tamperedHint},
	{regexp.MustCompile(`Package (\S+) is not signed`), // dnf
		"$1 is not signed: refused", unsignedHint},
	{regexp.MustCompile(`Public key for (\S+) is not installed`), // dnf
		"$1 is signed by another key than the mirror's: refused", otherKeyHint},
	{regexp.MustCompile(`error: (\S+): signature from ".*" is invalid`), // pacman
		"$1 is not what was signed: refused", tamperedHint},
	{regexp.MustCompile(`error: (\S+): (?:signature from ".*" is (?:unknown|marginal) trust|key "\S+" is unknown)`), // pacman
		"$1 is signed by another key than the mirror's: refused", otherKeyHint},
	{regexp.MustCompile(`error: (\S+): missing required signature|failed retrieving file '(\S+)\.sig'`), // pacman
		"$1$2 is not signed: refused", unsignedHint},
	{regexp.MustCompile(`NO_PUBKEY (\S+)|is not signed|The following signatures (?:couldn't be verified|were invalid)`),
		"the archive's signature cannot be verified: refused", "is the repository's key the right one?"},
	{regexp.MustCompile(`E: Failed to fetch (\S+)\s+404`),
		"the mirror does not have $1", "the mirror is being updated; try again in a few minutes"},
	{regexp.MustCompile(`E: Failed to fetch (\S+)\s+(5\d\d\s.+?)(?: \[IP|\n|$)`),
		"$1 cannot be downloaded: $2", keptHint},
	{regexp.MustCompile(`E: The repository '(.+?)' does not have a Release file`),
		"$1 is no package archive", "check the address, release and components"},
	{regexp.MustCompile(`(?s)The following packages have unmet dependencies:\s*\n?\s*(\S+)`),
		"the packages do not fit together: see $1", "look at packages.exclude and at the log"},
	{regexp.MustCompile(`\[MIRROR\] (\S+): (.+?) for (\S+)`), // dnf
		"$1 cannot be downloaded from $3: $2", keptHint},
	{regexp.MustCompile(`>>> (.+?) for (\S+/([^/\s]+\.rpm))`), // dnf5
		"$3 cannot be downloaded from $2: $1", keptHint},
	{regexp.MustCompile(`Download \(curl\) error for '([^']+)'`), // zypper
		"$1 cannot be downloaded", keptHint},
	{regexp.MustCompile(`failed retrieving file '([^']+)' from (\S+) : (.+)`), // pacman
		"$1 cannot be downloaded from $2: $3", keptHint},
	{regexp.MustCompile(`(?:Could not connect to|Could not resolve|Unable to connect to) '?([^\s':]+)`),
		"the mirror $1 cannot be reached", "check the network, or choose another mirror"},
	{regexp.MustCompile(`dracut: dracut module '(\S+)' cannot be found or installed`),
		"dracut's module $1 lacks something in the root", "the log names the program that could not be found; packages.include can bring it"},
	{regexp.MustCompile(`Bad configuration option: (\S+)`),
		"this release's sshd does not know the directive $1", "remove it from [sshd]"},
}

// stepError turns any error into what an operator needs.
func stepError(step string, err error, log string) *StepError {
	e := &StepError{Step: step, Message: err.Error(), Log: log}
	var h interface{ hint() string }
	if errors.As(err, &h) {
		e.Hint = h.hint()
	}
	var refused *live.Refusal
	if errors.As(err, &refused) {
		e.Hint = refused.Hint
	}
	var missing *proc.NotFoundError
	if errors.As(err, &missing) && !strings.HasSuffix(missing.Program, " in the image") && e.Hint == "" {
		e.Hint = "slipway doctor says which package brings it; slipway doctor --fix installs it"
	}
	if errors.Is(err, syscall.ENOSPC) {
		e.Message, e.Hint = "the disk is full: "+err.Error(), causes[0].hint
	}
	var exit *proc.ExitError
	if errors.As(err, &exit) {
		e.Command, e.Exit, e.Last = exit.Cmd.String(), exit.Exit, exit.Last
		explain(e, exit.Cmd.Path, log)
	}
	return e
}

// explain looks for a known cause in the last lines, then in all that the log has of
// the command: apt says what is wrong long before mmdebstrap gives up. program is the
// one that failed.
func explain(e *StepError, program, log string) {
	text := strings.Join(e.Last, "\n")
	if b, err := os.ReadFile(log); err == nil {
		said := string(b)
		// What another command said before is not the cause, if the log names this one.
		if i := strings.LastIndex(said, "$ "+e.Command+"\n"); i >= 0 {
			said = said[i:]
		}
		text += "\n" + said
	}
	for _, c := range causes {
		m := c.pattern.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		e.Message = strings.TrimSpace(string(c.pattern.ExpandString(nil, c.message, text, m)))
		if e.Hint == "" {
			e.Hint = c.hint
		}
		return
	}
	if e.Hint == "" {
		e.Hint = fmt.Sprintf("the last lines above and the log tell what %s did", program)
	}
}
