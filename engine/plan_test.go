package engine

import (
	"strings"
	"testing"

	"slipway/engine/distro"
	"slipway/engine/goldentest"
	"slipway/recipes"
)

func planOf(t *testing.T, name string, edits map[string]any) Plan {
	t.Helper()
	doc, ok := recipes.Builtin(name)
	if !ok {
		t.Fatalf("no built-in recipe %s", name)
	}
	for path, value := range edits {
		if err := doc.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	d, err := distro.Find("debian")
	if err != nil {
		t.Fatal(err)
	}
	host := distro.Host{Getenv: func(string) string { return "http://mirror.example/debian" }}
	doc.Recipe.Distro.Arch = "amd64"
	sources, origin := d.Sources(doc.Recipe, host)
	p, err := newPlan(doc.Recipe, nil, d, sources, origin)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanGolden(t *testing.T) {
	for _, name := range []string{"debian-vm", "debian-server"} {
		goldentest.Equal(t, "plan-"+name+".txt", planOf(t, name, nil).String())
	}
	goldentest.Equal(t, "plan-debian-vm-dm-snapshot.txt", planOf(t, "debian-vm", map[string]any{"live.stack": "dracut", "overlay.strategy": "dm-snapshot"}).String())
}

// One changed setting must change the key of the step that reads it, and of no
// earlier one.
func TestEachSettingReachesItsStepOnly(t *testing.T) {
	tests := []struct {
		path  string
		value any
		step  string
	}{
		{"distro.release", "trixie", StepResolve},
		{"distro.components", []any{"main", "contrib"}, StepRoot},
		{"distro.mirror", "http://other.example/debian", StepRoot},
		{"packages.include", []any{"openssh-server"}, StepRoot},
		{"packages.exclude", []any{"nano"}, StepRoot},
		{"kernel.package", "linux-image-amd64", StepRoot},
		{"sshd.X11Forwarding", false, StepConfigure},
		{"users[0].sudo", false, StepConfigure},
		{"users[0].password_hash", "$6$abcdefgh$" + strings.Repeat("a", 86), StepConfigure},
		{"files[0].content", "other", StepConfigure},
		{"files[0].mode", "0600", StepConfigure},
		{"system.hostname", "other", StepConfigure},
		{"system.timezone", "Europe/Berlin", StepConfigure},
		{"system.locale", "C", StepConfigure},
		{"system.services.enabled", []any{"ssh"}, StepConfigure},
		{"system.services.masked", []any{"apt-daily.timer"}, StepConfigure},
		{"overlay.gauge", false, StepConfigure},
		{"overlay.warn_at", []any{int64(50)}, StepConfigure},
		{"overlay.warn_command", "true", StepConfigure},
		{"output.profile", "release", StepPack},
		{"overlay.size", "25%", StepMedia},
		{"kernel.cmdline", "quiet", StepMedia},
		{"output.formats", []any{"squashfs"}, StepMedia},
		{"description", "another", StepManifest},
		{"boot.memory", "2GiB", StepManifest},
	}
	before := planOf(t, "debian-vm", nil)
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			after := planOf(t, "debian-vm", map[string]any{tt.path: tt.value})
			for i, s := range before.Steps {
				same := key(s.Name, s.Inputs) == key(s.Name, after.Steps[i].Inputs)
				switch {
				case s.Name == tt.step && same:
					t.Errorf("%s does not notice the change: a stale layer would be reused", s.Name)
				case s.Name != tt.step && s.Name != StepManifest && s.Name != StepResolve && !same && tt.step != StepResolve:
					t.Errorf("%s is made again for nothing", s.Name)
				}
			}
		})
	}
}

// With SELinux there is one step more, before the image is packed; its mode is a
// setting, its policy makes another root.
func TestSELinuxInThePlan(t *testing.T) {
	off := planOf(t, "debian-vm", nil)
	on := planOf(t, "debian-vm", map[string]any{"security.selinux": "enforcing"})
	permissive := planOf(t, "debian-vm", map[string]any{"security.selinux": "permissive"})
	goldentest.Equal(t, "plan-debian-vm-selinux.txt", on.String())
	if off.Step(StepLabel).Name != "" || len(on.Steps) != len(off.Steps)+1 {
		t.Errorf("steps: %d and %d", len(off.Steps), len(on.Steps))
	}
	same := func(a, b Plan, step string) bool {
		return key(step, a.Step(step).Inputs) == key(step, b.Step(step).Inputs)
	}
	if same(off, on, StepRoot) || same(off, on, StepMedia) {
		t.Error("root or kernel options are those of a machine without SELinux")
	}
	if same(on, permissive, StepConfigure) || !same(on, permissive, StepRoot) || !same(on, permissive, StepLabel) {
		t.Error("another mode makes the wrong steps again")
	}
	all := []string{"packages.include"}
	for _, p := range strings.Fields(stepInput(on.Step(StepRoot), "packages")) {
		all = append(all, p)
	}
	if same(planOf(t, "debian-vm", map[string]any{all[0]: all[1:]}), on, StepRoot) {
		t.Error("a root without labels would be taken for one with them")
	}
}

func TestSecretsAreNotInThePlan(t *testing.T) {
	hash := "$6$abcdefgh$" + strings.Repeat("b", 86)
	if p := planOf(t, "debian-vm", map[string]any{"users[0].password_hash": hash}); strings.Contains(p.String(), hash) {
		t.Error("the plan, which is logged, holds the password hash")
	}
}

func TestReasons(t *testing.T) {
	in := func(pairs ...string) []Input {
		var list []Input
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, Input{pairs[i], pairs[i+1]})
		}
		return list
	}
	tests := []struct {
		name        string
		before, now []Input
		want        string
	}{
		{"first", nil, in("a", "1"), "first build of this recipe"},
		{"changed", in("sshd.Port", "22"), in("sshd.Port", "2222"), "sshd.Port: 22 → 2222"},
		{"new", in("a", "1"), in("a", "1", "sysctl x", "0"), "sysctl x: new 0"},
		{"removed", in("a", "1", "user ops", "ff"), in("a", "1"), "user ops: removed"},
		{"hash", in("file /x", "0011223344556677 0644"), in("file /x", "8899aabbccddeeff 0644"), "file /x: changed"},
		{"step", in(StepRoot, "00"), in(StepRoot, "11"), "root was made again"},
		{"gone", in("a", "1"), in("a", "1"), "its layer is no longer in the cache"},
	}
	for _, tt := range tests {
		if got := strings.Join(reasons(tt.before, tt.now), "; "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
