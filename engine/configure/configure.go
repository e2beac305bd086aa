// Package configure turns a root of freshly installed packages into the machine
// that a recipe describes: system settings, users, files, sshd, the gauge of the
// overlay, services and hooks; and takes out everything that must not be the same
// on two machines or that tells of the builder.
package configure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	securejoin "github.com/cyphar/filepath-securejoin"

	"slipway/engine/distro"
	"slipway/engine/proc"
	"slipway/recipes"
)

// Root is the root being configured. Paths are as the machine will see them;
// symbolic links never lead outside.
type Root struct {
	Dir    string
	Distro distro.Distro                         // whose files and names it has
	Exec   func(context.Context, proc.Cmd) error // runs and logs a command
	Log    func(string)
	Assets map[string][]byte // contents of the files that the recipe names
}

// Part is one named part of the work, for progress.
type Part struct {
	Name string
	Run  func(*Root, context.Context, recipes.Recipe) error
}

// Parts are all parts in their order. Hooks see the finished settings; cleaning
// is last, so that nothing a hook left behind stays.
func Parts() []Part {
	return []Part{
		{"hooks before", func(r *Root, ctx context.Context, rc recipes.Recipe) error {
			return r.hooks(ctx, rc, "before-configure")
		}},
		{"system", (*Root).system},
		{"users", (*Root).users},
		{"files", (*Root).files},
		{"sshd", (*Root).sshd},
		{"SELinux", (*Root).selinux},
		{"gauge", (*Root).gauge},
		{"services", (*Root).services},
		{"hooks after", func(r *Root, ctx context.Context, rc recipes.Recipe) error {
			return r.hooks(ctx, rc, "after-configure")
		}},
		{"check sshd", (*Root).checkSSHD},
		{"clean", (*Root).clean},
	}
}

// path resolves a path of the machine to one of the host, inside the root.
func (r *Root) path(name string) (string, error) {
	p, err := securejoin.SecureJoin(r.Dir, name)
	if err != nil {
		return "", fmt.Errorf("%s in the image: %w", name, err)
	}
	return p, nil
}

// place is path for a name that is itself to be made, replaced or removed: only
// its folder is resolved, so a link is replaced and not followed.
func (r *Root) place(name string) (string, error) {
	dir, err := r.path(filepath.Dir(name))
	return filepath.Join(dir, filepath.Base(name)), err
}

// write makes or replaces a file with its folders, owned by root.
func (r *Root) write(name string, content []byte, mode fs.FileMode) error {
	p, err := r.place(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if st, err := os.Lstat(p); err == nil && !st.Mode().IsRegular() {
		if st.IsDir() {
			return fmt.Errorf("write %s: it is a directory in the image", name)
		}
		if err := os.Remove(p); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	if err := os.WriteFile(p, content, mode); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Chmod(p, mode) // whatever the umask says
}

// link makes or replaces a symbolic link with its folders.
func (r *Root) link(target, name string) error {
	p, err := r.place(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		return fmt.Errorf("link %s: %w", name, err)
	}
	if err := os.RemoveAll(p); err != nil {
		return fmt.Errorf("link %s: %w", name, err)
	}
	if err := os.Symlink(target, p); err != nil {
		return fmt.Errorf("link %s: %w", name, err)
	}
	return nil
}

func (r *Root) exists(name string) bool {
	p, err := r.path(name)
	if err != nil {
		return false
	}
	_, err = os.Stat(p)
	return err == nil
}

func (r *Root) read(name string) ([]byte, error) {
	p, err := r.path(name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(p)
}

// run runs a program inside the root.
func (r *Root) run(ctx context.Context, path string, args ...string) error {
	return r.Exec(ctx, proc.Cmd{Path: path, Args: args, Root: r.Dir})
}

// files puts the recipe's files in.
func (r *Root) files(ctx context.Context, rc recipes.Recipe) error {
	for _, f := range rc.Files {
		mode, err := fileMode(f.Mode)
		if err != nil {
			return fmt.Errorf("file %s: %w", f.Path, err)
		}
		content := []byte(f.Content)
		if f.Source != "" {
			content = r.Assets[f.Source]
		}
		if err := r.write(f.Path, content, mode); err != nil {
			return err
		}
		if f.Owner != "" {
			if err := r.run(ctx, "chown", "-h", f.Owner, f.Path); err != nil {
				return fmt.Errorf("file %s: owner: %w", f.Path, err)
			}
			// chown(2) takes the setuid and setgid bits away.
			if p, err := r.place(f.Path); err == nil {
				if err := os.Chmod(p, mode); err != nil {
					return fmt.Errorf("file %s: %w", f.Path, err)
				}
			}
		}
		r.Log("file " + f.Path)
	}
	return nil
}

// fileMode reads an octal mode with setuid, setgid and sticky bits; 0644 if empty.
func fileMode(s string) (fs.FileMode, error) {
	if s == "" {
		return 0o644, nil
	}
	var n uint32
	if _, err := fmt.Sscanf(s, "%o", &n); err != nil || n > 0o7777 {
		return 0, fmt.Errorf("mode %q is not octal", s)
	}
	mode := fs.FileMode(n & 0o777)
	for bit, m := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if n&bit != 0 {
			mode |= m
		}
	}
	return mode, nil
}

// hooks runs the recipe's scripts for one point, inside the root.
func (r *Root) hooks(ctx context.Context, rc recipes.Recipe, at string) error {
	for i, h := range rc.Hooks {
		if h.At != at {
			continue
		}
		name := h.Name
		if name == "" {
			name = fmt.Sprintf("hook %d", i+1)
		}
		script := []byte(h.Script)
		if h.Source != "" {
			script = r.Assets[h.Source]
		}
		if !bytes.HasPrefix(script, []byte("#!")) {
			script = append([]byte("#!/bin/sh -eu\n"), script...)
		}
		const file = "/run/slipway-hook" // on the build's own /run: never in the image
		if err := r.write(file, script, 0o700); err != nil {
			return err
		}
		r.Log("run " + name)
		if err := r.run(ctx, file); err != nil {
			return fmt.Errorf("hook %q at %s: %w", name, at, err)
		}
	}
	return nil
}

// services enables, disables and masks units, as systemctl does in a chroot.
func (r *Root) services(ctx context.Context, rc recipes.Recipe) error {
	s := rc.System.Services
	for _, x := range []struct {
		verb  string
		units []string
	}{{"enable", s.Enabled}, {"disable", s.Disabled}, {"mask", s.Masked}} {
		if len(x.units) == 0 {
			continue
		}
		if err := r.run(ctx, "systemctl", append([]string{x.verb, "--"}, x.units...)...); err != nil {
			return fmt.Errorf("%s services %s: %w", x.verb, strings.Join(x.units, " "), err)
		}
	}
	return nil
}

// isMissing reports whether err says that a program is not in the image.
func isMissing(err error) bool {
	var missing *proc.NotFoundError
	return errors.As(err, &missing)
}
