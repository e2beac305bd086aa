package engine

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slipway/engine/distro"
	"slipway/recipes"
)

// Change is one thing that carrying a recipe over did, or left to somebody.
type Change struct {
	Path string `json:"path"` // of the recipe: "packages.include"
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"` // empty: taken out
	Why  string `json:"why,omitempty"`
	// Open: nothing was changed, and somebody has to look at it.
	Open bool `json:"open,omitempty"`
}

// Text is the change in one line, without its path.
func (c Change) Text() string {
	var parts []string
	switch {
	case c.Open:
		parts = append(parts, c.From)
	case c.From == "":
		parts = append(parts, "+ "+c.To)
	case c.To == "":
		parts = append(parts, c.From+" taken out")
	default:
		parts = append(parts, c.From+" → "+c.To)
	}
	parts = append(parts, c.Why)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

// Port carries a recipe over to another distribution, or release of it; release is
// the distribution's first if empty. What is well-known gets its name there; any
// other package is looked up in x, the index of the new release, which may be
// nil. Comments and order stay, doc is not changed, and nothing is dropped without
// a Change that says so.
func Port(doc *recipes.Document, to, release string, x *Index) (*recipes.Document, []Change, error) {
	from, err := distro.Find(doc.Recipe.Distro.ID)
	if err != nil {
		return nil, nil, err
	}
	d, err := distro.Find(to)
	if err != nil {
		return nil, nil, err
	}
	if release == "" {
		release = d.Releases[0].ID
	}
	if from.ID == d.ID && doc.Recipe.Distro.Release == release {
		return nil, nil, fmt.Errorf("%s is a recipe of %s %s already", doc.Recipe.Name, d.ID, release)
	}
	out, err := recipes.Parse(doc.Path, doc.Source)
	if err != nil {
		return nil, nil, err
	}
	p := &port{doc: out, from: from, to: d, was: doc.Recipe, release: release, index: x}
	for _, step := range []func(){p.identity, p.source, p.packages, p.base, p.kernel, p.services, p.groups, p.locale, p.sshd, p.security, p.stack, p.rest} {
		step()
	}
	p.found(doc)
	return out, p.changes, errors.Join(p.errs...)
}

// port is a recipe on its way.
type port struct {
	doc      *recipes.Document
	from, to distro.Distro
	was      recipes.Recipe // as it was
	release  string         // to go to
	index    *Index         // of that release; nil: nobody knows
	changes  []Change
	errs     []error
}

// set gives a path a value, and says so.
func (p *port) set(path string, from, to any, why string) {
	if fmt.Sprint(from) == fmt.Sprint(to) {
		return
	}
	if err := p.doc.Set(path, to); err != nil {
		p.errs = append(p.errs, fmt.Errorf("set %s: %w", path, err))
		return
	}
	p.changes = append(p.changes, Change{Path: path, From: words(from), To: words(to), Why: why})
}

// unset takes a value out, if there is one.
func (p *port) unset(path string, from any, why string) {
	if words(from) == "" {
		return
	}
	if err := p.doc.Unset(path); err != nil {
		p.errs = append(p.errs, fmt.Errorf("take out %s: %w", path, err))
		return
	}
	p.changes = append(p.changes, Change{Path: path, From: words(from), Why: why})
}

// open leaves something to look at.
func (p *port) open(path, what, why string) {
	p.changes = append(p.changes, Change{Path: path, From: what, Why: why, Open: true})
}

func words(v any) string {
	if list, ok := v.([]string); ok {
		return strings.Join(list, " ")
	}
	return fmt.Sprint(v)
}

// identity renames what is named after the distribution.
func (p *port) identity() {
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(p.from.ID) + `\b`)
	renamed := func(s string) string { return word.ReplaceAllLiteralString(s, p.to.ID) }
	p.set("name", p.was.Name, renamed(p.was.Name), "")
	if p.was.System.Hostname != "" {
		p.set("system.hostname", p.was.System.Hostname, renamed(p.was.System.Hostname), "")
	}
	old, now := p.from.Name+" "+p.from.Release(p.was.Distro.Release).Version, p.to.Name+" "+p.to.Release(p.release).Version
	text := strings.ReplaceAll(p.was.Description, strings.TrimSpace(old), strings.TrimSpace(now))
	if p.from.ID != p.to.ID {
		text = strings.ReplaceAll(text, p.from.Name, p.to.Name)
	}
	if p.was.Description != "" {
		p.set("description", p.was.Description, text, "")
	}
}

// source is where packages come from.
func (p *port) source() {
	was := p.was.Distro
	p.set("distro.id", was.ID, p.to.ID, "")
	p.set("distro.release", was.Release, p.release, "")
	if p.from.ID == p.to.ID {
		return
	}
	p.unset("distro.mirror", was.Mirror, "it is "+p.from.Name+"'s")
	p.unset("distro.key", was.Key, "it is that of "+p.from.Name+"'s mirror")
	p.unset("distro.components", was.Components, p.to.Name+" has others, or none")
	if was.Arch != "" && p.to.Archs[was.Arch] == "" {
		p.open("distro.arch", was.Arch, p.to.Name+" is not built for it")
	}
	for i, r := range p.was.Repositories {
		p.open(fmt.Sprintf("repositories[%d]", i), r.URI, "it was made for "+p.from.Name+": name one that has the same packages for "+p.to.Name)
	}
}

// security: a policy is the distribution's own.
func (p *port) security() {
	was, now := p.from.SELinuxMode(p.was), p.to.SELinuxMode(p.doc.Recipe)
	switch {
	case p.to.SELinux == nil && p.was.Security.SELinux != "":
		p.unset("security.selinux", p.was.Security.SELinux, p.to.Name+" has no policy")
	case was != now:
		p.open("security.selinux", "", fmt.Sprintf("SELinux was %s, and is %s by default on %s", was, now, p.to.Name))
	}
}

// stack takes a live stack and an overlay that the release has.
func (p *port) stack() {
	if s, err := p.to.Stack(p.doc.Recipe); err != nil || len(s.Releases) > 0 && !slices.Contains(s.Releases, p.release) {
		p.unset("live.stack", p.was.Live.Stack, "what "+p.to.Name+" boots by is "+p.to.Stacks[0].ID)
	}
	// What still cannot be has a fix, or is for somebody to decide. One may lead to
	// the next: a strategy, then a size that goes with it.
	for range 4 {
		fixed := false
		for _, problem := range Lint(p.doc).Errors() {
			path := problem.Path
			if !strings.HasPrefix(problem.Code, "overlay-") && !strings.HasPrefix(problem.Code, "stack-") || problem.Fix == nil {
				continue
			}
			before, _ := p.doc.Value(path)
			if err := p.doc.Apply(*problem.Fix); err != nil {
				p.errs = append(p.errs, err)
				return
			}
			for _, e := range problem.Fix.Edits {
				c := Change{Path: e.Path, To: words(e.Value), Why: problem.Message}
				if e.Path == path && before != nil {
					c.From = words(before)
				}
				p.changes = append(p.changes, c)
			}
			fixed = true
			break
		}
		if !fixed {
			return
		}
	}
}
