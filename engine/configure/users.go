package configure

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"slipway/engine/proc"
	"slipway/recipes"
)

func (r *Root) users(ctx context.Context, rc recipes.Recipe) error {
	for _, u := range rc.Users {
		if err := r.user(ctx, u); err != nil {
			return fmt.Errorf("user %s: %w", u.Name, err)
		}
		r.Log("user " + u.Name)
	}
	return nil
}

func (r *Root) user(ctx context.Context, u recipes.User) error {
	home, known := r.home(u.Name)
	if !known {
		if err := r.run(ctx, "useradd", useraddArgs(u)...); err != nil {
			return err
		}
		if home, known = r.home(u.Name); !known {
			return fmt.Errorf("useradd left no entry in /etc/passwd")
		}
	} else if len(u.Groups) > 0 {
		if err := r.run(ctx, "usermod", "-a", "-G", strings.Join(u.Groups, ","), u.Name); err != nil {
			return err
		}
	}
	if u.PasswordHash != "" {
		// By standard input: an argument list can be read by every user.
		c := proc.Cmd{Path: "chpasswd", Args: []string{"-e"}, Root: r.Dir, Stdin: strings.NewReader(u.Name + ":" + u.PasswordHash + "\n")}
		if err := r.Exec(ctx, c); err != nil {
			return fmt.Errorf("set the password hash: %w", err)
		}
	}
	if len(u.AuthorizedKeys) > 0 {
		if err := r.authorizedKeys(ctx, u, home); err != nil {
			return err
		}
	}
	if u.Sudo {
		if !r.exists("/etc/sudoers.d") {
			return fmt.Errorf("sudo = true needs the package sudo: add it to packages.include")
		}
		// A dot in a file's name makes sudo ignore it (sudoers(5), @includedir).
		file := "/etc/sudoers.d/slipway-" + strings.ReplaceAll(u.Name, ".", "_")
		return r.write(file, []byte(u.Name+" ALL=(ALL:ALL) NOPASSWD: ALL\n"), 0o440)
	}
	return nil
}

func useraddArgs(u recipes.User) []string {
	shell := u.Shell
	if shell == "" {
		shell = "/bin/bash"
	}
	args := []string{"--create-home", "--user-group", "--shell", shell}
	if u.UID != 0 {
		args = append(args, "--uid", strconv.Itoa(u.UID))
	}
	if len(u.Groups) > 0 {
		args = append(args, "--groups", strings.Join(u.Groups, ","))
	}
	return append(args, "--", u.Name)
}

// home returns a user's home directory from the image's /etc/passwd.
func (r *Root) home(name string) (string, bool) {
	b, err := r.read("/etc/passwd")
	if err != nil {
		return "", false
	}
	for _, l := range strings.Split(string(b), "\n") {
		if f := strings.Split(l, ":"); len(f) >= 6 && f[0] == name {
			return f[5], true
		}
	}
	return "", false
}

// authorizedKeys writes the keys so that sshd's StrictModes accepts them.
func (r *Root) authorizedKeys(ctx context.Context, u recipes.User, home string) error {
	file := home + "/.ssh/authorized_keys"
	if err := r.write(file, []byte(strings.Join(u.AuthorizedKeys, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	if err := r.run(ctx, "chmod", "700", home+"/.ssh"); err != nil {
		return err
	}
	return r.run(ctx, "chown", "-R", u.Name+":", home+"/.ssh")
}
