package smoke

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/engine/live"
	"slipway/recipes"
)

const mibi = 1 << 20

// pool is a guest as far as a rehearsal asks it: an overlay of 64 MiB that bears
// being full in one way or another.
type pool struct {
	kind  string // of package live
	base  int64  // used by others
	used  int64
	fault string // what happens when it is full: "", "overflow", "unreadable", "invalid", "silent", "reserved", "unseen", "stuck"
	state string // "", or the fault once it is there
	over  int64  // what can be written although it is full
	gauge bool
	hear  func(string) // the console
	asked []string
}

const poolSize = 64 * mibi

var writeOf = regexp.MustCompile(`^left=(\d+)`)

// reply is fakeGuest's.
func (p *pool) reply(id, script string) string {
	p.asked = append(p.asked, script)
	switch {
	case p.state == "silent":
		return ""
	case script == "": // a ping
		return answerLine(id, 0, "")
	case p.state == "invalid":
		return "\n<<" + id + " 126 ~/run/slipway/agent: 9: base64: Input/output error>>\n"
	case strings.HasPrefix(script, "left="):
		n, _ := strconv.ParseInt(writeOf.FindStringSubmatch(script)[1], 10, 64)
		return p.write(id, n)
	case strings.HasPrefix(script, "rm -f"):
		switch {
		case p.fault == "unseen" || p.fault == "stuck":
			p.over = poolSize - p.base // can be written over
		case p.state == "" && p.fault == "":
			p.used = p.base
		}
		return answerLine(id, 0, "")
	case script == "sync; fstrim /":
		if p.fault == "unseen" {
			p.used = p.base
		}
		return answerLine(id, 0, "")
	case strings.HasPrefix(script, truthScript):
		return answerLine(id, 0, p.truth(script != truthScript))
	case script == "echo alive":
		return answerLine(id, 0, "alive\n")
	}
	return answerLine(id, 0, p.probes())
}

func (p *pool) write(id string, n int64) string {
	switch {
	case p.state != "":
		return answerLine(id, 0, "failed=dd: fsync failed for '/slipway-rehearsal': Input/output error\n12+0 records in\n")
	case n <= p.over:
		p.over -= n
		return answerLine(id, 0, fmt.Sprintf("wrote=%d\n", n))
	case p.used+n <= poolSize:
		p.used += n
		return answerLine(id, 0, fmt.Sprintf("wrote=%d\n", n))
	}
	fits := (poolSize - p.used) / piece * piece
	p.used = poolSize
	if slices.Contains([]string{"overflow", "unreadable", "invalid", "silent"}, p.fault) {
		p.state = p.fault
		return answerLine(id, 0, fmt.Sprintf("wrote=%d\nfailed=dd: fsync failed for '/slipway-rehearsal': Input/output error\n", fits))
	}
	return answerLine(id, 0, fmt.Sprintf("wrote=%d\nfailed=dd: error writing '/slipway-rehearsal': No space left on device\n1+0 records in\n", fits))
}

func (p *pool) truth(gauge bool) string {
	out := fmt.Sprintf("root=overlay LiveOS_rootfs\ndf=overlay %[1]d %[2]d %[3]d LiveOS_rootfs /\nupper=tmpfs %[1]d %[2]d %[3]d tmpfs /run\n", poolSize, p.used, poolSize-p.used)
	if p.kind == live.KindSnapshot {
		out = fmt.Sprintf("root=ext4 /dev/mapper/live-rw\ndf=ext4 1073741824 %d 400000000 /dev/mapper/live-rw /\ntable=live-rw 0 2097152 snapshot 7:1 7:2 PO 8\nstore=131072\n", 600_000_000+p.used)
		if p.state == "overflow" {
			out += "status=live-rw 0 2097152 snapshot Overflow\n"
		} else {
			out += fmt.Sprintf("status=live-rw 0 2097152 snapshot %d/131072 16\n", p.used/sector)
		}
	}
	if gauge && p.gauge {
		out += "gauge=" + p.kind + " used\n"
		if p.used*100/poolSize >= 90 {
			p.hear("\r\nslipway-overlay: warning: " + p.kind + " 58 MiB of 64 MiB used (90 %), above 90 %\r\n")
		}
	}
	return out
}

func (p *pool) probes() string {
	var out strings.Builder
	for _, q := range probes {
		bad := p.used == poolSize && (q.name == "write" || q.name == "run" && p.kind == live.KindRun) || p.state != "" && q.name == "touch" || p.state == "unreadable" && q.name == "read"
		if !bad {
			out.WriteString("works=" + q.name + "\n")
		}
	}
	return out.String()
}

// rehearsed runs a rehearsal of a pool and returns it, what was told, and the pool.
func rehearsed(t *testing.T, p *pool, ctx context.Context) (Rehearsal, []Point, error) {
	t.Helper()
	g := &Guest{Recipe: recipes.Recipe{Name: "r", Overlay: recipes.Overlay{Size: "64MiB"}}, Path: Direct, Console: NewConsole(),
		Layout: live.Layout{Stack: live.Stack{ID: "dracut", Version: "059"}, Strategy: "s"}, PowerOn: time.Now(), Patience: 30 * time.Second, SSH: "127.0.0.1:1"}
	p.hear = func(s string) { g.Console.Feed([]byte(s)) }
	if p.base == 0 {
		p.base = 4 * mibi
	}
	p.used = max(p.used, p.base)
	g.Shell = fakeGuest(t, p.reply)
	g.Shell.Feed([]byte("<<ready 0 >>\n"))
	var told []Point
	r, err := g.Rehearse(ctx, func(p Point) { told = append(told, p) })
	if err == nil && len(told) != len(r.Points) {
		t.Errorf("%d points told, %d kept", len(told), len(r.Points))
	}
	return r, told, err
}

// begun is how many percent were used at the start.
func (p *pool) begun() int64 { return p.base * 100 / poolSize }

func names(points []Point) string {
	var all []string
	for _, p := range points {
		all = append(all, p.Name)
	}
	return strings.Join(all, ", ")
}

func TestRehearsalVerdicts(t *testing.T) {
	const all = "start, 50 %, 90 %, 95 %, full, deleted, written again"
	for _, tt := range []struct {
		name             string
		guest            pool
		outcome, verdict string
		points           string
	}{
		{"recovers", pool{kind: live.KindTmpfs}, Recovers, "fills at 64 MiB with ENOSPC; recovers after deleting", all},
		{"recovers, but /run was full too", pool{kind: live.KindRun}, Recovers, "fills at 64 MiB with ENOSPC, and /run with it; recovers after deleting", all},
		{"recovers, mostly full before", pool{kind: live.KindTmpfs, base: 52 * mibi}, Recovers, "fills at 64 MiB with ENOSPC; recovers after deleting", all},
		{"read-only", pool{kind: live.KindSnapshot, fault: "overflow"}, ReadOnly, "read-only until reboot; df said 63 % at that moment", all},
		{"nothing freed", pool{kind: live.KindTmpfs, fault: "reserved"}, ReadOnly, "full until reboot, deleting frees nothing; df said 100 % at that moment", all},
		{"freed by fstrim", pool{kind: live.KindTmpfs, fault: "unseen"}, Recovers, "fills at 64 MiB with ENOSPC; recovers after deleting and fstrim", all + ", trimmed"},
		{"never freed", pool{kind: live.KindTmpfs, fault: "stuck"}, Recovers, "fills at 64 MiB with ENOSPC; deleted files can be written over, but the store stays full", all + ", trimmed"},
		{"dead but for what is in memory", pool{kind: live.KindSnapshot, fault: "unreadable"}, Dead, "dead until a hard reset: what is not in memory cannot be read any more", all},
		{"dead", pool{kind: live.KindSnapshot, fault: "invalid"}, Dead, "dead until a hard reset: every command answers Input/output error", "start, 50 %, 90 %, 95 %, full"},
		{"silent", pool{kind: live.KindSnapshot, fault: "silent"}, Dead, "dead until a hard reset: nothing answers", "start, 50 %, 90 %, 95 %, full"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, _, err := rehearsed(t, &tt.guest, t.Context())
				if err != nil || r.Outcome != tt.outcome || r.Verdict != tt.verdict || names(r.Points) != tt.points {
					t.Fatalf("%s, %q, %s, %v", r.Outcome, r.Verdict, names(r.Points), err)
				}
				if r.Stack != "dracut 059" || r.Size != "64MiB" {
					t.Errorf("%+v", r)
				}
				for i, share := range []int64{max(tt.guest.begun(), 6), max(tt.guest.begun(), 50), 90, 95} {
					if got := r.Points[i].Room; got.Used*100/got.Size < share-1 || got.Used*100/got.Size > share {
						t.Errorf("%s: %d of %d bytes", r.Points[i].Name, got.Used, got.Size)
					}
					if p := r.Points[i]; p.Error != "" || !slices.Contains(p.Works, "touch a file") || !slices.Equal(p.Broken, []string{overSSH}) {
						t.Errorf("%+v", p)
					}
				}
				full := r.Points[4]
				if full.Error == "" || !slices.Contains(full.Broken, "write 64 KiB") || full.Wrote < 56*mibi-tt.guest.base || full.Wrote > 64*mibi {
					t.Errorf("%+v", full)
				}
				if r.Warned != "" {
					t.Errorf("a guest without a gauge warned: %s", r.Warned)
				}
				if len(r.Points) == 5 && len(full.Works) > 0 {
					t.Errorf("a dead guest works: %+v", full)
				}
			})
		})
	}
}

// The gauge's warning counts if it was there before the first failed write.
func TestRehearsalHearsTheWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, points, err := rehearsed(t, &pool{kind: live.KindTmpfs, gauge: true}, t.Context())
		if err != nil || !strings.HasPrefix(r.Warned, "slipway-overlay: warning: tmpfs 58 MiB of 64 MiB used") || points[1].Gauge != "tmpfs used" {
			t.Errorf("warned %q, points %+v, %v", r.Warned, points[1], err)
		}
	})
}

// A gauge that stays silent is given its time, once per fill level, and no more.
func TestRehearsalOfASilentGauge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pool{kind: live.KindTmpfs, gauge: true}
		begin := time.Now()
		g := &Guest{Console: NewConsole(), Patience: 30 * time.Second}
		h := &rehearsing{asking: &asking{Guest: g}, gauge: p.gauge, warned: g.Console.watch(warning)}
		h.awaitWarning(t.Context(), 50)
		if took := time.Since(begin); took != 0 {
			t.Errorf("waited %s below the first threshold", took)
		}
		h.awaitWarning(t.Context(), 90)
		if took := time.Since(begin); took != tick+10*time.Second {
			t.Errorf("waited %s at 90 %%", took)
		}
	})
}

func TestRehearsalThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Guest{Console: NewConsole(), Shell: NewShell(func([]byte) error { return nil })}
		if _, err := g.Rehearse(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "no shell") {
			t.Errorf("without a shell: %v", err)
		}
		if _, _, err := rehearsed(t, &pool{kind: live.KindSnapshot, state: "invalid"}, t.Context()); err == nil || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("a guest that was dead before: %v", err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(context.Canceled)
		if r, _, err := rehearsed(t, &pool{kind: live.KindTmpfs}, ctx); !errors.Is(err, context.Canceled) || r.Outcome != "" {
			t.Errorf("cancelled: %+v, %v", r, err)
		}
		ctx, cancel = context.WithCancelCause(t.Context())
		cancel(&Death{Message: "the kernel panicked: x"})
		if r, _, err := rehearsed(t, &pool{kind: live.KindTmpfs}, ctx); err != nil || r.Outcome != Dead || r.Verdict != "dead until a hard reset: the kernel panicked: x" {
			t.Errorf("a panic: %+v, %v", r, err)
		}
	})
}

// What fills and what is tried are shell scripts: run by this host's sh, in a
// folder of the test.
func TestRehearsalScripts(t *testing.T) {
	s, dir := agentShell(t), t.TempDir()
	file := filepath.Join(dir, "fill")
	a, err := s.Run(t.Context(), time.Minute, fmt.Sprintf(writeScript, 2*piece+block, piece, file, block))
	if st, statErr := os.Stat(file); err != nil || statErr != nil || st.Size() != 2*piece+block || !strings.HasSuffix(a.Output, fmt.Sprintf("wrote=%d\n", 2*piece+block)) {
		t.Errorf("%+v, %v, %v", a, err, statErr)
	}
	a, err = s.Run(t.Context(), time.Minute, fmt.Sprintf(writeScript, piece, piece, "/dev/full", block))
	if said := one(facts(a.Output), "failed"); err != nil || lastWords(said) != noSpace {
		t.Errorf("a full device: %q, %v", a.Output, err)
	}
	script := strings.NewReplacer("/run/slipway-write", dir+"/nowhere/write", "/slipway-", dir+"/").Replace(probeScript(20 * time.Second))
	a, err = s.Run(t.Context(), time.Minute, script)
	works := facts(a.Output)["works"]
	for _, name := range []string{"program", "read", "touch", "write"} {
		if !slices.Contains(works, name) {
			t.Errorf("%s does not work here: %q, %v", name, a.Output, err)
		}
	}
	if slices.Contains(works, "run") {
		t.Error("a write into a folder that is not there works")
	}
}

func TestPointLine(t *testing.T) {
	room := Room{live.KindSnapshot, 58 * mibi, 64 * mibi, "dmsetup status live-rw"}
	df := Room{Used: 570 * mibi, Size: 1000 * mibi}
	lost := room
	lost.Source += ": Overflow"
	for _, tt := range []struct {
		point Point
		want  string
	}{
		{Point{Name: "90 %", Room: room, DF: df}, "90 %              58 MiB of 64 MiB  df  57 %"},
		{Point{Name: "full", Room: lost, DF: df, Error: "Input/output error", Broken: []string{"touch a file"}},
			"full                      Overflow  df  57 %  write: Input/output error  cannot: touch a file"},
		{Point{Name: "full", Error: "no answer"}, "full                     not known  df   ? %  write: no answer"},
	} {
		if got := tt.point.Line(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
