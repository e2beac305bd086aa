package recipes

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// rule says why a value cannot be, and what would do; "" if it can.
type rule func(v any) (message, hint string)

// matching is a rule for text of a shape.
func matching(pattern, want, example string) rule {
	re := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return func(v any) (string, string) {
		if s := v.(string); s != "" && !re.MatchString(s) {
			return fmt.Sprintf("%q is no %s", s, want), "such as " + example
		}
		return "", ""
	}
}

// oneOf is a rule for text out of a few words. later names words that will be
// known one day, with what to say about them now.
func oneOf(noun string, words []string, later map[string]string) rule {
	return func(v any) (string, string) {
		s := v.(string)
		if s == "" || slices.Contains(words, s) {
			return "", ""
		}
		if why, ok := later[s]; ok {
			return fmt.Sprintf("%s %q is not available yet%s", noun, s, why), "use " + strings.Join(words, " or ")
		}
		hint := "known: " + strings.Join(words, ", ")
		if near := nearest(s, words); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, " or ") + "?"
		}
		return fmt.Sprintf("unknown %s %q", noun, s), hint
	}
}

// between is a rule for whole numbers.
func between(low, high int64) rule {
	return func(v any) (string, string) {
		if n := v.(int64); n < low || n > high {
			return fmt.Sprintf("%d is out of range", n), fmt.Sprintf("from %d to %d", low, high)
		}
		return "", ""
	}
}

// oneLine is a rule for text without line breaks or other control characters.
func oneLine(v any) (string, string) {
	if strings.ContainsFunc(v.(string), isControl) {
		return "value has a line break or control character in it", "write it on one line"
	}
	return "", ""
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func available(words ...string) map[string]string {
	m := map[string]string{}
	for _, w := range words {
		m[w] = ""
	}
	return m
}

const (
	packageName = `[A-Za-z0-9][A-Za-z0-9+._-]+`
	accountName = `[a-z_][a-z0-9_-]{0,30}[a-z0-9_$-]?`
	unitName    = `[A-Za-z0-9:_.\\@-]+`
)

var groupRule = matching(accountName, "group name", "adm")

// rules of single values, by the path of their field.
var rules = map[string]rule{
	"name":                    matching(`[A-Za-z0-9][A-Za-z0-9._-]{0,62}`, "recipe name (letters, digits, . _ -)", "web-server"),
	"description":             oneLine,
	"distro.id":               oneOf("distro", Distros, nil),
	"distro.release":          matching(`[a-z0-9][a-z0-9.-]*`, "release (in small letters)", "bookworm, 42 or tumbleweed"),
	"distro.arch":             oneOf("architecture", []string{"amd64"}, available("arm64", "armhf", "i386", "ppc64el", "riscv64", "s390x")),
	"distro.mirror":           uri,
	"distro.key":              oneLine,
	"distro.components":       matching(`[a-z0-9][a-z0-9./_-]*`, "component", "main"),
	"live.stack":              oneOf("live stack", Stacks, nil),
	"overlay.strategy":        oneOf("overlay strategy", Strategies, nil),
	"overlay.size":            sizeRule,
	"overlay.label":           matching(`[A-Za-z0-9][A-Za-z0-9._-]{0,15}`, "file system label (at most 16 letters, digits, . _ -)", "persistence"),
	"overlay.warn_at":         between(1, 99),
	"overlay.warn_command":    noNul,
	"packages.include":        matching(`@?`+packageName+`(:[a-z0-9-]+)?([=/][A-Za-z0-9._+:~^-]+)?`, "package name", "openssh-server, or with a version curl=7.88.1-10"),
	"packages.exclude":        matching(packageName+`(:[a-z0-9-]+)?`, "package name", "nano"),
	"repositories.name":       matching(`[A-Za-z0-9][A-Za-z0-9_-]*`, "repository name (letters, digits, _ -)", "example"),
	"repositories.uri":        uri,
	"repositories.suite":      matching(`[A-Za-z0-9./][A-Za-z0-9./_-]*`, "suite", "stable, or ./ for a flat repository"),
	"repositories.components": matching(`[a-z0-9][a-z0-9./_-]*`, "component", "main"),
	"repositories.key":        oneLine,
	"users.name":              matching(accountName, "user name (small letters, digits, _ -; at most 32)", "ops"),
	"users.uid":               between(0, 4294967293),
	"users.groups":            groupRule,
	"users.authorized_keys":   authorizedKey,
	"users.password_hash":     passwordHash,
	"users.shell":             absolute,
	"files.path":              filePath,
	"files.mode":              matching(`0?[0-7]{3,4}`, "file mode in octal", "0644"),
	"files.owner":             matching(`(`+accountName+`|[0-9]+)(:(`+accountName+`|[0-9]+))?`, "owner", "root:root"),
	"files.source":            beside,
	"system.hostname":         hostname,
	"system.timezone":         matching(`[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}`, "timezone", "Europe/Berlin"),
	"system.locale":           matching(`(C|POSIX|[a-z]{2,3}_[A-Z]{2})(\.[A-Za-z0-9-]+)?(@[a-z]+)?`, "locale", "en_US.UTF-8"),
	"system.services.enabled": matching(unitName, "unit name", "ssh.service"), "system.services.disabled": matching(unitName, "unit name", "ssh.service"),
	"system.services.masked": matching(unitName, "unit name", "ssh.service"),
	"kernel.package":         matching(packageName, "package name", "linux-image-amd64"),
	"kernel.cmdline":         oneLine,
	"security.selinux":       oneOf("mode of SELinux", SELinuxModes, nil),
	"hooks.name":             oneLine,
	"hooks.at":               oneOf("hook point", []string{"before-configure", "after-configure"}, nil),
	"hooks.script":           script,
	"hooks.source":           beside,
	"output.profile":         oneOf("profile", []string{"draft", "release"}, nil),
	"output.formats":         oneOf("format", []string{"iso", "squashfs"}, available("disk", "netboot", "rootfs")),
	"boot.memory":            memory,
	"boot.cpus":              between(1, 64),
	"boot.timeout":           timeout,
	"checks.name":            oneLine,
	"checks.prints":          oneLine,
	"checks.command":         noNul,
}

// rules holds a single value against the rule of its field.
func (c *checker) rules(p place, v any) {
	r, ok := rules[p.general()]
	if !ok {
		return
	}
	if message, hint := r(v); message != "" {
		c.at(p, Problem{Code: "bad-value", Message: p.String() + ": " + message, Hint: hint})
	}
}

func uri(v any) (string, string) {
	s := v.(string)
	const example = "such as https://packages.example.org/debian"
	u, err := url.Parse(s)
	switch {
	case s == "":
		return "", ""
	case err != nil || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return fmt.Sprintf("%q is no URI", s), example
	case !slices.Contains([]string{"http", "https", "file", "copy"}, u.Scheme):
		return fmt.Sprintf("%q begins with no known scheme", s), "known: http, https, file, copy"
	case strings.HasPrefix(u.Scheme, "http") && u.Host == "":
		return fmt.Sprintf("%q names no host", s), example
	}
	return "", ""
}

func sizeRule(v any) (string, string) {
	if _, _, err := Size(v.(string)).Parse(); err != nil && v != "" {
		message, hint, _ := strings.Cut(err.Error(), ": ")
		return message + ": " + hint, "such as 50% or 512MiB"
	}
	return "", ""
}

func memory(v any) (string, string) {
	s := v.(string)
	if s == "" {
		return "", ""
	}
	bytes, percent, err := Size(s).Parse()
	switch {
	case percent > 0:
		return "a machine's memory cannot be a percentage", "such as 1GiB"
	case err != nil:
		return sizeRule(v)
	case bytes < 256<<20 || bytes > 1<<40:
		return s + " is out of range", "from 256MiB to 1TiB"
	}
	return "", ""
}

func timeout(v any) (string, string) {
	s := v.(string)
	if s == "" {
		return "", ""
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return fmt.Sprintf("%q is no duration", s), "such as 90s or 2m"
	case d < 5*time.Second || d > 24*time.Hour:
		return s + " is out of range", "from 5s to 24h"
	}
	return "", ""
}

func absolute(v any) (string, string) {
	s := v.(string)
	if message, hint := oneLine(v); message != "" {
		return message, hint
	}
	if s != "" && (!path.IsAbs(s) || path.Clean(s) != s) {
		return fmt.Sprintf("%q is no plain absolute path", s), "begin with /, without . or .. or // in it"
	}
	return "", ""
}

// filePath is a path that a file of the image can have: what lies under the
// mount points of a running system would never be seen.
func filePath(v any) (string, string) {
	if message, hint := absolute(v); message != "" {
		return message, hint
	}
	s := v.(string)
	for _, mount := range []string{"/proc", "/sys", "/dev", "/run"} {
		if s == mount || strings.HasPrefix(s, mount+"/") {
			return s + " lies under " + mount + ", which is mounted anew at every boot", "make it at boot, with a tmpfiles.d or udev rule"
		}
	}
	if s == "/" {
		return "/ is the root itself", "name a file"
	}
	return "", ""
}

// beside is a path of a file that lies beside the recipe, or an absolute one.
func beside(v any) (string, string) {
	if message, hint := oneLine(v); message != "" {
		return message, hint
	}
	return "", ""
}

func noNul(v any) (string, string) {
	if strings.ContainsRune(v.(string), 0) {
		return "value has a NUL character in it", ""
	}
	return "", ""
}

func script(v any) (string, string) {
	if s := v.(string); s != "" && !strings.HasPrefix(s, "#!") {
		return "script does not begin with a #! line", `begin with "#!/bin/sh" on a line of its own`
	}
	return noNul(v)
}

var hostLabel = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// hostname(7): labels of at most 63 letters, digits and -, at most 64 in all
// (the limit of the kernel).
func hostname(v any) (string, string) {
	s := v.(string)
	if s == "" {
		return "", ""
	}
	for label := range strings.SplitSeq(s, ".") {
		if !hostLabel.MatchString(label) || len(s) > 64 {
			return fmt.Sprintf("%q is no host name", s), "letters, digits and - in parts of at most 63, at most 64 in all"
		}
	}
	return "", ""
}

// authorizedKey is one line of an authorized_keys file.
func authorizedKey(v any) (string, string) {
	s := v.(string)
	if message, hint := oneLine(v); message != "" {
		return message, hint
	}
	if strings.Contains(s, "PRIVATE KEY") {
		return "this is a private key", "use the public one: the file that ends in .pub"
	}
	if _, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s)); err != nil {
		return "this is no public key of SSH", `such as "ssh-ed25519 AAAA... name@host", the one line of a .pub file`
	}
	return "", ""
}

// hashes are the forms of crypt(5), and * or ! for no password at all.
var hashes = regexp.MustCompile(`^(?:[!*][^:\s]*|!?\$(?:y|gy|7|2[abxy]|6|5|1|sha1|md5)\$[./A-Za-z0-9$,=_-]{8,})$`)

func passwordHash(v any) (string, string) {
	s := v.(string)
	if s == "" || hashes.MatchString(s) {
		return "", ""
	}
	return "this is no password hash of crypt(5)", "make one with: mkpasswd --method=yescrypt"
}
