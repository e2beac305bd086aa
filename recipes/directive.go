package recipes

import (
	"regexp"
	"slices"
	"strings"
)

// DirectiveKind says what values a directive of sshd takes.
type DirectiveKind string

const (
	KindBool       DirectiveKind = "yes or no"  // true, false
	KindEnum       DirectiveKind = "one of"     // one of Values; true and false where those hold yes and no
	KindInt        DirectiveKind = "number"     // Min to Max
	KindTime       DirectiveKind = "time"       // seconds, or text such as "1h30m"
	KindText       DirectiveKind = "text"       // one argument
	KindFile       DirectiveKind = "path"       // absolute
	KindCommand    DirectiveKind = "command"    // the rest of the line
	KindWords      DirectiveKind = "words"      // several arguments, separated by spaces
	KindAlgorithms DirectiveKind = "algorithms" // names separated by commas, after + - or ^ changes of the default
)

// Directive is one keyword of sshd_config(5), of OpenSSH 9.2 unless Since says
// otherwise.
type Directive struct {
	Name    string
	Kind    DirectiveKind
	Values  []string // of an Enum all there are; else words allowed besides the kind's own
	Min     int64    // of Int, and of Time in seconds
	Max     int64
	Repeats bool   // may be given several times, each adding to the others
	Match   bool   // may stand in a Match block
	Default string // of sshd itself; "" where there is none
	Debian  string // what Debian's sshd_config sets instead; "" if it leaves the default
	Since   string // first version of OpenSSH that has it, if after 9.2
	Meaning string // one line

	shape *regexp.Regexp // of Text, and of each word of Words
}

// Directives returns every directive in alphabetical order, Match blocks aside.
func Directives() []Directive { return slices.Clone(directives) }

// DirectiveByName returns a directive. The name must be spelt exactly as in
// sshd_config(5).
func DirectiveByName(name string) (Directive, bool) {
	i, ok := slices.BinarySearchFunc(directives, name, func(d Directive, name string) int {
		return strings.Compare(strings.ToLower(d.Name), strings.ToLower(name))
	})
	if !ok || directives[i].Name != name {
		return Directive{}, false
	}
	return directives[i], true
}

// DefaultOn is the value that holds on a distro where the recipe says nothing:
// its own sshd_config's, or else sshd's.
func (d Directive) DefaultOn(distro string) string {
	if distro == "debian" && d.Debian != "" {
		return d.Debian
	}
	return d.Default
}

// Allows says in words which values the directive takes.
func (d Directive) Allows() string {
	var s string
	switch d.Kind {
	case KindBool:
		s = "true or false"
	case KindEnum:
		return strings.Join(d.Values, ", ")
	case KindInt:
		s = "a number from " + itoa(d.Min) + " to " + itoa(d.Max)
	case KindTime:
		s = `seconds, or a time such as "1h30m"`
	case KindFile:
		s = "an absolute path"
	case KindCommand:
		s = "a command with its arguments"
	case KindWords:
		s = "one or more words"
	case KindAlgorithms:
		s = "a list of algorithms; a first one that begins with + - or ^ changes the default list"
	default:
		s = "text"
	}
	if len(d.Values) > 0 {
		s += ", or " + strings.Join(d.Values, ", ")
	}
	return s
}

// oldNames are directives that were renamed, and what became of those that are
// gone.
var oldNames = map[string]string{
	"ChallengeResponseAuthentication": "it is called KbdInteractiveAuthentication now",
	"SkeyAuthentication":              "it is called KbdInteractiveAuthentication now",
	"PubkeyAcceptedKeyTypes":          "it is called PubkeyAcceptedAlgorithms now",
	"HostbasedAcceptedKeyTypes":       "it is called HostbasedAcceptedAlgorithms now",
	"KeepAlive":                       "it is called TCPKeepAlive now",
	"DSAAuthentication":               "it is called PubkeyAuthentication now",
	"AuthorizedKeysFile2":             "give both files to AuthorizedKeysFile",
	"Protocol":                        "sshd speaks version 2 only: leave it out",
	"UsePrivilegeSeparation":          "sshd always does: leave it out",
	"UseLogin":                        "OpenSSH has it no more: leave it out",
	"ServerKeyBits":                   "it was for version 1 of the protocol: leave it out",
	"KeyRegenerationInterval":         "it was for version 1 of the protocol: leave it out",
	"RSAAuthentication":               "it was for version 1 of the protocol: leave it out",
	"RhostsRSAAuthentication":         "it was for version 1 of the protocol: leave it out",
}

// versions are the OpenSSH versions of Debian's releases.
var versions = map[string]string{"bullseye": "8.4", "bookworm": "9.2", "trixie": "10.0"}

// newer reports whether version a is later than b, both as "9.2".
func newer(a, b string) bool {
	number := func(v string) int {
		major, minor, _ := strings.Cut(v, ".")
		return atoi(major)*1000 + atoi(minor)
	}
	return number(a) > number(b)
}
