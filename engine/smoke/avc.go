package smoke

import (
	"context"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// denial is one record "avc: denied" of SELinux: what a program was refused, or,
// where it is permissive, would have been.
type denial struct {
	perms          []string // "read", "open"
	comm, pid      string
	path, name     string // of what it is about, as far as the record tells
	dev            string
	source, target string // labels
	class          string // "file", "process", "capability2"
	capability     string // its number
	service        string // what a user's program asked init or the bus for
	own            bool   // by Slipway's shell, or something that it started
	count          int    // of records that say the same
	record         string // as the log has it
}

const (
	fromKernel = "== kernel"
	fromAudit  = "== audit"
	fromSyslog = "== syslog"
	fromDaemon = "== auditd"
)

// denialsScript asks all who may have taken notes: the kernel's own lines, of
// which it leaves out some when there are many, the records that journald gets of
// it, the lines of a bus that has no audit system, and the log of auditd.
const denialsScript = `pick() { grep -aE 'avc: +denied|kauditd_printk_skb: [0-9]+ callbacks suppressed' | head -c 15000; }
echo "` + fromKernel + `"; journalctl -b -o cat --no-pager _TRANSPORT=kernel 2>/dev/null | pick
echo "` + fromAudit + `"; journalctl -b -o cat --no-pager _TRANSPORT=audit 2>/dev/null | pick
echo "` + fromSyslog + `"; journalctl -b -o cat --no-pager _TRANSPORT=syslog 2>/dev/null | pick
echo "` + fromDaemon + `"; cat /var/log/audit/audit.log 2>/dev/null | pick
`

func askDenials(ctx context.Context, a *asking) (finding, error) {
	answer, err := a.root(ctx, denialsScript)
	if err != nil {
		return finding{}, err
	}
	f := judgeDenials(answer.Output)
	f.command = "journalctl -b | grep 'avc:  denied'"
	return f, nil
}

// judgeDenials reads the answers to denialsScript. Each kind of denial is
// explained in the output, below the record as it is in the log.
func judgeDenials(text string) finding {
	all, lost := readDenials(text)
	var image, own int
	var lines []string
	first := ""
	for _, d := range all {
		if d.own {
			own += d.count
			continue
		}
		image += d.count
		if first == "" {
			first = d.what() + ": " + d.why()
		}
		times := ""
		if d.count > 1 {
			times = fmt.Sprintf(" (%d times)", d.count)
		}
		lines = append(lines, d.record, "    "+d.what()+times, "    why: "+d.why())
	}
	beside := ""
	if own > 0 {
		beside = fmt.Sprintf("%d by Slipway's own questions do not count", own)
	}
	var f finding
	switch {
	case image == 1:
		f = fail(first, "what each one means is below")
	case image > 1:
		f = fail(fmt.Sprintf("%d denials; first: %s", image, first), "what each one means is below")
	case lost > 0:
		f = fail(fmt.Sprintf("the kernel left out %d messages: nobody knows whether a denial was among them", lost), "with journald's systemd-journald-audit.socket or auditd none is lost")
	default:
		return pass(beside)
	}
	if beside != "" {
		lines = append(lines, beside)
	}
	f.output = strings.Join(lines, "\n")
	return f
}

var (
	deniedLine = regexp.MustCompile(`avc: +denied +\{ ([^}]*) \} +for +(.*)`)
	avcField   = regexp.MustCompile(`([a-z_]+)=("[^"]*"|[^ ']+)`)
	suppressed = regexp.MustCompile(`kauditd_printk_skb: (\d+) callbacks suppressed`)
)

// readDenials joins what the sources say. The same record comes from several of
// them: each counts as often as the one that has it most often. lost are the
// messages that only the kernel's own lines had to tell of, and did not.
func readDenials(text string) (all []*denial, lost int) {
	at := map[string]*denial{} // by the body of the record
	inSource := map[string]int{}
	complete := false
	source := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch line {
		case fromKernel, fromAudit, fromSyslog, fromDaemon:
			source, inSource = line, map[string]int{}
			continue
		}
		if m := suppressed.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1])
			lost += n
			continue
		}
		m := deniedLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		complete = complete || source == fromAudit || source == fromDaemon
		body := recordBody(m[0])
		d := at[body]
		if d == nil {
			d = readDenial(m[1], m[2])
			d.record = body
			at[body] = d
			all = append(all, d)
		}
		inSource[body]++
		d.count = max(d.count, inSource[body])
	}
	if complete {
		lost = 0
	}
	return all, lost
}

// recordBody leaves out what only one of the sources adds behind a record.
func recordBody(record string) string {
	record, _, _ = strings.Cut(record, "\x1d") // auditd's own reading of the numbers
	if i := strings.Index(record, " exe=\""); strings.Contains(record, "tclass=service") && i > 0 {
		record = record[:i]
	}
	return strings.TrimRight(record, " '")
}

func readDenial(perms, fields string) *denial {
	d := &denial{perms: strings.Fields(perms)}
	for _, m := range avcField.FindAllStringSubmatch(fields, -1) {
		v := m[2]
		if text, quoted := strings.CutPrefix(v, `"`); quoted {
			v = strings.TrimSuffix(text, `"`)
		} else if m[1] == "path" || m[1] == "name" || m[1] == "comm" {
			v = unhex(v)
		}
		switch m[1] {
		case "comm":
			d.comm = v
		case "pid":
			d.pid = v
		case "path":
			d.path = v
		case "name":
			d.name = v
		case "dev":
			d.dev = v
		case "scontext":
			d.source = v
		case "tcontext":
			d.target = v
		case "tclass":
			d.class = v
		case "capability":
			d.capability = v
		case "cmdline":
			d.service = v
		}
	}
	d.own = strings.HasSuffix(d.source, ":"+ownLevel)
	return d
}

// unhex reads text that the audit system wrote in hexadecimal because of the
// blanks in it.
func unhex(s string) string {
	if b, err := hex.DecodeString(s); err == nil && len(b) > 0 {
		return string(b)
	}
	return s
}
