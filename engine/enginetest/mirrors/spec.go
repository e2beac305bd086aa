package mirrors

import (
	"fmt"
	"sort"
	"strings"
)

// spec is the text for one run of rpmbuild that makes all packages; tree is the
// directory with their files. Sources: rpm-spec(7) of rpm 4.18. Nothing is
// found out by rpmbuild itself: no stripping, no build ids, no dependencies.
func spec(packs []*pack, tree string) string {
	var b strings.Builder
	b.WriteString(`%global __os_install_post %{nil}
%global _build_id_links none
%global debug_package %{nil}
%global _unpackaged_files_terminate_build 0
Name: slipway-fixture
Version: 1
Release: 1
Summary: Packages made of another distribution's
License: various
AutoReqProv: no
%description
Made for tests.
%install
rm -rf "%{buildroot}"
mv "` + tree + `" "%{buildroot}"
`)
	for _, p := range packs {
		writePackage(&b, p)
	}
	return b.String()
}

func writePackage(b *strings.Builder, p *pack) {
	fmt.Fprintf(b, "\n%%package -n %s\nVersion: %s\nRelease: %s\nSummary: %s\nAutoReqProv: no\n", p.name, p.version, p.release, escaped(p.summary))
	for _, l := range []struct {
		tag  string
		list []string
	}{{"Requires", p.requires}, {"Recommends", p.recommends}, {"Provides", p.provides}} {
		for _, value := range l.list {
			fmt.Fprintf(b, "%s: %s\n", l.tag, value)
		}
	}
	for _, r := range p.first {
		fmt.Fprintf(b, "Requires(pre): %s\n", r)
	}
	fmt.Fprintf(b, "%%description -n %s\n%s\n", p.name, escaped(p.summary))
	if len(p.accounts) > 0 {
		fmt.Fprintf(b, "%%pre -n %s\n%s", p.name, makeAccounts(p.accounts))
	}
	if p.after != "" {
		fmt.Fprintf(b, "%%posttrans -n %s\n%s", p.name, escaped(p.after))
	}
	fmt.Fprintf(b, "%%files -n %s\n", p.name)
	for _, e := range p.entries {
		b.WriteString(fileLine(e))
	}
}

// fileLine is an entry in %files.
func fileLine(e entry) string {
	owner := e.user + "," + e.group
	name := globbed(e.path)
	switch {
	case e.isLink():
		return fmt.Sprintf("%%attr(-,%s) %s\n", owner, name)
	case e.isDir():
		return fmt.Sprintf("%%dir %%attr(%04o,%s) %s\n", unixMode(e.mode), owner, name)
	}
	line := fmt.Sprintf("%%attr(%04o,%s) ", unixMode(e.mode), owner)
	if e.config {
		line += "%config(noreplace) "
	}
	if e.cap != 0 {
		line += "%caps(" + capText(e.cap) + ") "
	}
	return line + name + "\n"
}

// globbed is a path as %files takes it: a pattern, in which macros are known.
// What cannot be said otherwise becomes "?".
func globbed(p string) string {
	p = strings.NewReplacer(`\`, "?", "[", "?", "]", "?", "{", "?", "}", "?", `"`, "?", "%", "%%").Replace(p)
	return `"/` + p + `"`
}

func escaped(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// capNames are the capabilities that packages of ours have, by their bit:
// linux/capability.h.
var capNames = map[int]string{10: "cap_net_bind_service", 12: "cap_net_admin", 13: "cap_net_raw", 21: "cap_sys_admin"}

// capText is a set as cap_from_text(3) takes it, permitted and effective.
func capText(set uint32) string {
	var names []string
	for bit := range 32 {
		if set&(1<<bit) != 0 {
			name := capNames[bit]
			if name == "" {
				name = fmt.Sprint(bit)
			}
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return strings.Join(names, ",") + "=ep"
}

// makeAccounts is a script that makes users and groups which are not there yet.
func makeAccounts(list []account) string {
	var b strings.Builder
	for _, acc := range list {
		if acc.uid < 0 {
			fmt.Fprintf(&b, "getent group %s >/dev/null || groupadd -r -g %d %s\n", acc.name, acc.gid, acc.name)
			continue
		}
		fmt.Fprintf(&b, "getent passwd %s >/dev/null || useradd -r -M -u %d -g %s -d %s -s %s %s\n", acc.name, acc.uid, acc.group, acc.home, acc.shell, acc.name)
	}
	return b.String() + "exit 0\n"
}
