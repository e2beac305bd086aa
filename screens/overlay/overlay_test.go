package overlay

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"slipway/engine"
	"slipway/engine/live"
	"slipway/engine/smoke"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

const recipe = `name = "fleet-base"

[distro]
id = "debian"
release = "bookworm"

[overlay]
strategy = "overlayfs"
size = "50%" # of RAM

[kernel]
cmdline = "console=ttyS0,115200"

[boot]
memory = "1GiB"
`

// on is the recipe with another stack, strategy and size.
func on(stack, strategy, size string) string {
	text := strings.Replace(recipe, "[overlay]", "[live]\nstack = \""+stack+"\"\n\n[overlay]", 1)
	text = strings.Replace(text, `"overlayfs"`, `"`+strategy+`"`, 1)
	return strings.Replace(text, `size = "50%" # of RAM`, size, 1)
}

func open(t *testing.T, text string) (*Screen, *session.Session) {
	t.Helper()
	s := screentest.On(t, text)
	s.Now = func() time.Time { return screentest.Began }
	return newScreen(s), s
}

// goTo moves the cursor to the line of which that is said.
func goTo(t *testing.T, sc *Screen, title string) {
	t.Helper()
	tuitest.Press(sc, "home")
	for range len(sc.about) {
		if sc.selected().title == title {
			return
		}
		tuitest.Press(sc, "down")
	}
	t.Fatalf("nothing is said of %q", title)
}

const (
	ofSize     = "Size of the overlay"
	ofStack    = "Live stack"
	ofLabel    = "Label of the file system"
	ofWarnAt   = "Thresholds"
	ofSnapshot = "device-mapper snapshot over an ext4 image"
)

var recorded = []smoke.Rehearsal{
	{Outcome: smoke.ReadOnly, Verdict: "read-only until reboot; df said 65 % at that moment", Stack: "dracut 059", Strategy: live.DMSnapshot,
		When: screentest.Began.Add(-50 * time.Hour)},
	{Outcome: smoke.Dead, Verdict: "dead until a hard reset", Stack: "dracut 059", Strategy: live.DMSnapshot, When: screentest.Began.Add(-99 * time.Hour)},
	{Outcome: smoke.Recovers, Verdict: "fills at 64 MiB with ENOSPC; recovers", Stack: "live-boot 20230131", Strategy: live.Overlayfs,
		When: screentest.Began.Add(-49 * time.Hour)},
}

// tell gives the screen what the disk would.
func tell(sc *Screen, d disk) {
	d.asked, d.recipe = sc.asked, "fleet-base"
	sc.Update(d)
}

func TestView(t *testing.T) {
	for name, c := range map[string]struct{ text, at string }{
		"overlayfs":   {recipe, "overlayfs on its own tmpfs"},
		"dm-snapshot": {on("dracut", "dm-snapshot", `size = "64MiB"`), ofSnapshot},
		"thin":        {on("dracut", "dm-snapshot-thin", ""), "thin device-mapper snapshot over an ext4 image"},
		"ram":         {on("dracut", "ram", ""), "the whole image copied to RAM, written to directly"},
		"persistent":  {on("dracut", "persistent", ""), ofLabel},
		"gauge-off":   {strings.Replace(recipe, "size", "gauge = false\nsize", 1), "Gauge in the image"},
		"stack":       {on("kiwi", "dm-snapshot", ""), ofStack},
		"unavailable": {recipe, ofSnapshot},
	} {
		for _, size := range tuitest.Sizes {
			sc, _ := open(t, c.text)
			body := size.Body()
			sc.SetSize(body.W, body.H)
			tell(sc, disk{runs: recorded})
			goTo(t, sc, c.at)
			tuitest.Exact(t, sc.View(), body.W, body.H)
			tuitest.Golden(t, name+"-"+size.String(), sc.View())
		}
	}
}

func TestKeysDoWhatTheFootSays(t *testing.T) {
	for _, title := range []string{ofSnapshot, ofSize, ofStack, ofWarnAt, "Gauge in the image"} {
		make := func() tuitest.Keyed {
			sc, _ := open(t, recipe)
			sc.SetSize(78, 18)
			goTo(t, sc, title)
			return sc
		}
		tuitest.KeysWork(t, make)
		tuitest.KeysIdle(t, make, "x", "z", "tab", "left", "f5", " ", "delete")
	}
}

// Nothing of a reason is lost, however narrow the screen.
func TestReasonIsWhole(t *testing.T) {
	for _, size := range tuitest.Sizes[2:] {
		sc, _ := open(t, recipe)
		body := size.Body()
		sc.SetSize(body.W, body.H)
		for _, o := range sc.offers {
			if o.Refusal == nil {
				continue
			}
			goTo(t, sc, o.Title)
			said := strings.Join(strings.Fields(right(sc.View())), " ")
			for _, want := range []string{o.Refusal.Message[1:], o.Refusal.Hint[1:]} {
				if !strings.Contains(said, want) {
					t.Errorf("%s at %s: no %q in\n%s", o.Strategy, size, want, sc.View())
				}
			}
			if list := ansi.Strip(sc.View()); !strings.Contains(list, o.Refused) {
				t.Errorf("%s at %s: no %q in\n%s", o.Strategy, size, o.Refused, list)
			}
		}
	}
}

// right is what stands right of the divider.
func right(view string) string {
	var b strings.Builder
	for line := range strings.Lines(ansi.Strip(view)) {
		if _, r, ok := strings.Cut(line, tui.Divider); ok {
			b.WriteString(r + "\n")
		}
	}
	return b.String()
}

func TestRestIsShownByKey(t *testing.T) {
	sc, _ := open(t, on("dracut", "dm-snapshot-thin", ""))
	sc.SetSize(78, 12)
	goTo(t, sc, "thin device-mapper snapshot over an ext4 image")
	if view := ansi.Strip(sc.View()); !strings.Contains(view, "i shows the rest") {
		t.Fatalf("it is not said that there is more:\n%s", view)
	}
	msgs := tuitest.Press(sc, "i")
	if len(msgs) != 1 {
		t.Fatalf("i answers %v", msgs)
	}
	d := msgs[0].(tui.OpenDialog).Dialog
	d.SetSize(76, 60)
	for _, want := range []string{"rd.live.overlay.thin=1", "LiveOS/squashfs.img", "1 GiB"} {
		if !strings.Contains(ansi.Strip(d.View()), want) {
			t.Errorf("no %q in\n%s", want, ansi.Strip(d.View()))
		}
	}
}

func TestStrategyIsChosen(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(78, 18)
	goTo(t, sc, "overlayfs on a disk of the machine")
	tuitest.Press(sc, "enter")
	if got := s.Recipe().Overlay.Strategy; got != live.Persistent {
		t.Errorf("chosen: %s", got)
	}
	goTo(t, sc, ofLabel)
	tuitest.Press(sc, "enter")
	tuitest.Type(sc, "state")
	tuitest.Press(sc, "enter")
	if got := s.Recipe().Overlay.Label; got != "state" {
		t.Errorf("label: %q", got)
	}
	if !strings.Contains(ansi.Strip(sc.View()), "state") {
		t.Errorf("the label is not shown:\n%s", sc.View())
	}
}

// A strategy of another stack is offered together with that stack, and taken only
// when that is confirmed.
func TestStrategyOfAnotherStack(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(78, 18)
	before := string(s.Doc().Source)
	goTo(t, sc, ofSnapshot)
	msgs := tuitest.Press(sc, "enter")
	if len(msgs) != 1 || string(s.Doc().Source) != before {
		t.Fatalf("enter answers %v\n%s", msgs, s.Doc().Source)
	}
	d := msgs[0].(tui.OpenDialog).Dialog.(*tui.Confirm)
	now := screentest.Began
	d.Now = func() time.Time { now = now.Add(time.Minute); return now }
	d.View()
	done, cmd := d.Update(tuitest.KeyMsg("y"))
	if !done {
		t.Fatal("y does not answer")
	}
	for _, m := range tuitest.Run(cmd) {
		sc.Update(m)
	}
	o, problems := s.Recipe(), s.Problems().Errors()
	if o.Live.Stack != "dracut" || o.Overlay.Strategy != live.DMSnapshot || len(problems) > 0 {
		t.Errorf("taken: %q, %+v; %v", o.Live.Stack, o.Overlay, problems)
	}
}

func TestNoStackHasAufs(t *testing.T) {
	tuitest.KeysIdle(t, func() tuitest.Keyed {
		sc, _ := open(t, recipe)
		sc.SetSize(78, 18)
		goTo(t, sc, "aufs, the overlay before overlayfs")
		return sc
	}, "enter")
}

func TestSize(t *testing.T) {
	for typed, want := range map[string]string{
		"512 MiB": `size = "512MiB" # of RAM`, "30%": `size = "30%" # of RAM`, "": "",
	} {
		sc, s := open(t, recipe)
		sc.SetSize(78, 18)
		goTo(t, sc, ofSize)
		tuitest.Press(sc, "enter", "ctrl+u")
		tuitest.Type(sc, typed)
		tuitest.Press(sc, "enter")
		got := string(s.Doc().Source)
		if want == "" && strings.Contains(got, "size") || !strings.Contains(got, want) || sc.Capturing() {
			t.Errorf("typed %q:\n%s", typed, got)
		}
	}
}

// What is refused, by the recipe's rules or by the stack, stays typed, with the
// reason beside it.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, text, at, typed, says string }{
		{"no size", recipe, ofSize, "bst0%", "size"},
		{"no size that /run has", on("dracut", "overlayfs-run", ""), ofSize, "512MiB", "20%"},
		{"no label that kiwi looks for", on("kiwi", "persistent", ""), ofLabel, "mine", "cow"},
		{"no label", on("dracut", "persistent", ""), ofLabel, "a label", "label"},
		{"no percentages", recipe, ofWarnAt, "80 soon", `"soon" is no percentage`},
		{"too much", recipe, ofWarnAt, "80 120", "120"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc, s := open(t, c.text)
			sc.SetSize(118, 34)
			before := string(s.Doc().Source)
			goTo(t, sc, c.at)
			tuitest.Press(sc, "enter", "ctrl+u")
			tuitest.Type(sc, c.typed)
			if !sc.Capturing() {
				t.Fatal("letters are not text while a value is typed")
			}
			tuitest.Press(sc, "enter")
			view := ansi.Strip(sc.View())
			if !sc.Capturing() || !strings.Contains(view, c.typed) || !strings.Contains(view, "✗") || !strings.Contains(view, c.says) {
				t.Errorf("%q was lost, or not spoken of:\n%s", c.typed, view)
			}
			if got := string(s.Doc().Source); got != before {
				t.Errorf("%q was taken:\n%s", c.typed, got)
			}
			tuitest.Press(sc, "esc")
			if sc.Capturing() {
				t.Error("esc does not leave")
			}
		})
	}
}

func TestStackIsChosen(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(118, 34)
	for _, c := range []struct{ key, stack, version string }{{"down", "dracut", "dracut 059"}, {"down", "kiwi", "kiwi 9.24.56"}, {"home", "", "live-boot 20230131"}} {
		goTo(t, sc, ofStack)
		msgs := tuitest.Press(sc, "enter")
		if len(msgs) != 1 {
			t.Fatalf("enter answers %v", msgs)
		}
		d := msgs[0].(tui.OpenDialog).Dialog
		d.SetSize(70, 20)
		d.Update(tuitest.KeyMsg(c.key))
		if _, cmd := d.Update(tuitest.KeyMsg("enter")); cmd != nil {
			for _, m := range tuitest.Run(cmd) {
				sc.Update(m)
			}
		}
		sc.Update(session.Changed{})
		if got := s.Recipe().Live.Stack; got != c.stack || !strings.Contains(ansi.Strip(sc.View()), c.version) {
			t.Errorf("chosen %q, want %q, shown as %q:\n%s", got, c.stack, c.version, sc.View())
		}
	}
}

func TestGauge(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(118, 34)
	goTo(t, sc, "Gauge in the image")
	tuitest.Press(sc, "enter")
	if s.Recipe().Overlay.Gauge || !strings.Contains(string(s.Doc().Source), "gauge = false") {
		t.Errorf("still on:\n%s", s.Doc().Source)
	}
	tuitest.Press(sc, "enter")
	if !s.Recipe().Overlay.Gauge || strings.Contains(string(s.Doc().Source), "gauge") {
		t.Errorf("not on by default again:\n%s", s.Doc().Source)
	}
	for typed, want := range map[string]string{"70 90": "warn_at = [70, 90]", "60 %, 85 %": "warn_at = [60, 85]", "": ""} {
		goTo(t, sc, ofWarnAt)
		tuitest.Press(sc, "enter", "ctrl+u")
		tuitest.Type(sc, typed)
		tuitest.Press(sc, "enter")
		if got := string(s.Doc().Source); !strings.Contains(got, want) || want == "" && strings.Contains(got, "warn_at") || sc.Capturing() {
			t.Errorf("typed %q:\n%s", typed, got)
		}
	}
	goTo(t, sc, "Command at a threshold")
	tuitest.Press(sc, "enter")
	tuitest.Type(sc, "logger full")
	tuitest.Press(sc, "enter")
	if got := s.Recipe().Overlay.WarnCommand; got != "logger full" {
		t.Errorf("command: %q", got)
	}
}

// What the picture promises is what the stack will be told.
func TestOptionsAreCompiled(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(118, 34)
	if err := s.Set("overlay.size", "256MiB"); err != nil {
		t.Fatal(err)
	}
	sc.Update(session.Changed{})
	view := ansi.Strip(sc.View())
	for _, want := range []string{"boot=live overlay-size=256m", "tmpfs in RAM, ≤ 256 MiB", "256 MiB of 1 GiB"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
}

// A build's root knows the version better; what an older look at the disk brings,
// or one at another recipe, does not count.
func TestDisk(t *testing.T) {
	sc, s := open(t, recipe)
	sc.SetSize(118, 34)
	built := engine.Built{Doc: s.Doc(), Record: engine.Record{Layout: live.Layout{Stack: live.Stack{ID: "live-boot", Version: "20240101"}}}}
	sc.look()
	for _, stale := range []disk{{asked: sc.asked - 1, recipe: "fleet-base", built: built}, {asked: sc.asked, recipe: "another", built: built, runs: recorded}} {
		sc.Update(stale)
		if view := sc.View(); strings.Contains(view, "20240101") || strings.Contains(view, "fills at") {
			t.Errorf("believed:\n%s", view)
		}
	}
	tell(sc, disk{built: built, runs: recorded})
	said := strings.Join(strings.Fields(right(sc.View())), " ")
	if !strings.Contains(sc.View(), "live-boot 20240101") || !strings.Contains(said, "Rehearsed ✓ fills at 64 MiB with ENOSPC; recovers (2 days ago)") {
		t.Errorf("not believed:\n%s", sc.View())
	}
	if msgs := tuitest.Run(sc.Update(tui.Shown{})); len(msgs) != 1 || msgs[0].(disk).recipe != "fleet-base" {
		t.Errorf("coming into view looks for %v", msgs)
	}
}

func TestPlain(t *testing.T) {
	tuitest.Colour(t, termenv.Ascii, true)
	sc, _ := open(t, on("kiwi", "dm-snapshot", ""))
	sc.SetSize(78, 18)
	view := sc.View()
	if strings.Contains(view, "\x1b") || !strings.Contains(view, "✗ dm-snapshot") {
		t.Errorf("the chosen strategy that cannot be is not marked plainly:\n%s", view)
	}
}

// What is said first is said of the chosen strategy.
func TestOpensAtTheChosen(t *testing.T) {
	if sc, _ := open(t, on("dracut", live.DMThin, "")); !strings.HasPrefix(sc.selected().title, "thin ") {
		t.Error(sc.selected().title)
	}
}
