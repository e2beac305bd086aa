package distro

const openSUSEKeys = "/usr/share/distribution-gpg-keys/opensuse/RPM-GPG-KEY-openSUSE-"

var opensuse = Distro{
	ID:     "opensuse",
	Name:   "openSUSE",
	Family: Zypper,
	Releases: []Release{
		{ID: "tumbleweed", Note: "rolling: changes daily"},
		{ID: "15.6", Version: "Leap 15.6", Note: "kernel 6.4, systemd 254, OpenSSH 9.6",
			Names: map[string]string{"systemd-networkd": "systemd-network", "systemd-resolved": "systemd-network"}},
	},
	Keys: Keys{Files: []string{openSUSEKeys + "Tumbleweed", "/usr/lib/rpm/gnupg/keys/gpg-pubkey-29b700a4-62b07e22.asc"},
		Package: "distribution-gpg-keys",
		// Leap has packages of SUSE's own, and of Backports, beside openSUSE's.
		Together: map[string][]string{"15.6": {openSUSEKeys + "Tumbleweed", openSUSEKeys + "Leap-SLE", openSUSEKeys + "Backports-2023"}}},
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
	Locale:  Locale{"/etc/locale.conf", false},
	Base:    []string{"openSUSE-release", "filesystem", "bash", "coreutils", "util-linux", "shadow", "systemd", "udev"},
	Stacks: []Stack{
		{ID: "kiwi", Packages: []string{"dracut", "dracut-kiwi-live", "curl", "zstd"}},
		{ID: "dracut", Packages: []string{"dracut", "curl", "zstd"},
			Versions: map[string]string{"15.6": "059"}},
	},
	KernelPackage: "kernel-default",
	RPMDB:         "/usr/lib/sysimage/rpm",
}

var opensuseNames = map[string]string{
	"amd64-microcode": "ucode-amd", "apt": Unneeded, "apt-utils": Unneeded, "auditd": "audit", "bind9": "bind", "bind9-dnsutils": "bind-utils",
	"bind9-host": "bind-utils", "bsdutils": "util-linux", "btrfs-progs": "btrfsprogs", "ca-certificates": "ca-certificates-mozilla",
	"conntrack": "conntrack-tools", "console-setup": Unneeded, "cron": "cronie", "dbus": "dbus-1", "dbus-user-session": Unneeded, "debconf": Unneeded,
	"debian-archive-keyring": Unneeded, "debianutils": "which", "dmsetup": "device-mapper", "dnsutils": "bind-utils", "docker.io": "docker",
	"dracut-core": "dracut", "dracut-live": "dracut", "dracut-network": "dracut", "fdisk": "util-linux", "firmware-amd-graphics": "kernel-firmware-amdgpu",
	"firmware-atheros": "kernel-firmware-atheros", "firmware-bnx2": "kernel-firmware-bnx2", "firmware-bnx2x": "kernel-firmware-bnx2",
	"firmware-brcm80211": "kernel-firmware-brcm", "firmware-intel-sound": "kernel-firmware-sound", "firmware-iwlwifi": "kernel-firmware-iwlwifi",
	"firmware-linux": "kernel-firmware-all", "firmware-linux-free": "kernel-firmware-all", "firmware-linux-nonfree": "kernel-firmware-all",
	"firmware-misc-nonfree": "kernel-firmware-all", "firmware-qlogic": "kernel-firmware-qlogic", "firmware-realtek": "kernel-firmware-realtek",
	"firmware-sof-signed": "sof-firmware", "gdisk": "gptfdisk", "gnupg": "gpg2", "gpg": "gpg2", "gpgv": "gpg2", "ifenslave": Unneeded, "ifupdown": Missing,
	"inetutils-telnet": "telnet", "init": "systemd", "initramfs-tools": Unneeded, "intel-microcode": "ucode-intel", "iperf3": "iperf",
	"iputils-arping": "iputils", "iputils-ping": "iputils", "iputils-tracepath": "iputils", "isc-dhcp-client": "dhcp-client",
	"kiwi-dracut-live": "dracut-kiwi-live", "libnss-systemd": "systemd", "libpam-systemd": "systemd", "linux-headers-amd64": "kernel-default-devel",
	"linux-image-amd64": "kernel-default", "linux-image-cloud-amd64": "kernel-default", "linux-perf": "perf", "live-boot": Unneeded,
	"live-boot-initramfs-tools": Unneeded, "locales": "glibc-locale", "locales-all": "glibc-locale", "man-db": "man", "manpages": "man-pages",
	"mawk": "gawk", "mount": "util-linux", "netbase": "netcfg", "netcat-traditional": "netcat-openbsd", "netcat-openbsd": "netcat-openbsd",
	"network-manager": "NetworkManager", "nfs-common": "nfs-client", "nfs-kernel-server": "nfs-kernel-server", "openssh-client": "openssh-clients",
	"openssh-sftp-server": "openssh-server", "passwd": "shadow", "rng-tools5": "rng-tools", "selinux-policy-default": "selinux-policy-targeted",
	"selinux-utils": "selinux-tools", "snmp": "net-snmp", "snmpd": "net-snmp", "squashfs-tools": "squashfs", "ssh": "openssh-server",
	"systemd-sysv": "systemd", "systemd-timesyncd": "systemd", "task-ssh-server": "openssh-server", "tzdata": "timezone", "ucf": Unneeded,
	"unattended-upgrades": Missing, "util-linux-extra": "util-linux", "uuid-runtime": "util-linux-systemd", "vim-nox": "vim", "vim-tiny": "vim-small",
	"wpasupplicant": "wpa_supplicant", "xz-utils": "xz",
}
