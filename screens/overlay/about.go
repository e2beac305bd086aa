package overlay

import (
	"errors"
	"fmt"
	"strings"

	"slipway/engine"
	"slipway/engine/live"
	"slipway/recipes"
	"slipway/tui"
)

// narrow is the width of the pane below which facts have short names.
const narrow = 48

// aboutStrategy says what a strategy does to a server that writes: first what
// cannot be undone, last what is only good to know.
func (s *Screen) aboutStrategy(o live.Offer, w int) []string {
	var lines []string
	if o.Refusal != nil {
		lines = append(lines, wrapped(tui.Warn.Render, sentence(o.Refusal.Message)+" "+sentence(o.Refusal.Hint), w)...)
	}
	if s.w >= pictureFrom {
		lines = append(append(append(lines, ""), s.picture(o, w)...), "")
	}
	full, df, rehearsed := "When it is full", "df shows it", "Rehearsed"
	if w < narrow {
		full, df = "When full", "df"
	}
	danger := o.Full
	if o.Danger {
		danger = tui.Warn.Render(tui.MarkWarn) + " " + danger
	}
	facts := []tui.Fact{{Name: full, Value: danger}, {Name: df, Value: o.DF}}
	q, _ := s.question()
	last := s.rehearsed(q.Stack.ID, o.Strategy)
	if last == "" && o.Refusal == nil {
		last = tui.Muted.Render("not yet: r on Test boot")
	}
	if facts = append(facts, tui.Fact{Name: rehearsed, Value: last}); o.Refusal == nil {
		facts = append(facts, s.compiled(o, w)...)
	}
	return append(lines, tui.Facts(facts, w)...)
}

// compiled is what the strategy comes to on this stack: warnings, boot options, and
// what the size comes to in the machine of the test boot.
func (s *Screen) compiled(o live.Offer, w int) []tui.Fact {
	options, test := "Boot options", "In a test boot"
	if w < narrow {
		options, test = "Options", "Test boot"
	}
	var facts []tui.Fact
	for _, warning := range o.Layout.Warnings {
		text := tui.Warn.Render(tui.MarkWarn) + " " + warning.Message
		if warning.Hint != "" {
			text += tui.Muted.Render(": ") + warning.Hint
		}
		facts = append(facts, tui.Fact{Name: "Warning", Value: text})
	}
	if changed := o.Edits; len(changed) > 1 {
		for _, e := range changed[1:] {
			facts = append(facts, tui.Fact{Name: "Changes", Value: fmt.Sprintf("%s = %v", e.Path, e.Value)})
		}
	}
	facts = append(facts, tui.Fact{Name: options, Value: strings.Join(o.Layout.Options, " ")})
	if own := strings.TrimSpace(s.session.Recipe().Kernel.Cmdline); own != "" {
		facts = append(facts, tui.Fact{Name: "and yours", Value: own})
	}
	image := o.Layout.Image
	if o.Layout.Nested {
		image += ", the root inside an ext4 in it"
	}
	return append(facts, tui.Fact{Name: "Image at", Value: image}, tui.Fact{Name: test, Value: s.inTest(o.Layout)})
}

// inTest is what the size comes to in the test boot's machine; "" where it does not
// depend on that.
func (s *Screen) inTest(l live.Layout) string {
	memory := engine.MachineMemory(s.session.Recipe())
	if l.Size == "" || l.Kind == live.KindDisk {
		return ""
	}
	room, err := l.Size.Of(memory)
	if err != nil {
		return ""
	}
	out := fmt.Sprintf("%s of %s", mebibytes(room), mebibytes(memory))
	if room > memory {
		out = tui.Warn.Render(tui.MarkWarn) + " " + out + ": more than there is"
	}
	return out
}

// layout is a strategy as the stack compiles it for the recipe.
func (s *Screen) layout(strategy string) (live.Layout, error) {
	for _, o := range s.offers {
		if o.Strategy == strategy && o.Refusal == nil {
			return o.Layout, nil
		}
	}
	return live.Layout{}, errors.New("not available")
}

// aboutSize says what a size means here.
func (s *Screen) aboutSize(w int) []string {
	lines := append([]string{""}, tui.Prose("How much can be written before the overlay is full: 50% of the memory, or 512MiB. Memory is taken as it is written, not before.", w)...)
	l, err := s.layout(s.session.Recipe().Overlay.Strategy)
	if err != nil {
		return lines
	}
	facts := []tui.Fact{{Name: "As option", Value: strings.Join(l.Options, " ")}, {Name: "Test boot", Value: s.inTest(l)}}
	for _, warning := range l.Warnings {
		if warning.Path == "overlay.size" {
			facts = append(facts, tui.Fact{Name: "Warning", Value: tui.Warn.Render(tui.MarkWarn) + " " + warning.Message})
		}
	}
	return append(append(lines, ""), tui.Facts(facts, w)...)
}

// aboutStack says which version of the stack is known, and who says so.
func (s *Screen) aboutStack(w int) []string {
	q, read := s.question()
	d, r := s.distro(), s.session.Recipe()
	known := "expected of " + r.Distro.Release + "; each build reads it in its root"
	switch {
	case read:
		known = "read in the root of the newest build"
	case q.Stack.Version == "":
		known = "not known before the first build"
	}
	lines := append([]string{""}, tui.Prose("What in the initramfs finds the image on its medium and lays the overlay over it. Each has strategies of its own, and options of its own for them.", w)...)
	facts := []tui.Fact{{Name: "Here", Value: q.Stack.String()}, {Name: "Version", Value: known}}
	for _, st := range d.Stacks {
		if st.ID == q.Stack.ID {
			facts = append(facts, tui.Fact{Name: "Packages", Value: strings.Join(st.Packages, " ") + ", added by themselves"})
		}
	}
	var has []string
	for _, o := range s.offers {
		if o.Refusal == nil {
			has = append(has, o.Name)
		}
	}
	return append(append(lines, ""), tui.Facts(append(facts, tui.Fact{Name: "Strategies", Value: strings.Join(has, ", ")}), w)...)
}

// aboutGauge says what watches the overlay of a running machine.
func (s *Screen) aboutGauge(w int) []string {
	o := s.session.Recipe().Overlay
	lines := append([]string{""}, tui.Prose("A small program and timer in the image: slipway-overlay prints how full the overlay really is, whatever df says. It warns on the console, in the journal and to everyone logged in before the overlay is full, and writes metrics for node_exporter. It works when nothing can be written any more.", w)...)
	if !o.Gauge {
		return append(append(lines, ""), wrapped(tui.Warn.Render, tui.MarkWarn+" off: nothing warns before the overlay is full", w)...)
	}
	at := o.WarnAt
	if len(at) == 0 {
		at = recipes.DefaultWarnAt
	}
	return append(append(lines, ""), tui.Facts([]tui.Fact{{Name: "Warns at", Value: percents(at)}, {Name: "Then runs", Value: o.WarnCommand},
		{Name: "Ask it", Value: "slipway-overlay"}}, w)...)
}

// wrapped is text in lines, each in a style.
func wrapped(style func(...string) string, text string, w int) []string {
	lines := tui.Wrap(strings.TrimSpace(text), w)
	for i, l := range lines {
		lines[i] = style(l)
	}
	return lines
}
