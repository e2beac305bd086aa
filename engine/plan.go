// Package engine is what happens: a recipe becomes a Plan (pure, golden-tested
// as text), a plan is a short list of Steps, a Run executes it and emits typed
// Events. The terminal UI, the plain printer and the JSON printer read the same
// stream.
package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"slipway/engine/configure"
	"slipway/engine/distro"
	"slipway/engine/image"
	"slipway/engine/live"
	"slipway/recipes"
)

// The steps of a build, in order.
const (
	StepResolve   = "resolve"
	StepRoot      = "root"
	StepConfigure = "configure"
	StepInitramfs = "initramfs"
	StepLabel     = "label" // only where SELinux is on
	StepPack      = "pack"
	StepMedia     = "media"
	StepManifest  = "manifest"
)

// Plan is all that a build will do, known before anything runs.
type Plan struct {
	Recipe  string          `json:"recipe"`
	Sources []distro.Source `json:"sources"` // none: mmdebstrap's default
	Origin  string          `json:"origin"`  // who named the mirror
	Steps   []Step          `json:"steps"`
}

// Step is one entry of a plan.
type Step struct {
	Name string `json:"name"` // "root"
	// Does is what it does, in a line: "install 14 packages of debian bookworm".
	Does string `json:"does"`
	// Inputs are what its key is made of, by name; the value is the input's own
	// text or its hash. Inputs known only when the plan runs (the mirror's
	// state, the keys of earlier steps) are added then.
	Inputs []Input `json:"inputs,omitempty"`
}

// Input is one named thing that a step reads.
type Input struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Step returns the named step; the zero Step if the plan has none.
func (p Plan) Step(name string) Step {
	for _, s := range p.Steps {
		if s.Name == name {
			return s
		}
	}
	return Step{}
}

// String prints the plan for people and goldens.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan %s\nmirror from %s\n", p.Recipe, p.Origin)
	for _, s := range p.Sources {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	for i, s := range p.Steps {
		fmt.Fprintf(&b, "%d %-10s %s\n", i+1, s.Name, s.Does)
		for _, in := range s.Inputs {
			fmt.Fprintf(&b, "    %s = %s\n", in.Name, in.Value)
		}
	}
	return b.String()
}

// assets are the contents of the files that a recipe names, by the path as the
// recipe writes it.
type assets map[string][]byte

// newPlan is pure: the same recipe, files and sources give the same plan.
func newPlan(r recipes.Recipe, a assets, d distro.Distro, sources []distro.Source, origin string) (Plan, error) {
	layout, err := Layout(r)
	if err != nil {
		return Plan{}, err
	}
	packages := d.Packages(r)
	profile, err := image.ProfileOf(r.Output.Profile)
	if err != nil {
		return Plan{}, err
	}
	suite := fmt.Sprintf("%s %s %s", d.ID, r.Distro.Release, d.Arch(r))
	p := Plan{Recipe: r.Name, Sources: sources, Origin: origin}
	add := func(name, does string, in ...Input) { p.Steps = append(p.Steps, Step{name, does, in}) }
	add(StepResolve, "read and verify the signed index of "+suite, sourceInputs(sources)...)
	mode := d.SELinuxMode(r)
	content := slices.Concat([]Input{{"suite", suite}, {"packages", strings.Join(packages, " ")}, {"exclude", strings.Join(r.Packages.Exclude, " ")}},
		sourceInputs(sources), repositoryInputs(r, a))
	if mode != distro.SELinuxOff {
		content = append(content, Input{"labels", d.SELinux.Policy})
	}
	add(StepRoot, fmt.Sprintf("install %d packages of %s and what they need", len(packages), suite), content...)
	settings := configureInputs(r, a)
	if mode != distro.SELinuxOff || r.Security.SELinux != "" {
		settings = append(settings, Input{"security.selinux", mode})
	}
	add(StepConfigure, "apply sshd, users, files, system settings and hooks", settings...)
	add(StepInitramfs, initramfsDoes(layout), Input{"stack", layout.Stack.ID})
	if mode != distro.SELinuxOff {
		add(StepLabel, "label every file for SELinux by the image's own policy, "+d.SELinux.Policy, Input{"policy", d.SELinux.Policy})
	}
	add(StepPack, packDoes(layout)+profile.String(), Input{"profile", profile.String()})
	add(StepMedia, "compare every file of the image with the root; an ISO that boots by BIOS", Input{"name", r.Name}, Input{"cmdline", cmdline(layout, d, r)}, Input{"formats", strings.Join(formats(r), " ")})
	add(StepManifest, "checksums, package list and the current link", Input{"recipe", hashOf(r)})
	return p, nil
}

func initramfsDoes(l live.Layout) string {
	if maker, _, _ := l.Stack.Maker(); maker != "" {
		return "take the kernel; make the initramfs with " + maker
	}
	return "take the kernel and initramfs; make it again only if its own files changed"
}

func packDoes(l live.Layout) string {
	if l.Nested {
		return "mke2fs, then mksquashfs around it, "
	}
	return "mksquashfs, "
}

// cmdline is what the kernel is booted with: what the stack needs, what SELinux
// needs, then what the recipe adds.
func cmdline(l live.Layout, d distro.Distro, r recipes.Recipe) string {
	options := slices.Concat(l.Options, d.SELinuxOptions(r))
	return strings.TrimSpace(strings.Join(options, " ") + " " + strings.TrimSpace(r.Kernel.Cmdline))
}

func formats(r recipes.Recipe) []string {
	if len(r.Output.Formats) == 0 {
		return []string{"iso"}
	}
	return r.Output.Formats
}

func sourceInputs(sources []distro.Source) []Input {
	var in []Input
	for _, s := range sources {
		in = append(in, Input{"source " + s.Suite, s.String()})
	}
	return in
}

func repositoryInputs(r recipes.Recipe, a assets) []Input {
	var in []Input
	for _, repo := range r.Repositories {
		in = append(in, Input{"repository " + repo.Name, fmt.Sprintf("%s %s %s key %s", repo.URI, repo.Suite, strings.Join(repo.Components, " "), hashBytes(a[repo.Key]))})
	}
	return in
}

// configureInputs names every setting, so that a run can say which one changed.
func configureInputs(r recipes.Recipe, a assets) []Input {
	var in []Input
	add := func(name string, value any) {
		if s := fmt.Sprint(value); s != "" && s != "[]" {
			in = append(in, Input{name, s})
		}
	}
	for _, name := range sortedKeys(r.SSHD) {
		add("sshd."+name, r.SSHD[name])
	}
	for _, u := range r.Users {
		add("user "+u.Name, hashOf(u)) // hashed: it may hold a password hash
	}
	for _, f := range r.Files {
		add("file "+f.Path, fmt.Sprintf("%s %s %s", hashBytes(content(f.Content, f.Source, a)), f.Mode, f.Owner))
	}
	add("system.hostname", r.System.Hostname)
	add("system.timezone", r.System.Timezone)
	add("system.locale", r.System.Locale)
	for _, name := range sortedKeys(r.System.Sysctl) {
		add("sysctl "+name, r.System.Sysctl[name])
	}
	add("services.enabled", r.System.Services.Enabled)
	add("services.disabled", r.System.Services.Disabled)
	add("services.masked", r.System.Services.Masked)
	for i, h := range r.Hooks {
		add(fmt.Sprintf("hook %d %s at %s", i+1, h.Name, h.At), hashBytes(content(h.Script, h.Source, a)))
	}
	if r.Overlay.Gauge {
		add("overlay.gauge", hashOf(configure.GaugeFiles(r.Overlay))) // thresholds and command, and the program itself
	}
	add("name", r.Name) // the host name, where the recipe gives none
	return in
}

func content(inline, source string, a assets) []byte {
	if source != "" {
		return a[source]
	}
	return []byte(inline)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// hashOf hashes a value by its Go syntax: deterministic, maps in key order.
func hashOf(v any) string { return hashBytes([]byte(fmt.Sprintf("%#v", v))) }

func hashBytes(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// key is the content hash of a step: its name, the version of its code, and
// every input.
func key(step string, inputs []Input) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d\n", step, codeVersion[step])
	for _, in := range inputs {
		fmt.Fprintf(h, "%s=%s\n", strconv.Quote(in.Name), strconv.Quote(in.Value))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// codeVersion is raised when a step's code changes what it makes from the same
// inputs, so that older layers are not reused.
var codeVersion = map[string]int{StepRoot: 2, StepConfigure: 3, StepInitramfs: 2, StepLabel: 1, StepPack: 3, StepMedia: 1, StepManifest: 2}

// reasons says in what the inputs differ from those of the last run, for people.
func reasons(before, now []Input) []string {
	if before == nil {
		return []string{"first build of this recipe"}
	}
	old := map[string]string{}
	for _, in := range before {
		old[in.Name] = in.Value
	}
	var why []string
	for _, in := range now {
		was, known := old[in.Name]
		delete(old, in.Name)
		switch {
		case !known:
			why = append(why, in.Name+": new"+shown(" ", in.Value))
		case was != in.Value && isStepName(in.Name):
			why = append(why, in.Name+" was made again")
		case was != in.Value && isHash(in.Value):
			why = append(why, in.Name+": changed")
		case was != in.Value:
			why = append(why, fmt.Sprintf("%s: %s → %s", in.Name, was, in.Value))
		}
	}
	for _, name := range sortedKeys(old) {
		why = append(why, name+": removed")
	}
	if why == nil {
		why = []string{"its layer is no longer in the cache"}
	}
	return why
}

func shown(sep, value string) string {
	if isHash(value) || len(value) > 60 {
		return ""
	}
	return sep + value
}

func isHash(s string) bool {
	word, _, _ := strings.Cut(s, " ")
	b, err := hex.DecodeString(word)
	return err == nil && len(b) >= 8
}

func isStepName(s string) bool { _, ok := codeVersion[s]; return ok }
