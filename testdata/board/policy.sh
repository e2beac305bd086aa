#!/bin/sh
# Adds to Debian 12's policy, which the mirrors of the tests have too, what its own
# systemd 252, udev and agetty are denied by it, live or installed, and what they are
# denied of what dracut's init made before there was a policy.
set -e
cat > /tmp/live.cil << 'CIL'
(allow systemd_sysctl_t tmpfs_t (dir (search)))
(allow systemd_tmpfiles_t etc_t (lnk_file (relabelfrom relabelto)))
(allow systemd_tmpfiles_t user_home_dir_t (dir (relabelfrom relabelto)))
(allow systemd_tmpfiles_t user_home_dir_t (dir (write add_name create setattr)))
(allow systemd_tmpfiles_t ssh_home_t (dir (create setattr relabelfrom relabelto)))
(typeattributeset can_change_object_identity (systemd_tmpfiles_t))
(allow udev_t sysctl_fs_t (dir (search)))
(allow udev_t sysctl_fs_t (file (read open getattr ioctl)))
(allow udev_t self (process (setrlimit)))
(allow getty_t self (capability2 (checkpoint_restore)))
(allow sshd_t kernel_t (unix_stream_socket (connectto)))
(allow systemd_logind_t kernel_t (unix_stream_socket (connectto)))
CIL
semodule -N -i /tmp/live.cil
