package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"slipway/engine/proc"
)

// labelName is the extended attribute that holds a file's label.
const labelName = "security.selinux"

// label gives every file of the finished root its label by the image's own
// policy. What the root step labelled in place is found right and not touched,
// so the layer holds only what came later.
func (b *builder) label(ctx context.Context) error {
	return b.layer(StepLabel, b.lowerKeys(), func(dir string) error {
		if err := b.canLabel(); err != nil {
			return err
		}
		return b.mounted(StepLabel, dir, b.lowers(), func(root string) error {
			return b.setLabels(ctx, StepLabel, root, true)
		})
	})
}

// labelRoot labels the freshly installed root in place, where SELinux is on: in a
// layer over it, every file of it would have to be copied up.
func (b *builder) labelRoot(ctx context.Context, root string) error {
	if b.Plan.Step(StepLabel).Name == "" {
		return nil
	}
	b.progress(StepRoot, "set the labels of SELinux", 0, 0)
	return b.setLabels(ctx, StepRoot, root, false)
}

// canLabel tries whether this process may set labels. Most kernels leave that to
// the host's own root, which the root of a user namespace is not; where SELinux
// is built in but has no policy, the owner of a file may (Linux 6.18).
func (b *builder) canLabel() error {
	if b.Plan.Step(StepLabel).Name == "" {
		return nil
	}
	file := filepath.Join(b.space.dir, "label-probe")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return fmt.Errorf("try a label of SELinux: %w", err)
	}
	defer os.Remove(file)
	return labelError(unix.Lsetxattr(file, labelName, []byte("system_u:object_r:etc_t:s0\x00"), 0), b.Dirs.Cache)
}

// labelError says what it means that a label cannot be set on a file in the cache.
func labelError(err error, cache string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EPERM):
		return hinted(errors.New("the labels of SELinux cannot be set: this host's kernel lets nobody but its root set "+labelName),
			"build as root, or set security.selinux = \"disabled\"")
	case errors.Is(err, unix.ENOTSUP):
		return hinted(fmt.Errorf("the labels of SELinux cannot be set: the file system of %s has no security attributes", cache),
			"put the cache on ext4, xfs or btrfs")
	}
	return fmt.Errorf("try a label of SELinux: %w", err)
}

// setLabels runs the root's own setfiles(8) over all of it, and then, to check,
// asks it whether anything would still change.
func (b *builder) setLabels(ctx context.Context, step, root string, check bool) (err error) {
	contexts := "/etc/selinux/" + b.distro.SELinux.Policy + "/contexts/files/file_contexts"
	if _, err := os.Stat(filepath.Join(root, contexts)); err != nil {
		return hinted(fmt.Errorf("the root has no policy %q of SELinux: %s is missing", b.distro.SELinux.Policy, contexts),
			"does packages.exclude keep it out?")
	}
	if err := proc.MountProc(root); err != nil {
		return err
	}
	defer func() {
		if e := proc.UnmountBelow(filepath.Join(root, "proc")); e != nil && err == nil {
			err = e
		}
	}()
	// -F: the whole label, not only its type. -m: outside of a running SELinux no
	// mount says that it has labels, and setfiles would leave out all of them.
	setfiles := proc.Cmd{Path: "setfiles", Args: []string{"-F", "-m", "-e", "/proc", contexts, "/"}, Root: root}
	b.log.line(step, "$ "+setfiles.String())
	err = proc.Run(ctx, setfiles, func(l string) {
		if !strings.HasPrefix(l, noAudit) {
			b.line(step, l)
		}
	})
	if err != nil {
		return fmt.Errorf("label the files for SELinux: %w", err)
	}
	if !check {
		return nil
	}
	setfiles.Args = append([]string{"-n", "-v"}, setfiles.Args...)
	var wrong []string
	err = proc.Run(ctx, setfiles, func(l string) {
		if !strings.HasPrefix(l, noAudit) {
			wrong = append(wrong, l)
		}
	})
	if err != nil {
		return fmt.Errorf("check the labels of SELinux: %w", err)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the labels of SELinux did not stay: %s", wrong[0])
	}
	return b.countLabels(step, root)
}

// noAudit is what setfiles says when it has labelled all of "/" and no audit
// daemon takes note of that.
const noAudit = "Error sending audit message"

// countLabels says how many files have a label. A policy has labels of many
// kinds: a root with one for all was labelled by no policy.
func (b *builder) countLabels(step, root string) error {
	labels, without, err := listLabels(root)
	if err != nil {
		return fmt.Errorf("check the labels of SELinux: %w", err)
	}
	files := 0
	for _, n := range labels {
		files += n
	}
	if len(labels) < 2 {
		return fmt.Errorf("check the labels of SELinux: %d kinds of them on %d files", len(labels), files)
	}
	b.line(step, fmt.Sprintf("%d files have one of %d labels of SELinux; the policy %s has none for %d%s",
		files, len(labels), b.distro.SELinux.Policy, len(without), listed(without)))
	return nil
}

// listed names a few of some files, after a colon.
func listed(names []string) string {
	const shown = 8
	switch {
	case len(names) == 0:
		return ""
	case len(names) > shown:
		return ": " + strings.Join(names[:shown], " ") + " ..."
	}
	return ": " + strings.Join(names, " ")
}

// listLabels counts the files below root by label, and names those without one.
// /proc is not the root's.
func listLabels(root string) (labels map[string]int, without []string, err error) {
	labels = map[string]int{}
	value := make([]byte, 4096) // the longest label that the kernel takes
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, root)
		if name == "/proc" {
			return filepath.SkipDir
		}
		switch n, err := unix.Lgetxattr(path, labelName, value); {
		case err == nil:
			labels[strings.TrimSuffix(string(value[:n]), "\x00")]++
		case errors.Is(err, unix.ENODATA):
			without = append(without, name)
		default:
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	return labels, without, err
}
