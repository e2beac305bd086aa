package distro

var fedora = Distro{
	ID:     "fedora",
	Name:   "Fedora Linux",
	Family: RPM,
	Releases: []Release{
		{ID: "43", Version: "43", Note: "stable"},
		{ID: "42", Version: "42", Note: "the release before"},
	},
	Keys: Keys{[]string{"/usr/share/distribution-gpg-keys/fedora/RPM-GPG-KEY-fedora-{release}-primary", "/etc/pki/rpm-gpg/RPM-GPG-KEY-fedora-{release}-{arch}"},
		"distribution-gpg-keys"},
	MirrorEnv: "SLIPWAY_FEDORA_MIRROR",
	Mirror:    "https://dl.fedoraproject.org/pub/fedora/linux",
	Repositories: []Repository{
		{Name: "fedora", Path: "releases/{release}/Everything/{arch}/os"},
		{Name: "updates", Path: "updates/{release}/Everything/{arch}", Optional: true},
	},
	Archs:      map[string]string{"amd64": "x86_64", "arm64": "aarch64"},
	Strategy:   "overlayfs",
	SSHService: "sshd.service",
	Names:      fedoraNames,
	Units:      redHatUnits,
	Groups:     wheel,
	Locales:    []string{"glibc-langpack-%s", "glibc-all-langpacks"},
	Locale:     Locale{"/etc/locale.conf", false, "glibc-langpack-{lang}"},
	Base: []string{"fedora-release", "filesystem", "setup", "bash", "coreutils", "glibc-minimal-langpack", "util-linux", "shadow-utils",
		"systemd", "systemd-udev"},
	Stacks: []Stack{
		{ID: "dracut", Packages: []string{"dracut", "dracut-live", "dracut-network", "curl", "systemd-networkd", "zstd"}},
	},
	KernelPackage: "kernel-core",
	SELinux:       &SELinux{Default: "enforcing", Policy: "targeted", Packages: []string{"selinux-policy-targeted", "policycoreutils", "libselinux-utils"}, Off: []string{"selinux=0"}},
	// Since Fedora 36 (Changes/RelocateRPMToUsr).
	RPMDB: "/usr/lib/sysimage/rpm",
}
