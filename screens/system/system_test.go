package system

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"slipway/screens/screentest"
	"slipway/screens/session"
	"slipway/tui/tuitest"
)

const recipe = `name = "fleet-base"

[distro]
id = "debian"
release = "bookworm"

[overlay]
strategy = "overlayfs"

[system]
timezone = "Etc/UTC" # as everywhere

[system.services]
enabled = ["systemd-networkd", "ssh"]

[system.sysctl]
"net.ipv6.conf.all.disable_ipv6" = 1

[kernel]
package = "linux-image-cloud-amd64"
cmdline = "console=ttyS0,115200"

[[files]]
path = "/etc/motd"
content = """
fleet
base
"""

[[hooks]]
name = "trim"
at = "after-configure"
script = """
#!/bin/sh
rm -rf /usr/share/doc
"""
`

func open(t *testing.T) (*Screen, *session.Session) {
	t.Helper()
	s := screentest.On(t, recipe)
	sc := newScreen(s)
	sc.SetSize(118, 34)
	return sc, s
}

func TestView(t *testing.T) {
	for _, size := range tuitest.Sizes {
		sc, _ := open(t)
		body := size.Body()
		sc.SetSize(body.W, body.H)
		tuitest.Exact(t, sc.View(), body.W, body.H)
		tuitest.Golden(t, size.String(), sc.View())
	}
}

func TestDetail(t *testing.T) {
	for name, label := range map[string]string{"file": "motd", "hook": "trim", "kernel": "Kernel", "selinux": "SELinux"} {
		sc, _ := open(t)
		screentest.GoTo(t, sc, label)
		tuitest.Golden(t, name, sc.View())
	}
}

func TestTyped(t *testing.T) {
	for _, tt := range []struct{ label, typed, want string }{
		{"Host name", "node", `hostname = "node"`},
		{"Timezone", "Europe/Berlin", `timezone = "Europe/Berlin" # as everywhere`},
		{"Locale", "C.UTF-8", `locale = "C.UTF-8"`},
		{"Command line", "quiet", `cmdline = "quiet"`},
		{"Enabled", "ssh, chrony ssh", `enabled = ["ssh", "chrony"]`},
		{"Masked", "apt-daily.timer", `masked = ["apt-daily.timer"]`},
		{"net.ipv6", "0", `"net.ipv6.conf.all.disable_ipv6" = 0`},
		{"add a parameter", "vm.swappiness = 10", `"vm.swappiness" = 10`},
		{"add a file", "/etc/issue", `path = "/etc/issue"`},
		{"add a hook", "labels", `name = "labels"`},
	} {
		sc, s := open(t)
		screentest.GoTo(t, sc, tt.label)
		tuitest.Press(sc, "enter")
		if !sc.Capturing() {
			t.Fatalf("%s: letters are not text", tt.label)
		}
		tuitest.Press(sc, "ctrl+u")
		tuitest.Type(sc, tt.typed)
		tuitest.Press(sc, "enter")
		if got := string(s.Doc().Source); !strings.Contains(got, tt.want) || sc.Capturing() {
			t.Errorf("%s: no %s in\n%s\n%s", tt.label, tt.want, got, ansi.Strip(sc.View()))
		}
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct{ label, typed, says string }{
		{"Host name", "not_a_name!", "host name"},
		{"Enabled", "a b/c", "unit name"},
		{"add a parameter", "nonsense", "name = value"},
		{"add a parameter", "net.ipv6.conf.all.disable_ipv6 = 0", "there already"},
		{"add a file", "etc/issue", "absolute"},
		{"add a file", "/etc/motd", "twice"},
	} {
		sc, s := open(t)
		before := string(s.Doc().Source)
		screentest.GoTo(t, sc, tt.label)
		tuitest.Press(sc, "enter", "ctrl+u")
		tuitest.Type(sc, tt.typed)
		tuitest.Press(sc, "enter")
		view := ansi.Strip(sc.View())
		if !sc.Capturing() || !strings.Contains(view, tt.says) || !strings.Contains(view, "✗") || string(s.Doc().Source) != before {
			t.Errorf("%s = %s: lost, taken, or not spoken of:\n%s", tt.label, tt.typed, view)
		}
	}
}

func TestRemoveAndUndo(t *testing.T) {
	for _, label := range []string{"net.ipv6", "motd", "trim"} {
		sc, s := open(t)
		before := string(s.Doc().Source)
		screentest.GoTo(t, sc, label)
		tuitest.Press(sc, "d")
		if strings.Contains(string(s.Doc().Source), label) {
			t.Errorf("%s is still there", label)
		}
		if err := s.Undo(); err != nil || string(s.Doc().Source) != before {
			t.Errorf("%s did not come back: %v", label, err)
		}
	}
}

func TestAddFromAnyLine(t *testing.T) {
	sc, _ := open(t)
	screentest.GoTo(t, sc, "motd")
	tuitest.Press(sc, "a")
	tuitest.Type(sc, "/etc/issue")
	if view := ansi.Strip(sc.View()); !sc.Capturing() || !strings.Contains(view, "/etc/issue") {
		t.Errorf("a does not add:\n%s", view)
	}
}

func TestKernelPick(t *testing.T) {
	sc, s := open(t)
	screentest.GoTo(t, sc, "Kernel")
	d := screentest.Dialog(t, tuitest.Press(sc, "enter"))
	d.Update(tuitest.KeyMsg("home"))
	d.Update(tuitest.KeyMsg("enter"))
	if got := s.Recipe().Kernel.Package; got != "linux-image-amd64" {
		t.Errorf("kernel is %s", got)
	}
}

func TestSELinuxPick(t *testing.T) {
	sc, s := open(t)
	pick := func(keys ...string) {
		t.Helper()
		screentest.GoTo(t, sc, "SELinux")
		d := screentest.Dialog(t, tuitest.Press(sc, "enter"))
		for _, k := range append(keys, "enter") {
			d.Update(tuitest.KeyMsg(k))
		}
		sc.Update(tuitest.KeyMsg("up"))
	}
	pick("home", "down")
	if got := s.Recipe().Security.SELinux; got != "permissive" || !strings.Contains(ansi.Strip(sc.View()), "permissive") {
		t.Errorf("mode is %q", got)
	}
	pick("end")
	if got := string(s.Doc().Source); strings.Contains(got, "selinux") {
		t.Errorf("the distro's default left\n%s", got)
	}
	if err := s.Set("distro.id", "arch"); err != nil {
		t.Fatal(err)
	}
	pick("home")
	if got := s.Recipe().Security.SELinux; got != "" {
		t.Errorf("%q was taken where there is no policy", got)
	}
}

func TestFileMenu(t *testing.T) {
	sc, s := open(t)
	screentest.GoTo(t, sc, "motd")
	menu := screentest.Dialog(t, tuitest.Press(sc, "enter"))
	menu.Update(tuitest.KeyMsg("down"))
	menu.Update(tuitest.KeyMsg("down"))
	_, cmd := menu.Update(tuitest.KeyMsg("enter"))
	prompt := screentest.Dialog(t, tuitest.Run(cmd))
	prompt.Update(tuitest.KeyMsg("ctrl+u"))
	prompt.Update(tuitest.KeyMsg("9"))
	if done, _ := prompt.Update(tuitest.KeyMsg("enter")); done || !strings.Contains(prompt.View(), "octal") && !strings.Contains(prompt.View(), "mode") {
		t.Errorf("a wrong mode was taken or not spoken of:\n%s", prompt.View())
	}
	prompt.Update(tuitest.KeyMsg("backspace"))
	for _, k := range "0600" {
		prompt.Update(tuitest.KeyMsg(string(k)))
	}
	if done, _ := prompt.Update(tuitest.KeyMsg("enter")); !done || s.Recipe().Files[0].Mode != "0600" {
		t.Errorf("mode is %s", s.Recipe().Files[0].Mode)
	}
}

func TestEditedText(t *testing.T) {
	sc, s := open(t)
	sc.Update(edited{path: "files[0].content", name: "motd", text: "new\n"})
	if got := s.Recipe().Files[0].Content; got != "new\n" {
		t.Errorf("content is %q", got)
	}
	d := screentest.Dialog(t, tuitest.Run(sc.Update(edited{path: "hooks[0].script", name: "hook.sh", text: "echo no shebang\n"})))
	if !strings.Contains(d.View(), "#!") {
		t.Errorf("the reason is missing:\n%s", d.View())
	}
	if sc.draft.text != "echo no shebang\n" || strings.Contains(string(s.Doc().Source), "no shebang") {
		t.Error("a refused text was lost or taken")
	}
	sc.Update(dropped{})
	if sc.draft.text != "" {
		t.Error("a dropped text is still there")
	}
}

func TestEditTextKeepsNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	sc, _ := open(t)
	screentest.GoTo(t, sc, "motd")
	if cmd := sc.Update(tuitest.KeyMsg("e")); cmd == nil {
		t.Fatal("e does nothing")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "slipway-*-motd"))
	if len(files) != 1 {
		t.Fatalf("no file to edit: %v", files)
	}
	if b, _ := os.ReadFile(files[0]); string(b) != "fleet\nbase\n" {
		t.Errorf("the editor would get %q", b)
	}
}

func TestWrongKeys(t *testing.T) {
	sc, s := open(t)
	before := string(s.Doc().Source)
	for _, k := range []string{"x", "a", "d", "e", "tab", "left", "f5", "delete"} {
		if msgs := tuitest.Press(sc, k); len(msgs) > 0 || string(s.Doc().Source) != before || sc.Capturing() {
			t.Errorf("%s did something on a line that has no use for it: %v", k, msgs)
		}
	}
}
