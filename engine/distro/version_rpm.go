package distro

import (
	"strings"

	rpmversion "github.com/knqyf263/go-rpm-version"
)

// comparison orders versions as the family's tool does: negative if a is older
// than b, 0 if they are the same, positive if newer.
func comparison(family string) func(a, b string) int {
	switch family {
	case RPM, Zypper:
		return compareRPM
	case Pacman:
		return comparePacman
	}
	return compareVersions
}

// compareRPM orders epoch:version-release as rpm-version(7) says.
func compareRPM(a, b string) int { return rpmversion.NewVersion(a).Compare(rpmversion.NewVersion(b)) }

// comparePacman orders epoch:version-release as vercmp(8) says; the releases
// count only if both have one.
func comparePacman(a, b string) int {
	ea, a := epoch(a)
	eb, b := epoch(b)
	if c := compareDigits(ea, eb); c != 0 {
		return c
	}
	a, ra := revision(a)
	b, rb := revision(b)
	if c := compareBlocks(a, b); c != 0 || ra == "" || rb == "" {
		return c
	}
	return compareBlocks(ra, rb)
}

// compareBlocks compares blocks of digits and blocks of letters, which anything
// else separates.
func compareBlocks(a, b string) int {
	for a != "" && b != "" {
		ga, gb := gap(a), gap(b)
		a, b = a[ga:], b[gb:]
		if a == "" || b == "" {
			break
		}
		if ga != gb {
			return ga - gb
		}
		number := isDigit(a[0])
		if number != isDigit(b[0]) { // a number is newer than letters
			if number {
				return 1
			}
			return -1
		}
		var ta, tb string
		ta, a = block(a, number)
		tb, b = block(b, number)
		c := strings.Compare(ta, tb)
		if number {
			c = compareDigits(ta, tb)
		}
		if c != 0 {
			return c
		}
	}
	// What has letters more is older: 1.0rc before 1.0. Anything else more is newer.
	switch {
	case a == "" && b == "":
		return 0
	case a != "" && isLetter(a[0]) || a == "" && !isLetter(b[0]):
		return -1
	}
	return 1
}

// gap is how many separators s begins with.
func gap(s string) int {
	n := 0
	for n < len(s) && !isDigit(s[n]) && !isLetter(s[n]) {
		n++
	}
	return n
}

// block splits off the digits, or the letters, that s begins with.
func block(s string, digits bool) (head, rest string) {
	n := 0
	for n < len(s) && (digits && isDigit(s[n]) || !digits && isLetter(s[n])) {
		n++
	}
	return s[:n], s[n:]
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
