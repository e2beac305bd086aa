package recipes

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Size is an amount of memory as a recipe writes it: "50%" of RAM, or a number
// with a unit: "512MiB", "2GiB", "512M", "2G" (all powers of 1024).
type Size string

var sizePattern = regexp.MustCompile(`(?i)^([0-9]+)\s*(%|[kmgt](?:i?b)?)$`)

// Parse returns the size in bytes, or a percentage from 1 to 100 of RAM;
// exactly one of the two is not zero.
func (s Size) Parse() (bytes int64, percent int, err error) {
	m := sizePattern.FindStringSubmatch(strings.TrimSpace(string(s)))
	if m == nil {
		return 0, 0, fmt.Errorf("size %q: want a number with %%, MiB or GiB, such as 50%% or 512MiB", string(s))
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || n == 0 {
		return 0, 0, fmt.Errorf("size %q: want a whole number above zero", string(s))
	}
	if m[2] == "%" {
		if n > 100 {
			return 0, 0, fmt.Errorf("size %q: more than 100%%", string(s))
		}
		return 0, int(n), nil
	}
	shift := map[byte]uint{'k': 10, 'm': 20, 'g': 30, 't': 40}[strings.ToLower(m[2])[0]]
	if n > (1<<62)>>shift {
		return 0, 0, fmt.Errorf("size %q: too large", string(s))
	}
	return n << shift, 0, nil
}

// Of returns the size in bytes for a machine with ram bytes of memory.
func (s Size) Of(ram int64) (int64, error) {
	bytes, percent, err := s.Parse()
	if percent > 0 {
		return ram / 100 * int64(percent), err
	}
	return bytes, err
}
