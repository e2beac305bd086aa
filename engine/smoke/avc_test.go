package smoke

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// Records as Linux 6.1 and Debian 12's policy wrote them.
const (
	ofUdev  = `avc:  denied  { read } for  pid=681 comm="systemd-udevd" name="nr_open" dev="proc" ino=11181 scontext=system_u:system_r:udev_t:s0 tcontext=system_u:object_r:sysctl_fs_t:s0 tclass=file permissive=1`
	ofProbe = `avc:  denied  { write } for  pid=948 comm="mount" path="/run/slipway/own/output" dev="tmpfs" ino=3 scontext=system_u:system_r:mount_t:s0-s0:c911 tcontext=system_u:object_r:tmpfs_t:s0 tclass=file permissive=1`
	ofSSHD  = `avc:  denied  { dyntransition } for  pid=702 comm="sshd" scontext=system_u:system_r:initrc_t:s0 tcontext=system_u:system_r:sshd_net_t:s0 tclass=process permissive=0`
	ofInit  = `avc:  denied  { start } for auid=n/a uid=0 gid=0 path="/lib/systemd/system/user@.service" cmdline="/lib/systemd/systemd-logind" function="bus_unit_method_start_generic" scontext=system_u:system_r:kernel_t:s0 tcontext=system_u:object_r:default_t:s0 tclass=service permissive=1`
)

func printed(record string) string {
	return "audit: type=1400 audit(1795405322.319:3): " + record + "\n"
}

func TestJudgeDenials(t *testing.T) {
	for _, tt := range []struct {
		name, text  string
		status      Status
		words, hint string
	}{
		{"none", fromKernel + "\n" + fromAudit + "\n", Pass, "", ""},
		{"one", fromKernel + "\n" + printed(ofUdev), Fail, "systemd-udevd (udev_t) wanted to read the file nr_open (sysctl_fs_t)", "below"},
		{"of several sources", fromKernel + "\n" + printed(ofUdev) + fromAudit + "\nAVC " + ofUdev + "\n" + fromDaemon + "\ntype=AVC msg=audit(1795405322.319:3): " + ofUdev + "\n", Fail, "systemd-udevd (udev_t) wanted", ""},
		{"two", fromAudit + "\nAVC " + ofUdev + "\nAVC " + ofSSHD + "\n", Fail, "2 denials; first: systemd-udevd", ""},
		{"twice", fromAudit + "\nAVC " + ofUdev + "\nAVC " + ofUdev + "\n", Fail, "2 denials", ""},
		{"Slipway's own", fromKernel + "\n" + printed(ofProbe), Pass, "1 by Slipway's own questions do not count", ""},
		{"Slipway's own and another", fromKernel + "\n" + printed(ofProbe) + printed(ofUdev), Fail, "systemd-udevd (udev_t)", ""},
		{"messages left out", fromKernel + "\nkauditd_printk_skb: 12 callbacks suppressed\n", Fail, "left out 12 messages", "audit"},
		{"left out here, kept there", fromKernel + "\nkauditd_printk_skb: 12 callbacks suppressed\n" + printed(ofProbe) + fromAudit + "\nAVC " + ofProbe + "\n", Pass, "1 by Slipway's own", ""},
	} {
		expect(t, tt.name, judgeDenials(tt.text), tt.status, tt.words, tt.hint)
	}
}

// Every denial of the image is in the output: the record, what it says, and why.
func TestDenialsAreExplained(t *testing.T) {
	f := judgeDenials(fromKernel + "\n" + printed(ofUdev) + printed(ofUdev) + printed(ofProbe) + printed(ofSSHD))
	for _, want := range []string{ofUdev, ofSSHD, "wanted to read the file nr_open (sysctl_fs_t) (2 times)", "why: the policy has no rule for it (allow udev_t sysctl_fs_t:file { read };)",
		"sshd (initrc_t) wanted to change itself into the domain sshd_net_t", "the label of /usr/sbin/sshd is lost or wrong", "1 by Slipway's own"} {
		if !strings.Contains(f.output, want) {
			t.Errorf("no %q in\n%s", want, f.output)
		}
	}
	if strings.Contains(f.output, "/run/slipway/own/output") {
		t.Errorf("Slipway's own is among those of the image:\n%s", f.output)
	}
}

func TestReadings(t *testing.T) {
	for _, tt := range []struct{ record, what, why string }{
		{ofSSHD, "sshd (initrc_t) wanted to change itself into the domain sshd_net_t", "was not labelled sshd_exec_t"},
		{strings.ReplaceAll(ofSSHD, "initrc_t", "sshd_t"), "sshd (sshd_t) wanted", "the policy has no rule for it (allow sshd_t sshd_net_t:process { dyntransition };)"},
		{ofInit, "/lib/systemd/systemd-logind (kernel_t) wanted to start the unit /lib/systemd/system/user@.service (default_t)", "runs as the kernel itself"},
		{strings.ReplaceAll(ofInit, "kernel_t", "systemd_logind_t"), "(systemd_logind_t) wanted to start the unit", "no rule of the policy is about this path"},
		{`avc:  denied  { connectto } for  pid=1039 comm="sshd" path="/run/systemd/userdb/io.systemd.DynamicUser" scontext=system_u:system_r:sshd_t:s0 tcontext=system_u:system_r:kernel_t:s0 tclass=unix_stream_socket permissive=1`,
			"sshd (sshd_t) wanted to connectto the socket /run/systemd/userdb/io.systemd.DynamicUser (kernel_t)", "in the initramfs"},
		{`avc:  denied  { search } for  pid=645 comm="systemd-sysctl" name="credentials" dev="tmpfs" ino=5 scontext=system_u:system_r:systemd_sysctl_t:s0 tcontext=system_u:object_r:tmpfs_t:s0 tclass=dir permissive=1`,
			"wanted to search the directory credentials (tmpfs_t)", "made while no policy was loaded"},
		{`avc:  denied  { search } for  pid=645 comm="agetty" name="/" dev="overlay" ino=5 scontext=system_u:system_r:getty_t:s0 tcontext=system_u:object_r:tmpfs_t:s0 tclass=dir permissive=1`,
			"wanted to search the directory / (tmpfs_t)", "so it is with overlayfs"},
		{`avc:  denied  { use } for  pid=1010 comm="sshd" path="/usr/lib/x86_64-linux-gnu/libnsl.so.2.0.1" dev="loop0" ino=4205 scontext=system_u:system_r:sshd_t:s0 tcontext=system_u:system_r:kernel_t:s0 tclass=fd permissive=1`,
			"sshd (sshd_t) wanted to use an open file /usr/lib/x86_64-linux-gnu/libnsl.so.2.0.1 (kernel_t)", "in the name of whoever mounted it"},
		{`avc:  denied  { getattr } for  pid=1321 comm="xauth" name="/" dev="tmpfs" ino=1 scontext=unconfined_u:unconfined_r:xauth_t:s0-s0:c0.c1023 tcontext=system_u:object_r:tmpfs_t:s0 tclass=filesystem permissive=1`,
			"xauth (xauth_t) wanted to getattr the file system / (tmpfs_t)", "no rule for it"},
		{`avc:  denied  { open } for  pid=1039 comm="sshd" path="/home/ops/.ssh/authorized_keys" dev="dm-0" ino=16782 scontext=system_u:system_r:sshd_t:s0 tcontext=system_u:object_r:user_home_dir_t:s0 tclass=file permissive=1`,
			"/home/ops/.ssh/authorized_keys (user_home_dir_t)", "restorecon -R"},
		{`avc:  denied  { relabelto } for  pid=679 comm="systemd-tmpfile" name="mtab" dev="dm-0" ino=211 scontext=system_u:system_r:systemd_tmpfiles_t:s0 tcontext=system_u:object_r:etc_t:s0 tclass=lnk_file permissive=1`,
			"wanted to relabelto the link mtab (etc_t)", "systemd_tmpfiles_manage_all"},
		{`avc:  denied  { checkpoint_restore } for  pid=744 comm="agetty" capability=40  scontext=system_u:system_r:getty_t:s0 tcontext=system_u:system_r:getty_t:s0 tclass=capability2 permissive=1`,
			"agetty (getty_t) wanted the capability checkpoint_restore", "often it is only tried"},
		{`avc:  denied  { execute } for  pid=7 comm="(sshd)" name="sshd" dev="dm-0" ino=9 scontext=system_u:system_r:init_t:s0 tcontext=system_u:object_r:unlabeled_t:s0 tclass=file permissive=0`,
			"(sshd) (init_t) wanted to execute the file sshd (unlabeled_t)", "packed or copied without its extended attributes"},
		{`avc:  denied  { getattr } for  pid=663 comm="losetup" path=2F6F7665726C6179202864656C6574656429 dev="rootfs" ino=12627 scontext=system_u:system_r:fsadm_t:s0 tcontext=system_u:object_r:root_t:s0 tclass=file permissive=1`,
			"losetup (fsadm_t) wanted to getattr the file /overlay (deleted) (root_t)", "no rule"},
	} {
		all, _ := readDenials(printed(tt.record))
		if len(all) != 1 {
			t.Errorf("%d denials in %s", len(all), tt.record)
			continue
		}
		if d := all[0]; !strings.Contains(d.what(), tt.what) || !strings.Contains(d.why(), tt.why) || d.record != strings.TrimSpace(tt.record) {
			t.Errorf("%s\nwhat: %s\nwhy:  %s\nwant: %s\n      %s", d.record, d.what(), d.why(), tt.what, tt.why)
		}
	}
}

// What was found reaches the result, with the question.
func TestAskDenials(t *testing.T) {
	answer := base64.StdEncoding.EncodeToString([]byte(fromKernel + "\n" + printed(ofSSHD)))
	var shell *Shell
	shell = NewShell(func(request []byte) error {
		id, _, _ := strings.Cut(string(request), " ")
		shell.Feed([]byte("<<" + id + " 0 " + answer + ">>\n"))
		return nil
	})
	shell.Feed([]byte("<<ready 0 >>\n"))
	f, err := askDenials(t.Context(), &asking{Guest: &Guest{Shell: shell, Patience: time.Second}})
	if err != nil || f.status != Fail || !strings.Contains(f.command, "journalctl") || !strings.Contains(f.output, "the label of /usr/sbin/sshd is lost or wrong") {
		t.Errorf("%+v, %v", f, err)
	}
}
