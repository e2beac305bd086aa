package distro

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// largestListing bounds what a listing may be unpacked: a fault of the mirror's
// must not fill the disk.
const largestListing = 4 << 30

// Listing is the file of a source that lists its packages.
type Listing struct {
	Path string // below the source's URI; empty: it is the signed index itself
	Algo string // "sha256", "sha384" or "sha512"
	Sum  string // hexadecimal
	Size int64  // bytes as the mirror has it, 0 if not told
}

// Listing finds the source's listing in its signed index. Families other than
// Deb have one.
func (s Source) Listing(signed []byte) (Listing, error) {
	if s.Family == Pacman {
		sum := sha256.Sum256(signed)
		return Listing{Algo: "sha256", Sum: hex.EncodeToString(sum[:]), Size: int64(len(signed))}, nil
	}
	var repomd struct {
		Data []struct {
			Type     string `xml:"type,attr"`
			Location struct {
				Href string `xml:"href,attr"`
			} `xml:"location"`
			Checksum struct {
				Type string `xml:"type,attr"`
				Sum  string `xml:",chardata"`
			} `xml:"checksum"`
			Size int64 `xml:"size"`
		} `xml:"data"`
	}
	address, _ := s.Signed()
	if err := xml.Unmarshal(signed, &repomd); err != nil {
		return Listing{}, fmt.Errorf("%s: %w", address, err)
	}
	for _, d := range repomd.Data {
		if d.Type != "primary" {
			continue
		}
		l := Listing{Path: path.Clean("/" + d.Location.Href)[1:], Algo: d.Checksum.Type, Sum: strings.ToLower(strings.TrimSpace(d.Checksum.Sum)), Size: d.Size}
		if _, err := hex.DecodeString(l.Sum); err != nil || l.Sum == "" || d.Location.Href == "" {
			return l, fmt.Errorf("%s: what it says of primary.xml cannot be read", address)
		}
		switch l.Algo {
		case "sha256", "sha384", "sha512":
			return l, nil
		}
		return l, fmt.Errorf("%s has a weak checksum of primary.xml: %q", address, l.Algo)
	}
	return Listing{}, fmt.Errorf("%s names no primary.xml", address)
}

// Keep reads a listing as the mirror has it, packed or not, and writes its
// packages of the architecture as ReadIndex takes them. The listing must have
// been verified.
func (s Source) Keep(out io.Writer, listing io.Reader, arch string) error {
	in, err := decompress(listing)
	if err != nil {
		return err
	}
	in = io.LimitReader(in, largestListing)
	w := bufio.NewWriterSize(out, 1<<20)
	write := func(p Package, of string) {
		if p.Name != "" && (of == arch || of == "noarch" || of == "any") {
			p.write(w)
		}
	}
	if s.Family == Pacman {
		err = readDatabase(in, s.Name, write)
	} else {
		err = readPrimary(in, write)
	}
	if err == nil {
		err = w.Flush()
	}
	return err
}

// write writes a stanza that indexReader.read reads.
func (p Package) write(w *bufio.Writer) {
	field := func(name, value string) {
		if value == "" {
			return
		}
		w.WriteString(name)
		w.WriteString(": ")
		w.WriteString(value)
		w.WriteByte('\n')
	}
	field("Package", p.Name)
	field("Version", p.Version)
	field("Section", p.Section)
	field("Size", strconv.FormatInt(p.Download, 10))
	field("Installed-Size", strconv.FormatInt((p.Installed+1023)>>10, 10))
	field("Depends", p.Depends)
	field("Provides", p.Provides)
	field("Files", p.Files)
	field("Groups", p.Groups)
	field("Description", p.Summary)
	w.WriteByte('\n')
}

// list gathers the items of a field: none twice, and none that would be read as
// another field or item.
type list struct {
	text strings.Builder
	have map[string]bool
}

func (l *list) add(item string) {
	if item == "" || l.have[item] || strings.Contains(item, ", ") || strings.ContainsAny(item, "\r\n") {
		return
	}
	if l.have == nil {
		l.have = map[string]bool{}
	}
	l.have[item] = true
	if l.text.Len() > 0 {
		l.text.WriteString(", ")
	}
	l.text.WriteString(item)
}

// take returns the field and begins another.
func (l *list) take() string {
	s := l.text.String()
	l.text.Reset()
	clear(l.have)
	return s
}

// oneSpaced is text without line breaks and space around it.
func oneSpaced(s string) string { return strings.Join(strings.Fields(s), " ") }
