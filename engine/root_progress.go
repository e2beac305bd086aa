package engine

import (
	"regexp"
	"strconv"
	"strings"
)

// counted is a line of dnf, zypper, pacman or dnf5 that says which of how many packages
// it installs: "  Installing       : bash-5.2.15-1.x86_64       12/142",
// "( 3/143) Installing: bash-5.2.15-1.x86_64 [...", "(  3/147) installing bash...",
// "[ 75/118] Installing libsemanage-0:3.4- 100% |  32.5 MiB/s |".
var (
	countedBehind = regexp.MustCompile(`^\s*Installing\s*:\s*(\S+)\s+(\d+)/(\d+)\s*$`)
	countedBefore = regexp.MustCompile(`^[(\[]\s*(\d+)/(\d+)[)\]] [Ii]nstalling:? ([^\s.]\S*?)(?:\.\.\.| |$)`)
)

// pacman without a progress bar says how many there are, and then each by name.
var (
	pacmanTotal      = regexp.MustCompile(`^Packages \((\d+)\) `)
	pacmanInstalling = regexp.MustCompile(`^installing (\S+?)\.\.\.$`)
)

var newlyInstalled = regexp.MustCompile(`^\d+ upgraded, (\d+) newly installed`)

// installProgress counts packages in the output of a package tool.
type installProgress struct {
	text        string
	done, total int64
}

// line reads one line; true if the progress changed.
func (p *installProgress) line(l string) bool {
	switch {
	case strings.HasPrefix(l, "I: "):
		p.text = strings.TrimSuffix(l[3:], "...")
	case strings.HasPrefix(l, "Setting up "):
		p.done++
		name, _, _ := strings.Cut(strings.TrimPrefix(l, "Setting up "), " ")
		p.text = "setting up " + name
	default:
		return p.counted(l)
	}
	return true
}

// counted takes a line that has numbers in it.
func (p *installProgress) counted(l string) bool {
	number := func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
	if m := newlyInstalled.FindStringSubmatch(l); m != nil {
		p.total += number(m[1])
		return true
	}
	if m := pacmanTotal.FindStringSubmatch(l); m != nil {
		p.text, p.total = "downloading", number(m[1])
		return true
	}
	if m := pacmanInstalling.FindStringSubmatch(l); m != nil {
		p.text, p.done = "installing "+m[1], p.done+1
		return true
	}
	if m := countedBehind.FindStringSubmatch(l); m != nil {
		p.text, p.done, p.total = "installing "+m[1], number(m[2]), number(m[3])
		return true
	}
	if m := countedBefore.FindStringSubmatch(l); m != nil {
		p.text, p.done, p.total = "installing "+m[3], number(m[1]), number(m[2])
		return true
	}
	return false
}
