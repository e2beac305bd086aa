package distro

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// largePrimary is a primary.xml as large as Fedora's: 60,000 packages with nine
// provided names, twelve requirements and three files each.
func largePrimary() []byte {
	var b bytes.Buffer
	b.WriteString(`<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="60000">`)
	words := []string{"alpha", "beta", "gamma", "delta"}
	for i := range 60000 {
		name := fmt.Sprintf("lib%s-%d", words[i%4], i)
		fmt.Fprintf(&b, `<package type="rpm"><name>%s</name><arch>x86_64</arch><version epoch="0" ver="%d.2" rel="1.fc42"/><checksum type="sha256" pkgid="YES">5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef</checksum>
  <summary>library number %d of a long row of small and useful things</summary>
  <description>%s</description>
  <packager>A Project</packager><url>https://example.org/%d</url><time file="1742000000" build="1742000000"/><size package="%d" installed="%d" archive="%d"/>
<location href="Packages/l/%s-1.2-1.fc42.x86_64.rpm"/>
  <format><rpm:license>MIT</rpm:license><rpm:vendor>A Project</rpm:vendor><rpm:group>Unspecified</rpm:group><rpm:buildhost>b.example.org</rpm:buildhost><rpm:sourcerpm>x.src.rpm</rpm:sourcerpm><rpm:header-range start="4504" end="20000"/>
    <rpm:provides>`, name, i%9, i, strings.Repeat("It does this and that, and more of it when asked to. ", 8), i, i, i*7, i*8, name)
		for j := range 9 {
			fmt.Fprintf(&b, "\n      <rpm:entry name=\"%s.so.%d(VERSION_%d)(64bit)\" flags=\"EQ\" epoch=\"0\" ver=\"1.2\" rel=\"1.fc42\"/>", name, j, j)
		}
		b.WriteString("\n    </rpm:provides>\n    <rpm:requires>")
		for j := range 12 {
			at := (i * (j + 1)) % 60000
			fmt.Fprintf(&b, "\n      <rpm:entry name=\"lib%s-%d.so.%d(VERSION_%d)(64bit)\"/>", words[at%4], at, j%9, j%9)
		}
		b.WriteString("\n    </rpm:requires>")
		for j := range 3 {
			fmt.Fprintf(&b, "\n    <file>/usr/bin/%s-%d</file>", name, j)
		}
		b.WriteString("\n  </format>\n</package>\n")
	}
	b.WriteString("</metadata>\n")
	return b.Bytes()
}

// BenchmarkRPM measures what is done once for a fetched listing (keep), once for
// a program (read), and at every keystroke (the others).
func BenchmarkRPM(b *testing.B) {
	listing := packed(b, "gz", largePrimary())
	file := filepath.Join(b.TempDir(), rpmSource.PackagesFile("x86_64", Listing{Sum: "0123"}))
	b.Run("keep", func(b *testing.B) {
		for b.Loop() {
			text := kept(b, rpmSource, listing)
			b.ReportMetric(float64(len(text))/1e6, "MB-kept")
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	})
	d := Distro{Family: RPM, Base: []string{"libalpha-0"}}
	var x *Index
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			var err error
			if x, err = d.ReadIndex(filepath.Dir(file), "x86_64"); err != nil {
				b.Fatal(err)
			}
		}
	})
	benchmarkAnswers(b, x)
}

// benchmarkAnswers measures what is asked of an index.
func benchmarkAnswers(b *testing.B, x *Index) {
	for _, query := range []string{"l", "gamma-1", "useful things", "nothing of it"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				x.Search(query)
			}
		})
	}
	b.Run("nearest", func(b *testing.B) {
		for b.Loop() {
			x.Nearest("libgama-1234", 3)
		}
	})
	b.Run("root", func(b *testing.B) {
		for b.Loop() {
			x.Root([]string{"libalpha-400"})
		}
	})
}
