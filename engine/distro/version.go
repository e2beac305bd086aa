package distro

import "strings"

// compareVersions orders versions as deb-version(7) says: negative if a is
// older than b, 0 if they are the same, positive if newer.
func compareVersions(a, b string) int {
	ea, a := epoch(a)
	eb, b := epoch(b)
	if c := compareDigits(ea, eb); c != 0 {
		return c
	}
	ua, ra := revision(a)
	ub, rb := revision(b)
	if c := comparePart(ua, ub); c != 0 {
		return c
	}
	return comparePart(ra, rb)
}

func epoch(v string) (epoch, rest string) {
	if e, rest, ok := strings.Cut(v, ":"); ok {
		return e, rest
	}
	return "0", v
}

func revision(v string) (upstream, revision string) {
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return v[:i], v[i+1:]
	}
	return v, ""
}

// comparePart compares text and numbers by turns.
func comparePart(a, b string) int {
	for a != "" || b != "" {
		var ta, tb string
		ta, a = span(a, false)
		tb, b = span(b, false)
		if c := compareText(ta, tb); c != 0 {
			return c
		}
		ta, a = span(a, true)
		tb, b = span(b, true)
		if c := compareDigits(ta, tb); c != 0 {
			return c
		}
	}
	return 0
}

// span splits off the leading digits, or the leading non-digits.
func span(s string, digits bool) (head, rest string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9') == digits {
		i++
	}
	return s[:i], s[i:]
}

func compareDigits(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// compareText: ~ comes before the end, letters before other characters.
func compareText(a, b string) int {
	for i := 0; i < len(a) || i < len(b); i++ {
		if c := weight(a, i) - weight(b, i); c != 0 {
			return c
		}
	}
	return 0
}

func weight(s string, i int) int {
	switch {
	case i >= len(s):
		return 0
	case s[i] == '~':
		return -1
	case s[i] >= 'A' && s[i] <= 'Z' || s[i] >= 'a' && s[i] <= 'z':
		return int(s[i])
	}
	return int(s[i]) + 256
}
