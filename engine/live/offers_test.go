package live

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"slipway/recipes"
)

// TestOffersGolden is what an operator is told of every strategy, per stack.
func TestOffersGolden(t *testing.T) {
	var b strings.Builder
	for _, c := range []struct {
		stack Stack
		size  recipes.Size
		label string
	}{
		{liveBoot2023, "50%", ""}, {dracut059, "50%", ""}, {dracut059, "1GiB", ""}, {Stack{"dracut", "043"}, "", ""}, {dracut106, "", ""},
		{kiwi9, "50%", "state"}, {casper22, "1GiB", "state"}, {archiso73, "", ""},
	} {
		q := question(c.stack.ID, c.stack.Version, Overlayfs, c.size)
		q.Overlay.Label = c.label
		q.Module = func(string) bool { return false }
		fmt.Fprintf(&b, "%s, size %q, label %q\n", c.stack, c.size, c.label)
		for _, o := range Offers(q) {
			fmt.Fprintf(&b, "  %-17s %s\n", o.Name, o.Note)
			if o.Refusal != nil {
				fmt.Fprintf(&b, "    ✗ %s\n      %s\n      %s\n", o.Refused, o.Refusal.Message, o.Refusal.Hint)
				continue
			}
			fmt.Fprintf(&b, "    %s\n    writes to %s, reads %s\n    full: %s (danger: %v)\n    df: %s\n", o.Title, o.Upper, orElse(o.Lower, "the same"), o.Full, o.Danger, o.DF)
			fmt.Fprintf(&b, "    %s, set %v\n", o.Layout.Kind, o.Edits)
		}
	}
	golden.RequireEqual(t, []byte(b.String()))
}

// TestOffersAreWhole: one offer for each strategy, with all there is to say.
func TestOffersAreWhole(t *testing.T) {
	offers := Offers(question("dracut", "059", Overlayfs, ""))
	if len(offers) != len(recipes.Strategies) {
		t.Fatalf("%d offers", len(offers))
	}
	for i, o := range offers {
		if o.Strategy != recipes.Strategies[i] || o.Name == "" || o.Note == "" || o.Title == "" || o.Upper == "" || o.Full == "" || o.DF == "" {
			t.Errorf("%+v", o)
		}
		if (o.Refusal == nil) != (o.Refused == "") || (o.Refusal == nil) != (o.Layout.Kind != "") {
			t.Errorf("%s: refused %q, layout %+v", o.Strategy, o.Refused, o.Layout)
		}
	}
}

// TestOfferEdits: what choosing an offer changes is all that is needed.
func TestOfferEdits(t *testing.T) {
	for _, s := range []Stack{liveBoot2023, dracut059, dracut106, kiwi9, casper22, archiso73} {
		for _, size := range []recipes.Size{"", "50%", "1GiB"} {
			q := question(s.ID, s.Version, Overlayfs, size)
			q.Overlay.Label = "state"
			for _, o := range Offers(q) {
				if o.Refusal != nil {
					continue
				}
				after := q
				for _, e := range o.Edits {
					switch text := e.Value.(string); e.Path {
					case "overlay.strategy":
						after.Overlay.Strategy = text
					case "overlay.size":
						after.Overlay.Size = recipes.Size(text)
					case "overlay.label":
						after.Overlay.Label = text
					}
				}
				if l, err := Compile(after); err != nil || fmt.Sprint(l) != fmt.Sprint(o.Layout) {
					t.Errorf("%s, %s: after %v: %v, %v", s, o.Strategy, o.Edits, l, err)
				}
			}
		}
	}
}
