package distro

import (
	"iter"
	"strings"
)

// providers are the packages that provide a name, in the order of their names.
// There are ten times as many names as packages: a list for each would be slow.
// Names of files are those of a root in which /bin, /sbin and /usr/sbin are
// /usr/bin.
type providers struct {
	ends  map[string]ends
	links []link
}

type ends struct{ first, last int32 }

type link struct{ at, next int32 } // a package, and the next link or -1

func (p *providers) add(name string, at int32) {
	name = merged(name)
	this := int32(len(p.links))
	e, ok := p.ends[name]
	switch {
	case !ok:
		e.first = this
	case p.links[e.last].at == at:
		return
	default:
		p.links[e.last].next = this
	}
	e.last = this
	p.ends[name] = e
	p.links = append(p.links, link{at, -1})
}

// of yields the packages that provide a name.
func (p *providers) of(name string) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		e, ok := p.ends[merged(name)]
		for i := e.first; ok && i >= 0 && yield(p.links[i].at); {
			i = p.links[i].next
		}
	}
}

// merged is a path as a root has it in which /bin, /sbin and /usr/sbin are
// /usr/bin; anything else is returned as it is.
func merged(path string) string {
	if path == "" || path[0] != '/' {
		return path
	}
	for _, dir := range []string{"/bin/", "/usr/sbin/", "/sbin/"} {
		if rest, ok := strings.CutPrefix(path, dir); ok {
			return "/usr/bin/" + rest
		}
	}
	return path
}
