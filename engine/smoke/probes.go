package smoke

import (
	"context"
	"fmt"
	"strings"
	"time"

	"slipway/engine/proc"
)

// probes are what an operator tries on a machine whose overlay fills. A write
// counts when it is on the medium: some only pretend. A read counts when it is
// not answered from memory: what was used before is still there on a dead root.
var probes = []struct{ name, title, script string }{
	{"program", "start a program", `p=$(command -v nproc); dd if=$p iflag=nocache count=0 status=none; $p`},
	{"read", readFile, `for f in /usr/bin/perl /usr/bin/tar /usr/bin/find; do [ ! -f $f ] || break; done
dd if=$f iflag=nocache count=0 status=none; dd if=$f of=/dev/null bs=64k status=none`},
	{"touch", "touch a file", `touch /slipway-touch && sync /slipway-touch && rm /slipway-touch`},
	{"write", "write 64 KiB", `dd if=/dev/zero of=/slipway-write bs=64k count=1 conv=fsync status=none; code=$?; rm -f /slipway-write; exit $code`},
	{"run", writeRun, `dd if=/dev/zero of=/run/slipway-write bs=64k count=1 status=none; code=$?; rm -f /run/slipway-write; exit $code`},
	{"journal", "write to the journal", `words="slipway rehearsal $(date +%s.%N)"; logger -t slipway "$words" && sleep 1 && journalctl -b -t slipway -n 5 -o cat --no-pager | grep -qF "$words"`},
}

// Titles that a verdict asks for.
const (
	readFile = "read a file"
	writeRun = "write to /run"
)

// overSSH is asked from outside: sshd has to start a program for each connection.
const overSSH = "open an ssh connection"

// probeScript runs all at once, so that one which hangs costs no more than all.
func probeScript(limit time.Duration) string {
	var b strings.Builder
	for _, p := range probes {
		fmt.Fprintf(&b, "( timeout -k 1 %d sh -c %s > /dev/null 2>&1 < /dev/null && echo works=%s ) &\n", int(limit.Seconds()), proc.Quote(p.script), p.name)
	}
	return b.String() + "wait\n"
}

// tried tries everything; a guest that is not alive is asked by ssh only.
func (h *rehearsing) tried(ctx context.Context, alive bool) (works, broken []string) {
	limit := max(h.Patience/3, 10*time.Second)
	does := map[string]bool{}
	if alive {
		if answer, err := h.Shell.Run(ctx, limit+10*time.Second, probeScript(limit)); err == nil {
			for _, name := range facts(answer.Output)["works"] {
				does[name] = true
			}
		}
	}
	sort := func(title string, ok bool) {
		if ok {
			works = append(works, title)
		} else {
			broken = append(broken, title)
		}
	}
	for _, p := range probes {
		sort(p.title, does[p.name])
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, err := h.banner(limited)
	sort(overSSH, err == nil)
	return works, broken
}
