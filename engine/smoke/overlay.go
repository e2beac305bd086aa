package smoke

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"slipway/engine/live"
)

const overlayCommand = "findmnt /; df / UPPERDIR; dmsetup table; dmsetup status; losetup; cat /proc/cmdline"

// overlayScript adds to the truth what tells why it is not what was asked for.
const overlayScript = truthScript + `losetup -nlO NAME,BACK-MAJ:MIN,BACK-FILE | while read -r name device file; do echo "loop=$name $device $file"; done
while read -r name size unit; do [ "$name" != MemTotal: ] || echo "memory=$size"; done < /proc/meminfo
read -r line < /proc/cmdline; echo "cmdline=$line"
`

func askOverlay(ctx context.Context, a *asking) (finding, error) {
	answer, err := a.root(ctx, overlayScript)
	if err != nil {
		return finding{}, err
	}
	return judgeOverlay(facts(answer.Output), a.Layout).of(overlayCommand, answer.Output), nil
}

// tolerance of the overlay's size: 1/50. The kernel counts a percentage of the
// memory in whole pages of what it then had.
const tolerance = 50

// judgeOverlay compares what takes the writes with the layout: its kind, its size,
// its label, and where the image is.
func judgeOverlay(f map[string][]string, want live.Layout) finding {
	t := readTruth(f)
	hint := blame(want, one(f, "cmdline"))
	if t.kind() != want.Kind {
		return fail(fmt.Sprintf("root is %s, the recipe asks for %s", t, OverlayText(want)), hint)
	}
	if t.kind() == live.KindDisk && t.label != want.Label {
		return fail(fmt.Sprintf("the overlay is on %s with the label %q, the recipe asks for %q", t.upper.source, t.label, want.Label), hint)
	}
	size, asked, err := sizes(t, want, number(one(f, "memory"))<<10)
	if err != nil {
		return fail(err.Error(), "")
	}
	if diff := size - asked; asked > 0 && (diff > asked/tolerance || -diff > asked/tolerance) {
		return fail(fmt.Sprintf("the overlay has %s, the recipe asks for %s", mib(size), mib(asked)), hint)
	}
	if where := onDisk(t, f["loop"]); where != "" && (want.InRAM || want.Kind == live.KindImage) {
		return fail("the image is used from "+where+", not from RAM", hint)
	}
	room := t.room()
	return pass(fmt.Sprintf("%s, %s, %d %% used", t, mib(size), room.Used*100/max(room.Size, 1)))
}

// sizes are the bytes that the overlay has and that it should have; asked is 0
// where the layout leaves it open. An image's size is that of its device, of
// which its file system keeps a part for itself.
func sizes(t truth, want live.Layout, memory int64) (size, asked int64, err error) {
	size = t.room().Size
	if want.Kind == live.KindImage {
		size = t.deviceSize()
	}
	switch {
	case want.Size != "":
		asked, err = want.Size.Of(memory)
	case want.Kind == live.KindTmpfs:
		asked = memory / 2 // the kernel's own default
	}
	return size, asked, err
}

// onDisk is where a layout that wants the image in RAM has it instead; "" if it is
// in RAM. The kernel gives a file system that is on no disk a device number with
// the major 0; 7 are loop devices, one on the other.
func onDisk(t truth, loops []string) string {
	base := ""
	if t.kind() == live.KindImage && len(t.target) > 4 {
		base = "/dev/loop" + strings.TrimPrefix(t.target[4], "7:")
	}
	for _, l := range loops {
		w := strings.Fields(l)
		if len(w) < 3 || base != "" && w[0] != base {
			continue
		}
		if major, _, _ := strings.Cut(w[1], ":"); base != "" && major != "0" || major != "0" && major != "7" {
			return strings.Join(w[2:], " ")
		}
	}
	if len(loops) == 0 {
		return "no loop device"
	}
	return ""
}

// blame says which of the layout's options did not do its work.
func blame(want live.Layout, cmdline string) string {
	given := strings.Fields(cmdline)
	var lost, ignored []string
	for _, o := range want.Options {
		switch {
		case !slices.Contains(given, o):
			lost = append(lost, o)
		case shapes(o):
			ignored = append(ignored, o)
		}
	}
	switch {
	case len(lost) > 0:
		return "the kernel command line lacks " + strings.Join(lost, " ")
	case len(ignored) > 0:
		return "this initramfs ignores " + strings.Join(ignored, " ")
	}
	return "was the image booted by its live stack? See cmdline in the output"
}

// shapes reports whether an option is about the overlay.
func shapes(option string) bool {
	for _, word := range []string{"overlay", "fsimg", "thin", "toram", "persist", "live.ram", "cow"} {
		if strings.Contains(option, word) {
			return true
		}
	}
	return false
}

// OverlayText names what a layout asks for: "overlayfs, 512 MiB".
func OverlayText(l live.Layout) string {
	what := l.Strategy
	switch l.Kind {
	case live.KindRun:
		what = "overlayfs on /run"
	case live.KindImage:
		what = "an image in RAM"
	case live.KindDisk:
		what = "overlayfs on the disk " + l.Label
	}
	if size := sizeText(l); size != "" {
		what += ", " + size
	}
	if l.InRAM && l.Kind != live.KindImage {
		what += ", image in RAM"
	}
	return what
}

func sizeText(l live.Layout) string {
	bytes, percent, err := l.Size.Parse()
	switch {
	case l.Size == "" && l.Kind == live.KindTmpfs:
		return "half of the memory"
	case err != nil:
		return ""
	case percent > 0:
		return fmt.Sprintf("%d %% of the memory", percent)
	}
	return mib(bytes)
}

func mib(bytes int64) string {
	if bytes >= 1<<30 && bytes%(1<<30) == 0 {
		return fmt.Sprintf("%d GiB", bytes>>30)
	}
	return fmt.Sprintf("%d MiB", (bytes+1<<19)>>20)
}
