package smoke

import (
	"fmt"
	"slices"
	"strings"
)

// nouns are the classes of objects, in words.
var nouns = map[string]string{
	"file": "the file", "dir": "the directory", "lnk_file": "the link", "chr_file": "the device", "blk_file": "the device",
	"fifo_file": "the pipe", "sock_file": "the socket", "unix_stream_socket": "the socket", "unix_dgram_socket": "the socket",
	"filesystem": "the file system", "process": "a process", "process2": "a process", "service": "the unit", "system": "the system",
	"fd": "an open file", "key": "a key", "dbus": "the bus", "bpf": "a BPF object", "capability": "itself", "capability2": "itself", "cap_userns": "itself",
}

// what says in plain words who wanted what on what.
func (d *denial) what() string {
	who := d.comm
	if who == "" {
		who = d.service
	}
	if who == "" {
		who = "a program"
	}
	who += " (" + orNothing(typeOf(d.source)) + ")"
	verb := strings.Join(d.perms, ", ")
	switch {
	case d.class == "process" && slices.Contains(d.perms, "dyntransition"):
		return fmt.Sprintf("%s wanted to change itself into the domain %s", who, typeOf(d.target))
	case d.class == "process" && slices.Contains(d.perms, "transition"):
		return fmt.Sprintf("%s wanted to start a program in the domain %s", who, typeOf(d.target))
	case strings.HasPrefix(d.class, "cap"):
		return fmt.Sprintf("%s wanted the capability %s", who, verb)
	}
	noun, known := nouns[d.class]
	if !known {
		noun = "the " + d.class
	}
	thing := d.path
	if thing == "" {
		thing = d.name
	}
	if thing != "" {
		noun += " " + thing
	}
	return fmt.Sprintf("%s wanted to %s %s (%s)", who, verb, noun, orNothing(typeOf(d.target)))
}

// reading recognises a denial and says why it probably happened.
type reading struct {
	is  func(*denial) bool
	why string
}

// readings, the most telling first.
var readings = []reading{
	{func(d *denial) bool {
		return d.comm == "sshd" && slices.Contains(d.perms, "dyntransition") && typeOf(d.source) != "sshd_t"
	}, "sshd puts its unprivileged half into a domain of its own, which only sshd_t may. This sshd is not sshd_t, so its program was not labelled sshd_exec_t when it was started: the label of /usr/sbin/sshd is lost or wrong"},
	{func(d *denial) bool {
		return typeOf(d.target) == "unlabeled_t" || typeOf(d.target) == "file_t" || typeOf(d.source) == "unlabeled_t"
	}, "the object has no label, or one that the policy does not know: it was packed or copied without its extended attributes, or made while no policy was loaded"},
	{func(d *denial) bool {
		return typeOf(d.source) == "kernel_t" && !strings.HasPrefix(d.comm, "kworker") && d.comm != "kdevtmpfs"
	},
		"a program runs as the kernel itself: it was started before the policy was loaded, or init's own program has lost its label, so that nothing gets a domain"},
	{func(d *denial) bool { return typeOf(d.target) == "kernel_t" && strings.HasSuffix(d.class, "socket") },
		"the socket was made by init while no policy was loaded, in the initramfs, and was handed on"},
	{func(d *denial) bool { return typeOf(d.target) == "kernel_t" && d.class == "fd" },
		"overlayfs opens the file of the image in the name of whoever mounted it: the initramfs, which ran as the kernel. A root below a snapshot has no such middleman"},
	{func(d *denial) bool { return typeOf(d.target) == "default_t" },
		"no rule of the policy is about this path, or the file was labelled under another one"},
	{func(d *denial) bool { return typeOf(d.target) == "tmpfs_t" && d.class != "filesystem" && !isRoot(d) },
		"it lies on a tmpfs and was made while no policy was loaded, by the initramfs, or by a program that sets no label: it has the tmpfs's own"},
	{func(d *denial) bool { return typeOf(d.target) == "tmpfs_t" && d.class == "dir" },
		"the top of the running root is a tmpfs's own directory, which has no label of its own: so it is with overlayfs, and not with a file system of its own below a snapshot"},
	{func(d *denial) bool {
		return typeOf(d.target) == "user_home_dir_t" && strings.HasSuffix(d.class, "file")
	},
		"the file was put into a home directory without its label: restorecon -R on the directory sets it"},
	{func(d *denial) bool {
		return strings.HasPrefix(d.comm, "systemd-tmpf") && (slices.Contains(d.perms, "relabelfrom") || slices.Contains(d.perms, "relabelto"))
	}, "systemd-tmpfiles sets every label again that it has a line for, also where it is right already; the policy does not let it. The boolean systemd_tmpfiles_manage_all does"},
	{func(d *denial) bool { return strings.HasPrefix(d.class, "cap") },
		"the policy does not give this domain the capability: often it is only tried, and the program does without"},
}

func isRoot(d *denial) bool { return d.path == "/" || d.path == "" && d.name == "/" }

// why says why a denial probably happened; where nothing is recognised, which
// rule the policy does not have.
func (d *denial) why() string {
	for _, r := range readings {
		if r.is(d) {
			return r.why
		}
	}
	return fmt.Sprintf("the policy has no rule for it (allow %s %s:%s { %s };): the program is newer than the policy, or the object has an unusual label",
		orNothing(typeOf(d.source)), orNothing(typeOf(d.target)), d.class, strings.Join(d.perms, " "))
}
