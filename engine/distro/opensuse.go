package distro

var opensuse = Distro{
	ID:     "opensuse",
	Name:   "openSUSE",
	Family: Zypper,
	Releases: []Release{
		{ID: "tumbleweed", Note: "rolling: changes daily"},
		{ID: "15.6", Version: "Leap 15.6", Note: "kernel 6.4, systemd 254, OpenSSH 9.6",
			Names: map[string]string{"systemd-networkd": "systemd-network", "systemd-resolved": "systemd-network"}},
	},
	Keys: Keys{[]string{"/usr/share/distribution-gpg-keys/opensuse/RPM-GPG-KEY-openSUSE", "/usr/lib/rpm/gnupg/keys/gpg-pubkey-29b700a4-62b07e22.asc"},
		"distribution-gpg-keys"},
	MirrorEnv: "SLIPWAY_OPENSUSE_MIRROR",
	Mirror:    "https://download.opensuse.org",
	Repositories: []Repository{
		{Name: "oss", Path: "tumbleweed/repo/oss", Releases: []string{"tumbleweed"}},
		{Name: "oss", Path: "distribution/leap/{release}/repo/oss", Releases: []string{"15.6"}},
		{Name: "update", Path: "update/leap/{release}/oss", Releases: []string{"15.6"}, Optional: true},
		{Name: "sle", Path: "update/leap/{release}/sle", Releases: []string{"15.6"}, Optional: true},
	},
	IndexSigned: true,
	Archs:       map[string]string{"amd64": "x86_64", "arm64": "aarch64"},
	Strategy:    "overlayfs",
	SSHService:  "sshd.service",
	Names:       opensuseNames,
	Units: map[string]Unit{"systemd-networkd": {"", "systemd-networkd"}, "systemd-resolved": {"", "systemd-resolved"}, "cron": {"cron", "cronie"},
		"chrony": {"chronyd", "chrony"}, "smartmontools": {"smartd", "smartmontools"}, "nfs-kernel-server": {"nfs-server", "nfs-kernel-server"},
		"open-iscsi": {"iscsi", "open-iscsi"}},
	// Its systemd is built without the group adm.
	Groups:  map[string]string{"sudo": "wheel", "adm": "systemd-journal", "netdev": "", "plugdev": ""},
	Locales: []string{"glibc-locale"},
	Locale:      Locale{"/etc/locale.conf", false, "glibc-locale"},
	Base:        []string{"openSUSE-release", "filesystem", "bash", "coreutils", "util-linux", "shadow", "systemd", "udev"},
	Stacks: []Stack{
		{ID: "kiwi", Packages: []string{"dracut", "dracut-kiwi-live", "curl", "zstd"}},
		{ID: "dracut", Packages: []string{"dracut", "curl", "zstd"},
			Versions: map[string]string{"15.6": "059"}},
	},
	KernelPackage: "kernel-default",
	RPMDB:         "/usr/lib/sysimage/rpm",
}
