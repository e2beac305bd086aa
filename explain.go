package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"slipway/engine"
	"slipway/engine/live"
	"slipway/engine/smoke"
	"slipway/recipes"
)

func explainCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain RECIPE",
		Short: "Say what takes the writes of a recipe's machines, and what that means",
		Long: `Say which live stack boots the image and in which version, where the image lies, what takes the
writes of a running machine and how large that may grow, what happens when it is full, the compiled
boot options, what was seen in the last rehearsal, and how much memory is taken right after a boot.
Builds nothing: what only a build can tell is said to be unknown before the first one.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRecipe,
		RunE: func(_ *cobra.Command, args []string) error {
			doc, err := recipes.Find(args[0])
			if err != nil {
				return fail(statusFailed, err)
			}
			if errs := engine.Lint(doc).Errors(); len(errs) > 0 {
				return fail(statusFailed, errs)
			}
			x, err := explain(engine.New(engine.DefaultDirs()), doc)
			if err != nil {
				return fail(statusFailed, err)
			}
			if asJSON {
				printJSON(os.Stdout, x)
				return nil
			}
			x.print(os.Stdout, args[0], time.Now())
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return cmd
}

// explanation is what a recipe's overlay means on its live stack.
type explanation struct {
	Recipe  string `json:"recipe"`
	Distro  string `json:"distro"`
	Release string `json:"release"`
	// Read: the stack's version was read in the root of Build; otherwise it is the
	// one that the release is known to have.
	Read   bool        `json:"stack_read"`
	Build  string      `json:"build,omitempty"` // directory of the newest finished build
	Made   *time.Time  `json:"made,omitempty"`
	Layout live.Layout `json:"layout"`
	Own    string      `json:"own_options,omitempty"` // the recipe's kernel options
	Full   string      `json:"when_full"`
	DF     string      `json:"df"`
	Gauge  gaugeOf     `json:"gauge"`
	// Rehearsal is the last one of this strategy on this stack.
	Rehearsal *smoke.Rehearsal `json:"rehearsal,omitempty"`
	Memory    memoryOf         `json:"memory"`
}

// gaugeOf is what watches the overlay.
type gaugeOf struct {
	On      bool   `json:"on"`
	WarnAt  []int  `json:"warn_at,omitempty"`
	Command string `json:"warn_command,omitempty"`
}

// memoryOf is the test machine's memory and how much of it is taken right after
// boot, in bytes, by boot path; empty before the first build.
type memoryOf struct {
	Machine int64            `json:"machine"`
	Taken   map[string]int64 `json:"taken,omitempty"`
}

// paths are the boot paths in the order to show them, and what each means.
var paths = []struct{ id, means string }{
	{smoke.Direct, "kernel and initramfs given to the machine, the medium as a disk"},
	{smoke.ISO, "from the medium, by its boot loader"},
	{engine.PathInRAM, "without a medium: the image fetched into RAM first"},
}

func explain(e *engine.Engine, doc *recipes.Document) (explanation, error) {
	r := doc.Recipe
	built, err := e.Newest(r.Name)
	if err != nil {
		built = engine.Built{} // none yet
	}
	q, read, err := built.Question(r)
	if err != nil {
		return explanation{}, err
	}
	offers := live.Offers(q)
	i := slices.IndexFunc(offers, func(o live.Offer) bool { return o.Strategy == r.Overlay.Strategy })
	layout, err := live.Compile(q)
	if err != nil {
		return explanation{}, err
	}
	x := explanation{Recipe: r.Name, Distro: r.Distro.ID, Release: r.Distro.Release, Read: read, Build: built.Dir, Layout: layout,
		Own: strings.TrimSpace(r.Kernel.Cmdline), Full: offers[i].Full, DF: offers[i].DF,
		Gauge: gaugeOf{On: r.Overlay.Gauge}, Memory: memoryOf{Machine: engine.MachineMemory(r)}}
	if x.Gauge.On {
		x.Gauge.WarnAt, x.Gauge.Command = r.Overlay.WarnAt, r.Overlay.WarnCommand
		if len(x.Gauge.WarnAt) == 0 {
			x.Gauge.WarnAt = recipes.DefaultWarnAt
		}
	}
	for _, found := range e.Rehearsals(r) {
		if id, _, _ := strings.Cut(found.Stack, " "); x.Rehearsal == nil && id == q.Stack.ID && found.Strategy == layout.Strategy {
			x.Rehearsal = &found
		}
	}
	if built.Doc == nil {
		return x, nil
	}
	x.Made = &built.Record.Made
	if was := built.Record.Layout; was.Strategy == layout.Strategy && was.Stack == layout.Stack {
		if string(built.Doc.Source) == string(doc.Source) {
			x.Layout = was // it knows sizes that only a build can tell
		}
		x.Memory.Taken = map[string]int64{}
		for _, p := range paths {
			if taken, err := engine.PredictRAM(built.Record, built.Dir, x.Memory.Machine, p.id); err == nil {
				x.Memory.Taken[p.id] = taken
			}
		}
	}
	return x, nil
}

// print writes it for people: a name and what is known under it, line by line. ref
// is what the recipe was found by.
func (x explanation) print(w io.Writer, ref string, now time.Time) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-13s %s\n", name, value)
		}
	}
	line("Recipe", fmt.Sprintf("%s, %s %s", x.Recipe, x.Distro, x.Release))
	line("Live stack", x.Layout.Stack.String()+", "+x.stackKnown(now))
	line("Image at", x.imageText())
	line("Writes go to", x.writesText())
	line("When full", x.Full)
	line("df", x.DF)
	line("Boot options", strings.Join(x.Layout.Options, " "))
	line("and yours", x.Own)
	for _, warning := range x.Layout.Warnings {
		line("Warning", warning.Message)
		line("", warning.Hint)
	}
	line("Gauge", x.gaugeText())
	line("Rehearsed", x.rehearsedText(ref, now))
	x.printMemory(line)
}

func (x explanation) stackKnown(now time.Time) string {
	switch {
	case x.Read:
		return "as read in the root of the build of " + humanize.RelTime(*x.Made, now, "ago", "from now")
	case x.Layout.Stack.Version == "":
		return "its version is not known before the first build"
	}
	return "as expected of " + x.Release + "; a build reads it in its root"
}

func (x explanation) imageText() string {
	text := x.Layout.Image + " on the medium"
	if x.Layout.Nested {
		text += "; nested: the squashfs holds LiveOS/rootfs.img, an ext4 that holds the root"
	} else {
		text += "; flat: the squashfs holds the root itself"
	}
	if x.Layout.InRAM {
		text += "; copied to RAM before it is used"
	}
	return text
}

// places say what takes the writes, by kind.
var places = map[string]string{
	live.KindTmpfs: "a tmpfs of its own in RAM", live.KindRun: "/run, a tmpfs in RAM that everybody writes to",
	live.KindSnapshot: "a device-mapper snapshot in RAM", live.KindThin: "a thin pool of device mapper in RAM",
	live.KindImage: "the root's own file system, which lies in RAM", live.KindDisk: "a file system of a disk",
}

func (x explanation) writesText() string {
	l, text := x.Layout, places[x.Layout.Kind]
	if l.Kind == live.KindDisk {
		return fmt.Sprintf("%s with the label %s, as large as that is", text, l.Label)
	}
	if l.Size == "" {
		if l.Room > 0 {
			return fmt.Sprintf("%s and has %s free; its whole size is not known before the first build", text, humanize.IBytes(uint64(l.Room)))
		}
		return text
	}
	bytes, err := l.Size.Of(x.Memory.Machine)
	if err != nil {
		return text
	}
	room := humanize.IBytes(uint64(bytes))
	if strings.HasSuffix(string(l.Size), "%") {
		return fmt.Sprintf("%s, at most %s of RAM: %s of a machine of %s", text, l.Size, room, humanize.IBytes(uint64(x.Memory.Machine)))
	}
	return text + ", at most " + room
}

func (x explanation) gaugeText() string {
	if !x.Gauge.On {
		return "off: nothing warns before it is full"
	}
	text := "slipway-overlay in the image, warns at " + strings.ReplaceAll(strings.Trim(fmt.Sprint(x.Gauge.WarnAt), "[]"), " ", ", ") + " %"
	if x.Gauge.Command != "" {
		text += " and then runs: " + x.Gauge.Command
	}
	return text
}

func (x explanation) rehearsedText(ref string, now time.Time) string {
	if x.Rehearsal == nil {
		return "never: slipway rehearse " + ref + " tries it"
	}
	return fmt.Sprintf("%s (%s)", x.Rehearsal.Verdict, humanize.RelTime(x.Rehearsal.When, now, "ago", "from now"))
}

func (x explanation) printMemory(line func(name, value string)) {
	machine := humanize.IBytes(uint64(x.Memory.Machine))
	switch {
	case x.Memory.Taken == nil && x.Build == "":
		line("RAM taken", "not known before the first build")
		return
	case x.Memory.Taken == nil:
		line("RAM taken", "not known before the next build: the newest one is of another strategy")
		return
	}
	line("RAM taken", "predicted for right after the boot of a machine of "+machine+", with nothing written yet and without your own services:")
	for _, p := range paths {
		if taken, ok := x.Memory.Taken[p.id]; ok {
			text := fmt.Sprintf("%-8s %s", humanize.IBytes(uint64(taken)), p.means)
			if taken > x.Memory.Machine {
				text += ": more than there is"
			}
			line("  "+p.id, text)
		}
	}
}
