package smoke

import (
	"fmt"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"

	"slipway/recipes"
)

// directive returns the values that the recipe sets for a directive of sshd,
// as sshd_config writes them.
func directive(s recipes.SSHD, name string) (values []string, set bool) {
	for key, v := range s {
		if strings.EqualFold(key, name) {
			return words(v), true
		}
	}
	return nil, false
}

func words(v any) []string {
	switch v := v.(type) {
	case bool:
		if v {
			return []string{"yes"}
		}
		return []string{"no"}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, words(item)...)
		}
		return all
	case []string:
		return slices.Clone(v)
	case nil:
		return nil
	}
	return []string{fmt.Sprint(v)}
}

// says reports whether the recipe sets a directive to one value, in any case.
func says(s recipes.SSHD, name, value string) bool {
	v, set := directive(s, name)
	return set && len(v) == 1 && strings.EqualFold(v[0], value)
}

// SSHPort is a port on which the recipe's sshd answers.
func SSHPort(s recipes.SSHD) int {
	listen, _ := directive(s, "ListenAddress")
	for _, address := range listen {
		host, port, err := net.SplitHostPort(address)
		if n, bad := strconv.Atoi(port); err == nil && bad == nil && host != "" {
			return n
		}
	}
	return s.Ports()[0]
}

// Login is what a recipe implies for a login with a key.
type Login struct {
	User    string // who tries; empty: the recipe has nobody
	Allowed bool
	Session bool   // a command can be run after it
	Why     string // why not
	Unknown string // set if the recipe's text does not decide it; says why
}

// ExpectLogin derives from a recipe whether one of its users can log in with a
// key, and who: the first of its users that can, else root if root may. If
// nobody can, it is the first user who must be refused.
func ExpectLogin(r recipes.Recipe) Login {
	var tried []Login
	users := append(slices.Clone(r.Users), recipes.User{Name: "root", Shell: "/bin/bash"})
	for i, u := range users {
		if u.Name == "root" && i == len(r.Users) && slices.ContainsFunc(r.Users, func(u recipes.User) bool { return u.Name == "root" }) {
			continue
		}
		l := expectUser(r, u)
		if l.Allowed && l.Session {
			return l
		}
		tried = append(tried, l)
	}
	for _, l := range tried {
		if l.Allowed {
			return l
		}
	}
	return tried[0]
}

// expectUser applies sshd's rules for one user, in sshd's order.
func expectUser(r recipes.Recipe, u recipes.User) Login {
	l := Login{User: u.Name}
	s, unknown := settingsFor(r.SSHD, u, []string{"PubkeyAuthentication", "AuthenticationMethods", "PermitRootLogin",
		"AllowUsers", "DenyUsers", "AllowGroups", "DenyGroups", "AuthorizedKeysFile", "ForceCommand", "MaxSessions"})
	l.Unknown = unknown
	l.Why = refusal(s, u)
	l.Allowed = l.Why == ""
	l.Session = l.Allowed
	switch {
	case !l.Allowed:
	case says(s, "MaxSessions", "0"):
		l.Session, l.Why = false, "MaxSessions 0"
	case has(s, "ForceCommand"):
		l.Session, l.Why = false, "ForceCommand"
	case u.Shell != "" && (path.Base(u.Shell) == "nologin" || path.Base(u.Shell) == "false"):
		l.Session, l.Why = false, "the shell "+u.Shell
	}
	return l
}

func has(s recipes.SSHD, name string) bool {
	v, set := directive(s, name)
	return set && len(v) > 0 && !strings.EqualFold(v[0], "none")
}

// refusal says why sshd does not let the user in with a key; "" if it does.
func refusal(s recipes.SSHD, u recipes.User) string {
	groups := append([]string{u.Name}, u.Groups...)
	list := func(name string) []string { v, _ := directive(s, name); return fields(v) }
	switch {
	case says(s, "PubkeyAuthentication", "no"):
		return "PubkeyAuthentication no"
	case u.Name == "root" && (says(s, "PermitRootLogin", "no") || says(s, "PermitRootLogin", "forced-commands-only")):
		return "PermitRootLogin " + list("PermitRootLogin")[0]
	case anyMatch(list("DenyUsers"), u.Name):
		return "DenyUsers " + strings.Join(list("DenyUsers"), " ")
	case len(list("AllowUsers")) > 0 && !anyMatch(list("AllowUsers"), u.Name):
		return "AllowUsers " + strings.Join(list("AllowUsers"), " ")
	case anyMatch(list("DenyGroups"), groups...):
		return "DenyGroups " + strings.Join(list("DenyGroups"), " ")
	case len(list("AllowGroups")) > 0 && !anyMatch(list("AllowGroups"), groups...):
		return "AllowGroups " + strings.Join(list("AllowGroups"), " ")
	case says(s, "AuthorizedKeysFile", "none"):
		return "AuthorizedKeysFile none"
	}
	if methods := list("AuthenticationMethods"); len(methods) > 0 {
		if !slices.ContainsFunc(methods, func(m string) bool { return m == "any" || m == "publickey" }) {
			return "AuthenticationMethods " + strings.Join(methods, " ")
		}
	}
	return ""
}

func fields(values []string) []string {
	var all []string
	for _, v := range values {
		all = append(all, strings.Fields(v)...)
	}
	return all
}

// anyMatch applies a list of sshd's patterns: "*" and "?" match, "!" in front
// excludes, "user@host" asks for the host too, which only "*" grants here.
func anyMatch(patterns []string, names ...string) bool {
	found := false
	for _, p := range patterns {
		p, not := strings.CutPrefix(p, "!")
		if user, host, ok := strings.Cut(p, "@"); ok {
			if !wildcard(host, testAddress) {
				continue
			}
			p = user
		}
		for _, n := range names {
			if wildcard(p, n) {
				if not {
					return false
				}
				found = true
			}
		}
	}
	return found
}

// testAddress is where a test boot's logins come from, as the guest sees them:
// QEMU's user networking.
const testAddress = "10.0.2.2"

func wildcard(pattern, name string) bool {
	// path.Match gives "[" and "\" a meaning that sshd does not.
	ok, err := path.Match(strings.NewReplacer(`\`, `\\`, `[`, `\[`).Replace(pattern), name)
	return err == nil && ok
}

// X11 is what a recipe implies for a request to forward X11.
type X11 struct {
	Accepted bool
	Why      string
	Unknown  string
}

// ExpectX11 derives whether sshd grants X11 forwarding to the user. Where the
// recipe says nothing, what the image's own sshd says counts: distributions
// differ in their default.
func ExpectX11(r recipes.Recipe, user string, image Config) X11 {
	s, unknown := settingsFor(r.SSHD, userOf(r, user), []string{"X11Forwarding", "DisableForwarding"})
	x := X11{Unknown: unknown}
	forwarding, set := directive(s, "X11Forwarding")
	switch {
	case says(s, "DisableForwarding", "yes"):
		x.Why = "DisableForwarding yes"
	case set && len(forwarding) == 1 && forwarding[0] == "yes":
		x.Accepted, x.Why = true, "X11Forwarding yes"
	case set:
		x.Why = "X11Forwarding no"
	case image.Is("x11forwarding", "yes"):
		x.Accepted, x.Why = true, "the recipe leaves X11Forwarding to the distro, which says yes"
	default:
		x.Why = "the recipe leaves X11Forwarding to the distro, which says no"
	}
	return x
}

func userOf(r recipes.Recipe, name string) recipes.User {
	for _, u := range r.Users {
		if u.Name == name {
			return u
		}
	}
	return recipes.User{Name: name}
}
