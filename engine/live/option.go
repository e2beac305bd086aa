package live

import (
	"fmt"
	"slices"
	"strings"
)

// option is a kernel option that a live stack reads, and what a recipe's command
// line should know of it.
type option struct {
	name string
	// since is the first version that reads it, until the first that does not any
	// more; empty: always did, still does.
	since, until string
	// now is what it is called since nowSince; the old name still works.
	now, nowSince string
	// own says why only Slipway may set it; empty: a recipe may.
	own string
	// needs are the strategies with which it does anything; none: all.
	needs []string
	// unit says what a value would really mean, if that is not what it looks like.
	unit func(value string) string
	// waits says what the boot may wait for; "" if it does not.
	waits func(s Stack, value string) string
}

// Why Slipway sets an option itself.
const (
	ownMedium   = "Slipway lays the medium out"
	ownSource   = "Slipway decides where the image comes from"
	ownRAM      = "Slipway decides where the image is held: strategy = \"ram\" in [overlay]"
	ownOverlay  = "the overlay would no longer be what [overlay] says"
	ownSize     = "set size in [overlay] instead"
	ownStrategy = "set strategy in [overlay] instead"
	ownLabel    = "set label in [overlay] instead"
	ownHook     = "it speaks to Slipway's own hook in the initramfs"
)

// own lists options that only Slipway may set, all for the same reason.
func own(why string, names ...string) []option {
	var out []option
	for _, name := range names {
		out = append(out, option{name: name, own: why})
	}
	return out
}

// aliases lists old names of options, each with its new one; the first version
// that does not read them any more is until.
func aliases(until string, names ...[2]string) []option {
	var out []option
	for _, n := range names {
		out = append(out, option{name: n[0], now: n[1], nowSince: "0", until: until})
	}
	return out
}

// always is a reason that does not hang on the value.
func always(why string) func(Stack, string) string {
	return func(Stack, string) string { return why }
}

// bareBytes: mount(8) takes a number without a unit for bytes.
func bareBytes(value string) string {
	if value != "" && strings.Trim(value, "0123456789") == "" {
		return fmt.Sprintf("a size without a unit is in bytes: %s bytes", value)
	}
	return ""
}

// bareMiB: dracut multiplies the value by 1024 in the shell.
func bareMiB(value string) string {
	if value == "" || strings.Trim(value, "0123456789") != "" {
		return fmt.Sprintf("the size is a plain number of MiB, and the shell cannot calculate with %q", value)
	}
	return ""
}

// option finds what a stack reads by a name, in its version if it has several.
func (s *stack) option(name string, v Stack) (option, bool) {
	i := slices.IndexFunc(s.options, func(o option) bool { return o.name == name && o.read(v) })
	if i < 0 {
		i = slices.IndexFunc(s.options, func(o option) bool { return o.name == name })
	}
	if i < 0 {
		return option{}, false
	}
	return s.options[i], true
}

// read reports whether a version of its stack reads the option.
func (o option) read(v Stack) bool {
	return v.from(o.since) && (o.until == "" || !v.from(o.until))
}

// foreign finds the stack that has an option, where the given one has not.
func foreign(name string, not *stack) (*stack, bool) {
	for _, s := range stacks {
		if s != not && slices.ContainsFunc(s.options, func(o option) bool { return o.name == name && !strings.Contains(generic, " "+name+" ") }) {
			return s, true
		}
	}
	return nil, false
}

// generic are words that others than live stacks read too.
const generic = " root rootflags fetch url module ip check overlay netboot break arch verify checksum "
