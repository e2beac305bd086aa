package live

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"slipway/recipes"
)

// lintCase is a recipe with a fault seeded into one that has none.
type lintCase struct {
	code    string
	stack   Stack
	overlay string // lines of [overlay], without the fault
	fault   string // lines that it has besides, or "cmdline: ..."
	kept    bool   // there is no fix
}

var (
	liveBoot2023 = Stack{"live-boot", "20230131"}
	dracut059    = Stack{"dracut", "059"}
	dracut106    = Stack{"dracut", "106"}
	dracut111    = Stack{"dracut", "111"}
	kiwi9        = Stack{"kiwi", "9.24.56"}
	casper22     = Stack{"casper", "1.470.2"}
	archiso73    = Stack{"archiso", "73"}
)

const (
	ownTmpfs = `strategy = "overlayfs"`
	onADisk  = `strategy = "persistent"`
	snapshot = `strategy = "dm-snapshot"`
)

var lintCases = []lintCase{
	{code: "stack-unknown", stack: Stack{"dracula", "1"}, fault: ownTmpfs, kept: true},
	{code: "stack-too-old", stack: Stack{"dracut", "033"}, fault: ownTmpfs, kept: true},
	{code: "overlay-unavailable", stack: liveBoot2023, fault: snapshot},
	{code: "overlay-unavailable", stack: kiwi9, fault: `strategy = "aufs"`},
	{code: "overlay-unproven", stack: liveBoot2023, fault: `strategy = "aufs"`, kept: true},
	{code: "overlay-unavailable", stack: dracut106, fault: `strategy = "dm-snapshot-thin"`},
	{code: "overlay-size-unit", stack: dracut059, overlay: `strategy = "ram"`, fault: `size = "50%"`},
	{code: "overlay-size-fixed", stack: casper22, overlay: ownTmpfs, fault: `size = "1GiB"`},
	{code: "overlay-size-fixed", stack: dracut059, overlay: `strategy = "overlayfs-run"`, fault: `size = "1GiB"`},
	{code: "overlay-size-unused", stack: dracut059, overlay: onADisk, fault: `size = "1GiB"`, kept: true},
	{code: "overlay-label-fixed", stack: kiwi9, overlay: onADisk, fault: `label = "state"`},
	{code: "overlay-label-fixed", stack: casper22, overlay: onADisk, fault: `label = "state"`},
	{code: "overlay-label-unused", stack: liveBoot2023, overlay: ownTmpfs, fault: `label = "state"`, kept: true},
	{code: "overlay-on-run", stack: dracut059, fault: `strategy = "overlayfs-run"`, kept: true},
	{code: "overlay-overflows", stack: dracut059, fault: snapshot, kept: true},
	{code: "overlay-dies", stack: Stack{"dracut", "043"}, fault: snapshot, kept: true},
	{code: "overlay-stalls", stack: dracut059, fault: `strategy = "dm-snapshot-thin"`, kept: true},
	{code: "overlay-falls-back", stack: liveBoot2023, fault: onADisk, kept: true},
	{code: "overlay-falls-back", stack: dracut106, fault: onADisk, kept: true},
	{code: "overlay-falls-back", stack: Stack{"casper", "1.394"}, fault: onADisk, kept: true},
	{code: "overlay-waits", stack: dracut059, fault: onADisk, kept: true},
	{code: "overlay-waits", stack: archiso73, fault: onADisk, kept: true},
	{code: "overlay-partitions", stack: kiwi9, fault: onADisk, kept: true},
	{code: "overlay-partitions", stack: casper22, fault: onADisk, kept: true},

	// Compiled by Slipway, or not the recipe's to set.
	{code: "cmdline-conflict", stack: liveBoot2023, overlay: ownTmpfs, fault: "cmdline: overlay-size=1g"},
	{code: "cmdline-conflict", stack: liveBoot2023, overlay: ownTmpfs, fault: "cmdline: boot=casper"},
	{code: "cmdline-conflict", stack: liveBoot2023, overlay: ownTmpfs, fault: "cmdline: toram"},
	{code: "cmdline-conflict", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: root=/dev/sda1"},
	{code: "cmdline-conflict", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay.overlayfs"},
	{code: "cmdline-conflict", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: slipway.overlay=size=1g"},
	{code: "cmdline-conflict", stack: dracut059, overlay: snapshot, fault: "cmdline: rd.live.overlay.size=1024"},
	{code: "cmdline-conflict", stack: dracut059, overlay: `strategy = "dm-snapshot-thin"`, fault: "cmdline: rootflags=noatime"},
	{code: "cmdline-conflict", stack: dracut106, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay=/dev/sdb1"},
	{code: "cmdline-conflict", stack: dracut106, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay.nouserconfirmprompt=1"},
	{code: "cmdline-conflict", stack: dracut111, overlay: ownTmpfs, fault: "cmdline: rd.overlay=tmpfs:size=1g"},
	{code: "cmdline-conflict", stack: kiwi9, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay.persistent"},
	{code: "cmdline-conflict", stack: casper22, overlay: ownTmpfs, fault: "cmdline: persistent"},
	{code: "cmdline-conflict", stack: archiso73, overlay: ownTmpfs, fault: "cmdline: cow_device=/dev/sdb1"},

	// Without any effect with this strategy, or in this version.
	{code: "cmdline-no-effect", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay.size=512"},
	{code: "cmdline-no-effect", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: rd.overlay=1"},
	{code: "cmdline-no-effect", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay.nouserconfirmprompt=1"},
	{code: "cmdline-no-effect", stack: dracut106, overlay: ownTmpfs, fault: "cmdline: live_ram"},
	{code: "cmdline-no-effect", stack: liveBoot2023, overlay: ownTmpfs, fault: "cmdline: persistent"},
	{code: "cmdline-no-effect", stack: liveBoot2023, overlay: ownTmpfs, fault: "cmdline: persistence-path=/x"},
	{code: "cmdline-no-effect", stack: kiwi9, overlay: onADisk, fault: "cmdline: rd.live.overlay.size=1g"},
	{code: "cmdline-no-effect", stack: Stack{"casper", "1.394"}, overlay: ownTmpfs, fault: "cmdline: nopersistent"},

	// Of another stack.
	{code: "cmdline-foreign", stack: liveBoot2023, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay.size=512"},
	{code: "cmdline-foreign", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: overlay-size=512m"},
	{code: "cmdline-foreign", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: toram"},
	{code: "cmdline-foreign", stack: kiwi9, overlay: ownTmpfs, fault: "cmdline: cow_spacesize=1G"},
	{code: "cmdline-foreign", stack: kiwi9, overlay: ownTmpfs, fault: "cmdline: slipway.overlay=size=1g"},

	// By an old name.
	{code: "cmdline-renamed", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: rdlivedebug"},
	{code: "cmdline-renamed", stack: dracut111, overlay: onADisk, fault: "cmdline: rd.live.overlay.reset=1"},

	// In another unit.
	{code: "cmdline-unit", stack: kiwi9, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay.size=4096"},
	{code: "cmdline-unit", stack: dracut059, overlay: snapshot, fault: "cmdline: rd.live.overlay.size=512M"},
	{code: "cmdline-unit", stack: liveBoot2023, overlay: ownTmpfs, fault: "cmdline: overlay-size=512"},
	{code: "cmdline-unit", stack: archiso73, overlay: ownTmpfs, fault: "cmdline: cow_spacesize=512"},

	// Waiting for somebody.
	{code: "cmdline-waits", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay=/dev/sdb1"},
	{code: "cmdline-waits", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: rd.live.check", kept: true},
	{code: "cmdline-waits", stack: dracut111, overlay: ownTmpfs, fault: "cmdline: rd.live.check", kept: true},
	{code: "cmdline-waits", stack: dracut059, overlay: ownTmpfs, fault: "cmdline: rd.break=pre-mount", kept: true},
	{code: "cmdline-waits", stack: kiwi9, overlay: ownTmpfs, fault: "cmdline: mediacheck=1", kept: true},
	{code: "cmdline-waits", stack: liveBoot2023, overlay: onADisk, fault: "cmdline: persistence-encryption=luks", kept: true},
	{code: "cmdline-waits", stack: archiso73, overlay: ownTmpfs, fault: "cmdline: checksum=y", kept: true},
	{code: "cmdline-waits", stack: casper22, overlay: ownTmpfs, fault: "cmdline: break=mount", kept: true},
}

// recipe is the text of a case, with its fault or without.
func (c lintCase) recipe(faulty bool) string {
	overlay, kernel := c.overlay, ""
	if faulty {
		if words, ok := strings.CutPrefix(c.fault, "cmdline: "); ok {
			kernel = "\n[kernel]\ncmdline = \"quiet " + words + " console=ttyS0\"\n"
		} else {
			overlay += "\n" + c.fault
		}
	}
	if !strings.Contains(overlay, "strategy") {
		overlay += "\n" + ownTmpfs
	}
	return "name = \"web\"\n\n[distro]\nid = \"debian\"\nrelease = \"bookworm\"\n\n[overlay]\n" + strings.TrimSpace(overlay) + "\n" + kernel
}

func (c lintCase) lint(t *testing.T, d *recipes.Document) recipes.Problems {
	t.Helper()
	return Lint(d, Question{Stack: c.stack, Overlay: d.Recipe.Overlay, Label: "WEB", Memory: 1 << 30})
}

func parse(t *testing.T, text string) *recipes.Document {
	t.Helper()
	d, err := recipes.Parse("web.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestLintFaults seeds one fault each: exactly that must be found, where it is,
// and its fix must make it go away.
func TestLintFaults(t *testing.T) {
	var b strings.Builder
	for _, c := range lintCases {
		t.Run(c.code+" "+c.stack.String(), func(t *testing.T) {
			var before []string
			sound := Stack{"live-boot", "20230131"}
			if c.overlay != "" {
				sound = c.stack
			}
			for _, p := range (lintCase{stack: sound}).lint(t, parse(t, c.recipe(false))) {
				before = append(before, p.Code)
			}
			if slices.Contains(before, c.code) {
				t.Fatalf("the recipe without the fault has it: %v", before)
			}
			d := parse(t, c.recipe(true))
			var found []recipes.Problem
			for _, p := range c.lint(t, d) {
				if !slices.Contains(before, p.Code) {
					found = append(found, p)
				}
			}
			if len(found) != 1 || found[0].Code != c.code {
				t.Fatalf("found %v, want exactly %s", found, c.code)
			}
			p := found[0]
			fmt.Fprintf(&b, "%s: %s: %s\n%s\n", c.stack, p.Code, p.Severity, p.Detail())
			if p.Message == "" || p.Hint == "" || p.Line == 0 || p.Path == "" {
				t.Errorf("incomplete: %+v", p)
			}
			if (p.Fix == nil) != c.kept {
				t.Fatalf("fix %+v", p.Fix)
			}
			if p.Fix == nil {
				return
			}
			fmt.Fprintf(&b, "  fix: %s\n", p.Fix.Title)
			if err := d.Apply(*p.Fix); err != nil {
				t.Fatal(err)
			}
			for _, again := range c.lint(t, d) {
				if again.Code == c.code {
					t.Errorf("after %q there is still %s", p.Fix.Title, again.Message)
				}
			}
		})
	}
	golden.RequireEqual(t, []byte(b.String()))
}

// TestLintCodes holds the cases against the source: a code without a seeded
// fault fails.
func TestLintCodes(t *testing.T) {
	seeded := []string{"overlay-size", "stack-missing", "stack-version"} // TestCompileBadSize, TestDetect
	for _, c := range lintCases {
		seeded = append(seeded, c.code)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	written := regexp.MustCompile(`(?:[cC]ode: |warn\(|sizeRefused\(q, )"([a-z-]+)"`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range written.FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(seeded, m[1]) {
				t.Errorf("%s: no fault is seeded for %s", file, m[1])
			}
		}
	}
}

// TestLintSound: what may stand on a command line, on every stack.
func TestLintSound(t *testing.T) {
	for _, s := range []Stack{liveBoot2023, dracut059, dracut106, dracut111, kiwi9, casper22, archiso73} {
		for _, line := range []string{"", "quiet splash console=tty0 console=ttyS0,115200 ipv6.disable=1 nomodeset systemd.unit=rescue.target panic=10 net.ifnames=0 ip=dhcp rootflags=noatime"} {
			d := parse(t, lintCase{overlay: ownTmpfs}.recipe(false)+"\n[kernel]\ncmdline = \""+line+"\"\n")
			if ps := (lintCase{stack: s}).lint(t, d); len(ps) > 0 {
				t.Errorf("%s: %v", s, ps)
			}
		}
	}
}

// TestLintSeveral: every option is judged by itself, and a fix takes out its
// own only.
func TestLintSeveral(t *testing.T) {
	c := lintCase{stack: dracut059, overlay: ownTmpfs, fault: "cmdline: rd.live.overlay.size=512 boot=live rd.live.check"}
	d := parse(t, c.recipe(true))
	ps := c.lint(t, d)
	if len(ps) != 3 {
		t.Fatalf("%v", ps)
	}
	if err := d.Apply(*ps[0].Fix); err != nil {
		t.Fatal(err)
	}
	if got := d.Recipe.Kernel.Cmdline; got != "quiet boot=live rd.live.check console=ttyS0" {
		t.Error(got)
	}
}

// A problem points at its own word, not at one that merely contains it.
func TestLintPointsAtTheWord(t *testing.T) {
	c := lintCase{stack: liveBoot2023, overlay: ownTmpfs, fault: "cmdline: x-toram toram"}
	ps := c.lint(t, parse(t, c.recipe(true)))
	if len(ps) != 1 {
		t.Fatalf("%v", ps)
	}
	if want := strings.Index(ps[0].Source, " toram") + 2; ps[0].Column != want {
		t.Errorf("column %d, want %d", ps[0].Column, want)
	}
}

// The last option of a command line takes the value with it.
func TestLintFixLeavesNothing(t *testing.T) {
	d := parse(t, lintCase{overlay: ownTmpfs}.recipe(false)+"\n[kernel]\ncmdline = \"toram\"\n")
	ps := (lintCase{stack: liveBoot2023}).lint(t, d)
	if len(ps) != 1 || d.Apply(*ps[0].Fix) != nil || strings.Contains(string(d.Source), "cmdline") {
		t.Errorf("%v\n%s", ps, d.Source)
	}
}
