//go:build real

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/engine/enginetest"
)

// Limits that end a walk that would wait for ever: generous, for a guest that
// is emulated on a busy machine.
const (
	soon     = 2 * time.Minute
	building = 15 * time.Minute
	booting  = 30 * time.Minute
)

// A person's first walk through the workbench, from the library to the verdict
// on an image that was really built: every step by the keys that its screen
// names, then the terminal is what it was before.
func TestWalkToAVerdict(t *testing.T) {
	cache, builds := enginetest.Shared(t)
	own, err := os.MkdirTemp(filepath.Dir(builds), "walk-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(own) })
	t.Setenv("SLIPWAY_CACHE", cache)
	t.Setenv("SLIPWAY_BUILDS", filepath.Join(own, "builds"))
	dir := t.TempDir()

	tm := newTerminal(t, dir, 100, 30)
	before := tm.settings(dir)
	tm.line("slipway")

	tm.waitFor(`▸0 Library`, soon)
	tm.waitFor(`▸ ● debian-vm`, soon)
	tm.keys("Enter")
	tm.waitFor(`▸1 Distro`, soon)
	tm.waitFor(`● bookworm`, soon)

	tm.keys("n")
	tm.waitFor(`▸2 Overlay`, soon)
	tm.waitFor(`● overlayfs`, soon)

	tm.keys("n")
	tm.waitFor(`▸3 Packages`, soon)
	tm.waitFor(`14 packages chosen`, soon)
	tm.keys("a") // by its name: the index comes with the first build
	tm.waitFor(`Add packages`, soon)
	tm.text("jq")
	tm.waitFor(`› jq`, soon)
	tm.keys("Enter")
	tm.waitFor(`15 packages chosen`, soon)

	tm.keys("n")
	tm.waitFor(`▸4 SSH`, soon)
	tm.keys("/")
	tm.text("MaxAuthTries")
	tm.waitFor(`▸ +MaxAuthTries `, soon)
	tm.keys("Enter", "Enter")
	tm.waitFor(`MaxAuthTries ›`, soon)
	tm.text("4")
	tm.keys("Enter")
	tm.waitFor(`● MaxAuthTries +4 `, soon)

	tm.keys("n")
	tm.waitFor(`▸5 System`, soon)
	tm.keys("n")
	tm.waitFor(`▸6 Output`, soon)

	tm.keys("s")
	tm.waitFor(`› \./debian-vm\.toml`, soon)
	tm.keys("Enter")
	tm.waitFor(`saved`, soon)
	saved(t, filepath.Join(dir, "debian-vm.toml"))

	tm.keys("b")
	built := tm.waitFor(`(Built debian-vm|✗)`, building)
	if !strings.Contains(built, "✓ Built debian-vm") {
		t.Fatalf("the build failed:\n%s", built)
	}
	tm.keys("t")
	booted := tm.waitFor(`(PASS\W+all [0-9]+ checks hold|FAIL|NO VERDICT|✗)`, booting)
	if !strings.Contains(booted, "checks hold") {
		t.Fatalf("the test boot failed:\n%s", booted)
	}
	t.Log("\n" + booted)

	tm.keys("q")
	tm.waitFor(`ready\$ *$`, soon)
	if after := tm.settings(dir); after != before {
		t.Errorf("the terminal was\n%sand is now\n%s", before, after)
	}
	if alternate := strings.TrimSpace(tm.tmux("display-message", "-p", "#{alternate_on}#{cursor_flag}")); alternate != "01" {
		t.Errorf("alternate screen and cursor are %s, want off and shown", alternate)
	}
}

// saved checks that the recipe on disk is the built-in one with the two changes
// made, comments and order as they were.
func saved(t *testing.T, file string) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	original, err := exec.Command("slipway", "recipes", "show", "debian-vm").Output()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, l := range strings.Split(string(got), "\n") {
		there[strings.TrimRight(l, ",")] = true
	}
	for _, l := range strings.Split(string(original), "\n") {
		if l = strings.TrimRight(l, ","); !there[l] {
			t.Errorf("the saved recipe has lost the line %q", l)
		}
	}
	for _, want := range []string{`"jq"`, "MaxAuthTries = 4"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the saved recipe lacks %s:\n%s", want, got)
		}
	}
	if out, err := exec.Command("slipway", "lint", file).CombinedOutput(); err != nil {
		t.Errorf("slipway lint: %v\n%s", err, out)
	}
}
