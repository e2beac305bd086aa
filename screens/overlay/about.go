package overlay

import (
	"fmt"
	"strings"

	"slipway/recipes"
	"slipway/tui"
)

// pictureFrom is the width from which there is room for more than words.
const pictureFrom = 72

// about says what a strategy does to a server that writes.
func (s *Screen) about(st strategy, w int) []string {
	lines := []string{tui.Heading.Render(tui.Cut(st.title, w))}
	if why := st.unavailable(); why != "" {
		lines = append(lines, tui.Warn.Render(tui.Cut("cannot be chosen here: "+why, w)))
	}
	if s.w >= pictureFrom {
		lines = append(append(append(lines, ""), s.picture(st, w)...), "")
	}
	full := st.full
	if st.danger {
		full = tui.MarkWarn + " " + full
	}
	facts := []tui.Fact{{Name: "When it is full", Value: full}, {Name: "df shows it", Value: st.df}}
	if st.unavailable() == "" {
		facts = append(facts, s.options(st)...)
	}
	return append(lines, tui.Facts(facts, w)...)
}

// options are the compiled boot options, and what the size comes to in the
// machine of the test boot.
func (s *Screen) options(st strategy) []tui.Fact {
	layout, err := s.compiled(st)
	if err != nil {
		return []tui.Fact{{Name: "Boot options", Value: tui.Bad.Render(tui.MarkFailed) + " " + err.Error()}}
	}
	facts := []tui.Fact{{Name: "Boot options", Value: strings.Join(layout.Options, " ")}}
	if own := strings.TrimSpace(s.session.Recipe().Kernel.Cmdline); own != "" {
		facts = append(facts, tui.Fact{Name: "and yours", Value: own})
	}
	facts = append(facts, tui.Fact{Name: "Image at", Value: layout.Image + " (" + layout.Stack.String() + ")"})
	return append(facts, tui.Fact{Name: "In a test boot", Value: s.inTest()})
}

// inTest is what the size comes to in the test boot's machine.
func (s *Screen) inTest() string {
	r := s.session.Recipe()
	memory := r.Boot.Memory
	if memory == "" {
		memory = "1GiB"
	}
	ram, _, err := memory.Parse()
	if err != nil {
		return ""
	}
	size := r.Overlay.Size
	if size == "" {
		size = "50%"
	}
	room, err := size.Of(ram)
	if err != nil {
		return ""
	}
	out := fmt.Sprintf("%s of %s", mebibytes(room), mebibytes(ram))
	if room > ram {
		out = tui.MarkWarn + " " + out + ": more than there is"
	}
	return out
}

// picture shows where writes go and where reads come from.
func (s *Screen) picture(st strategy, w int) []string {
	upper := st.upper
	if strings.Contains(upper, "%s") {
		upper = fmt.Sprintf(upper, short(s.session.Recipe().Overlay.Size))
	}
	box := max(tui.Width(upper), tui.Width(st.lower)) + 2
	edge := func(l, r string) string { return tui.Line.Render(l + strings.Repeat("─", box) + r) }
	wall := tui.Line.Render("│")
	inside := func(text string) string { return "           " + wall + tui.Fit(" "+text, box) + wall }
	writes, reads := " writes "+tui.Accent.Render("─▶")+" ", " reads  "+tui.Accent.Render("─▶")+" "
	lines := []string{writes + edge("┌", "┐"), inside(upper)}
	if st.lower != "" {
		lines = append(lines, reads+edge("├", "┤"), inside(st.lower), "           "+edge("└", "┘"))
	} else {
		lines = append(lines, reads+edge("└", "┘"))
	}
	for i, l := range lines {
		lines[i] = tui.Cut(l, w)
	}
	return lines
}

// short is a size in as few words as possible.
func short(size recipes.Size) string {
	if size == "" {
		return "50 %"
	}
	if bytes, _, err := size.Parse(); err == nil && bytes > 0 {
		return mebibytes(bytes)
	}
	return strings.Replace(string(size), "%", " %", 1)
}

func mebibytes(n int64) string {
	n = (n + 1<<19) >> 20 << 20 // a percentage of the memory is a few bytes off
	if n >= 1<<30 && n%(1<<30) == 0 {
		return fmt.Sprintf("%d GiB", n>>30)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
