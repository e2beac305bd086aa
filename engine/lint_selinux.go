package engine

import (
	"fmt"
	"slices"
	"strings"

	"slipway/engine/distro"
	"slipway/engine/live"
	"slipway/recipes"
)

// lintSELinux looks for a mode that the distribution has no policy for, and for
// kernel options that say otherwise than the mode.
func lintSELinux(doc *recipes.Document) (out recipes.Problems) {
	r := doc.Recipe
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return nil
	}
	asked := r.Security.SELinux
	if d.SELinux == nil && asked != "" && asked != distro.SELinuxOff {
		return recipes.Problems{doc.Problem(recipes.Error, "selinux-unavailable", "security.selinux",
			fmt.Sprintf("%s has no policy for SELinux that Slipway knows: it cannot be %s", d.Name, asked),
			"Debian, Fedora and CentOS have one", recipes.SetFix("security.selinux", distro.SELinuxOff))}
	}
	mode := d.SELinuxMode(r)
	if l, err := Layout(r); err == nil && mode != distro.SELinuxOff && d.SELinux.Strict && (l.Kind == live.KindTmpfs || l.Kind == live.KindRun) {
		out = append(out, doc.Problem(recipes.Warning, "selinux-overlayfs", "overlay.strategy",
			"the top of an overlayfs in memory has no label of its own, and the policy of "+d.Name+" denies most programs the way through it",
			`stack = "dracut" with strategy = "dm-snapshot" has labels everywhere; docs/selinux.md`, nil))
	}
	for word := range strings.FieldsSeq(r.Kernel.Cmdline) {
		if does := contradicts(word, mode); does != "" {
			out = append(out, doc.Problem(recipes.Error, "selinux-cmdline", "kernel.cmdline",
				fmt.Sprintf("kernel option %s %s, but SELinux is to be %s", word, does, mode),
				"leave it out: security.selinux alone decides", dropWord(r.Kernel.Cmdline, word)))
		}
	}
	return out
}

// contradicts says what a kernel option does that a mode of SELinux is not; "" if
// it fits (kernel-parameters.txt of Linux 6.1).
func contradicts(word, mode string) string {
	on := mode != distro.SELinuxOff
	module, exclusive := strings.CutPrefix(word, "security=")
	modules, listed := strings.CutPrefix(word, "lsm=")
	switch {
	case on && word == "selinux=0":
		return "turns it off"
	case !on && word == "selinux=1":
		return "turns it on"
	case on && exclusive && module != "selinux", on && listed && !slices.Contains(strings.Split(modules, ","), "selinux"):
		return "keeps it out"
	case mode == "enforcing" && word == "enforcing=0":
		return "makes it permissive"
	case mode == "permissive" && word == "enforcing=1":
		return "makes it enforcing"
	}
	return ""
}

// dropWord is a fix that takes one option out of the kernel command line.
func dropWord(cmdline, word string) *recipes.Fix {
	left := strings.Join(slices.DeleteFunc(strings.Fields(cmdline), func(w string) bool { return w == word }), " ")
	fix := recipes.SetFix("kernel.cmdline", left)
	if left == "" {
		fix = &recipes.Fix{Edits: []recipes.Edit{{Path: "kernel.cmdline"}}}
	}
	fix.Title = "remove " + word + " from the kernel command line"
	return fix
}
