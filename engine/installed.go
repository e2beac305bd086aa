package engine

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"slipway/engine/distro"
	"slipway/engine/proc"
)

// listInstalled writes the packages of a root, which lies in dir, beside it: a line
// "name version architecture" each, sorted.
func (b *builder) listInstalled(ctx context.Context, dir string) error {
	root := filepath.Join(dir, "root")
	var lines []string
	var err error
	switch b.distro.Family {
	case distro.Deb:
		lines, err = dpkgInstalled(filepath.Join(root, "var/lib/dpkg/status"))
	case distro.Pacman:
		lines, err = pacmanInstalled(filepath.Join(root, distro.PacmanDB, "local"))
	default:
		lines, err = b.rpmInstalled(ctx, root)
	}
	if err != nil {
		return err
	}
	sort.Strings(lines)
	return os.WriteFile(filepath.Join(dir, installedName), []byte(strings.Join(lines, "")), 0o644)
}

// installed are the versions of the root's packages, by name.
func (b *builder) installed() (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(b.at[StepRoot], installedName))
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	versions := map[string]string{}
	for l := range strings.Lines(string(text)) {
		if f := strings.Fields(l); len(f) == 3 {
			versions[f[0]] = f[1]
		}
	}
	return versions, nil
}

// rpmInstalled asks rpm. The keys that it keeps among the packages are none.
func (b *builder) rpmInstalled(ctx context.Context, root string) ([]string, error) {
	home, err := b.rpmHome()
	if err != nil {
		return nil, err
	}
	out, err := proc.Output(ctx, proc.Cmd{Path: "rpm", Env: []string{home},
		Args: []string{"--root", root, "--query", "--all", "--queryformat", `%{NAME} %{VERSION}-%{RELEASE} %{ARCH}\n`}})
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	var lines []string
	for l := range strings.Lines(out) {
		if !strings.HasPrefix(l, "gpg-pubkey ") {
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("list packages: the database %s of the root is empty", b.distro.RPMDB)
	}
	return lines, nil
}

// pacmanInstalled reads pacman's local database: a folder with a file desc for
// each package, in which the line behind %NAME% is its name.
func pacmanInstalled(local string) ([]string, error) {
	files, _ := filepath.Glob(filepath.Join(local, "*", "desc"))
	var lines []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("list packages: %w", err)
		}
		fields, last := map[string]string{}, ""
		for l := range strings.Lines(string(text)) {
			if l = strings.TrimSpace(l); strings.HasPrefix(last, "%") {
				fields[last] = l
			}
			last = l
		}
		lines = append(lines, fmt.Sprintf("%s %s %s\n", fields["%NAME%"], fields["%VERSION%"], fields["%ARCH%"]))
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("list packages: the database of the root is empty")
	}
	return lines, nil
}

// dpkgInstalled reads dpkg's status file.
func dpkgInstalled(status string) ([]string, error) {
	f, err := os.Open(status)
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	defer f.Close()
	var lines []string
	fields := map[string]string{}
	flush := func() {
		if strings.HasSuffix(fields["Status"], " installed") {
			lines = append(lines, fmt.Sprintf("%s %s %s\n", fields["Package"], fields["Version"], fields["Architecture"]))
		}
		clear(fields)
	}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 4<<20)
	for sc.Scan() {
		if sc.Text() == "" {
			flush()
			continue
		}
		if name, value, ok := strings.Cut(sc.Text(), ": "); ok && !strings.HasPrefix(name, " ") {
			fields[name] = value
		}
	}
	flush()
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	return lines, nil
}
