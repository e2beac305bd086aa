package ssh

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"slipway/recipes"
	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui/tuitest"
)

const (
	key1 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBS9Q5q1rSxvhGWJzyMqFhbSlMmfFoAX6Y8Jh3sFh9Wt one@example"
	key2 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKX0bLb6GJtyEDOvtGZgdsfGvTJ3mRvjzTfN0lmjG0Yx ssh-laptop"
)

const recipe = `name = "fleet-base"

[distro]
id = "debian"
release = "bookworm"

[overlay]
strategy = "overlayfs"

[packages]
include = ["openssh-server", "sudo", "xauth", "systemd-sysv"]

[sshd]
AddressFamily = "inet" # IPv4 only
PermitRootLogin = "no"
X11Forwarding = true

[[users]]
name = "ops"
groups = ["adm"]
sudo = true
authorized_keys = ["` + key1 + `"]
`

func open(t *testing.T) (*Screen, *session.Session) {
	t.Helper()
	s := screentest.On(t, recipe)
	sc := newScreen(s)
	sc.SetSize(78, 18)
	return sc, s
}

func TestView(t *testing.T) {
	for _, size := range tuitest.Sizes {
		sc, _ := open(t)
		body := size.Body()
		sc.SetSize(body.W, body.H)
		tuitest.Exact(t, sc.View(), body.W, body.H)
		tuitest.Golden(t, size.String(), sc.View())
		tuitest.Press(sc, "tab")
		tuitest.Exact(t, sc.View(), body.W, body.H)
		tuitest.Golden(t, "users-"+size.String(), sc.View())
	}
}

func TestViewEditing(t *testing.T) {
	sc, _ := open(t)
	find(t, sc, "Port")
	tuitest.Press(sc, "enter")
	tuitest.Golden(t, "editing", sc.View())
	tuitest.Type(sc, "99999")
	tuitest.Press(sc, "enter")
	tuitest.Exact(t, sc.View(), 78, 18)
	tuitest.Golden(t, "refused", sc.View())
	tuitest.Press(sc, "esc", "/", "ctrl+u")
	tuitest.Type(sc, "x11")
	tuitest.Golden(t, "filter", sc.View())
}

// find filters for a directive and leaves the cursor on it.
func find(t *testing.T, sc *Screen, name string) {
	t.Helper()
	tuitest.Press(sc, "/")
	tuitest.Type(sc, name)
	tuitest.Press(sc, "enter")
	for range sc.directives.shown {
		if sc.directives.name() == name {
			return
		}
		tuitest.Press(sc, "down")
	}
	t.Fatalf("no directive %s", name)
}

func TestEveryDirectiveOpens(t *testing.T) {
	for _, d := range recipes.Directives() {
		sc, _ := open(t)
		find(t, sc, d.Name)
		msgs := tuitest.Press(sc, "enter")
		chosen := d.Kind == recipes.KindBool || d.Kind == recipes.KindEnum
		if chosen {
			if got := screentest.Dialog(t, msgs).Title(); got != d.Name {
				t.Errorf("%s opens %s", d.Name, got)
			}
		} else if !sc.Capturing() {
			t.Errorf("%s (%s) opens no field", d.Name, d.Kind)
		}
	}
}

func TestChangedFirst(t *testing.T) {
	sc, _ := open(t)
	var first []string
	for _, d := range sc.directives.shown[:4] {
		first = append(first, d.Name)
	}
	if got := strings.Join(first, " "); got != "AddressFamily PermitRootLogin X11Forwarding AcceptEnv" {
		t.Errorf("first are %s", got)
	}
}

func TestTyped(t *testing.T) {
	for _, tt := range []struct{ name, typed, want string }{
		{"Port", "2222", "Port = 2222"},
		{"Port", "22 2222", "Port = [22, 2222]"},
		{"LoginGraceTime", "90", "LoginGraceTime = 90"},
		{"LoginGraceTime", "1m30s", `LoginGraceTime = "1m30s"`},
		{"ListenAddress", "10.0.0.1, 10.0.0.2:2222", `ListenAddress = ["10.0.0.1", "10.0.0.2:2222"]`},
		{"AllowUsers", "ops admin@10.*", `AllowUsers = "ops admin@10.*"`},
		{"Subsystem", "sftp internal-sftp -f AUTH, -l INFO", `Subsystem = "sftp internal-sftp -f AUTH, -l INFO"`},
		{"Banner", "/etc/issue.net", `Banner = "/etc/issue.net"`},
		{"Ciphers", "-aes128-cbc,3des-cbc", `Ciphers = "-aes128-cbc,3des-cbc"`},
	} {
		sc, s := open(t)
		find(t, sc, tt.name)
		tuitest.Press(sc, "enter")
		tuitest.Type(sc, tt.typed)
		tuitest.Press(sc, "enter")
		if got := string(s.Doc().Source); !strings.Contains(got, tt.want+"\n") || sc.Capturing() {
			t.Errorf("%s: no %s in\n%s\n%s", tt.name, tt.want, got, ansi.Strip(sc.View()))
			continue
		}
		// What is shown for editing is read back as the same value.
		before := string(s.Doc().Source)
		if tuitest.Press(sc, "enter", "enter"); string(s.Doc().Source) != before {
			t.Errorf("%s: opening and taking it again changed it to\n%s", tt.name, s.Doc().Source)
		}
	}
}

// A list stays a list, word by word.
func TestListsStayLists(t *testing.T) {
	for name, tt := range map[string]struct {
		value                 any
		shown, appended, want string
	}{
		"AllowUsers": {[]string{"ops", "admin"}, "ops admin", " dev", `AllowUsers = ["ops", "admin", "dev"]`},
		"Ciphers":    {[]string{"aes128-ctr", "aes256-ctr"}, "aes128-ctr,aes256-ctr", ",aes192-ctr", `Ciphers = ["aes128-ctr", "aes256-ctr", "aes192-ctr"]`},
		"Port":       {[]int{22, 2222}, "22 2222", " 2200", `Port = [22, 2222, 2200]`},
	} {
		sc, s := open(t)
		if err := s.Set("sshd."+name, tt.value); err != nil {
			t.Fatal(err)
		}
		sc.Update(session.Changed{})
		find(t, sc, name)
		tuitest.Press(sc, "enter")
		if got := sc.directives.editor.Value(); got != tt.shown {
			t.Errorf("%s is shown as %q", name, got)
		}
		before := string(s.Doc().Source)
		if tuitest.Press(sc, "enter"); string(s.Doc().Source) != before {
			t.Errorf("%s: taking it as it was changed it to\n%s", name, s.Doc().Source)
		}
		tuitest.Press(sc, "enter")
		tuitest.Type(sc, tt.appended)
		if tuitest.Press(sc, "enter"); !strings.Contains(string(s.Doc().Source), tt.want) {
			t.Errorf("%s: no %s in\n%s", name, tt.want, s.Doc().Source)
		}
	}
}

func TestRefusedIsNotLost(t *testing.T) {
	for name, typed := range map[string]string{"Port": "99999", "LoginGraceTime": "soon", "Banner": "issue", "MaxAuthTries": "many"} {
		sc, s := open(t)
		before := string(s.Doc().Source)
		find(t, sc, name)
		tuitest.Press(sc, "enter")
		tuitest.Type(sc, typed)
		tuitest.Press(sc, "enter")
		view := ansi.Strip(sc.View())
		if !sc.Capturing() || !strings.Contains(view, typed) || !strings.Contains(view, "✗") || string(s.Doc().Source) != before {
			t.Errorf("%s = %s: lost, taken, or not spoken of:\n%s", name, typed, view)
		}
	}
}

func TestToggleResetAndPick(t *testing.T) {
	sc, s := open(t)
	find(t, sc, "X11Forwarding")
	tuitest.Press(sc, " ")
	if s.Recipe().SSHD["X11Forwarding"] != false {
		t.Errorf("space does not toggle: %v", s.Recipe().SSHD)
	}
	tuitest.Press(sc, "d")
	if _, set := s.Recipe().SSHD["X11Forwarding"]; set {
		t.Error("d does not reset")
	}
	if !strings.Contains(string(s.Doc().Source), `AddressFamily = "inet" # IPv4 only`) {
		t.Errorf("another line changed:\n%s", s.Doc().Source)
	}
	tuitest.Press(sc, "esc")
	find(t, sc, "AddressFamily")
	d := screentest.Dialog(t, tuitest.Press(sc, "enter"))
	d.Update(tuitest.KeyMsg("home"))
	d.Update(tuitest.KeyMsg("enter"))
	if s.Recipe().SSHD["AddressFamily"] != "any" {
		t.Errorf("picked %v", s.Recipe().SSHD["AddressFamily"])
	}
	d = screentest.Dialog(t, tuitest.Press(sc, "enter"))
	d.Update(tuitest.KeyMsg("end"))
	d.Update(tuitest.KeyMsg("enter"))
	if v, set := s.Recipe().SSHD["AddressFamily"]; set {
		t.Errorf("not set, but %v", v)
	}
}

func TestGuard(t *testing.T) {
	sc, s := open(t)
	if got := ansi.Strip(sc.View()); !strings.Contains(got, "✓ can log in: ops by key over SSH") {
		t.Errorf("guard says:\n%s", got)
	}
	if err := s.Unset("users[0].authorized_keys"); err != nil {
		t.Fatal(err)
	}
	sc.Update(session.Changed{})
	if got := ansi.Strip(sc.View()); !strings.Contains(got, "! locked out: nobody can log in") {
		t.Errorf("guard says:\n%s", got)
	}
}

// at moves to a line of the users' form.
func at(t *testing.T, sc *Screen, label string) {
	t.Helper()
	if !sc.onUsers {
		tuitest.Press(sc, "tab")
	}
	for i, r := range sc.users.rows {
		if r.Label == label {
			sc.users.form.SetCursor(i)
			return
		}
	}
	t.Fatalf("no line %s", label)
}

func TestAddKey(t *testing.T) {
	for name, typed := range map[string]string{"one": key2, "two at once": key2 + " " + key1, "with options": `from="10.0.0.0/8" ` + key2} {
		sc, s := open(t)
		at(t, sc, labelAdd)
		tuitest.Press(sc, "enter")
		tuitest.Run(sc.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(typed), Paste: true}))
		tuitest.Press(sc, "enter")
		if got := s.Recipe().Users[0].AuthorizedKeys; len(got) != 2 || got[0] != key1 || !strings.HasSuffix(got[1], key2) {
			t.Errorf("%s: keys are %q", name, got)
		}
	}
}

func TestAddKeyRefused(t *testing.T) {
	for _, typed := range []string{"hello", "ssh-ed25519 AAAAnonsense me", "-----BEGIN OPENSSH PRIVATE KEY-----", key1} {
		sc, s := open(t)
		at(t, sc, labelAdd)
		tuitest.Press(sc, "enter")
		tuitest.Type(sc, typed)
		tuitest.Press(sc, "enter")
		view := ansi.Strip(sc.View())
		if !sc.Capturing() || !strings.Contains(view, "✗") || len(s.Recipe().Users[0].AuthorizedKeys) != 1 {
			t.Errorf("%q was taken, lost, or not spoken of:\n%s", typed, view)
		}
	}
}

func TestAddKeyFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "id.pub")
	if err := os.WriteFile(path, []byte("# mine\n"+key2+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	sc, s := open(t)
	at(t, sc, labelAdd)
	tuitest.Press(sc, "enter")
	tuitest.Type(sc, path)
	for _, msg := range tuitest.Press(sc, "enter") {
		sc.Update(msg)
	}
	if got := s.Recipe().Users[0].AuthorizedKeys; len(got) != 2 || got[1] != key2 {
		t.Errorf("keys are %q", got)
	}
}

func TestUsers(t *testing.T) {
	sc, s := open(t)
	tuitest.Press(sc, "tab")
	prompt := screentest.Dialog(t, tuitest.Press(sc, "a"))
	for _, k := range "Bad" {
		prompt.Update(tuitest.KeyMsg(string(k)))
	}
	if done, _ := prompt.Update(tuitest.KeyMsg("enter")); done {
		t.Error("a wrong name was taken")
	}
	prompt.Update(tuitest.KeyMsg("ctrl+u"))
	for _, k := range "admin" {
		prompt.Update(tuitest.KeyMsg(string(k)))
	}
	if done, _ := prompt.Update(tuitest.KeyMsg("enter")); !done || len(s.Recipe().Users) != 2 {
		t.Fatalf("no user was added:\n%s", s.Doc().Source)
	}
	if r := sc.users.selected(); r.user != 1 || r.Label != labelAdd {
		t.Errorf("the cursor is on %s of user %d", r.Label, r.user)
	}
	at(t, sc, "sudo")
	tuitest.Press(sc, "enter")
	if s.Recipe().Users[0].Sudo {
		t.Error("sudo was not taken away")
	}
	at(t, sc, "groups")
	tuitest.Press(sc, "enter")
	tuitest.Type(sc, " video")
	tuitest.Press(sc, "enter", "d")
	if len(s.Recipe().Users) != 1 || s.Recipe().Users[0].Name != "admin" {
		t.Errorf("d removed the wrong user:\n%s", s.Doc().Source)
	}
}

func TestRemoveKey(t *testing.T) {
	sc, s := open(t)
	at(t, sc, "ed25519")
	tuitest.Press(sc, "d")
	if got := s.Recipe().Users[0].AuthorizedKeys; len(got) != 0 {
		t.Errorf("keys are %q", got)
	}
	if err := s.Undo(); err != nil || len(s.Recipe().Users[0].AuthorizedKeys) != 1 {
		t.Error("the key did not come back")
	}
}

func TestWrongKeys(t *testing.T) {
	sc, s := open(t)
	before := string(s.Doc().Source)
	for _, k := range []string{"x", "a", " ", "left", "f5", "e"} {
		if msgs := tuitest.Press(sc, k); len(msgs) > 0 || string(s.Doc().Source) != before || sc.Capturing() {
			t.Errorf("%q did something: %v", k, msgs)
		}
	}
}
