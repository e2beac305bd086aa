package image

import (
	"archive/tar"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pack writes a listing as sqfs2tar would, with fault applied to each header.
func pack(t *testing.T, want Listing, fault func(*tar.Header)) Listing {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, e := range want {
		h, err := tar.FileInfoHeader(info{e}, e.Target)
		if err != nil {
			t.Fatal(err)
		}
		h.Name, h.Uid, h.Gid, h.Size, h.Format = name, e.UID, e.GID, e.Size, tar.FormatPAX
		for k, v := range e.Xattrs {
			if h.PAXRecords == nil {
				h.PAXRecords = map[string]string{}
			}
			h.PAXRecords[paxXattr+k] = v
		}
		if e.Twin != "" && e.Twin != name {
			h.Typeflag, h.Linkname, h.Size = tar.TypeLink, e.Twin, 0
		}
		fault(h)
		if h.Name == "" {
			continue
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, h.Size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	have, err := readTar(&b)
	if err != nil {
		t.Fatal(err)
	}
	return have
}

type info struct{ e Entry }

func (i info) Name() string           { return "x" }
func (i info) Size() int64            { return i.e.Size }
func (i info) Mode() fs.FileMode      { return i.e.Mode }
func (i info) IsDir() bool            { return i.e.Mode.IsDir() }
func (i info) Sys() any               { return nil }
func (i info) ModTime() (t time.Time) { return }

func testRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "usr/sbin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{"usr/sbin/sshd": 0o755, "usr/sbin/su": 0o755 | fs.ModeSetuid} {
		p := filepath.Join(root, name)
		if err := os.WriteFile(p, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("usr/sbin", filepath.Join(root, "sbin")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(root, "usr/sbin/su"), filepath.Join(root, "usr/sbin/su2")); err != nil {
		t.Fatal(err)
	}
	return root
}

// Every way in which a packed image can differ is noticed and names the file.
func TestDifferencesAreNoticed(t *testing.T) {
	root := testRoot(t)
	want, err := ListRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	// Not set on the file: not every file system takes user attributes.
	sshd := want["usr/sbin/sshd"]
	sshd.Xattrs = map[string]string{"security.selinux": "system_u:object_r:sshd_exec_t:s0"}
	want["usr/sbin/sshd"] = sshd
	if twin := want["usr/sbin/su2"].Twin; twin != "usr/sbin/su" || want["usr/sbin/su"].Twin != twin || sshd.Twin != "" {
		t.Fatalf("su2 is one file with %q", twin)
	}
	is := func(h *tar.Header, name string) bool { return strings.TrimSuffix(h.Name, "/") == name }
	tests := []struct {
		name  string
		fault func(*tar.Header)
		want  string
	}{
		{"none", func(*tar.Header) {}, ""},
		{"xattr lost", func(h *tar.Header) { h.PAXRecords = nil }, "/usr/sbin/sshd: root has"},
		{"xattr changed", func(h *tar.Header) {
			if h.PAXRecords != nil {
				h.PAXRecords[paxXattr+"security.selinux"] = "file_t"
			}
		}, "/usr/sbin/sshd: root has"},
		{"setuid lost", func(h *tar.Header) {
			if is(h, "usr/sbin/su") {
				h.Mode &^= 0o4000
			}
		}, "/usr/sbin/su: root has"},
		{"owner", func(h *tar.Header) {
			if is(h, "usr/sbin/su") {
				h.Uid++
			}
		}, "/usr/sbin/su: root has"},
		{"size", func(h *tar.Header) {
			if is(h, "usr/sbin/su") {
				h.Size++
			}
		}, "/usr/sbin/su: root has"},
		{"link", func(h *tar.Header) {
			if is(h, "sbin") {
				h.Linkname = "bin"
			}
		}, "/sbin: root has"},
		{"hard link became a copy", func(h *tar.Header) {
			if is(h, "usr/sbin/su2") {
				h.Typeflag, h.Linkname, h.Size = tar.TypeReg, "", want["usr/sbin/su2"].Size
			}
		}, "/usr/sbin/su2: root has"},
		{"missing", func(h *tar.Header) {
			if is(h, "usr/sbin/su") {
				h.Name = ""
			}
		}, "/usr/sbin/su is missing from the image"},
		{"new", func(h *tar.Header) {
			if is(h, "sbin") {
				h.Name = "sbin2"
			}
		}, "/sbin2 is only in the image"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff := strings.Join(Differences(want, pack(t, want, tt.fault), 10), "\n")
			if tt.want == "" && diff != "" || !strings.Contains(diff, tt.want) {
				t.Errorf("got %q, want %q", diff, tt.want)
			}
		})
	}
}

func TestISOArguments(t *testing.T) {
	i := ISO{Name: "fleet-base.v2", Kernel: "/k", Initrd: "/i", Squashfs: "/s", Image: "live/filesystem.squashfs", Cmdline: "boot=live quiet", Epoch: 1700000000}
	if got := Label(i.Name); got != "FLEET_BASE_V2" {
		t.Errorf("label %s", got)
	}
	args := strings.Join(i.args("/w/isolinux", "/out.iso", map[string]string{"isolinux.bin": "/b", "ldlinux.c32": "/l", "isohdpfx.bin": "/m"}), " ")
	for _, want := range []string{"-volid FLEET_BASE_V2", "--modification-date=2023111422132000", "-isohybrid-mbr /m", "/live/filesystem.squashfs=/s", "/isolinux/isolinux.bin=/b", "-boot-info-table"} {
		if !strings.Contains(args, want) {
			t.Errorf("no %q in %s", want, args)
		}
	}
	if !strings.Contains(i.Menu(), "APPEND boot=live quiet\n") {
		t.Error(i.Menu())
	}
	i.Cmdline = strings.Repeat("x", 3000)
	if _, err := i.Cmd(t.TempDir(), "/out.iso"); err == nil {
		t.Error("a command line that the boot loader would cut was taken")
	}
}

func TestSquashfsCommand(t *testing.T) {
	p, err := ProfileOf("release")
	if err != nil {
		t.Fatal(err)
	}
	want := "mksquashfs /r /f -comp zstd -Xcompression-level 15 -xattrs -noappend -no-progress"
	if got := Squashfs("/r", "/f", p, 42); got.String() != want || got.Env[0] != "SOURCE_DATE_EPOCH=42" {
		t.Errorf("%s %v", got, got.Env)
	}
	if _, err := ProfileOf("fast"); err == nil {
		t.Error("an unknown profile was taken")
	}
}

// Where much differs, sshd's program is named before everything else.
func TestSSHDIsNamedFirst(t *testing.T) {
	root, packed := Listing{}, Listing{}
	for _, name := range []string{"bin/a", "usr/bin/z", "usr/sbin/sshd"} {
		root[name], packed[name] = Entry{UID: 0}, Entry{UID: 1}
	}
	diff := Differences(root, packed, 2)
	if len(diff) != 3 || !strings.HasPrefix(diff[0], "/usr/sbin/sshd:") || !strings.HasPrefix(diff[1], "/bin/a:") || diff[2] != "and 1 more" {
		t.Errorf("%q", diff)
	}
}
