package overlay

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine/live"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// adder takes a line of the form and what is said of it.
type adder func(tui.FormItem, about)

// wide is the width from which a strategy is called by more than its name in the
// recipe: its reason counts more.
const wide = 100

// strategy is the line of one strategy.
func (s *Screen) strategy(o live.Offer) tui.FormItem {
	chosen := s.session.Recipe().Overlay.Strategy == o.Strategy
	name := o.Name
	if s.w < wide {
		name = o.Strategy
	}
	it := tui.FormItem{Label: name, Option: true, Value: o.Note}
	if o.Strategy == s.distro().Strategy {
		it.Value = "recommended"
	}
	switch {
	case o.Refusal == nil:
		it.Mark = tui.Radio(chosen)
		if !chosen || len(o.Edits) > 1 {
			it.Do = func() tea.Cmd { return s.apply(o.Name, o.Edits) }
		}
		return it
	case chosen:
		it.Mark, it.Label = tui.Bad.Render(tui.MarkFailed), tui.Bad.Render(name)
	default:
		it.Label = tui.Muted.Render(name)
	}
	why := o.Refused
	if q, _ := s.question(); s.w < wide {
		why = strings.Replace(why, q.Stack.String(), q.Stack.ID, 1)
	}
	it.Value = tui.Muted.Render(why)
	if id, there := s.elsewhere(o.Strategy); id != "" {
		it.Do = func() tea.Cmd { return s.offerStack(o, id, there) }
	}
	return it
}

// elsewhere is the distribution's stack that has a strategy which the recipe's has
// not, and what it offers; "" if none has it.
func (s *Screen) elsewhere(strategy string) (string, live.Offer) {
	q, _ := s.question()
	r := s.session.Recipe()
	for _, st := range s.distro().Stacks {
		q.Stack = live.Stack{ID: st.ID, Version: st.Versions[r.Distro.Release]}
		for _, o := range live.Offers(q) {
			if o.Strategy == strategy && o.Refusal == nil {
				return st.ID, o
			}
		}
	}
	return "", live.Offer{}
}

// offerStack asks whether to change the stack for the sake of a strategy.
func (s *Screen) offerStack(o live.Offer, stack string, there live.Offer) tea.Cmd {
	edits := append([]recipes.Edit{{Path: "live.stack", Value: stack}}, there.Edits...)
	return tui.Open(tui.NewConfirm(o.Name+" needs "+stack,
		fmt.Sprintf("%s Choosing it makes %s the live stack of this image: another initramfs, the same packages otherwise.", sentence(o.Refusal.Message), stack),
		tui.Answer{Key: "y", Does: "take both", Cmd: tui.Send(together{o.Name, edits})}))
}

// together is a strategy with all that has to change for it.
type together struct {
	name  string
	edits []recipes.Edit
}

// apply makes the edits that choosing a strategy takes and says what it changed
// besides.
func (s *Screen) apply(name string, edits []recipes.Edit) tea.Cmd {
	if err := s.session.Apply(recipes.Fix{Title: name, Edits: edits}); err != nil {
		return session.Complain(err)
	}
	var also []string
	for _, e := range edits {
		if e.Path != "overlay.strategy" {
			also = append(also, fmt.Sprintf("%s = %v", e.Path, e.Value))
		}
	}
	if len(also) == 0 {
		return nil
	}
	return session.Say(name + ", and " + strings.Join(also, ", "))
}

// room is how much the overlay may take, and where it lies.
func (s *Screen) room(add adder) {
	o := s.session.Recipe().Overlay
	add(tui.FormItem{Heading: "Room for writes"}, about{})
	size := tui.FormItem{Label: "Size", Value: spoken(o.Size), Text: string(o.Size), Edit: s.setSize}
	if o.Size == "" {
		size.Value, size.Default = s.defaultSize(), true
	}
	add(size, about{"Size of the overlay", s.aboutSize})
	if o.Strategy != live.Persistent {
		return
	}
	label := tui.FormItem{Label: "Label", Value: o.Label, Edit: s.setLabel}
	if l, err := s.layout(o.Strategy); o.Label == "" && err == nil {
		label.Value, label.Default = l.Label, true
	}
	add(label, about{"Label of the file system", func(w int) []string {
		return append([]string{""}, tui.Prose("The overlay lies on the file system of the machine that has this label. Slipway does not make it: the warnings of the strategy tell what must be on it.", w)...)
	}})
}

// stack is the line of the live stack.
func (s *Screen) stack(q live.Question, add adder) {
	d, r := s.distro(), s.session.Recipe()
	it := tui.FormItem{Label: "Stack", Value: q.Stack.String(), Edit: s.setStack}
	for i, st := range d.Stacks {
		shown, note := live.Stack{ID: st.ID, Version: st.Versions[r.Distro.Release]}, ""
		if i == 0 {
			note = "default"
		}
		if len(st.Releases) > 0 && !slices.Contains(st.Releases, r.Distro.Release) {
			note = "not in " + r.Distro.Release
		}
		if st.ID == q.Stack.ID {
			shown = q.Stack
		}
		it.Options = append(it.Options, tui.Choice{Label: shown.String(), Note: note})
	}
	if len(it.Options) == 0 {
		it.Edit = nil
	}
	it.Default = r.Live.Stack == ""
	add(it, about{"Live stack", s.aboutStack})
}

// gauge are the lines of what watches the overlay.
func (s *Screen) gauge(add adder) {
	o := s.session.Recipe().Overlay
	add(tui.FormItem{Heading: "Gauge in the image"}, about{})
	gauge := tui.FormItem{Label: "Gauge", Value: "off", Do: func() tea.Cmd {
		if o.Gauge {
			return session.Complain(s.session.Set("overlay.gauge", false))
		}
		return session.Complain(s.session.Unset("overlay.gauge"))
	}}
	if o.Gauge {
		gauge.Value = "on"
	}
	add(gauge, about{"Gauge in the image", s.aboutGauge})
	at := tui.FormItem{Label: "Warns at", Value: percents(o.WarnAt), Text: bare(o.WarnAt), Edit: s.setWarnAt}
	if len(o.WarnAt) == 0 {
		at.Value, at.Default = percents(recipes.DefaultWarnAt), true
	}
	add(at, about{"Thresholds", s.aboutGauge})
	add(tui.FormItem{Label: "Then runs", Value: o.WarnCommand, Edit: func(text string) error { return s.session.Give("overlay.warn_command", text) }},
		about{"Command at a threshold", s.aboutGauge})
}

func percents(at []int) string {
	if len(at) == 0 {
		return ""
	}
	return strings.ReplaceAll(bare(at), " ", ", ") + " %"
}

func bare(at []int) string { return strings.Trim(fmt.Sprint(at), "[]") }

// sentence makes a sentence of a message.
func sentence(message string) string {
	if message == "" {
		return ""
	}
	return strings.ToUpper(message[:1]) + message[1:] + "."
}
