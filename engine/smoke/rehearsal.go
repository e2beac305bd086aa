package smoke

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Room is how much of what takes the writes is used: the truth, from the tmpfs,
// device mapper or file system itself, whatever df says.
type Room struct {
	Kind   string `json:"kind"`   // a Kind of package live
	Used   int64  `json:"used"`   // bytes
	Size   int64  `json:"size"`   // bytes
	Source string `json:"source"` // who says so: "tmpfs", "dmsetup status live-rw"
}

// Point is what was seen at one point of a rehearsal.
type Point struct {
	Name  string        `json:"name"` // "start", "50 %", "90 %", "95 %", "full", "deleted", "written again", "trimmed"
	At    time.Duration `json:"at_ns"`
	Wrote int64         `json:"wrote"` // bytes written to / so far by the rehearsal
	Room  Room          `json:"room"`
	// DF is what df / says. Its size is what df calls used and available, so that
	// the share is df's own Use%.
	DF    Room   `json:"df"`
	Gauge string `json:"gauge,omitempty"` // what the image's own gauge printed
	Error string `json:"error,omitempty"` // of the write that failed: "No space left on device"
	// Works and Broken are what an operator tries: "touch a file", "ssh login".
	Works  []string `json:"works,omitempty"`
	Broken []string `json:"broken,omitempty"`
}

// Outcomes of a rehearsal.
const (
	Recovers = "recovers"  // deleting files makes room again
	ReadOnly = "read-only" // nothing can be written until a reboot
	Dead     = "dead"      // nothing answers: only a reset helps
)

// Rehearsal is how a machine bore an overlay that was filled to the brim.
type Rehearsal struct {
	Outcome  string `json:"outcome"`
	Verdict  string `json:"verdict"` // in an operator's words: "fills at 64 MiB with ENOSPC; recovers after deleting"
	Recipe   string `json:"recipe"`
	Build    string `json:"build"`
	Stack    string `json:"stack"` // "dracut 059"
	Strategy string `json:"strategy"`
	Size     string `json:"size"` // of the overlay, as the recipe asks
	// Warned is the console's line with the gauge's first warning, if it came
	// before the first failed write.
	Warned string        `json:"warned,omitempty"`
	When   time.Time     `json:"when"`
	Took   time.Duration `json:"took_ns"`
	Points []Point       `json:"points"`
}

// judge makes the outcome of a guest that still answers. failed is the error of
// the write after deleting; "" if it succeeded.
func (r *Rehearsal) judge(failed string) {
	full := r.full()
	df := fmt.Sprintf("df said %d %% at that moment", full.DF.percent())
	switch {
	case failed == "":
		r.Outcome = Recovers
		with := ""
		if r.lost(writeRun, full) {
			with = ", and /run with it"
		}
		how := "recovers after deleting"
		switch {
		case r.keeps(trimmed):
			how = "deleted files can be written over, but the store stays full"
		case r.keeps("deleted"):
			how = "recovers after deleting and fstrim"
		}
		r.Verdict = fmt.Sprintf("fills at %s with %s%s; %s", mib(full.Room.Used), short(full.Error), with, how)
	case r.lost(readFile, r.Points[len(r.Points)-1]):
		r.judgeDead("what is not in memory cannot be read any more")
	case failed == noSpace:
		r.Outcome, r.Verdict = ReadOnly, "full until reboot, deleting frees nothing; "+df
	default:
		r.Outcome, r.Verdict = ReadOnly, "read-only until reboot; "+df
	}
}

func (r *Rehearsal) judgeDead(why string) {
	r.Outcome, r.Verdict = Dead, "dead until a hard reset: "+why
}

// full is the point at which a write failed; with df's and the store's last known
// figures where the guest could not give them any more.
func (r *Rehearsal) full() Point {
	var known Point
	for _, p := range r.Points {
		if p.Room.Size > 0 {
			known = p
		}
		if p.Error != "" {
			p.Room, p.DF = known.Room, known.DF
			return p
		}
	}
	return known
}

// lost reports whether something worked at the start, and at a point does not.
func (r *Rehearsal) lost(title string, at Point) bool {
	return slices.Contains(r.Points[0].Works, title) && slices.Contains(at.Broken, title)
}

// trimmed is the point after telling the store which blocks are free: a thin pool
// does not see that a file was deleted (fstrim(8)).
const trimmed = "trimmed"

// keeps reports whether at the named point what was deleted still takes room.
func (r *Rehearsal) keeps(name string) bool {
	i, full := slices.IndexFunc(r.Points, func(p Point) bool { return p.Name == name }), r.full()
	return i >= 0 && full.Room.Used-r.Points[i].Room.Used < full.Wrote/2
}

// percent is rounded up, as df does.
func (r Room) percent() int64 {
	if r.Size <= 0 {
		return 0
	}
	return (r.Used*100 + r.Size - 1) / r.Size
}

const noSpace = "No space left on device"

// short is the kernel's own name of an error, where people use that.
func short(message string) string {
	switch message {
	case noSpace:
		return "ENOSPC"
	case "Input/output error":
		return "EIO"
	case "Read-only file system":
		return "EROFS"
	}
	return message
}

// Line is a point in one line: "90 %           58 MiB of 64 MiB  df  57 %  cannot: write 64 KiB".
func (p Point) Line() string {
	truth, df := "not known", "  ? %"
	if p.Room.Size > 0 {
		truth = mib(p.Room.Used) + " of " + mib(p.Room.Size)
	}
	if _, word, lost := strings.Cut(p.Room.Source, ": "); lost {
		truth = word // "Overflow": device mapper does not count any more
	}
	if p.DF.Size > 0 {
		df = fmt.Sprintf("%3d %%", p.DF.percent())
	}
	line := fmt.Sprintf("%-13s %20s  df %s", p.Name, truth, df)
	if p.Error != "" {
		line += "  write: " + p.Error
	}
	if len(p.Broken) > 0 {
		line += "  cannot: " + strings.Join(p.Broken, ", ")
	}
	return line
}
