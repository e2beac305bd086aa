package engine

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"slipway/engine/live"
	"slipway/engine/proc"
	"slipway/engine/qemu"
	"slipway/engine/smoke"
	"slipway/recipes"
)

// diskSize is how large the disk of a test boot is where the recipe does not say.
const diskSize = 512 << 20

// diskRequests are what debugfs(8) must put on the file system for a stack to
// keep its overlay there. debugfs makes files of root, whoever runs it.
// live-boot wants a file that says what to keep (persistence.conf(5)), dracut
// two directories; the others make their own.
var diskRequests = map[string]string{
	"live-boot": "write " + persistenceName + " " + persistenceName + "\n",
	"dracut":    "mkdir overlayfs\nmkdir ovlwork\n",
}

// persistenceName is the file that live-boot looks for, beside the disk and on it.
const persistenceName, persistenceConf = "persistence.conf", "/ union\n"

// scratchDisk makes the disk on which a machine with the layout keeps its overlay
// for the time of a test boot. It takes room on the host as it fills. What is
// returned must be removed; a crash leaves it to the next run to remove.
func scratchDisk(ctx context.Context, cache string, l live.Layout, o recipes.Overlay) (*workspace, string, error) {
	space, err := newWorkspace(filepath.Join(cache, workDir), "disk-")
	if err != nil {
		return nil, "", err
	}
	disk := filepath.Join(space.dir, "disk.img")
	if err := makeDisk(ctx, disk, l, o); err != nil {
		_ = space.remove()
		return nil, "", fmt.Errorf("disk for the overlay: %w", err)
	}
	return space, disk, nil
}

func makeDisk(ctx context.Context, disk string, l live.Layout, o recipes.Overlay) error {
	size := int64(diskSize)
	if bytes, _, err := o.Size.Parse(); err == nil && bytes > 0 {
		size = bytes
	}
	format := proc.Cmd{Path: "mke2fs", Args: []string{"-q", "-F", "-t", "ext4", "-E", "root_owner=0:0", "-L", l.Label, disk, strconv.FormatInt(size>>10, 10) + "k"}}
	if err := proc.Run(ctx, format, nil); err != nil {
		return err
	}
	requests, ok := diskRequests[l.Stack.ID]
	if !ok {
		return nil
	}
	dir := filepath.Dir(disk)
	if err := os.WriteFile(filepath.Join(dir, persistenceName), []byte(persistenceConf), 0o644); err != nil {
		return err
	}
	return proc.Run(ctx, proc.Cmd{Path: "debugfs", Args: []string{"-w", "-f", "/dev/stdin", disk}, Dir: dir, Stdin: strings.NewReader(requests)}, nil)
}

// firstBoot boots a machine that keeps what is written for the first time: it
// writes a file and powers off. What it wrote is b.mark.
func (b *boot) firstBoot(ctx context.Context, choice qemu.Choice) (smoke.Result, error) {
	b.mark = rand.Text()
	g, err := b.start(ctx, choice)
	if err != nil {
		return smoke.Result{}, err
	}
	defer g.end()
	return g.guest.FirstBoot(g.ctx, func() { g.leaving.Store(true) }, g.vm.Done(), b.started, b.done)
}

// notAsked are the results of all checks of a machine whose first boot failed.
func (b *boot) notAsked() []smoke.Result {
	var results []smoke.Result
	for _, p := range smoke.Plans(b.recipe, b.layout, b.path)[1:] {
		r := smoke.Result{Plan: p, Status: smoke.Skipped, Cause: "not asked: the first boot failed"}
		b.done(r)
		if p.ID == smoke.UpWith(b.path) {
			b.next(StepChecks)
		}
		results = append(results, r)
	}
	return results
}
