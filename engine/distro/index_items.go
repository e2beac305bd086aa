package distro

import (
	"path"
	"slices"
	"strings"
)

// Name is the name, of a package or of what one provides, in an item of a
// recipe's list: without version, architecture, or suite. What the index does
// not know is cut as far as the item's own form tells.
func (x *Index) Name(item string) string {
	switch x.family {
	case RPM, Zypper:
		return x.rpmName(item)
	case Pacman:
		_, name, ok := strings.Cut(item, "/")
		if !ok {
			name = item
		}
		return before(name, "<>=")
	}
	return PackageName(item)
}

// rpmArchs are architectures that can stand behind a name: "glibc.i686".
var rpmArchs = []string{"noarch", "x86_64", "i686", "i586", "i386", "aarch64", "src"}

// rpmName follows what dnf and zypper take (dnf(8), "Specifying packages";
// zypper(8), "Package specification"): name, name.arch, name-version-release.
func (x *Index) rpmName(item string) string {
	item = before(strings.TrimPrefix(item, "package:"), " <>=")
	if x.knows(item) {
		return item
	}
	name := item
	if ext := path.Ext(item); ext != "" && slices.Contains(rpmArchs, ext[1:]) {
		name = strings.TrimSuffix(item, ext)
	}
	for rest := name; ; {
		if x.knows(rest) {
			return rest
		}
		i := strings.LastIndexByte(rest, '-')
		if i <= 0 || !strings.ContainsAny(rest[i:], "0123456789") {
			return name
		}
		rest = rest[:i]
	}
}

// knows reports whether a package has or provides a name, or is in a group of it.
func (x *Index) knows(name string) bool {
	if _, ok := x.Find(name); ok {
		return true
	}
	for range x.providers.of(name) {
		return true
	}
	return len(x.groups[name]) > 0
}

// takeOther is Take in the families other than Deb, whose tools choose among
// several that provide a name.
func (x *Index) takeOther(item, arch string) Taken {
	name := x.Name(item)
	if x.knows(name) {
		return Takes
	}
	if x.family == Pacman {
		return Unknown
	}
	ext := path.Ext(before(item, " <>="))
	switch {
	// Groups and other things than packages, files that this part of the index
	// does not list, and patterns.
	case x.family == RPM && strings.HasPrefix(item, "@"), strings.HasPrefix(item, "/"), strings.ContainsAny(item, "*?["):
		return Takes
	case x.family == Zypper && strings.Contains(item, ":") && !strings.HasPrefix(item, "package:"):
		return Takes
	case ext != "" && slices.Contains(rpmArchs, ext[1:]) && ext[1:] != arch && ext != ".noarch":
		return Takes
	}
	return Unknown
}

// before is s up to the first of the characters in end.
func before(s, end string) string {
	if i := strings.IndexAny(s, end); i >= 0 {
		return s[:i]
	}
	return s
}
