package smoke

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slipway/engine/live"
	"slipway/recipes"
)

// keeper is a guest that keeps what is written; off is closed when it is told to
// power off.
func keeper(t *testing.T, readOnly bool) (g *Guest, off chan struct{}) {
	off = make(chan struct{})
	g = &Guest{Path: Direct, Console: NewConsole(), PowerOn: time.Now(), Patience: time.Second, Mark: "mark", Layout: live.Layout{Kind: live.KindDisk}}
	g.Shell = fakeGuest(t, func(id, script string) string {
		switch {
		case strings.HasPrefix(script, "echo mark > /slipway-first-boot") && readOnly:
			return answerLine(id, 1, "sh: cannot create /slipway-first-boot: Read-only file system")
		case script == "systemctl --no-block poweroff":
			time.AfterFunc(5*time.Second, func() { close(off) })
		}
		return answerLine(id, 0, "state=active\n")
	})
	g.Shell.Feed([]byte("<<ready 0 >>\n"))
	return g, off
}

func TestFirstBoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, off := keeper(t, false)
		left := false
		var told []string
		r, err := g.FirstBoot(t.Context(), func() { left = true }, off, func(p Plan) { told = append(told, p.ID) }, func(r Result) { told = append(told, string(r.Status)) })
		if err != nil || !left || r.Status != Pass || r.ID != "first-boot" || r.At < 5*time.Second || strings.Join(told, " ") != "first-boot pass" {
			t.Errorf("%+v, %v, told %v", r, err, told)
		}
	})
}

func TestFirstBootFails(t *testing.T) {
	none := func(Plan) {}
	synctest.Test(t, func(t *testing.T) {
		g, off := keeper(t, true)
		r, err := g.FirstBoot(t.Context(), func() { t.Error("it was told to leave") }, off, none, func(Result) {})
		if err != nil || r.Status != Fail || r.Cause != "nothing can be written to /" || !strings.Contains(r.Output, "Read-only") {
			t.Errorf("%+v, %v", r, err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(&Death{Message: "the kernel panicked: x"})
		if r, err := g.FirstBoot(ctx, nil, off, none, func(Result) {}); err != nil || r.Status != Fail || r.Cause != "the kernel panicked: x" {
			t.Errorf("a panic: %+v, %v", r, err)
		}
		ctx, cancel = context.WithCancelCause(t.Context())
		cancel(context.Canceled)
		if _, err := g.FirstBoot(ctx, nil, off, none, func(Result) {}); err == nil {
			t.Error("a cancelled first boot has a result")
		}
	})
}

func TestJudgeKept(t *testing.T) {
	expect(t, "kept", judgeKept(Answer{0, "mark\n"}, "mark"), Pass, "/slipway-first-boot", "")
	expect(t, "gone", judgeKept(Answer{1, "No such file or directory"}, "mark"), Fail, "the file is gone", "RAM")
	expect(t, "another", judgeKept(Answer{0, "other\n"}, "mark"), Fail, "something else", "")
}

// A machine that keeps what is written is asked for that, and its key may be old.
func TestPlansOfAKeeper(t *testing.T) {
	var ids []string
	for _, p := range Plans(recipes.Recipe{}, live.Layout{Kind: live.KindDisk, Label: "persistence"}, Direct) {
		ids = append(ids, p.ID)
		if p.ID == "host-key" && p.Title != "SSH host key made by this machine" {
			t.Error(p.Title)
		}
	}
	if got := strings.Join(ids, " "); !strings.HasPrefix(got, "first-boot kernel overlay ") || !strings.HasSuffix(got, " machine-id kept") {
		t.Error(got)
	}
}

// The gauge is read while nobody asks, and only if there is something to read.
func TestRoomOfAGuest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pool{kind: live.KindTmpfs, used: 4 * mibi}
		g := &Guest{Console: NewConsole(), Patience: time.Second}
		g.Shell = fakeGuest(t, p.reply)
		if _, ok := g.Room(t.Context()); ok || len(p.asked) > 0 {
			t.Error("a closed shell was asked")
		}
		g.Shell.Feed([]byte("<<ready 0 >>\n"))
		if r, ok := g.Room(t.Context()); !ok || r.Used != 4*mibi || r.Size != poolSize {
			t.Errorf("%+v, %v", r, ok)
		}
		p.state = "silent"
		if _, ok := g.Room(t.Context()); ok {
			t.Error("a silent guest told something")
		}
	})
}
