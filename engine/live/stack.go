package live

import (
	"slices"
	"strconv"
	"strings"
)

// stack is what Slipway knows of a live stack.
type stack struct {
	id     string
	image  string // the squashfs's path on the medium
	oldest string // version from which on what is said here was read
	// compiles are the strategies that it has; lacks says of the others why not,
	// and what is nearest.
	compiles map[string]func(Question) (Layout, error)
	lacks    map[string]lack
	options  []option // of the kernel's command line
	home     home     // where it lies in a root
	maker    *maker   // of its initramfs; nil: installing the packages makes it
}

// lack is a strategy that a stack does not have.
type lack struct {
	why     string // "no initramfs of it ever had them"
	nearest string // the strategy that does most of it
}

// Error lets a strategy find out only from the version that it cannot be.
func (l lack) Error() string { return l.why }

// stacks are all, in the order in which they are looked for.
var stacks = []*stack{&liveBoot, &dracut, &kiwi, &casper, &archiso}

func find(id string) (*stack, bool) {
	i := slices.IndexFunc(stacks, func(s *stack) bool { return s.id == id })
	if i < 0 {
		return nil, false
	}
	return stacks[i], true
}

// from reports whether the stack's version is at least v. A version that is not
// known counts as the newest there is.
func (s Stack) from(v string) bool { return s.Version == "" || compareVersions(s.Version, v) >= 0 }

// compareVersions compares numbers between dots; what is behind them, such as a
// snapshot's name, does not count.
func compareVersions(a, b string) int {
	as, bs := numbers(a), numbers(b)
	for len(as) < len(bs) {
		as = append(as, 0)
	}
	for len(bs) < len(as) {
		bs = append(bs, 0)
	}
	return slices.Compare(as, bs)
}

func numbers(version string) []int {
	var out []int
	for part := range strings.SplitSeq(version, ".") {
		end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(part)
		}
		n, err := strconv.Atoi(part[:end])
		if err != nil {
			break
		}
		if out = append(out, n); end < len(part) {
			break
		}
	}
	return out
}
