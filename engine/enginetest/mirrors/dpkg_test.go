package mirrors

import (
	"fmt"
	"testing"
)

func TestParseStatus(t *testing.T) {
	const text = `Package: zlib1g
Status: install ok installed
Version: 1:1.2.13.dfsg-1
Description: compression library
 in more
 words

Package: gone
Status: deinstall ok config-files
Version: 1

Package: bash
Essential: yes
Status: install ok unpacked
Version: 5.2.15-2+b13
Pre-Depends: libc6 (>= 2.36), libtinfo6 (>= 6)
Depends: base-files (>= 2.1.12), debianutils:any | other [amd64]
Conffiles:
 /etc/bash.bashrc 89269e1298235f1b12b4c16e4065ad0d
 /etc/old deadbeef obsolete
 /lib/x.conf 89269e1298235f1b12b4c16e4065ad0d
Description: shell
`
	got := ""
	for _, p := range parseStatus(text) {
		got += fmt.Sprintln(p.name, p.version, p.summary, p.essential, p.depends, p.config)
	}
	const want = `bash 5.2.15-2+b13 shell true [[{libc6 >= 2.36}] [{libtinfo6 >= 6}] [{base-files >= 2.1.12}] [{debianutils  } {other  }]] map[etc/bash.bashrc:true usr/lib/x.conf:true]
zlib1g 1:1.2.13.dfsg-1 compression library false [] map[]
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMerged(t *testing.T) {
	for p, want := range map[string]string{"bin/sh": "usr/bin/sh", "lib64/ld.so": "usr/lib64/ld.so", "library/x": "library/x", "etc/lib/x": "etc/lib/x", "sbin": "usr/sbin"} {
		if got := merged(p); got != want {
			t.Errorf("%s: %s, want %s", p, got, want)
		}
	}
}

func TestVersionOf(t *testing.T) {
	for v, want := range map[string][2]string{
		"1:9.2p1-2+deb12u6": {"9.2p1", "2+deb12u6"}, "20250419~deb12u2": {"20250419~deb12u2", "1"}, "3.1-20221030-2": {"3.1.20221030", "2"},
	} {
		version, release := versionOf(v)
		if version != want[0] || release != want[1] {
			t.Errorf("%s: %s and %s, want %v", v, version, release, want)
		}
	}
}
