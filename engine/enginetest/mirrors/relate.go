package mirrors

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// versionOf takes a Debian version apart: the epoch goes, and what is not
// allowed in a version or release of rpm and pacman becomes a dot.
func versionOf(v string) (version, release string) {
	if _, rest, ok := strings.Cut(v, ":"); ok {
		v = rest
	}
	version, release = v, "1"
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		version, release = v[:i], v[i+1:]
	}
	return strings.ReplaceAll(version, "-", "."), strings.ReplaceAll(release, "-", ".")
}

// relations turns what Debian packages depend on into what ours do, and adds
// what the table says and what Debian takes for granted.
func (a *assembly) relations() error {
	for _, p := range a.d.packages {
		target, ok := a.t.of(p.name)
		if !ok {
			continue
		}
		to := a.packs[target]
		to.requires = append(to.requires, a.mapped(target, p.name, p.depends)...)
		to.recommends = append(to.recommends, a.mapped(target, p.name, p.recommends)...)
	}
	for name, more := range a.t.Requires {
		if a.packs[name] == nil {
			return fmt.Errorf("requires of %s: no such package", name)
		}
		a.packs[name].requires = append(a.packs[name].requires, more...)
	}
	for name, more := range a.t.Provides {
		if a.packs[name] == nil {
			return fmt.Errorf("provides of %s: no such package", name)
		}
		a.packs[name].provides = append(a.packs[name].provides, more...)
	}
	for pattern, script := range a.t.After {
		for _, p := range a.d.packages {
			if target, ok := a.t.of(p.name); ok && like(pattern, p.name) && script != "" {
				a.packs[target].after += strings.TrimSpace(script) + "\n"
			}
		}
	}
	a.granted()
	for _, p := range a.packs {
		for _, list := range []*[]string{&p.requires, &p.recommends, &p.provides} {
			sort.Strings(*list)
			*list = slices.Compact(*list)
		}
	}
	return a.known()
}

// granted: every package needs the directories, and where systemd runs is
// everything that is essential in Debian.
func (a *assembly) granted() {
	base, _ := a.t.of("base-files")
	setup, _ := a.t.of("base-passwd")
	init, _ := a.t.of("systemd")
	for name, p := range a.packs {
		if name != base && name != setup && len(p.entries) > 0 && name != a.t.ReleasePackage.Name {
			p.requires = append(p.requires, base)
		}
	}
	if setup != base {
		a.packs[base].requires = append(a.packs[base].requires, setup)
	}
	if release := a.t.ReleasePackage.Name; release != base {
		a.packs[base].requires = append(a.packs[base].requires, release)
	}
	shell, _ := a.t.of("bash")
	shadow, _ := a.t.of("passwd")
	for _, p := range a.packs {
		if len(p.accounts) > 0 {
			p.first = []string{shadow, shell}
		}
	}
	for _, p := range a.d.packages {
		implied := p.essential || slices.Contains([]string{"passwd", "login", "mawk"}, p.name)
		if target, ok := a.t.of(p.name); ok && target != init && implied {
			a.packs[init].requires = append(a.packs[init].requires, target)
		}
	}
}

// mapped are groups of relations of a Debian package in our names. Of each group the first counts
// that the root has; a version counts for the package that gives ours its own.
func (a *assembly) mapped(of, debian string, groups [][]relation) []string {
	var out []string
	forget := a.t.Forget[debian]
	for _, group := range groups {
		for _, r := range group {
			if _, ok := a.d.find(r.name); !ok {
				continue
			}
			target, ok := a.t.of(r.name)
			forgotten := slices.Contains(forget, r.name) || slices.Contains(forget, "*")
			if ok && target != of && !forgotten {
				out = append(out, a.bound(target, r))
			}
			break
		}
	}
	return out
}

func (a *assembly) bound(target string, r relation) string {
	if r.op == "" || strings.HasPrefix(r.op, "<") || !a.t.leader(a.d, r.name) {
		return target
	}
	version, _ := versionOf(r.version)
	if r.op == "=" {
		return target + " = " + version
	}
	return target + " >= " + strings.TrimSuffix(version, "~")
}

// known is an error if something is required that nothing provides.
func (a *assembly) known() error {
	have := map[string]bool{}
	for name, p := range a.packs {
		have[name] = true
		for _, provided := range p.provides {
			have[provided] = true
		}
	}
	for name, p := range a.packs {
		for _, r := range p.requires {
			if want, _, _ := strings.Cut(r, " "); !have[want] {
				return fmt.Errorf("package %s requires %s, which nothing provides", name, want)
			}
		}
	}
	return nil
}

// accounts takes the users and groups that packages bring out of the files of
// the first package, so that each is made when its package is installed.
func (a *assembly) accounts() error {
	made := map[string]*account{}
	for _, name := range []string{"group", "passwd"} {
		err := eachLine(filepath.Join(a.d.root, "etc", name), func(w []string) error {
			by, ok := a.t.Users[w[0]]
			if !ok {
				return nil
			}
			acc := account{name: w[0], uid: -1}
			var err error
			if acc.gid, err = strconv.Atoi(w[2]); err != nil {
				return err
			}
			if name == "passwd" {
				acc.uid = acc.gid
				if acc.gid, err = strconv.Atoi(w[3]); err != nil {
					return err
				}
				acc.home, acc.shell = w[5], w[6]
			}
			acc.group = a.d.groups[acc.gid]
			target, ok := a.t.of(by)
			if !ok {
				return fmt.Errorf("its package %s has no counterpart", by)
			}
			made[w[0]] = &acc
			a.packs[target].accounts = append(a.packs[target].accounts, acc)
			return nil
		})
		if err != nil {
			return fmt.Errorf("accounts in %s: %w", name, err)
		}
	}
	setup, _ := a.t.of("base-passwd")
	for i := range a.packs[setup].entries {
		e := &a.packs[setup].entries[i]
		switch e.path {
		case "etc/passwd", "etc/group", "etc/shadow", "etc/gshadow":
			text, err := a.others(*e, made)
			if err != nil {
				return err
			}
			e.source, e.text = "", text
			// The group shadow is not known before this very package is there.
			e.gid, e.group, e.mode = 0, "root", e.mode&^0o070|(e.mode&0o007)<<3
		}
	}
	return nil
}

// others is a file of accounts without those that packages bring, and with the
// groups that Debian lacks.
func (a *assembly) others(e entry, made map[string]*account) (string, error) {
	var b strings.Builder
	err := eachLine(e.source, func(w []string) error {
		if made[w[0]] == nil && w[0] != "_apt" {
			b.WriteString(strings.Join(w, ":") + "\n")
		}
		return nil
	})
	for name, gid := range a.t.Groups {
		switch e.path {
		case "etc/group":
			fmt.Fprintf(&b, "%s:x:%d:\n", name, gid)
		case "etc/gshadow":
			fmt.Fprintf(&b, "%s:*::\n", name)
		}
	}
	return b.String(), err
}

func eachLine(file string, do func(words []string) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if err := do(strings.Split(sc.Text(), ":")); err != nil {
			return fmt.Errorf("%s: %w", sc.Text(), err)
		}
	}
	return nil
}
