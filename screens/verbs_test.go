package screens

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"slipway/engine"
	"slipway/engine/smoke"
	"slipway/recipes"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui"
	"slipway/tui/tuitest"
)

var usual = tuitest.Size{W: 80, H: 24}

// do sends a message and then all that its commands answer, as the program
// would. It reports whether the program ended.
func do(a *App, msgs ...tea.Msg) (quit bool) {
	for len(msgs) > 0 {
		msg := msgs[0]
		msgs = msgs[1:]
		if _, ok := msg.(tea.QuitMsg); ok {
			quit = true
			continue
		}
		_, cmd := a.Update(msg)
		a.View()
		msgs = append(msgs, tuitest.Run(cmd)...)
	}
	return quit
}

// press types keys into the app; questions get the time to be read.
func press(a *App, keys ...string) (quit bool) {
	for _, k := range keys {
		for _, d := range a.dialogs {
			if c, ok := d.(*tui.Confirm); ok {
				c.Now = func() time.Time { return time.Now().Add(time.Hour) }
			}
		}
		quit = do(a, tuitest.KeyMsg(k)) || quit
	}
	return quit
}

func screenText(a *App) string { return ansi.Strip(a.View()) }

func wants(t *testing.T, a *App, text string) {
	t.Helper()
	if !strings.Contains(screenText(a), text) {
		t.Errorf("%q is not on the screen:\n%s", text, screenText(a))
	}
}

func TestKeysLeadEverywhere(t *testing.T) {
	a := appAt(t, usual, 0)
	for _, step := range []struct {
		key  string
		want session.Place
	}{
		{"n", session.Distro}, {"n", session.Overlay}, {"p", session.Distro}, {"4", session.SSH}, {"6", session.Output},
		{"n", session.Output}, {"0", session.Library}, {"p", session.Library}, {"3", session.Packages}, {"esc", session.Library},
	} {
		press(a, step.key)
		if a.at != step.want {
			t.Fatalf("%s leads to %v, want %v", step.key, a.at, step.want)
		}
	}
}

func TestBuildRunsOnceAndThenIsShown(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	builds := 0
	inner := a.build
	a.build = func(d *recipes.Document) *engine.Run { builds++; return inner(d) }
	press(a, "b")
	if a.at != session.Build || builds != 1 || !a.session.Job().Over {
		t.Fatalf("b shows %v, started %d", a.at, builds)
	}
	wants(t, a, "Built debian-vm")
	press(a, "4", "b")
	if builds != 1 {
		t.Error("b builds again although nothing has changed")
	}
	press(a, "b")
	if builds != 2 {
		t.Error("b on the build screen does not build again")
	}
	if err := a.session.Set("name", "other"); err != nil {
		t.Fatal(err)
	}
	press(a, "4", "b")
	if builds != 3 {
		t.Error("b does not build the changed recipe")
	}
}

func TestBootBuildsInViewAndThenBoots(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	press(a, "t")
	if a.at != session.Boot {
		t.Fatalf("t ends at %v", a.at)
	}
	wants(t, a, "all 11 checks hold")
	press(a, "4")
	wants(t, a, "✓ PASS debian-vm")
}

func TestTestBootShowsTheBuildFirst(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	play(a, session.Boot, midBuild(t))
	a.show(session.Build)
	wants(t, a, "then booting it")
	if a.at != session.Build {
		t.Fatalf("at %v", a.at)
	}
	all := screentest.Events(t, "boot/testdata/pass.jsonl")
	do(a, session.Events{Job: a.session.Job().ID, Events: all})
	if a.at != session.Boot {
		t.Errorf("the machine has started and %v is shown", a.at)
	}
}

func TestEventsOfAnotherRunAreDropped(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	play(a, session.Build, midBuild(t))
	before := a.View()
	do(a, session.Events{Job: 99, Events: []engine.Event{engine.Finished{Status: engine.Failed}}})
	if a.View() != before || a.session.Running() == nil {
		t.Error("events of a run that is not ours have an effect")
	}
}

func TestSecondRunIsRefused(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	play(a, session.Build, midBuild(t))
	do(a, session.RunBoot{})
	wants(t, a, "still running")
}

func TestSaveAsksForANameAndNeverOverwritesUnasked(t *testing.T) {
	a := appAt(t, usual, 0)
	t.Chdir(t.TempDir())
	press(a, "s")
	wants(t, a, "./debian-vm.toml")
	press(a, "enter")
	wants(t, a, "saved to ./debian-vm.toml")
	if got, err := os.ReadFile("debian-vm.toml"); err != nil || string(got) != screentest.Recipe {
		t.Fatalf("saved %q, %v", got, err)
	}
	if a.session.Doc().Changed() {
		t.Error("the saved recipe counts as changed")
	}
	press(a, "s")
	wants(t, a, "nothing to save")

	b := appAt(t, usual, 0)
	if err := b.session.Set("name", "second"); err != nil {
		t.Fatal(err)
	}
	do(b, saveAs{path: "debian-vm.toml"})
	wants(t, b, "is there already")
	press(b, "esc")
	if got, _ := os.ReadFile("debian-vm.toml"); string(got) != screentest.Recipe {
		t.Fatal("esc has overwritten the file")
	}
	do(b, saveAs{path: "debian-vm.toml"})
	press(b, "y")
	if got, _ := os.ReadFile("debian-vm.toml"); !strings.Contains(string(got), `"second"`) {
		t.Error("y has not replaced the file")
	}
	if got, _ := os.ReadFile("debian-vm.toml~"); string(got) != screentest.Recipe {
		t.Error("the old file is not kept")
	}
}

func TestSaveNoticesAnotherWriter(t *testing.T) {
	a := appAt(t, usual, 0)
	t.Chdir(t.TempDir())
	do(a, saveAs{path: "x.toml"})
	if err := os.WriteFile("x.toml", []byte(screentest.Recipe+"# theirs\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := a.session.Set("name", "mine"); err != nil {
		t.Fatal(err)
	}
	press(a, "s")
	wants(t, a, "changed by somebody else")
	press(a, "esc")
	if got, _ := os.ReadFile("x.toml"); !strings.Contains(string(got), "# theirs") {
		t.Error("another's work is overwritten")
	}
}

func TestSaveSaysWhatIsWrong(t *testing.T) {
	a := appAt(t, usual, 0)
	do(a, saveAs{path: filepath.Join(t.TempDir(), "none", "x.toml")})
	wants(t, a, "no such file")
}

func TestQuitAsksAboutChanges(t *testing.T) {
	a := appAt(t, usual, 0)
	if press(a, "q") {
		t.Fatal("quits without a question although nothing was ever saved")
	}
	wants(t, a, titleUnsaved)
	if press(a, "esc"); len(a.dialogs) != 0 {
		t.Fatal("esc does not stay")
	}
	if !press(a, "ctrl+c", "d") {
		t.Error("d does not discard and quit")
	}
	t.Chdir(t.TempDir())
	b := appAt(t, usual, 0)
	if !press(b, "q", "s", "enter") {
		t.Errorf("s does not save and quit:\n%s", screenText(b))
	}
	if _, err := os.Stat("debian-vm.toml"); err != nil {
		t.Error(err)
	}
}

func TestQuitCancelsAndWaitsForTheCleanUp(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	j := play(a, session.Build, midBuild(t))
	if press(a, "q", "d") {
		t.Fatal("quits while a build runs")
	}
	wants(t, a, titleRunning)
	if press(a, "y") {
		t.Fatal("quits before the clean-up")
	}
	wants(t, a, "cleaned up")
	if press(a, "esc", "q", "ctrl+c") {
		t.Fatal("a key ends the wait for the clean-up")
	}
	end := engine.Finished{Status: engine.Cancelled, Cleaned: []string{"the unfinished root"}}
	if !do(a, session.Events{Job: j.ID, Events: []engine.Event{end}}) {
		t.Fatal("does not quit after the clean-up")
	}
	if said := strings.Join(a.farewell, "\n"); !strings.Contains(said, "cancelled") || !strings.Contains(said, "the unfinished root") {
		t.Errorf("farewell is %q", said)
	}
}

func TestCancelAsks(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	play(a, session.Build, midBuild(t))
	press(a, "b", "c")
	wants(t, a, "Cancel the build")
	if press(a, "x"); len(a.dialogs) != 1 {
		t.Error("another key closes the question")
	}
	if press(a, "y"); len(a.dialogs) != 0 {
		t.Error("y does not close the question")
	}
}

func TestOpeningAnotherRecipeAsks(t *testing.T) {
	a := appAt(t, usual, 0)
	other, err := recipes.Parse("", []byte(strings.Replace(screentest.Recipe, "debian-vm", "other", 1)))
	if err != nil {
		t.Fatal(err)
	}
	do(a, session.OpenDocument{Doc: other})
	wants(t, a, titleUnsaved)
	press(a, "d")
	if a.session.Recipe().Name != "other" || a.at != session.Distro {
		t.Errorf("%s is open at %v", a.session.Recipe().Name, a.at)
	}
}

// TestQuestionIgnoresKeysInFlight presses a key that was on its way when the
// question appeared.
func TestQuestionIgnoresKeysInFlight(t *testing.T) {
	a := appAt(t, usual, 0)
	do(a, tuitest.KeyMsg("q"))
	if do(a, tuitest.KeyMsg("d")) {
		t.Error("a question is answered before it could be read")
	}
}

func TestResizeAtAnyTime(t *testing.T) {
	a := appAt(t, usual, time.Minute)
	play(a, session.Boot, screentest.Events(t, "boot/testdata/fail.jsonl"))
	for _, keys := range [][]string{{"b"}, {"enter"}, {"t"}, {"?"}, {"esc"}, {"l"}, {"/"}, {"esc"}, {"4"}, {"q"}} {
		press(a, keys...)
		for _, size := range []tuitest.Size{{W: 1, H: 1}, {W: 20, H: 4}, {W: 59, H: 16}, {W: 60, H: 16}, {W: 61, H: 17}, {W: 99, H: 30}, {W: 300, H: 80}} {
			do(a, tea.WindowSizeMsg{Width: size.W, Height: size.H})
			tuitest.Exact(t, a.View(), size.W, size.H)
		}
	}
}

func TestRehearsalIsATestBootThatFillsTheOverlay(t *testing.T) {
	a := appAt(t, usual, 0)
	var asked engine.BootOptions
	boot := a.boot
	a.boot = func(d *recipes.Document, o engine.BootOptions) *engine.Run { asked = o; return boot(d, o) }
	do(a, session.RunRehearse{})
	if j := a.session.Job(); !asked.Rehearse || j == nil || !j.Rehearse || j.Kind != session.Boot {
		t.Errorf("asked for %+v, the job is %+v", asked, j)
	}
	if again := session.Again(a.session.Job()); again != (session.RunRehearse{}) {
		t.Errorf("the same once more is %T", again)
	}
	do(a, session.RunBoot{})
	if asked.Rehearse || a.session.Job().Rehearse {
		t.Error("the next test boot rehearses, too")
	}
}

// The header names the live stack where the recipe does.
func TestSummary(t *testing.T) {
	r := recipes.Recipe{Distro: recipes.Distro{ID: "debian", Release: "bookworm"}, Overlay: recipes.Overlay{Strategy: "overlayfs"}}
	if got := summary(r); !strings.Contains(got, "bookworm · overlayfs · 0 packages · iso") {
		t.Errorf("summary: %s", got)
	}
	r.Live.Stack, r.Overlay = "dracut", recipes.Overlay{Strategy: "dm-snapshot", Size: "64MiB"}
	if got := summary(r); !strings.Contains(got, "bookworm · dracut dm-snapshot 64MiB · 0 packages") {
		t.Errorf("summary: %s", got)
	}
}

// Other screens show that a rehearsal goes on, and how it ended.
func TestNewsOfARehearsal(t *testing.T) {
	a := appAt(t, usual, 0)
	all := screentest.Events(t, "boot/testdata/pass.jsonl")
	end := all[len(all)-1].(engine.Finished)
	j := play(a, session.Boot, all[:len(all)-1])
	j.Rehearse = true
	if got := ansi.Strip(news(a.session)); !strings.Contains(got, "rehearsing a full overlay of debian-vm") {
		t.Errorf("while it runs: %s", got)
	}
	end.Rehearsal = &smoke.Rehearsal{Outcome: smoke.ReadOnly, Verdict: "read-only until reboot"}
	a.Update(session.Events{Job: j.ID, Events: []engine.Event{end}})
	if got := ansi.Strip(news(a.session)); !strings.HasSuffix(got, "all 11 checks hold · ! read-only until reboot") {
		t.Errorf("at the end: %s", got)
	}
}

// What keeps a recipe from being built is looked at first.
func TestLintOpensAtTheFirstError(t *testing.T) {
	s := screentest.On(t, `name = "web"
distro = { id = "debian", release = "bookworm" }
overlay = { strategy = "overlayfs" }
packages = { include = ["openssh-server"] }
users = [{ name = "ops", authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx1mHqBBWjGmYq2Qd1hTtJ1mBv3l8v6xg9m0sYyq3bE ops@example"] }]
kernel = { cmdline = "toram" }
`)
	l := tuitest.Run(newApp(s).lint())[0].(tui.OpenDialog).Dialog.(*lintList)
	if p, _ := l.selected(); p.Severity != recipes.Error || s.Problems()[0].Severity == recipes.Error {
		t.Errorf("at %s, of %v", p.Message, s.Problems())
	}
}
