package recipes

import (
	"strings"
	"testing"
)

func TestLogins(t *testing.T) {
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBS9Q5q1rSxvhGWJzyMqFhbSlMmfFoAX6Y8Jh3sFh9Wt one@example"
	const hash = "$y$j9T$abcdefghijkl$abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	for name, tt := range map[string]struct{ user, sshd, want string }{
		"key":               {`authorized_keys = ["` + key + `"]`, "", "key over SSH"},
		"nothing":           {"", "", "shut"},
		"password":          {`password_hash = "` + hash + `"`, "", "password at the console, password over SSH"},
		"no password login": {`password_hash = "` + hash + `"`, "PasswordAuthentication = false", "password at the console"},
		"denied":            {`authorized_keys = ["` + key + `"]`, `DenyUsers = "ops"`, "shut"},
		"denied, console":   {`password_hash = "` + hash + `"`, `DenyUsers = "ops"`, "password at the console"},
		"both":              {`password_hash = "` + hash + `"` + "\nauthorized_keys = [\"" + key + `"]`, "PasswordAuthentication = false", "key over SSH, password at the console"},
	} {
		d, err := Parse("t.toml", []byte(`name = "t"
distro = { id = "debian", release = "bookworm" }
overlay = { strategy = "overlayfs" }
packages = { include = ["openssh-server"] }
[sshd]
`+tt.sshd+`
[[users]]
name = "ops"
`+tt.user+"\n"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all := d.Logins(debian())
		got := strings.Join(all[0].Ways, ", ")
		if all[0].Shut != "" && got == "" {
			got = "shut"
		}
		if got != tt.want || len(all) != 1 || all[0].User != "ops" {
			t.Errorf("%s: %+v, want %s", name, all, tt.want)
		}
	}
}

func TestRestore(t *testing.T) {
	d, _ := Builtin("debian-vm")
	before := string(d.Source)
	if err := d.Set("name", "other"); err != nil {
		t.Fatal(err)
	}
	if string(d.Saved()) != before || !d.Changed() {
		t.Error("what was saved is no longer known")
	}
	if err := d.Restore([]byte(before)); err != nil || d.Changed() || d.Recipe.Name != "debian-vm" {
		t.Errorf("restored to %s, changed %v: %v", d.Recipe.Name, d.Changed(), err)
	}
	if err := d.Restore([]byte("name = 1")); err == nil || d.Recipe.Name != "debian-vm" {
		t.Error("a broken text was taken")
	}
}
