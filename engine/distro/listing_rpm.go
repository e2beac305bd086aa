package distro

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// primary reads primary.xml, element by element: with the decoder's own structs
// it would take several times as long.
type primary struct {
	found func(p Package, arch string)

	p        Package
	arch     string
	text     strings.Builder // of the element
	depth    int             // of elements within a package
	relation string          // "provides" or "requires", while in it
	lists    map[string]*list
	whole    bool // the end was seen
}

// readPrimary reads a listing of an rpm-md repository.
func readPrimary(in io.Reader, found func(p Package, arch string)) error {
	r := &primary{found: found, lists: map[string]*list{"provides": {}, "requires": {}, "file": {}}}
	for d := xml.NewDecoder(in); ; {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) && r.whole {
			return nil
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("read primary.xml: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			r.start(t)
		case xml.EndElement:
			r.end(t.Name.Local)
		case xml.CharData:
			r.text.Write(t)
		}
	}
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (r *primary) start(t xml.StartElement) {
	r.text.Reset()
	r.depth++
	switch t.Name.Local {
	case "package":
		r.p, r.arch, r.depth = Package{}, "", 0
	case "version":
		r.p.Version = fullVersion(attribute(t, "epoch"), attribute(t, "ver"), attribute(t, "rel"))
	case "size":
		r.p.Download, r.p.Installed = number([]byte(attribute(t, "package"))), number([]byte(attribute(t, "installed")))
	case "provides", "requires":
		r.relation = t.Name.Local
	case "entry":
		r.entry(t)
	}
}

func fullVersion(epoch, version, release string) string {
	if epoch != "" && epoch != "0" {
		version = epoch + ":" + version
	}
	if release != "" {
		version += "-" + release
	}
	return version
}

// flags are how primary.xml writes comparisons.
var flags = map[string]string{"EQ": "=", "LT": "<", "GT": ">", "LE": "<=", "GE": ">="}

// entry takes one relation. What rpm itself provides is of no use to anyone, and
// that a package provides its own name goes without saying.
func (r *primary) entry(t xml.StartElement) {
	name := attribute(t, "name")
	switch r.relation {
	case "provides":
		if name != r.p.Name {
			r.lists["provides"].add(name)
		}
	case "requires":
		if strings.HasPrefix(name, "rpmlib(") {
			return
		}
		if sign := flags[attribute(t, "flags")]; sign != "" {
			name += " " + sign + " " + fullVersion(attribute(t, "epoch"), attribute(t, "ver"), attribute(t, "rel"))
		}
		r.lists["requires"].add(name)
	}
}

func (r *primary) end(name string) {
	switch name {
	case "package":
		r.p.Depends, r.p.Provides, r.p.Files = r.lists["requires"].take(), r.lists["provides"].take(), r.lists["file"].take()
		r.found(r.p, r.arch)
		r.p = Package{}
	case "metadata":
		r.whole = true
	case "provides", "requires":
		r.relation = ""
	case "name":
		if r.depth == 1 {
			r.p.Name = oneSpaced(r.text.String())
		}
	case "arch":
		r.arch = oneSpaced(r.text.String())
	case "summary":
		r.p.Summary = oneSpaced(r.text.String())
	case "group":
		if s := oneSpaced(r.text.String()); s != "Unspecified" {
			r.p.Section = s
		}
	case "file":
		r.lists["file"].add(r.text.String())
	}
	r.depth--
}
