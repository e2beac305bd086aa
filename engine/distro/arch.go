package distro

var arch = Distro{
	ID:       "arch",
	Name:     "Arch Linux",
	Family:   Pacman,
	Releases: []Release{{ID: "rolling", Note: "rolling: changes daily"}},
	Keys: Keys{[]string{"/usr/share/pacman/keyrings/archlinux.gpg", "/usr/share/keyrings/archlinux.gpg"},
		"archlinux-keyring"},
	MirrorEnv: "SLIPWAY_ARCH_MIRROR",
	Mirror:    "https://geo.mirror.pkgbuild.com",
	Repositories: []Repository{
		{Name: "core", Path: "core/os/{arch}"},
		{Name: "extra", Path: "extra/os/{arch}"},
	},
	Archs:      map[string]string{"amd64": "x86_64"},
	Strategy:   "overlayfs",
	SSHService: "sshd.service",
	Names:      archNames,
	Units: map[string]Unit{"cron": {"cronie", "cronie"}, "chrony": {"chronyd", "chrony"}, "apache2": {"httpd", "apache"},
		"smartmontools": {"smartd", "smartmontools"}, "nfs-kernel-server": {"nfs-server", "nfs-utils"}, "open-iscsi": {"iscsi", "open-iscsi"}},
	Groups: wheel,
	Locale:     Locale{"/etc/locale.conf", true, "glibc"},
	Base:       []string{"base"},
	Stacks: []Stack{
		{ID: "dracut", Packages: []string{"dracut", "curl", "dbus", "zstd"}},
	},
	KernelPackage: "linux",
}
