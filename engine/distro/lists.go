package distro

import (
	"fmt"
	"strings"
)

// ListFile is the name under which apt (2.6) keeps a file of the suite in its
// lists directory: "m.example_debian_dists_bookworm_InRelease".
func (s Source) ListFile(file string) string {
	uri := s.URI
	if _, rest, ok := strings.Cut(uri, ":"); ok {
		uri = strings.TrimPrefix(rest, "//")
	}
	host, path, _ := strings.Cut(uri, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:] // apt leaves the user and the password out
	}
	uri = host + "/" + strings.Trim(path, "/") + "/dists/" + s.Suite + "/" + file
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
