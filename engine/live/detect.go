package live

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// home is where a stack lies in a root, and what says its version.
type home struct {
	modules  []string // patterns of files that only it has: one is enough
	packages []string // that bring it
	file     string   // a script that sets DRACUT_VERSION
	versions []string // packages of the stack's version, the first that is installed
}

// Detect reads which version of a stack a root has. installed are the versions of
// the root's packages, by name. The error is a *Refusal that names the packages
// which bring it.
func Detect(root, id string, installed map[string]string) (Stack, error) {
	s, ok := find(id)
	if !ok {
		return Stack{}, &Refusal{Code: "stack-unknown", Path: "live.stack", Message: fmt.Sprintf("live stack %q is not known", id), Hint: "known: " + strings.Join(ids(), ", ")}
	}
	// A link in the root that leads out of it must not be followed.
	r, err := os.OpenRoot(root)
	if err != nil {
		return Stack{}, fmt.Errorf("live stack: %w", err)
	}
	defer r.Close()
	at := r.FS()
	if !s.home.present(at) {
		return Stack{}, &Refusal{Code: "stack-missing", Path: "live.stack", Message: fmt.Sprintf("the root has no %s: nothing in its initramfs would find the image", id),
			Hint: "include the packages " + strings.Join(s.home.packages, ", ")}
	}
	version := s.home.version(at, installed)
	if version == "" {
		return Stack{}, &Refusal{Code: "stack-version", Path: "live.stack", Message: fmt.Sprintf("the root has %s, but does not say which version", id),
			Hint: "install it as a package: " + strings.Join(s.home.packages, ", ")}
	}
	return Stack{ID: id, Version: version}, nil
}

func (h home) present(root fs.FS) bool {
	for _, pattern := range h.modules {
		if found, _ := fs.Glob(root, pattern); len(found) > 0 {
			return true
		}
	}
	return false
}

// version is what the root says of itself: first the stack's own file, then its
// packages.
func (h home) version(root fs.FS, installed map[string]string) string {
	if h.file != "" {
		if text, err := fs.ReadFile(root, h.file); err == nil {
			if v := assigned(text, "DRACUT_VERSION"); v != "" {
				return plainVersion(v)
			}
		}
	}
	for _, name := range h.versions {
		if v := installed[name]; v != "" {
			return plainVersion(v)
		}
	}
	return ""
}

// assigned is the value of a variable in a shell script.
func assigned(script []byte, name string) string {
	for line := range strings.Lines(string(script)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			return strings.Trim(v, `"'`)
		}
	}
	return ""
}

// plainVersion takes the epoch and the packager's revision off:
// "1:20230131+deb12u1" and "059-4" are 20230131 and 059.
func plainVersion(v string) string {
	if _, rest, ok := strings.Cut(v, ":"); ok {
		v = rest
	}
	if i := strings.IndexAny(v, "-+~"); i >= 0 {
		v = v[:i]
	}
	return v
}

// Modules returns what reports whether the kernel of a root has a module, built
// in or as a file. Where a root has several kernels, each must have it.
func Modules(root string) func(name string) bool {
	var kernels []map[string]bool
	if r, err := os.OpenRoot(root); err == nil {
		defer r.Close()
		dirs, _ := fs.Glob(r.FS(), "usr/lib/modules/*")
		if len(dirs) == 0 {
			dirs, _ = fs.Glob(r.FS(), "lib/modules/*")
		}
		for _, dir := range dirs {
			if have := modulesOf(r.FS(), dir); len(have) > 0 {
				kernels = append(kernels, have)
			}
		}
	}
	return func(name string) bool {
		for _, have := range kernels {
			if !have[strings.ReplaceAll(name, "-", "_")] {
				return false
			}
		}
		return len(kernels) > 0
	}
}

func modulesOf(root fs.FS, dir string) map[string]bool {
	have := map[string]bool{}
	for _, list := range []string{"modules.dep", "modules.builtin"} {
		text, err := fs.ReadFile(root, path.Join(dir, list))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			file, _, _ := strings.Cut(strings.TrimSpace(line), ":")
			if name, _, ok := strings.Cut(path.Base(file), ".ko"); ok {
				have[strings.ReplaceAll(name, "-", "_")] = true
			}
		}
	}
	return have
}
