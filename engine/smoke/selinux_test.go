package smoke

import (
	"slices"
	"strings"
	"testing"

	"slipway/engine/live"
	"slipway/recipes"
)

// The checks are there where SELinux is, and last.
func TestSELinuxPlanned(t *testing.T) {
	for _, c := range []struct {
		distro, mode string
		want         string // title of the first of them
	}{
		{"debian", "", ""}, {"debian", "disabled", ""}, {"debian", "permissive", "SELinux is permissive"},
		{"fedora", "", "SELinux is enforcing"}, {"fedora", "disabled", ""}, {"fedora", "permissive", "SELinux is permissive"},
		{"arch", "", ""}, {"nobody", "enforcing", ""},
	} {
		r := recipes.Recipe{Distro: recipes.Distro{ID: c.distro}, Security: recipes.Security{SELinux: c.mode}, Checks: []recipes.Check{{Name: "own"}}}
		plans := Plans(r, live.Layout{}, Direct)
		i := slices.IndexFunc(plans, func(p Plan) bool { return p.ID == "selinux-mode" })
		switch {
		case c.want == "" && i >= 0, c.want != "" && i != len(plans)-3:
			t.Errorf("%+v: %v", c, plans)
		case i >= 0 && (plans[i].Title != c.want || plans[i+1].ID != "selinux-sshd" || plans[i+2].ID != "avc"):
			t.Errorf("%+v: %v", c, plans[i:])
		}
	}
}

func TestJudgeMode(t *testing.T) {
	const kernel = "lsm=lockdown,capability,yama,selinux\ncmdline=quiet security=selinux selinux=1\nconfig=enforcing\npolicy=default\n"
	for _, tt := range []struct {
		name, output, want string
		status             Status
		words, hint        string
	}{
		{"enforcing", "enforce=1\n" + kernel, "enforcing", Pass, "policy default", ""},
		{"permissive", "enforce=0\n" + kernel, "permissive", Pass, "policy default", ""},
		{"set by hand", "enforce=0\n" + kernel, "enforcing", Fail, "SELinux is permissive, the recipe says enforcing", "setenforce"},
		{"by the command line", "enforce=0\n" + strings.Replace(kernel, "quiet", "quiet enforcing=0", 1), "enforcing", Fail, "is permissive", "enforcing=0"},
		{"too much", "enforce=1\n" + kernel, "permissive", Fail, "SELinux is enforcing, the recipe says permissive", ""},
		{"another module", "enforce=\nlsm=lockdown,capability,yama,apparmor\n", "enforcing", Fail, "the kernel runs lockdown,capability,yama,apparmor", "security=selinux"},
		{"disabled in its file", "enforce=\n" + strings.Replace(kernel, "config=enforcing", "config=disabled", 1), "enforcing", Fail, "/etc/selinux/config says disabled", ""},
		{"no policy", "enforce=\n" + kernel, "enforcing", Fail, "init has loaded no policy", "/etc/selinux/default/policy"},
	} {
		expect(t, tt.name, judgeMode(facts(tt.output), tt.want), tt.status, tt.words, tt.hint)
	}
}

func TestJudgeLabels(t *testing.T) {
	const program, label, process, init = "program=/usr/sbin/sshd\n", "label=system_u:object_r:sshd_exec_t:s0\n", "process=system_u:system_r:sshd_t:s0-s0:c0.c1023\n", "init=system_u:system_r:init_t:s0\n"
	const kernel = "process=system_u:system_r:kernel_t:s0\ninit=system_u:system_r:kernel_t:s0\n"
	for _, tt := range []struct {
		name, output string
		status       Status
		words, hint  string
	}{
		{"sound", program + label + process + init, Pass, "/usr/sbin/sshd is sshd_exec_t, its process sshd_t", ""},
		{"started for each connection", program + label + init, Skipped, "no process of sshd is running", ""},
		{"packed without attributes", program + "label=system_u:object_r:unlabeled_t:s0\n" + kernel, Fail, "/usr/sbin/sshd has no label", "extended attributes"},
		{"no label to show", program + "label=?\n" + kernel, Fail, "/usr/sbin/sshd has no label (?)", "extended attributes"},
		{"another label", program + "label=system_u:object_r:bin_t:s0\nprocess=system_u:system_r:initrc_t:s0\n" + init, Fail, "/usr/sbin/sshd has the label bin_t, not sshd_exec_t", "restorecon"},
		{"init has lost its own", program + label + kernel, Fail, "sshd runs as kernel_t, and init as kernel_t", "init's own program"},
		{"another domain", program + label + "process=unconfined_u:unconfined_r:unconfined_t:s0\n" + init, Fail, "sshd runs as unconfined_t, not sshd_t", "who started it"},
		{"no sshd", "program=\nlabel=\n" + init, Fail, "the image has no sshd", ""},
	} {
		expect(t, tt.name, judgeLabels(facts(tt.output)), tt.status, tt.words, tt.hint)
	}
}
