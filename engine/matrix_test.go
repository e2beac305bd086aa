package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/engine/goldentest"
	"slipway/engine/live"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// fakeMatrix builds and boots without doing either: by recipe, how a build
// fails, and by recipe and path, how a boot ends.
type fakeMatrix struct {
	t      *testing.T
	matrix *matrix
	broken map[string]*StepError
	ends   map[string]Finished
	hangs  string        // recipe and path of a boot that only a cancellation ends
	gate   chan struct{} // if set, boots wait for each other in pairs

	mu                              sync.Mutex
	did                             []string
	building, booting               int
	mostBuilding, mostBooting, most int
	told                            []MatrixEvent
}

func newFakeMatrix(t *testing.T, o MatrixOptions) *fakeMatrix {
	t.Helper()
	f := &fakeMatrix{t: t, broken: map[string]*StepError{}, ends: map[string]Finished{}}
	builds, tick := t.TempDir(), time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	f.matrix = &matrix{build: f.build, boot: f.boot, builds: builds, folders: []string{builds, "/cache"}, options: o,
		tell: func(e MatrixEvent) { f.told = append(f.told, e) },
		now:  func() time.Time { defer func() { tick = tick.Add(20 * time.Minute) }(); return tick }}
	return f
}

// busy counts what is under way; the function that it returns ends it.
func (f *fakeMatrix) busy(what string, n, most *int) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, what)
	*n++
	*most = max(*most, *n)
	f.most = max(f.most, f.building+f.booting)
	return func() { f.mu.Lock(); defer f.mu.Unlock(); *n-- }
}

func (f *fakeMatrix) build(ctx context.Context, doc *recipes.Document) *Run {
	name := doc.Recipe.Name
	return newRun(ctx, func(ctx context.Context, r *Run) Finished {
		defer f.busy("build "+name, &f.building, &f.mostBuilding)()
		r.emit(PlanReady{Recipe: name, Log: "/logs/" + name})
		if broken := f.broken[name]; broken != nil {
			return Finished{Status: Failed, Took: 9 * time.Second, Error: broken, Cleaned: []string{"work directory work/build-1"}}
		}
		dir := filepath.Join(f.matrix.builds, name, "1")
		layout := live.Layout{Stack: live.Stack{ID: "live-boot", Version: "20230131"}, Strategy: "overlayfs"}
		if err := errors.Join(os.MkdirAll(dir, 0o755), writeJSON(filepath.Join(dir, recordName), Record{Recipe: name, Layout: layout})); err != nil {
			f.t.Error(err)
		}
		return Finished{Status: Done, Took: 3 * time.Minute, Build: dir}
	})
}

func (f *fakeMatrix) boot(ctx context.Context, r recipes.Recipe, dir string, o BootOptions) *Run {
	what := r.Name + " " + o.Path
	return newRun(ctx, func(ctx context.Context, run *Run) Finished {
		defer f.busy("boot "+what, &f.booting, &f.mostBooting)()
		run.emit(Booting{Path: o.Path})
		if f.gate != nil {
			select {
			case f.gate <- struct{}{}:
			case <-f.gate:
			}
		}
		end := f.ends[what]
		end.Build = dir
		if what == f.hangs {
			<-ctx.Done()
			end = Finished{Status: Cancelled, Took: 40 * time.Second, Error: &StepError{Step: StepBoot, Message: "cancelled"}}
		}
		if o.Rehearse && end.Rehearsal == nil {
			run.emit(StepDone{Step: StepRehearse, Status: Failed, Error: &StepError{Step: StepRehearse, Message: "the machine did not come up"}})
		}
		for name, there := range map[string]bool{bootLogName: true, verdictName: end.Verdict != nil, rehearsalName: end.Rehearsal != nil} {
			if there {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(what), 0o600); err != nil {
					f.t.Error(err)
				}
			}
		}
		return end
	})
}

func named(t *testing.T, names ...string) []*recipes.Document {
	t.Helper()
	var docs []*recipes.Document
	for _, name := range names {
		doc, err := recipes.Parse("/recipes/"+name+".toml", fmt.Appendf(nil,
			"name = %q\ndistro = { id = \"debian\", release = \"bookworm\" }\noverlay = { strategy = \"overlayfs\" }\n", name))
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc)
	}
	return docs
}

func passes(fixture bool) Finished {
	return Finished{Status: Done, Took: 112 * time.Second, Verdict: &smoke.Verdict{Word: "PASS", Reason: "all 11 checks hold", Accel: "tcg",
		Fixture: fixture, Memory: &smoke.Memory{Total: 980 << 20, Available: 809 << 20}}}
}

// seeded is a matrix with one row of each kind: PASS by both paths, a fixture's
// FAIL, a build that fails, a boot that cannot be, one that is cancelled, and one
// that never begins.
func seeded(t *testing.T) (*fakeMatrix, Board) {
	t.Helper()
	f := newFakeMatrix(t, MatrixOptions{Paths: []string{smoke.Direct, smoke.ISO}, Rehearse: true})
	good := passes(false)
	good.Rehearsal = &smoke.Rehearsal{Outcome: smoke.Recovers, Verdict: "fills at 64 MiB with ENOSPC; recovers after deleting"}
	bad := Finished{Status: Done, Took: 95 * time.Second, Verdict: &smoke.Verdict{Word: "FAIL", Accel: "kvm", Fixture: true,
		Reason:  "2 checks failed; first: sshd answers on port 22: ssh.service | failed",
		Results: []smoke.Result{{Status: smoke.Pass, Hint: "none"}, {Status: smoke.Fail, Hint: "see /etc/ssh/sshd_config"}, {Status: smoke.Fail, Hint: "later"}}}}
	mute := Finished{Status: Failed, Took: time.Second, Error: stepError(StepBoot, errNoISO, "")}
	f.ends = map[string]Finished{"good direct": good, "good iso": passes(false), "bad direct": bad, "bad iso": bad, "mute direct": mute, "mute iso": mute}
	f.broken["broken"] = &StepError{Step: StepRoot, Message: "the disk is full: write /cache/work/build-1/root:\nno space; see /recipes/key.asc", Hint: "free some space", Log: filepath.Join(t.TempDir(), "x.log")}
	if err := os.WriteFile(f.broken["broken"].Log, []byte("log"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.hangs = "hangs direct"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tell := f.matrix.tell
	f.matrix.tell = func(e MatrixEvent) {
		tell(e)
		if _, boots := e.Event.(Booting); boots && e.Recipe == "hangs" {
			cancel()
		}
	}
	board, err := f.matrix.run(ctx, named(t, "good", "bad", "broken", "mute", "hangs", "later"))
	if err != nil {
		t.Fatal(err)
	}
	return f, board
}

func TestMatrix(t *testing.T) {
	f, board := seeded(t)
	if want := []string{"build good", "boot good direct", "boot good iso", "build bad", "boot bad direct", "boot bad iso", "build broken", "build mute", "boot mute direct", "boot mute iso", "build hangs", "boot hangs direct"}; !slices.Equal(f.did, want) {
		t.Errorf("did %q, want %q", f.did, want)
	}
	kept, err := os.ReadFile(filepath.Join(board.Dir, boardName))
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Equal(t, "board.json", string(kept))
	for path, want := range map[string]string{"good-direct/verdict.json": "good direct", "good-iso/verdict.json": "good iso", "good-direct/rehearsal.json": "good direct",
		"bad-iso/boot.log": "bad iso", "broken-build/build.log": "log", "hangs-direct/boot.log": "hangs direct"} {
		if text, err := os.ReadFile(filepath.Join(board.Dir, path)); string(text) != want {
			t.Errorf("%s holds %q (%v), want %q", path, text, err, want)
		}
	}
	// The rehearsal of the other boot of that build is not this one's.
	for _, path := range []string{"good-iso/rehearsal.json", "hangs-direct/verdict.json", "later-direct"} {
		if _, err := os.Stat(filepath.Join(board.Dir, path)); err == nil {
			t.Errorf("%s was kept", path)
		}
	}
	var rows []Row
	for _, e := range f.told {
		if e.Row != nil {
			rows = append(rows, *e.Row)
		}
	}
	if !slices.EqualFunc(rows, board.Rows, func(a, b Row) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		t.Errorf("told %+v\nboard %+v", rows, board.Rows)
	}
	if strings.Contains(string(kept), f.matrix.builds) || strings.Contains(string(kept), "/recipes") || strings.Contains(string(kept), "/cache") {
		t.Errorf("the board names a folder of this machine:\n%s", kept)
	}
}

func TestBoardCounts(t *testing.T) {
	pass, fail := Row{Word: RowPass}, Row{Word: RowFail, Outcome: NotTried}
	for _, tt := range []struct {
		name  string
		rows  []Row
		whole bool
	}{
		{"all pass", []Row{pass, pass}, true},
		{"a failure is a result", []Row{pass, fail}, true},
		{"not run", []Row{pass, {Word: RowNotRun}}, false},
		{"cancelled", []Row{pass, {Word: RowStopped}}, false},
		{"passes but was not rehearsed", []Row{{Word: RowPass, Outcome: NotTried}}, false},
		{"passes and dies when it is full", []Row{{Word: RowPass, Outcome: smoke.Dead}}, true},
	} {
		if b := (Board{Rows: tt.rows}); b.Whole() != tt.whole {
			t.Errorf("%s: whole is %v", tt.name, b.Whole())
		}
	}
	if b := (Board{Rows: []Row{pass, fail, pass}}); b.Count(RowPass) != 2 || b.Count(RowFail) != 1 || b.Count(RowStopped) != 0 {
		t.Error("miscounted")
	}
}

// Jobs machines run at once, and never two builds. Four boots wait for each other
// in pairs: with fewer at once than two they would never end.
func TestMatrixJobs(t *testing.T) {
	for jobs, want := range map[int][2]int{0: {1, 1}, 1: {1, 1}, 2: {2, 2}} {
		f := newFakeMatrix(t, MatrixOptions{Jobs: jobs})
		names := []string{"a", "b", "c", "d"}
		for _, name := range names {
			f.ends[name+" direct"] = passes(false)
		}
		if jobs > 1 {
			f.gate = make(chan struct{})
		}
		board, err := f.matrix.run(t.Context(), named(t, names...))
		if err != nil || board.Count(RowPass) != len(names) {
			t.Fatalf("%d jobs: %v, %+v", jobs, err, board.Rows)
		}
		if f.mostBuilding != 1 || f.most > want[0] || f.mostBooting > want[1] {
			t.Errorf("%d jobs: at most %d at once, %d builds, %d boots", jobs, f.most, f.mostBuilding, f.mostBooting)
		}
		for i, row := range board.Rows {
			if row.Recipe != names[i] {
				t.Errorf("%d jobs: row %d is %s", jobs, i, row.Recipe)
			}
		}
	}
}

// What cannot be kept is an error, and takes no verdict away.
func TestMatrixCannotKeep(t *testing.T) {
	f := newFakeMatrix(t, MatrixOptions{})
	f.ends["a direct"] = passes(false)
	f.matrix.tell = func(e MatrixEvent) {
		if _, ok := e.Event.(Booting); ok {
			if err := os.WriteFile(filepath.Join(f.matrix.dir, "a-direct"), nil, 0o600); err != nil { // a file where the folder should be
				t.Error(err)
			}
		}
	}
	board, err := f.matrix.run(t.Context(), named(t, "a"))
	if err == nil || !strings.Contains(err.Error(), "keep the reports of a-direct") || board.Count(RowPass) != 1 {
		t.Errorf("%v, %+v", err, board.Rows)
	}
	if err := os.WriteFile(filepath.Join(f.matrix.builds, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f.matrix.builds, f.did = filepath.Join(f.matrix.builds, "file"), nil
	if board, err := f.matrix.run(t.Context(), named(t, "a")); err == nil || len(board.Rows) > 0 || len(f.did) > 0 {
		t.Errorf("without a folder: %v, %+v, did %q", err, board, f.did)
	}
}
