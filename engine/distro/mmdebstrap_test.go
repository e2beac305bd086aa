package distro

import (
	"strings"
	"testing"

	"slipway/recipes"
)

func TestMmdebstrapCommand(t *testing.T) {
	m := Mmdebstrap{Release: "bookworm", Arch: "amd64", Root: "/w/root", Packages: []string{"live-boot", "openssh-server"}, Sources: "/w/s.sources", Epoch: 42}
	want := `mmdebstrap --mode=root --variant=minbase --format=directory --verbose --architectures=amd64 --include=live-boot,openssh-server ` +
		`'--aptopt=Apt::Install-Recommends "false"' '--aptopt=APT::Sandbox::User "root"' --dpkgopt=force-unsafe-io --skip=check/empty,download/empty,essential/unlink,cleanup/apt,chroot/mount/sys bookworm /w/root /w/s.sources`
	c := m.Cmd()
	if c.String() != want || c.Env[0] != "SOURCE_DATE_EPOCH=42" {
		t.Errorf("got\n%s\nwant\n%s", c, want)
	}
	m.Sources = ""
	if c := m.Cmd(); !strings.HasSuffix(c.String(), "bookworm /w/root") {
		t.Errorf("without sources mmdebstrap must use its default mirror: %s", c)
	}
	// Signatures are always checked: no option that apt has to turn that off.
	for _, off := range []string{"trusted=yes", "AllowUnauthenticated", "AllowInsecure", "allow-unauthenticated", "gpgv"} {
		if strings.Contains(m.Cmd().String(), off) {
			t.Errorf("the command has %s", off)
		}
	}
}

func TestPackagesAreTheRecipesAndTheStacks(t *testing.T) {
	r := recipes.Recipe{Distro: recipes.Distro{ID: "debian", Arch: "amd64"}, Packages: recipes.Packages{Include: []string{"xauth", "zstd", "xauth"}}}
	if got := strings.Join(debian.Packages(r), " "); got != "linux-image-amd64 live-boot live-boot-initramfs-tools xauth zstd" {
		t.Error(got)
	}
	r.Kernel.Package = "linux-image-cloud-amd64"
	if got := debian.Kernel(r); got != "linux-image-cloud-amd64" {
		t.Error(got)
	}
	if _, err := Find("plan9"); err == nil || !strings.Contains(err.Error(), "debian") {
		t.Errorf("an unknown distro: %v", err)
	}
}
