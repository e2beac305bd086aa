package distro

var fedora = Distro{
	ID:     "fedora",
	Name:   "Fedora Linux",
	Family: RPM,
	Releases: []Release{
		{ID: "43", Version: "43", Note: "stable"},
		{ID: "42", Version: "42", Note: "the release before"},
	},
	Keys: Keys{Files: []string{"/usr/share/distribution-gpg-keys/fedora/RPM-GPG-KEY-fedora-{release}-primary", "/etc/pki/rpm-gpg/RPM-GPG-KEY-fedora-{release}-{arch}"},
		Package: "distribution-gpg-keys"},
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
	Locale:     Locale{"/etc/locale.conf", false},
	Base: []string{"fedora-release", "filesystem", "setup", "bash", "coreutils", "glibc-minimal-langpack", "util-linux", "shadow-utils",
		"systemd", "systemd-udev"},
	Stacks: []Stack{
		{ID: "dracut", Packages: []string{"dracut", "dracut-live", "dracut-network", "curl", "systemd-networkd", "zstd"}},
	},
	KernelPackage: "kernel-core",
	SELinux:       &SELinux{Default: "enforcing", Policy: "targeted", Packages: []string{"selinux-policy-targeted", "policycoreutils", "libselinux-utils"}, On: selinuxOn, Off: []string{"selinux=0"}},
	// Since Fedora 36 (Changes/RelocateRPMToUsr).
	RPMDB: "/usr/lib/sysimage/rpm",
}

var fedoraNames = map[string]string{
	"amd64-microcode": "amd-ucode-firmware", "apache2": "httpd", "apparmor": Missing, "apt": Unneeded, "apt-utils": Unneeded, "auditd": "audit",
	"bind9": "bind", "bind9-dnsutils": "bind-utils", "bind9-host": "bind-utils", "bsdutils": "util-linux", "conntrack": "conntrack-tools",
	"console-setup": Unneeded, "cron": "cronie", "dbus-user-session": Unneeded, "debconf": Unneeded, "debian-archive-keyring": Unneeded,
	"debianutils": "which", "dmsetup": "device-mapper", "dnsutils": "bind-utils", "docker.io": "moby-engine", "dracut-core": "dracut",
	"fdisk": "util-linux", "firmware-amd-graphics": "amd-gpu-firmware", "firmware-atheros": "atheros-firmware", "firmware-bnx2": "linux-firmware",
	"firmware-bnx2x": "linux-firmware", "firmware-brcm80211": "brcmfmac-firmware", "firmware-intel-sound": "intel-audio-firmware",
	"firmware-iwlwifi": "iwlwifi-mvm-firmware", "firmware-linux": "linux-firmware", "firmware-linux-free": "linux-firmware",
	"firmware-linux-nonfree": "linux-firmware", "firmware-misc-nonfree": "linux-firmware", "firmware-qlogic": "qed-firmware",
	"firmware-realtek": "realtek-firmware", "firmware-sof-signed": "alsa-sof-firmware", "gnupg": "gnupg2", "gpg": "gnupg2", "gpgv": "gnupg2",
	"ifenslave": Unneeded, "ifupdown": Missing, "inetutils-telnet": "telnet", "init": "systemd", "initramfs-tools": Unneeded, "intel-microcode": "microcode_ctl",
	"iproute2": "iproute", "iptables": "iptables-nft", "iputils-arping": "iputils", "iputils-ping": "iputils", "iputils-tracepath": "iputils",
	"isc-dhcp-client": "dhcp-client", "kiwi-dracut-live": "dracut-kiwi-live", "libnss-systemd": "systemd-libs", "libpam-systemd": "systemd-pam",
	"linux-headers-amd64": "kernel-devel", "linux-image-amd64": "kernel", "linux-image-cloud-amd64": "kernel-core", "linux-perf": "perf",
	"live-boot": Unneeded, "live-boot-initramfs-tools": Unneeded, "locales": "glibc-langpack-en", "locales-all": "glibc-all-langpacks",
	"manpages": "man-pages", "mawk": "gawk", "mount": "util-linux", "multipath-tools": "device-mapper-multipath", "netbase": "setup",
	"netcat-openbsd": "nmap-ncat", "netcat-traditional": "nmap-ncat", "network-manager": "NetworkManager", "nfs-common": "nfs-utils",
	"nfs-kernel-server": "nfs-utils", "open-iscsi": "iscsi-initiator-utils", "openssh-client": "openssh-clients", "openssh-sftp-server": "openssh-server",
	"passwd": "shadow-utils", "procps": "procps-ng", "rng-tools5": "rng-tools", "selinux-policy-default": "selinux-policy-targeted",
	"selinux-utils": "libselinux-utils", "snmp": "net-snmp-utils", "snmpd": "net-snmp", "ssh": "openssh-server", "systemd-sysv": "systemd",
	"systemd-timesyncd": "systemd", "task-ssh-server": "openssh-server", "thin-provisioning-tools": "device-mapper-persistent-data",
	"ucf": Unneeded, "udev": "systemd-udev", "unattended-upgrades": "dnf-automatic", "util-linux-extra": "util-linux", "uuid-runtime": "util-linux",
	"vim": "vim-enhanced", "vim-nox": "vim-enhanced", "vim-tiny": "vim-minimal", "wpasupplicant": "wpa_supplicant", "xauth": "xorg-x11-xauth",
	"xz-utils": "xz",
}

// redHatUnits are those of Fedora.
var redHatUnits = map[string]Unit{
	"systemd-networkd": {"", "systemd-networkd"}, "systemd-resolved": {"", "systemd-resolved"}, "cron": {"crond", "cronie"}, "chrony": {"chronyd", "chrony"},
	"apache2": {"httpd", "httpd"}, "smartmontools": {"smartd", "smartmontools"}, "nfs-kernel-server": {"nfs-server", "nfs-utils"},
	"open-iscsi": {"iscsi", "iscsi-initiator-utils"},
}
