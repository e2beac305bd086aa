package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"slipway/engine/smoke"
	"slipway/recipes"
)

// Words of a row: those of a verdict, and two for rows without one.
const (
	RowPass    = "PASS"
	RowFail    = "FAIL"
	RowNotRun  = "not run"   // Reason says what stood in the way
	RowStopped = "cancelled" // before there was a verdict
)

// NotTried is a row's Outcome if a rehearsal was asked for and could not be.
const NotTried = "not tried"

// Board is the outcome of a matrix: a row for each recipe and boot path, in the
// order in which they were asked for.
type Board struct {
	Time time.Time     `json:"time"` // of the beginning, UTC
	Took time.Duration `json:"took_ns"`
	Rows []Row         `json:"rows"`
	Dir  string        `json:"-"` // of board.json and of the rows' reports
}

// Row is how one recipe's image did on one boot path. No text in it names a
// place of the machine that ran it: Build is relative to the builds' folder,
// Reports to the board's.
type Row struct {
	Recipe   string `json:"recipe"`
	Distro   string `json:"distro"` // with its release: "debian bookworm"
	Stack    string `json:"stack"`  // "dracut 059", as read in the image's root
	Expected bool   `json:"stack_expected,omitempty"`
	Strategy string `json:"strategy"`
	Path     string `json:"path"`             // smoke.Direct or smoke.ISO
	Word     string `json:"word"`             // RowPass, RowFail, RowNotRun or RowStopped
	Reason   string `json:"reason"`           // on FAIL the first failing check and its cause
	Hint     string `json:"hint,omitempty"`   // what to do next
	Origin   string `json:"origin,omitempty"` // of a verdict: "real", or "fixture" if the packages came from a test mirror
	// Outcome is smoke.Recovers, smoke.ReadOnly, smoke.Dead or NotTried; empty if
	// no rehearsal was asked for. Rehearsal is that in an operator's words.
	Outcome   string `json:"rehearsal_outcome,omitempty"`
	Rehearsal string `json:"rehearsal,omitempty"`
	// Memory is how many bytes of the machine's memory were taken when its
	// start-up was over; 0 if it could not be asked.
	Memory int64  `json:"memory,omitempty"`
	Accel  string `json:"accel,omitempty"` // "kvm" or "tcg"
	// Took is the boot with its questions and the rehearsal, Built the build before
	// it, which all paths of a recipe share.
	Took    time.Duration `json:"took_ns"`
	Built   time.Duration `json:"built_ns"`
	Build   string        `json:"build,omitempty"`
	Reports string        `json:"reports,omitempty"`
	Cleaned []string      `json:"cleaned,omitempty"` // what was stopped or removed when the row was cancelled or failed
}

// Count says how many rows ended with a word.
func (b Board) Count(word string) int {
	n := 0
	for _, r := range b.Rows {
		if r.Word == word {
			n++
		}
	}
	return n
}

// Whole reports whether everything that was asked for was tried: each row has a
// verdict and, if one was wanted, a rehearsal. A machine that fails its checks
// may be in no state to be rehearsed; that is not held against the board.
func (b Board) Whole() bool {
	for _, r := range b.Rows {
		if r.Word == RowNotRun || r.Word == RowStopped || r.Word == RowPass && r.Outcome == NotTried {
			return false
		}
	}
	return true
}

// row is what is known of a row before anything ran.
func (m *matrix) row(r recipes.Recipe, path string) Row {
	row := Row{Recipe: r.Name, Distro: r.Distro.ID + " " + r.Distro.Release, Strategy: r.Overlay.Strategy, Path: path,
		Word: RowStopped, Reason: "not begun"}
	if l, err := Layout(r); err == nil {
		row.Stack, row.Strategy, row.Expected = l.Stack.String(), l.Strategy, true
	}
	return row
}

// built fills in what the build tells.
func (m *matrix) built(row *Row, end Finished) {
	row.Built = end.Took
	if end.Status != Done {
		m.ended(row, end)
		return
	}
	row.Reason = "not booted"
	row.Build = filepath.Join(row.Recipe, filepath.Base(end.Build))
	if rec, err := ReadRecord(end.Build); err == nil && rec.Layout.Stack.ID != "" {
		row.Stack, row.Strategy, row.Expected = rec.Layout.Stack.String(), rec.Layout.Strategy, false
	}
}

// booted fills in what the boot tells.
func (m *matrix) booted(row *Row, r recipes.Recipe, end Finished) {
	row.Took = end.Took
	v := end.Verdict
	if v == nil {
		m.ended(row, end)
		return
	}
	row.Word, row.Reason, row.Origin, row.Accel = v.Word, m.portable(v.Reason), "real", v.Accel
	if v.Fixture {
		row.Origin = "fixture"
	}
	if v.Memory != nil {
		row.Memory = MachineMemory(r) - v.Memory.Available
	}
	for _, check := range v.Results {
		if check.Status == smoke.Fail {
			row.Hint = m.portable(check.Hint)
			break
		}
	}
	if end.Rehearsal != nil {
		row.Outcome, row.Rehearsal = end.Rehearsal.Outcome, m.portable(end.Rehearsal.Verdict)
	}
}

// ended says why a row has no verdict.
func (m *matrix) ended(row *Row, end Finished) {
	row.Word, row.Reason = RowNotRun, "the run ended without a result"
	if end.Error != nil {
		row.Reason, row.Hint = m.portable(end.Error.Error(), m.beside...), m.portable(end.Error.Hint, m.beside...)
	}
	if end.Status == Cancelled {
		row.Word, row.Reason, row.Hint = RowStopped, "", ""
		if end.Error != nil {
			row.Reason = "in the step " + end.Error.Step
		}
	}
	for _, c := range end.Cleaned {
		row.Cleaned = append(row.Cleaned, m.portable(c))
	}
}

// portable makes a text one line that names no folder of this machine: what lies
// in one of Slipway's is named relative to it, and so in the others given. (A
// guest's own paths stay as they are: a recipe may lie in /etc.)
func (m *matrix) portable(text string, others ...string) string {
	for _, dir := range append(m.folders[:len(m.folders):len(m.folders)], others...) {
		text = strings.ReplaceAll(text, dir+"/", "")
	}
	return strings.Join(strings.Fields(text), " ")
}

// keep copies the reports of a boot to the board's folder: the next boot of the
// same build writes its own over them.
func (m *matrix) keep(row *Row, dir string, end Finished) error {
	names := []string{bootLogName}
	if end.Verdict != nil {
		names = append(names, verdictName)
	}
	if end.Rehearsal != nil {
		names = append(names, rehearsalName)
	}
	row.Reports = row.Recipe + "-" + row.Path
	for _, name := range names {
		if err := m.copy(filepath.Join(dir, name), row.Reports, name); err != nil {
			return err
		}
	}
	return nil
}

// keepLog copies the log of a build that failed. The paths of a recipe share it.
func (m *matrix) keepLog(rows []Row, end Finished) error {
	if end.Error == nil || end.Error.Log == "" {
		return nil
	}
	reports := rows[0].Recipe + "-build"
	for i := range rows {
		rows[i].Reports = reports
	}
	return m.copy(end.Error.Log, reports, "build.log")
}

func (m *matrix) copy(from, reports, name string) error {
	to := filepath.Join(m.dir, reports)
	err := os.MkdirAll(to, 0o755)
	if err == nil {
		err = copyFile(from, filepath.Join(to, name), 0o644)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // what ended too early left none
		return fmt.Errorf("keep the reports of %s: %w", reports, err)
	}
	return nil
}
