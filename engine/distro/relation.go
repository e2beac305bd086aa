package distro

import (
	"iter"
	"strings"
)

// needs yields what a field of relations asks for: for each item the names of
// which one is enough, without versions and architectures. has says what is
// there already, for items that hang on that.
func (x *Index) needs(field string, has func(name string) bool) iter.Seq[[]string] {
	switch x.family {
	case RPM, Zypper:
		return func(yield func([]string) bool) {
			for item := range strings.SplitSeq(field, ", ") {
				if more := rpmNeed(item, has, yield); !more {
					return
				}
			}
		}
	case Pacman:
		return func(yield func([]string) bool) {
			for name := range plainNames(field, "<>=") {
				if !yield([]string{name}) {
					return
				}
			}
		}
	}
	return dependencies(field)
}

// provided yields the names that a package provides.
func (x *Index) provided(p *Package) iter.Seq[string] {
	return func(yield func(string) bool) {
		switch x.family {
		case RPM, Zypper:
			for name := range plainNames(p.Provides, " ") {
				if !yield(name) {
					return
				}
			}
			for path := range plainNames(p.Files, "") {
				if !yield(path) {
					return
				}
			}
		case Pacman:
			for name := range plainNames(p.Provides, "<>=") {
				if !yield(name) {
					return
				}
			}
		default:
			for names := range dependencies(p.Provides) {
				if !yield(names[0]) {
					return
				}
			}
		}
	}
}

// plainNames yields the items of a list, each up to the first of the characters
// in end.
func plainNames(field, end string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for item := range strings.SplitSeq(field, ", ") {
			if i := strings.IndexAny(item, end); i >= 0 {
				item = item[:i]
			}
			if item != "" && !yield(item) {
				return
			}
		}
	}
}

// rpmNeed yields what one item of a list of an rpm package's requirements asks
// for: a name, a path, or a boolean expression ("(a or b)", rpm-dependencies(7)).
// It returns false if yield did.
func rpmNeed(item string, has func(string) bool, yield func([]string) bool) bool {
	if !strings.HasPrefix(item, "(") {
		if i := strings.IndexByte(item, ' '); i >= 0 {
			item = item[:i]
		}
		return item == "" || yield([]string{item})
	}
	e, _, ok := parseRich(item)
	return !ok || e.needs(has, yield)
}

// rich is a boolean expression: a name, or operands and what stands between them.
type rich struct {
	name     string
	op       string // "and", "or", "if", "unless", "with", "without"
	operands []rich // of "if" and "unless": what, when, and what else
}

// conditional reports whether a field hangs on what else is there.
func conditional(field string) bool {
	return strings.Contains(field, " if ") || strings.Contains(field, " unless ")
}

// parseRich reads an expression in brackets from the beginning of s.
func parseRich(s string) (e rich, rest string, ok bool) {
	s = strings.TrimLeft(s[1:], " ")
	for {
		var operand rich
		if strings.HasPrefix(s, "(") {
			if operand, s, ok = parseRich(s); !ok {
				return e, "", false
			}
		} else if operand.name, s = richName(s); operand.name == "" {
			return e, "", false
		}
		e.operands = append(e.operands, operand)
		if s = strings.TrimLeft(s, " "); strings.HasPrefix(s, ")") {
			return e, s[1:], true
		}
		var op string
		if op, s = richName(s); op == "" {
			return e, "", false
		}
		if op != "else" {
			e.op = op
		}
		s = strings.TrimLeft(s, " ")
	}
}

// richName reads a name, which may have brackets in pairs, and leaves out the
// version behind it.
func richName(s string) (name, rest string) {
	depth, i := 0, 0
	for ; i < len(s) && s[i] != ' '; i++ {
		if s[i] == '(' {
			depth++
		}
		if s[i] == ')' {
			if depth--; depth < 0 {
				break
			}
		}
	}
	name, rest = s[:i], strings.TrimLeft(s[i:], " ")
	if strings.HasPrefix(rest, "<") || strings.HasPrefix(rest, ">") || strings.HasPrefix(rest, "=") {
		_, rest, _ = strings.Cut(rest, " ")
		rest = strings.TrimLeft(rest, " ")
		rest = rest[min(len(rest), strings.IndexAny(rest+" ", " )")):]
	}
	return name, rest
}

// needs yields what an expression asks for. Where one of several groups would
// do, one name of each stands for it.
func (e rich) needs(has func(string) bool, yield func([]string) bool) bool {
	switch e.op {
	case "and":
		for _, o := range e.operands {
			if !o.needs(has, yield) {
				return false
			}
		}
		return true
	case "or":
		var any []string
		for _, o := range e.operands {
			o.needs(has, func(names []string) bool {
				any = append(any, names...)
				return false
			})
		}
		return len(any) == 0 || yield(any)
	case "if", "unless":
		if len(e.operands) < 2 {
			return true
		}
		if e.operands[1].there(has) == (e.op == "if") {
			return e.operands[0].needs(has, yield)
		}
		return len(e.operands) < 3 || e.operands[2].needs(has, yield)
	case "", "with", "without": // of these one package must be both, or must not be the other
		if len(e.operands) > 0 {
			return e.operands[0].needs(has, yield)
		}
	}
	return e.name == "" || yield([]string{e.name})
}

// there reports whether an expression holds for what is there.
func (e rich) there(has func(string) bool) bool {
	if len(e.operands) == 0 {
		return has(e.name)
	}
	for _, o := range e.operands {
		if o.there(has) == (e.op == "or") {
			return e.op == "or"
		}
	}
	return e.op != "or"
}
