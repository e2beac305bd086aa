package smoke

import "time"

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
	Name  string        `json:"name"` // "start", "50 %", "90 %", "95 %", "full", "deleted", "written again"
	At    time.Duration `json:"at_ns"`
	Wrote int64         `json:"wrote"` // bytes written to / so far by the rehearsal
	Room  Room          `json:"room"`
	DF    Room          `json:"df"`              // what df / says
	Gauge string        `json:"gauge,omitempty"` // what the image's own gauge printed
	Error string        `json:"error,omitempty"` // of the write that failed: "No space left on device"
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
