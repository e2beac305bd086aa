package distro

import "maps"

// enterprise is what CentOS Stream and those that are rebuilt from its sources
// have in common.
func enterprise(d Distro) Distro {
	d.Family = RPM
	d.Archs = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}
	d.Strategy = "overlayfs"
	d.SSHService = "sshd.service"
	d.Names = enterpriseNames
	d.Units = enterpriseUnits
	d.Groups = wheel
	d.Locales = []string{"glibc-langpack-%s", "glibc-all-langpacks"}
	d.Locale = Locale{"/etc/locale.conf", false}
	d.Base = append(d.Base, "filesystem", "setup", "bash", "coreutils", "glibc-minimal-langpack", "util-linux", "shadow-utils", "systemd", "systemd-udev")
	d.Stacks = []Stack{{ID: "dracut", Packages: []string{"dracut", "dracut-live", "dracut-network", "curl", "NetworkManager", "zstd"},
		Versions: map[string]string{"9": "057"}}}
	d.KernelPackage = "kernel-core"
	d.SELinux = &SELinux{Default: "enforcing", Policy: "targeted", Packages: []string{"selinux-policy-targeted", "policycoreutils", "libselinux-utils"}, On: selinuxOn, Off: []string{"selinux=0"}}
	d.RPMDB = "/var/lib/rpm"
	return d
}

var centos = enterprise(Distro{
	ID:   "centos",
	Name: "CentOS Stream",
	Releases: []Release{
		{ID: "10", Version: "10", Note: "kernel 6.12, systemd 257, OpenSSH 9.9"},
		{ID: "9", Version: "9", Note: "kernel 5.14, systemd 252, OpenSSH 8.7"},
	},
	Keys: Keys{Files: []string{"/usr/share/distribution-gpg-keys/centos/RPM-GPG-KEY-CentOS-{major}", "/usr/share/distribution-gpg-keys/centos/RPM-GPG-KEY-CentOS-Official", "/etc/pki/rpm-gpg/RPM-GPG-KEY-centosofficial"},
		Package: "distribution-gpg-keys"},
	MirrorEnv: "SLIPWAY_CENTOS_MIRROR",
	Mirror:    "https://mirror.stream.centos.org",
	Repositories: []Repository{
		{Name: "baseos", Path: "{release}-stream/BaseOS/{arch}/os"},
		{Name: "appstream", Path: "{release}-stream/AppStream/{arch}/os"},
	},
	Base: []string{"centos-stream-release"},
})

var rocky = enterprise(Distro{
	ID:   "rocky",
	Name: "Rocky Linux",
	Releases: []Release{
		{ID: "10", Version: "10", Note: "kernel 6.12, systemd 257, OpenSSH 9.9"},
		{ID: "9", Version: "9", Note: "kernel 5.14, systemd 252, OpenSSH 8.7"},
	},
	Keys: Keys{Files: []string{"/usr/share/distribution-gpg-keys/rocky/RPM-GPG-KEY-Rocky-{major}", "/etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-{major}"},
		Package: "distribution-gpg-keys"},
	MirrorEnv: "SLIPWAY_ROCKY_MIRROR",
	Mirror:    "https://dl.rockylinux.org/pub/rocky",
	Repositories: []Repository{
		{Name: "baseos", Path: "{release}/BaseOS/{arch}/os"},
		{Name: "appstream", Path: "{release}/AppStream/{arch}/os"},
	},
	Base: []string{"rocky-release"},
})

var alma = enterprise(Distro{
	ID:   "alma",
	Name: "AlmaLinux",
	Releases: []Release{
		{ID: "10", Version: "10", Note: "kernel 6.12, systemd 257, OpenSSH 9.9"},
		{ID: "9", Version: "9", Note: "kernel 5.14, systemd 252, OpenSSH 8.7"},
	},
	Keys: Keys{Files: []string{"/usr/share/distribution-gpg-keys/alma/RPM-GPG-KEY-AlmaLinux-{major}", "/etc/pki/rpm-gpg/RPM-GPG-KEY-AlmaLinux-{major}"},
		Package: "distribution-gpg-keys"},
	MirrorEnv: "SLIPWAY_ALMA_MIRROR",
	Mirror:    "https://repo.almalinux.org/almalinux",
	Repositories: []Repository{
		{Name: "baseos", Path: "{release}/BaseOS/{arch}/os"},
		{Name: "appstream", Path: "{release}/AppStream/{arch}/os"},
	},
	Base: []string{"almalinux-release"},
})

// enterpriseNames: what Fedora has and these have only in EPEL is missing.
var enterpriseNames = over(fedoraNames, map[string]string{
	"amd64-microcode": "linux-firmware", "bridge-utils": Missing, "btrfs-progs": Missing, "busybox": Missing, "docker.io": Missing, "fail2ban": Missing,
	"firmware-amd-graphics": "linux-firmware", "firmware-atheros": "linux-firmware", "firmware-brcm80211": "linux-firmware",
	"firmware-iwlwifi": "linux-firmware", "firmware-qlogic": "linux-firmware", "firmware-realtek": "linux-firmware", "fish": Missing, "haveged": Missing,
	"htop": Missing, "kiwi-dracut-live": Missing, "ncdu": Missing, "screen": Missing, "systemd-timesyncd": "chrony", "ufw": Missing,
})

// enterpriseUnits: networkd and timesyncd are not built, see NetworkManager and chrony.
var enterpriseUnits = over(redHatUnits, map[string]Unit{
	"systemd-networkd": {"NetworkManager", "NetworkManager"}, "systemd-timesyncd": {"chronyd", "chrony"},
})

// over lays one table over another.
func over[V any](below, above map[string]V) map[string]V {
	all := maps.Clone(below)
	maps.Copy(all, above)
	return all
}
