package distro

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// ListFile is the name under which a file of the source is kept in a directory
// of indexes, as apt (2.6) does: "m.example_debian_dists_bookworm_InRelease".
func (s Source) ListFile(file string) string {
	uri := s.URI
	if _, rest, ok := strings.Cut(uri, ":"); ok {
		uri = strings.TrimPrefix(rest, "//")
	}
	host, path, _ := strings.Cut(uri, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:] // apt leaves the user and the password out
	}
	uri = host + "/"
	if path = strings.Trim(path, "/"); path != "" {
		uri += path + "/"
	}
	if s.Suite != "" {
		uri += "dists/" + s.Suite + "/"
	}
	uri += file
	var b strings.Builder
	for i := range len(uri) {
		switch c := uri[i]; {
		case c == '/':
			b.WriteByte('_')
		case c <= ' ' || c >= 0x7f || strings.IndexByte("%\\|{}[]<>\"^~_=!@#$&*", c) >= 0:
			fmt.Fprintf(&b, "%%%02x", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// SignedFile is the name under which the source's signed index is kept.
func (s Source) SignedFile() string {
	switch s.Family {
	case RPM, Zypper:
		return s.ListFile("repodata/repomd.xml")
	case Pacman:
		return s.ListFile(s.Name + ".db")
	}
	return s.ListFile("InRelease")
}

// AbsentFile is there if the mirror did not have the source, which is an optional
// one then. apt removes it whenever it updates the directory.
func (s Source) AbsentFile() string { return s.SignedFile() + ".absent" }

// keptFormat is raised when Keep writes something else than before.
const keptFormat = "_v1-"

// PackagesFile is the name under which Keep's text of a listing is kept.
func (s Source) PackagesFile(arch string, l Listing) string {
	return s.ListFile("") + arch + keptFormat + l.Sum[:min(len(l.Sum), 32)] + "_Packages"
}

// PackageFiles are the files in a directory of indexes that list packages of the
// architecture; none if there is no such directory.
func (d Distro) PackageFiles(lists, arch string) []string {
	if d.Family != Deb {
		files, _ := filepath.Glob(filepath.Join(lists, "*_"+arch+keptFormat+"*_Packages"))
		return files
	}
	files, _ := filepath.Glob(filepath.Join(lists, "*_Packages"))
	return slices.DeleteFunc(files, func(f string) bool {
		return strings.Contains(filepath.Base(f), "_binary-") && !strings.HasSuffix(f, "_binary-"+arch+"_Packages") && !strings.HasSuffix(f, "_binary-all_Packages")
	})
}
