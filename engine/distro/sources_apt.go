package distro

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
)

// hostMirror finds the distribution's own archive and security archive in the
// host's apt sources, preferring the entry for the same release. Entries of
// other vendors are known by another key or by having no component "main".
func (d Distro) hostMirror(release, apt string) (main, security string) {
	var other string
	for _, s := range aptSources(apt) {
		if !has(s.Components, "main") || s.SignedBy != "" && !strings.Contains(s.SignedBy, "/"+d.ID+"-archive") {
			continue
		}
		name, isSecurity := strings.CutSuffix(s.Suite, "-security")
		if d.Release(name).Note == "" && name != "stable" && name != "oldstable" && name != "testing" {
			continue
		}
		switch {
		case isSecurity && security == "":
			security = s.URI
		case !isSecurity && name == release && main == "":
			main = s.URI
		case !isSecurity && other == "":
			other = s.URI
		}
	}
	if main == "" {
		main = other
	}
	return main, security
}

func has(list []string, want string) bool {
	for _, s := range list {
		if s == want {
			return true
		}
	}
	return false
}

// aptSources reads sources.list and sources.list.d in both formats
// (sources.list(5)), one Source for each URI and suite.
func aptSources(apt string) []Source {
	var all []Source
	files, _ := filepath.Glob(filepath.Join(apt, "sources.list.d", "*"))
	for _, f := range append([]string{filepath.Join(apt, "sources.list")}, files...) {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		switch filepath.Ext(f) {
		case ".list":
			all = append(all, oneLine(string(b))...)
		case ".sources":
			all = append(all, stanzas(string(b))...)
		}
	}
	return all
}

func oneLine(text string) []Source {
	var all []Source
	for _, l := range strings.Split(text, "\n") {
		l, _, _ = strings.Cut(l, "#")
		f := strings.Fields(l)
		if len(f) < 3 || f[0] != "deb" {
			continue
		}
		signed := ""
		if strings.HasPrefix(f[1], "[") {
			end := 1
			for end < len(f)-1 && !strings.HasSuffix(f[end], "]") {
				end++
			}
			for _, o := range strings.Fields(strings.Trim(strings.Join(f[1:end+1], " "), "[]")) {
				if v, ok := strings.CutPrefix(o, "signed-by="); ok {
					signed = v
				}
			}
			f = append(f[:1], f[end+1:]...)
		}
		if len(f) >= 3 {
			all = append(all, Source{URI: f[1], Suite: f[2], Components: f[3:], SignedBy: signed})
		}
	}
	return all
}

func stanzas(text string) []Source {
	var all []Source
	fields := map[string]string{}
	last := ""
	flush := func() {
		if has(strings.Fields(fields["types"]), "deb") && !strings.EqualFold(fields["enabled"], "no") {
			for _, uri := range strings.Fields(fields["uris"]) {
				for _, suite := range strings.Fields(fields["suites"]) {
					all = append(all, Source{URI: uri, Suite: suite, Components: strings.Fields(fields["components"]), SignedBy: strings.TrimSpace(fields["signed-by"])})
				}
			}
		}
		fields, last = map[string]string{}, ""
	}
	sc := bufio.NewScanner(strings.NewReader(text))
	for sc.Scan() {
		l := sc.Text()
		switch {
		case strings.HasPrefix(l, "#"):
		case strings.TrimSpace(l) == "":
			flush()
		case l[0] == ' ' || l[0] == '\t':
			fields[last] += "\n" + strings.TrimSpace(l)
		default:
			name, value, _ := strings.Cut(l, ":")
			last = strings.ToLower(strings.TrimSpace(name))
			fields[last] = strings.TrimSpace(value)
		}
	}
	flush()
	return all
}
