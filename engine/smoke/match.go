package smoke

import (
	"slices"
	"strings"

	"slipway/recipes"
)

// settingsFor merges the Match blocks that apply to the user into the global
// settings. The first block that sets a directive wins over the global one. If
// a block with criteria that a test boot cannot decide sets one of the
// directives asked for, unknown says so.
func settingsFor(s recipes.SSHD, u recipes.User, asked []string) (merged recipes.SSHD, unknown string) {
	merged = recipes.SSHD{}
	for k, v := range s {
		if !strings.EqualFold(k, "Match") {
			merged[k] = v
		}
	}
	fromMatch := map[string]bool{}
	for _, block := range matchBlocks(s) {
		criteria := strings.Join(words(block["Criteria"]), " ")
		applies, known := matches(criteria, u)
		for k, v := range block {
			switch {
			case strings.EqualFold(k, "Criteria") || fromMatch[strings.ToLower(k)]:
			case !known:
				if slices.ContainsFunc(asked, func(a string) bool { return strings.EqualFold(a, k) }) {
					unknown = "depends on Match " + criteria
				}
			case applies:
				merged[k] = v
				fromMatch[strings.ToLower(k)] = true
			}
		}
	}
	return merged, unknown
}

// matchCase is what sshd must do for one user to whom a Match block applies.
type matchCase struct {
	user     string
	settings recipes.SSHD
}

// matchCases are the users for whom a Match block changes something that a test
// boot can decide. Directives that a block with other criteria sets are left out.
func matchCases(r recipes.Recipe) []matchCase {
	var cases []matchCase
	for _, u := range append(slices.Clone(r.Users), recipes.User{Name: "root"}) {
		applied := false
		settings, _ := settingsFor(r.SSHD, u, nil)
		for _, block := range matchBlocks(r.SSHD) {
			applies, known := matches(strings.Join(words(block["Criteria"]), " "), u)
			applied = applied || applies && known
			for k := range block {
				if !known {
					delete(settings, k)
				}
			}
		}
		if applied {
			cases = append(cases, matchCase{u.Name, settings})
		}
	}
	return cases
}

func matchBlocks(s recipes.SSHD) []map[string]any {
	var blocks []map[string]any
	for k, v := range s {
		if !strings.EqualFold(k, "Match") {
			continue
		}
		switch v := v.(type) {
		case []map[string]any:
			blocks = append(blocks, v...)
		case []any:
			for _, item := range v {
				if m, ok := item.(map[string]any); ok {
					blocks = append(blocks, m)
				}
			}
		}
	}
	return blocks
}

// matches decides the criteria of a Match block; not known if one of them is
// about anything but the user and its groups.
func matches(criteria string, u recipes.User) (applies, known bool) {
	f := strings.Fields(criteria)
	if len(f) == 1 && strings.EqualFold(f[0], "all") {
		return true, true
	}
	applies = len(f) > 0
	for i := 0; i+1 < len(f); i += 2 {
		patterns := strings.Split(f[i+1], ",")
		switch strings.ToLower(f[i]) {
		case "user":
			applies = applies && anyMatch(patterns, u.Name)
		case "group":
			applies = applies && anyMatch(patterns, append([]string{u.Name}, u.Groups...)...)
		default:
			return false, false
		}
	}
	return applies, len(f)%2 == 0
}
