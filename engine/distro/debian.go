package distro

var debian = Distro{
	ID:     "debian",
	Name:   "Debian",
	Family: Deb,
	Releases: []Release{
		{ID: "bookworm", Version: "12", Note: "oldstable; kernel 6.1, systemd 252, OpenSSH 9.2", Security: true},
		{ID: "trixie", Version: "13", Note: "stable; kernel 6.12, systemd 257, OpenSSH 10.0", Security: true},
		{ID: "sid", Note: "unstable: changes daily, no security archive"},
	},
	Keys:           Keys{Files: []string{"/usr/share/keyrings/debian-archive-keyring.gpg"}, Package: "debian-archive-keyring"},
	MirrorEnv:      "SLIPWAY_DEBIAN_MIRROR",
	SecuritySuffix: "-security",
	IndexSigned:    true,
	Archs:          map[string]string{"amd64": "amd64", "arm64": "arm64"},
	Strategy:       "overlayfs",
	SSHService:     "ssh.service",
	Locales:        []string{"locales", "locales-all"},
	Locale:         Locale{"/etc/default/locale", true},
	// dracut's network modules want dbus-daemon, without which livenet and ifcfg
	// cannot be installed and dracut fails.
	Stacks: []Stack{
		{ID: "live-boot", Packages: []string{"live-boot", "live-boot-initramfs-tools", "zstd"},
			Versions: map[string]string{"bookworm": "20230131", "trixie": "20250815"}},
		{ID: "dracut", Packages: []string{"dracut", "dracut-live", "dracut-network", "curl", "dbus", "zstd"},
			Versions: map[string]string{"bookworm": "059", "trixie": "106"}},
		{ID: "kiwi", Packages: []string{"dracut", "dracut-network", "kiwi-dracut-live", "dbus", "zstd"},
			Versions: map[string]string{"bookworm": "9.24.56"}, Releases: []string{"bookworm"}},
	},
	KernelPackage: "linux-image-%s",
	SELinux: &SELinux{Default: SELinuxOff, Policy: "default",
		Packages: []string{"selinux-policy-default", "policycoreutils", "selinux-utils"}, On: selinuxOn, Strict: true},
}
