package distro

var ubuntu = Distro{
	ID:     "ubuntu",
	Name:   "Ubuntu",
	Family: Deb,
	Releases: []Release{
		{ID: "noble", Version: "24.04", Note: "long-term support; kernel 6.8, systemd 255, OpenSSH 9.6", Security: true},
		{ID: "jammy", Version: "22.04", Note: "long-term support; kernel 5.15, systemd 249, OpenSSH 8.9", Security: true},
	},
	Keys:           Keys{Files: []string{"/usr/share/keyrings/ubuntu-archive-keyring.gpg"}, Package: "ubuntu-keyring"},
	MirrorEnv:      "SLIPWAY_UBUNTU_MIRROR",
	Mirror:         "http://archive.ubuntu.com/ubuntu",
	SecurityMirror: "http://security.ubuntu.com/ubuntu",
	IndexSigned:    true,
	Archs:          map[string]string{"amd64": "amd64", "arm64": "arm64"},
	Strategy:       "overlayfs",
	SSHService:     "ssh.service",
	Locales:        []string{"locales", "locales-all", "language-pack-%s"},
	Names: map[string]string{
		"linux-image-amd64": "linux-image-generic", "linux-image-cloud-amd64": "linux-image-virtual",
		"linux-headers-amd64": "linux-headers-generic", "linux-perf": "linux-tools-generic", "debian-archive-keyring": Unneeded,
		"firmware-linux": "linux-firmware", "firmware-linux-free": "linux-firmware", "firmware-linux-nonfree": "linux-firmware",
		"firmware-misc-nonfree": "linux-firmware", "firmware-amd-graphics": "linux-firmware", "firmware-atheros": "linux-firmware",
		"firmware-bnx2": "linux-firmware", "firmware-bnx2x": "linux-firmware", "firmware-brcm80211": "linux-firmware",
		"firmware-iwlwifi": "linux-firmware", "firmware-qlogic": "linux-firmware", "firmware-realtek": "linux-firmware",
	},
	Locale: Locale{"/etc/default/locale", true},
	Stacks: []Stack{
		{ID: "casper", Packages: []string{"casper", "initramfs-tools", "zstd"},
			Versions: map[string]string{"jammy": "1.470", "noble": "1.498"}},
		{ID: "live-boot", Packages: []string{"live-boot", "live-boot-initramfs-tools", "zstd"}, Component: "universe"},
		{ID: "dracut", Packages: []string{"dracut", "dracut-live", "dracut-network", "curl", "dbus", "zstd"},
			Versions: map[string]string{"jammy": "051", "noble": "060"}, Component: "universe"},
	},
	KernelPackage: "linux-image-generic",
}
