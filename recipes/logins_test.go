package recipes

import (
	"slices"
	"testing"
)

func TestLogins(t *testing.T) {
	const key, console, password = "key over SSH", "password at the console", "password over SSH"
	cases := []struct {
		name   string
		values map[string]any
		want   []string
	}{
		{"a key", nil, []string{key}},
		{"neither", map[string]any{"users[0].authorized_keys": []string{}}, nil},
		{"key and password", map[string]any{"users[0].password_hash": testHash}, []string{key, console}},
		{"password taken by sshd", map[string]any{"users[0].password_hash": testHash, "sshd.PasswordAuthentication": true}, []string{key, console, password}},
		{"shut out of sshd", map[string]any{"users[0].password_hash": testHash, "sshd.PasswordAuthentication": true, "sshd.DenyUsers": "ops"}, []string{console}},
		{"no shell", map[string]any{"users[0].password_hash": testHash, "users[0].shell": "/usr/sbin/nologin"}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := sound(t)
			for path, v := range c.values {
				if err := d.Set(path, v); err != nil {
					t.Fatal(err)
				}
			}
			all := d.Logins()
			if len(all) != 1 || all[0].User != "ops" || !slices.Equal(all[0].Ways, c.want) || (all[0].Shut != "") != (len(c.want) == 0) {
				t.Errorf("got %+v, want %v", all, c.want)
			}
		})
	}
}

// TestRestore: an older text comes back with all that it means; the file does
// not notice.
func TestRestore(t *testing.T) {
	d, _ := saved(t, minimal, 0o644)
	before := d.Source
	if err := d.Set("name", "other"); err != nil {
		t.Fatal(err)
	}
	if err := d.Restore(before); err != nil {
		t.Fatal(err)
	}
	if d.Recipe.Name != "minimal" || d.Changed() || string(d.Saved()) != minimal {
		t.Errorf("name %s, changed %v", d.Recipe.Name, d.Changed())
	}
	if err := d.Restore([]byte("nothing")); AsProblems(err) == nil || d.Recipe.Name != "minimal" {
		t.Errorf("a broken text was restored: %v", err)
	}
}
