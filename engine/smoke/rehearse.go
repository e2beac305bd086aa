package smoke

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"slipway/recipes"
)

// fillFile takes what a rehearsal writes; it lies in the overlay, not in /run.
const fillFile = "/slipway-rehearsal"

const (
	// piece is what one write adds before it is on the medium: small against any
	// overlay, so that little more is written than is needed.
	piece = 4 << 20
	// block is the smallest amount written.
	block = 64 << 10
	// batch is what one question writes, so that each has an end in sight.
	batch = 64 << 20
	// again is what has to fit once the file is gone.
	again = 8 << 20
	// tick is how often the image's gauge looks.
	tick = 15 * time.Second
	// held is how long the kernel holds writes to a full thin pool before it fails
	// them, by default (dm-thin-pool's no_space_timeout), and a little more.
	held = 75 * time.Second
)

// rehearsing is a rehearsal under way.
type rehearsing struct {
	*asking
	told   func(Point)
	r      Rehearsal
	wrote  int64
	gauge  bool // the image has a gauge
	warned *sighting
}

// Rehearse fills the overlay of a running guest to the brim, empties it and
// writes again, and returns how the guest bore that. Each point is told when it
// is reached, from the caller's goroutine. A guest that dies, or does not answer
// any more, is a result; the error says that it could not be tried, or is ctx's
// cause.
func (g *Guest) Rehearse(ctx context.Context, told func(Point)) (Rehearsal, error) {
	h := &rehearsing{asking: &asking{Guest: g}, told: told, warned: g.Console.watch(warning)}
	begin := time.Now()
	h.r = Rehearsal{Recipe: g.Recipe.Name, Stack: g.Layout.Stack.String(), Strategy: g.Layout.Strategy,
		Size: string(g.Recipe.Overlay.Size), When: begin}
	if !g.Shell.Opened() {
		return h.r, errors.New("the machine gave no shell to fill its overlay by")
	}
	err := h.run(ctx)
	if ctx.Err() != nil {
		var d *Death
		if !errors.As(context.Cause(ctx), &d) {
			return h.r, context.Cause(ctx)
		}
		h.r.Outcome, h.r.Verdict, err = Dead, "dead until a hard reset: "+d.Message, nil
	}
	h.r.Took = time.Since(begin)
	return h.r, err
}

// run goes through all points. The end of ctx is noticed by the caller.
func (h *rehearsing) run(ctx context.Context) error {
	if !h.point(ctx, "start", "") {
		return errors.New("what takes the writes of this machine cannot be read")
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	size, failed := h.r.Points[0].Room.Size, ""
	for _, percent := range []int64{50, 90, 95} {
		if failed = h.fillTo(ctx, size*percent/100); failed != "" {
			break
		}
		h.point(ctx, fmt.Sprintf("%d %%", percent), "")
		h.awaitWarning(ctx, percent)
	}
	if failed == "" {
		h.r.Warned = h.warned.within(ctx, 0)
		failed = h.overfill(ctx, size)
	}
	if failed == "" {
		return fmt.Errorf("%s were written, and no write failed", mib(h.wrote))
	}
	if !h.point(ctx, "full", failed) {
		if why := h.dead(ctx); why != "" {
			h.r.judgeDead(why)
			return nil
		}
	}
	_, _ = h.Shell.Run(ctx, held, "rm -f "+fillFile+"; sync")
	h.point(ctx, "deleted", "")
	failed = h.write(ctx, min(again, size/4/block*block))
	if !h.point(ctx, "written again", failed) {
		if why := h.dead(ctx); why != "" {
			h.r.judgeDead(why)
			return nil
		}
	}
	_, _ = h.Shell.Run(ctx, held, "rm -f "+fillFile)
	if failed == "" && h.r.keeps("deleted") {
		_, _ = h.Shell.Run(ctx, held, "sync; fstrim /")
		h.point(ctx, trimmed, "")
	}
	h.r.judge(failed)
	return nil
}

// lookScript asks the truth, df and the image's own gauge.
const lookScript = truthScript + `if command -v slipway-overlay > /dev/null; then echo "gauge=$(slipway-overlay 2>&1)"; fi
`

// point looks at the guest, tells what it saw and keeps it. failed is the error
// of the write that led here. Not alive is a guest that gave no figures.
func (h *rehearsing) point(ctx context.Context, name, failed string) (alive bool) {
	p := Point{Name: name, Wrote: h.wrote, Error: failed}
	answer, err := h.Shell.Run(ctx, h.Patience, lookScript)
	if f := facts(answer.Output); err == nil {
		t := readTruth(f)
		p.Room, p.Gauge = t.room(), one(f, "gauge")
		p.DF = Room{Used: t.df.used, Size: t.df.used + t.df.avail, Source: "df /"}
	}
	h.gauge = h.gauge || p.Gauge != ""
	alive = p.Room.Size > 0
	p.Works, p.Broken = h.tried(ctx, alive)
	p.At = time.Since(h.PowerOn)
	if ctx.Err() != nil {
		return true // nothing was seen
	}
	h.r.Points = append(h.r.Points, p)
	h.told(p)
	return alive
}

// writeScript writes pieces until all is written or a write fails.
const writeScript = `left=%d wrote=0
while [ $left -gt 0 ]; do
	n=$left
	[ $n -le %d ] || n=%[2]d
	said=$(dd if=/dev/zero of=%[3]s bs=%[4]d count=$((n / %[4]d)) oflag=append conv=notrunc,fsync 2>&1) || {
		echo "failed=$said"
		break
	}
	left=$((left - n)) wrote=$((wrote + n))
	echo "wrote=$wrote"
done
`

// write adds n bytes to the file, in whole blocks, and returns the error of the
// write that failed: "No space left on device". It is "" if none did.
func (h *rehearsing) write(ctx context.Context, n int64) (failed string) {
	answer, err := h.Shell.Run(ctx, max(4*h.Patience, 2*held), fmt.Sprintf(writeScript, n, piece, fillFile, block))
	f := facts(answer.Output)
	if wrote := f["wrote"]; len(wrote) > 0 {
		h.wrote += number(wrote[len(wrote)-1])
	}
	said := one(f, "failed")
	switch {
	case err != nil:
		return "no answer"
	case timedOut(answer.Exit):
		return "the write does not end"
	case said != "":
		return lastWords(said)
	case answer.Exit != 0:
		return answer.Text()
	}
	return ""
}

// lastWords of a program's message are the kernel's: "dd: error writing 'x': No
// space left on device".
func lastWords(message string) string {
	return message[strings.LastIndex(": "+message, ": "):]
}

// fillTo writes until so much of the overlay is used, by its own account.
func (h *rehearsing) fillTo(ctx context.Context, target int64) (failed string) {
	for tries := target/batch + 8; tries > 0 && ctx.Err() == nil; tries-- {
		answer, err := h.Shell.Run(ctx, h.Patience, truthScript)
		room := readTruth(facts(answer.Output)).room()
		if err != nil || room.Size == 0 {
			return "no answer"
		}
		need := min(target-room.Used, batch) / block * block
		if need < 2*block {
			return ""
		}
		if failed := h.write(ctx, need); failed != "" {
			return failed
		}
	}
	return ""
}

// overfill writes until a write fails, but not for ever.
func (h *rehearsing) overfill(ctx context.Context, size int64) (failed string) {
	for most := h.wrote + size/4 + batch; h.wrote < most && ctx.Err() == nil; {
		if failed := h.write(ctx, 4*piece); failed != "" {
			return failed
		}
	}
	return ""
}

// warning is how the image's gauge speaks on the console.
var warning = regexp.MustCompile(`slipway-overlay: warning: `)

// awaitWarning gives the gauge the time to look once and to say it, if this is
// full enough for its first warning.
func (h *rehearsing) awaitWarning(ctx context.Context, percent int64) {
	at := h.Recipe.Overlay.WarnAt
	if len(at) == 0 {
		at = recipes.DefaultWarnAt
	}
	if h.gauge && int64(slices.Min(at)) <= percent {
		h.warned.within(ctx, tick+h.Patience/3)
	}
}

// dead tells why nothing can be done with the guest any more: its programs do not
// start, or it says nothing at all. "" if it came back. One look does not
// decide: the kernel may hold writes for a while.
func (h *rehearsing) dead(ctx context.Context) string {
	why := ""
	for until := time.Now().Add(held); ; {
		answer, err := h.Shell.Run(ctx, h.Patience/3, "echo alive")
		switch {
		case ctx.Err() != nil || err == nil && answer.Text() == "alive":
			return ""
		case err == nil || h.Shell.Ping(ctx, h.Patience/3) == nil:
			why = "no program can be started"
			if said := answer.Text(); said != "" {
				why = "every command answers " + lastWords(said)
			}
		default:
			why = "nothing answers"
		}
		if time.Now().After(until) {
			return why
		}
		if pause(ctx) != nil {
			return ""
		}
	}
}
