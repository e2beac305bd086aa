package recipes

import (
	"fmt"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Setting is what `sshd -T` is expected to print for one directive of a recipe.
type Setting struct {
	Directive string
	// Want are whole lines, such as "permitrootlogin without-password". For a
	// change to a default list ("+aes128-cbc") and for what only the image can
	// know (a host name's address) it is empty: Holds knows what to ask then.
	Want []string

	key   string
	also  bool              // other lines of the same key may stand beside
	holds func(string) bool // the test of the one value where Want is empty
}

// Effective returns what `sshd -T` prints for each directive that the recipe
// sets outside of Match blocks, in the order of Render. Directives that sshd
// does not print are left out.
func (s SSHD) Effective() []Setting {
	var out []Setting
	for _, d := range directives {
		if v, ok := s[d.Name]; ok && !slices.Contains(unprinted, d.Name) {
			out = append(out, s.setting(d, v))
		}
	}
	return out
}

// unprinted are directives that `sshd -T` of OpenSSH 9.2 never shows.
var unprinted = []string{"DebianBanner", "Include", "KerberosGetAFSToken"}

// Holds compares the setting with all lines of `sshd -T`, and returns the lines
// that were found for its directive.
func (w Setting) Holds(dump []string) (found []string, ok bool) {
	for _, line := range dump {
		line = strings.TrimRight(line, "\r\n ")
		if k, _, _ := strings.Cut(line, " "); k == w.key {
			found = append(found, line)
		}
	}
	if w.holds != nil {
		return found, len(found) > 0 && w.holds(strings.TrimPrefix(found[0], w.key+" "))
	}
	for _, want := range w.Want {
		if !slices.Contains(found, want) {
			return found, false
		}
	}
	for _, f := range found {
		if !w.also && !slices.Contains(w.Want, f) {
			return found, false
		}
	}
	return found, true
}

func (s SSHD) setting(d Directive, v any) Setting {
	w := Setting{Directive: d.Name, key: strings.ToLower(d.Name)}
	lines := d.lines(v)
	if !d.Repeats && len(lines) > 1 {
		lines = lines[:1]
	}
	for _, line := range lines {
		values, test := s.printed(d, line)
		if test != nil {
			w.Want, w.holds = nil, test
			return w
		}
		for _, p := range values {
			w.Want = append(w.Want, w.key+" "+p)
		}
	}
	// Debian's own file adds to these, and sshd keeps both.
	w.also = d.Name == "AcceptEnv" || d.Name == "Subsystem"
	return w
}

func anything(string) bool { return true }

// printed returns the values that sshd prints, one a line, for the arguments of
// one line of its configuration; or a test of it.
func (s SSHD) printed(d Directive, line string) ([]string, func(string) bool) {
	switch d.Kind {
	case KindTime:
		if n, ok := sshSeconds(line); ok {
			line = itoa(n)
		}
		if d.Name == "UnusedConnectionTimeout" && line == "0" {
			line = "none"
		}
	case KindAlgorithms:
		return algorithms(line)
	case KindWords:
		return printedWords(d, line)
	case KindFile, KindText, KindEnum:
		line = strings.Join(splitWords(line), " ")
	}
	if same, ok := samePrinted[d.Name+" "+line]; ok {
		return []string{same}, nil
	}
	switch d.Name {
	case "ListenAddress":
		return s.listens(line)
	case "FingerprintHash":
		line = strings.ToUpper(line)
	case "MaxStartups":
		if !strings.Contains(line, ":") {
			line += ":30:" + line
		}
	case "PerSourceNetBlockSize":
		if !strings.Contains(line, ":") {
			line += ":0"
		}
	case "StreamLocalBindMask":
		if n, err := strconv.ParseUint(line, 8, 16); err == nil {
			line = fmt.Sprintf("%#o", n)
		}
	}
	return []string{line}, nil
}

// samePrinted are values that sshd prints under another name.
var samePrinted = map[string]string{
	"PermitRootLogin prohibit-password": "without-password",
	"Compression delayed":               "yes",
	"AllowTcpForwarding all":            "yes",
	"AllowStreamLocalForwarding all":    "yes",
	"LogLevel QUIET":                    "SILENT",
	"LogLevel DEBUG1":                   "DEBUG",
}

// printedWords is for directives of several arguments: sshd prints those that
// add up a line each, the others on one line.
func printedWords(d Directive, line string) ([]string, func(string) bool) {
	words := splitWords(line)
	switch d.Name {
	case "AcceptEnv", "AllowGroups", "AllowUsers", "DenyGroups", "DenyUsers", "SetEnv":
		return words, nil
	case "ChannelTimeout":
		if line == "none" {
			return nil, nil
		}
	case "IPQoS":
		if strings.ContainsAny(line[:1], "0123456789") || len(words) > 1 && strings.ContainsAny(words[1][:1], "0123456789") {
			return nil, anything // a number is printed by its name, if it has one
		}
		if len(words) == 1 {
			words = append(words, words[0])
		}
	case "PermitListen":
		for i, w := range words {
			if n, err := strconv.Atoi(w); err == nil {
				words[i] = fmt.Sprintf("*:%d", n)
			}
		}
	case "RekeyLimit":
		words = rekey(words)
	}
	return []string{strings.Join(words, " ")}, nil
}

// rekey turns "1G 1h" into the bytes and seconds that sshd prints.
func rekey(words []string) []string {
	out := []string{"0", "0"}
	if len(words) > 0 {
		w := words[0]
		shift := map[string]uint{"K": 10, "M": 20, "G": 30}[w[len(w)-1:]]
		if n, err := strconv.ParseInt(strings.TrimRight(w, "KMG"), 10, 64); err == nil {
			out[0] = itoa(n << shift)
		}
	}
	if len(words) > 1 {
		if n, ok := sshSeconds(words[1]); ok {
			out[1] = itoa(n)
		}
	}
	return out
}

// listens returns the sockets of one ListenAddress: on every Port where it
// names none itself. A host name's address is the image's to know.
func (s SSHD) listens(line string) ([]string, func(string) bool) {
	address, _, _ := strings.Cut(line, " ")
	if ip := net.ParseIP(strings.Trim(address, "[]")); ip != nil {
		var out []string
		for _, port := range s.Ports() {
			out = append(out, net.JoinHostPort(ip.String(), strconv.Itoa(port)))
		}
		return out, nil
	}
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && atoi(port) > 0 {
		return []string{net.JoinHostPort(ip.String(), port)}, nil
	}
	return nil, anything
}

// Ports returns the ports that sshd listens on; 22 if the recipe says nothing.
func (s SSHD) Ports() []int {
	var out []int
	switch v := s["Port"].(type) {
	case int64:
		out = append(out, int(v))
	case []any:
		for _, p := range v {
			if n, ok := p.(int64); ok {
				out = append(out, int(n))
			}
		}
	}
	if len(out) == 0 {
		out = []int{22}
	}
	return out
}

// algorithms is for lists of names: sshd prints a plain list as it is, and
// applies a changed one to a default that only it knows.
func algorithms(line string) ([]string, func(string) bool) {
	names := strings.Split(strings.TrimLeft(line, "+-^"), ",")
	among := func(have string, pattern string) bool {
		return slices.ContainsFunc(strings.Split(have, ","), func(h string) bool {
			ok, err := path.Match(pattern, h)
			return ok && err == nil
		})
	}
	all := func(have string) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return !among(have, n) })
	}
	switch {
	case strings.HasPrefix(line, "-"):
		return nil, func(have string) bool {
			return !slices.ContainsFunc(names, func(n string) bool { return among(have, n) })
		}
	case strings.HasPrefix(line, "^") && !strings.ContainsAny(line, "*?"):
		return nil, func(have string) bool { return strings.HasPrefix(have+",", strings.Join(names, ",")+",") }
	case strings.ContainsAny(line[:1], "+^") || strings.ContainsAny(line, "*?"):
		return nil, all
	}
	return []string{line}, nil
}
