package recipes

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func readFull(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/full.toml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func mustParse(t *testing.T, text string) *Document {
	t.Helper()
	d, err := Parse("test.toml", []byte(text))
	if err != nil {
		t.Fatalf("parse:\n%v\n--- text ---\n%s", err, text)
	}
	return d
}

// newValues holds, for every field of the model, another value than the one in
// testdata/full.toml, and what the line must look like afterwards: the old text
// and the new text of exactly the bytes that may change.
var newValues = map[string]struct {
	path     string // if not the first element's
	value    any
	old, new string
}{
	"name":                      {value: "other", old: `"full"`, new: `"other"`},
	"description":               {value: "it's other", old: `'every field, once'`, new: `"it's other"`},
	"distro.id":                 {value: "debian"}, // the only one there is
	"distro.release":            {value: "trixie", old: `"bookworm"`, new: `"trixie"`},
	"distro.arch":               {value: "amd64"}, // the only one there is
	"distro.mirror":             {value: "http://10.0.0.1/debian", old: `"https://mirror.example.org/debian"`, new: `"http://10.0.0.1/debian"`},
	"distro.key":                {value: "keys/own.asc", old: `"keys/mirror.asc"`, new: `"keys/own.asc"`},
	"distro.components":         {value: []string{"main", "non-free-firmware"}, old: `"contrib"`, new: `"non-free-firmware"`},
	"live.stack":                {value: "dracut", old: `"live-boot"`, new: `"dracut"`},
	"overlay.strategy":          {value: "ram", old: `"overlayfs"`, new: `"ram"`},
	"overlay.size":              {value: Size("512MiB"), old: `"40%"`, new: `"512MiB"`},
	"overlay.label":             {value: "persistence", old: `"state"`, new: `"persistence"`},
	"overlay.gauge":             {value: false, old: `gauge = true`, new: `gauge = false`},
	"overlay.warn_at":           {value: []int{70, 90, 95}, old: `85,  # early`, new: `90,  # early`},
	"overlay.warn_command":      {value: "true", old: `'logger "overlay is filling"'`, new: `'true'`},
	"packages.include":          {value: []string{"systemd-sysv", "udev", "openssh-server", "curl", "sudo"}, old: `"xauth"`, new: `"curl"`},
	"packages.exclude":          {value: []string{"nano", "ed"}, old: `"nano"`, new: `"nano", "ed"`},
	"repositories[].name":       {value: "ours", old: `"tools"`, new: `"ours"`},
	"repositories[].uri":        {value: "https://example.net/d", old: `"https://packages.example.org/debian"`, new: `"https://example.net/d"`},
	"repositories[].suite":      {value: "edge", old: `"stable"`, new: `"edge"`},
	"repositories[].components": {value: []string{"extra"}, old: "components = [\"main\"]\nkey", new: "components = [\"extra\"]\nkey"},
	"repositories[].key":        {value: "keys/new.asc", old: `"keys/tools.asc"`, new: `"keys/new.asc"`},
	"sshd":                      {path: "sshd.AddressFamily", value: "any", old: `"inet"`, new: `"any"`},
	"users[].name":              {value: "admin", old: `name = "ops"`, new: `name = "admin"`},
	"users[].uid":               {value: 2000, old: `1000`, new: `2000`},
	"users[].groups":            {value: []string{"adm"}, old: `["adm", "systemd-journal"]`, new: `["adm"]`},
	"users[].authorized_keys":   {value: []string{}, old: "KEYLINE", new: ""},
	"users[].password_hash":     {value: "*", old: `"!"`, new: `"*"`},
	"users[].sudo":              {value: false, old: `sudo = true`, new: `sudo = false`},
	"users[].shell":             {value: "/bin/sh", old: `"/bin/bash"`, new: `"/bin/sh"`},
	"files[].path":              {value: "/etc/motd.d/x", old: `"/etc/motd"`, new: `"/etc/motd.d/x"`},
	"files[].mode":              {value: "0600", old: `"0644"`, new: `"0600"`},
	"files[].owner":             {value: "ops:adm", old: `"root:root"`, new: `"ops:adm"`},
	"files[].content":           {value: "bye\n", old: "\"\"\"\nwelcome\n\"\"\"", new: "\"\"\"\nbye\n\"\"\""},
	"files[].source":            {path: "files[1].source", value: "files/new", old: `"files/issue"`, new: `"files/new"`},
	"system.hostname":           {value: "box", old: `hostname = "full"`, new: `hostname = "box"`},
	"system.timezone":           {value: "Etc/UTC", old: `"Europe/Berlin"`, new: `"Etc/UTC"`},
	"system.locale":             {value: "en_US.UTF-8", old: `"C.UTF-8"`, new: `"en_US.UTF-8"`},
	"system.sysctl":             {path: `system.sysctl."kernel.panic"`, value: 30, old: `kernel.panic = 10`, new: `kernel.panic = 30`},
	"system.services.enabled":   {value: []string{"ssh", "cron"}, old: `["ssh"]`, new: `["ssh", "cron"]`},
	"system.services.disabled":  {value: []string{"apt-daily-upgrade.timer"}, old: `"apt-daily.timer"`, new: `"apt-daily-upgrade.timer"`},
	"system.services.masked":    {value: []string{"emergency.service", "rescue.service"}, old: `["rescue.service"]`, new: `["emergency.service", "rescue.service"]`},
	"kernel.package":            {value: "linux-image-cloud-amd64", old: `"linux-image-amd64"`, new: `"linux-image-cloud-amd64"`},
	"kernel.cmdline":            {value: "quiet splash", old: `"quiet"`, new: `"quiet splash"`},
	"security.selinux":          {value: "permissive", old: `"disabled"`, new: `"permissive"`},
	"hooks[].name":              {value: "mark", old: `"stamp"`, new: `"mark"`},
	"hooks[].at":                {value: "before-configure", old: `"after-configure"`, new: `"before-configure"`},
	"hooks[].script":            {value: "#!/bin/sh\ntrue\n", old: "#!/bin/sh\ndate > /etc/stamp\n", new: "#!/bin/sh\ntrue\n"},
	"hooks[].source":            {path: "hooks[1].source", value: "hooks/late", old: `"hooks/early"`, new: `"hooks/late"`},
	"output.profile":            {value: "release", old: `"draft"`, new: `"release"`},
	"output.formats":            {value: []string{"squashfs", "iso"}, old: `["iso"]`, new: `["squashfs", "iso"]`},
	"boot.memory":               {value: "2GiB", old: `"1GiB"`, new: `"2GiB"`},
	"boot.cpus":                 {value: 2, old: `cpus = 1`, new: `cpus = 2`},
	"boot.timeout":              {value: "90s", old: `"2m"`, new: `"90s"`},
	"checks[].name":             {value: "message", old: `"motd"`, new: `"message"`},
	"checks[].command":          {value: "true", old: `"cat /etc/motd"`, new: `"true"`},
	"checks[].prints":           {value: "hello", old: `"welcome"`, new: `"hello"`},
}

// TestSetEveryField edits every field of the model in a commented file, with LF
// and with CRLF, and wants the intended bytes to be the only ones that change.
func TestSetEveryField(t *testing.T) {
	lf := readFull(t)
	keyLine := ""
	for line := range strings.Lines(string(lf)) {
		if strings.Contains(line, "ssh-ed25519") {
			keyLine = line
		}
	}
	for _, ends := range []string{"\n", "\r\n"} {
		text := strings.ReplaceAll(string(lf), "\n", ends)
		for _, f := range Fields() {
			t.Run(fmt.Sprintf("%s %q", f.Path, ends), func(t *testing.T) {
				c, ok := newValues[f.Path]
				if !ok {
					t.Fatalf("a new field: give it a value in testdata/full.toml and one in newValues")
				}
				path := c.path
				if path == "" {
					path = strings.ReplaceAll(f.Path, "[]", "[0]")
				}
				d := mustParse(t, text)
				if _, ok := d.Value(path); !ok {
					t.Fatalf("testdata/full.toml has no %s", path)
				}
				old := strings.ReplaceAll(strings.ReplaceAll(c.old, "KEYLINE", keyLine), "\n", ends)
				fresh := strings.ReplaceAll(c.new, "\n", ends)
				if !strings.Contains(text, old) {
					t.Fatalf("%q is not in the file", old)
				}
				if err := d.Set(path, c.value); err != nil {
					t.Fatal(err)
				}
				if ends == "\r\n" && (f.Path == "files[].content" || f.Path == "hooks[].script") {
					return // TestSetTextOfLinesInCRLF
				}
				want := strings.Replace(text, old, fresh, 1)
				if got := string(d.Source); got != want {
					t.Errorf("the text became\n%s\nwant\n%s", changedLines(text, got), changedLines(text, want))
				}
			})
		}
	}
	for path := range newValues {
		if !slices.ContainsFunc(Fields(), func(f Field) bool { return f.Path == path }) {
			t.Errorf("newValues has %s, which is no field", path)
		}
	}
}

// changedLines shows what differs between two texts: the lines that only one
// of them has.
func changedLines(a, b string) string {
	la, lb := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	for len(la) > 0 && len(lb) > 0 && la[0] == lb[0] {
		la, lb = la[1:], lb[1:]
	}
	for len(la) > 0 && len(lb) > 0 && la[len(la)-1] == lb[len(lb)-1] {
		la, lb = la[:len(la)-1], lb[:len(lb)-1]
	}
	return "- " + strings.Join(la, "- ") + "+ " + strings.Join(lb, "+ ")
}

// TestUnsetEveryField takes every optional field out of the commented file: its
// lines go and nothing else does.
func TestUnsetEveryField(t *testing.T) {
	text := string(readFull(t))
	for _, f := range Fields() {
		if f.Required {
			continue
		}
		t.Run(f.Path, func(t *testing.T) {
			path := strings.ReplaceAll(f.Path, "[]", "[0]")
			if c := newValues[f.Path]; c.path != "" {
				path = c.path
			}
			switch f.Path {
			case "files[].content", "files[].source", "hooks[].script", "hooks[].source", "repositories[].components":
				d := mustParse(t, text)
				before := string(d.Source)
				if err := d.Unset(path); err == nil {
					t.Error("a file or hook without any content was accepted")
				}
				if string(d.Source) != before {
					t.Error("a refused change changed the text")
				}
				return
			}
			d := mustParse(t, text)
			n, _ := d.tree.find(mustPlace(t, path))
			from := bytes.LastIndexByte(d.Source[:n.entry.start], '\n') + 1
			to := n.value.end + bytes.IndexByte(d.Source[n.value.end:], '\n') + 1
			want := text[:from] + text[to:]
			if err := d.Unset(path); err != nil {
				t.Fatal(err)
			}
			if got := string(d.Source); got != want {
				t.Errorf("the text became\n%s\nwant\n%s", changedLines(text, got), changedLines(text, want))
			}
		})
	}
}

func mustPlace(t *testing.T, path string) place {
	t.Helper()
	p, err := parsePlace(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAddEveryField takes every optional field out, and sets it again to what
// it was: the recipe must mean the same, and a field set in a recipe that has
// nothing but what is required must land in it too.
func TestAddEveryField(t *testing.T) {
	full := mustParse(t, string(readFull(t)))
	for _, f := range Fields() {
		t.Run(f.Path, func(t *testing.T) {
			if strings.Contains(f.Path, "[]") {
				return // TestAppend
			}
			path := f.Path
			if c := newValues[f.Path]; c.path != "" {
				path = c.path
			}
			value, _ := full.Value(path)
			d := mustParse(t, minimal)
			if err := d.Set(path, value); err != nil {
				t.Fatal(err)
			}
			if got, _ := d.Value(path); !reflect.DeepEqual(got, value) {
				t.Errorf("%s is %v, want %v", path, got, value)
			}
			t.Logf("%s", changedLines(minimal, string(d.Source)))
		})
	}
}

const minimal = `name = "minimal"

[distro]
id = "debian"
release = "bookworm"

[overlay]
strategy = "overlayfs"
`

func TestEditTable(t *testing.T) {
	set := func(path string, value any) func(*Document) error {
		return func(d *Document) error { return d.Set(path, value) }
	}
	unset := func(path string) func(*Document) error {
		return func(d *Document) error { return d.Unset(path) }
	}
	head := "name = \"x\"\ndistro = { id = \"debian\", release = \"bookworm\" } # inline\noverlay.strategy = \"overlayfs\" # dotted\n"
	cases := []struct {
		name     string
		text     string
		edit     func(*Document) error
		old, new string // the bytes that change; old "" means: new is appended
	}{
		{"inline table, a value", head, set("distro.release", "trixie"), `"bookworm"`, `"trixie"`},
		{"inline table, a new key", head, set("distro.arch", "amd64"), `"bookworm" }`, `"bookworm", arch = "amd64" }`},
		{"inline table, a list", head, set("distro.components", []string{"main"}), `"bookworm" }`, `"bookworm", components = ["main"] }`},
		{"inline table, key gone", strings.Replace(head, "id = ", `arch = "amd64", id = `, 1), unset("distro.arch"), `arch = "amd64", `, ``},
		{"inline table, last key gone", strings.Replace(head, `"bookworm" }`, `"bookworm", arch = "amd64" }`, 1), unset("distro.arch"), `, arch = "amd64"`, ``},
		{"inline table over lines", "name = \"x\"\noverlay = {strategy = \"overlayfs\"}\ndistro = {\n  id = \"debian\", # d\n  release = \"bookworm\", # r\n}\n", set("distro.arch", "amd64"), "release = \"bookworm\",", "release = \"bookworm\", arch = \"amd64\","},
		{"dotted, a new key", head, set("overlay.size", "50%"), "# dotted\n", "# dotted\noverlay.size = \"50%\"\n"},
		{"dotted, key gone", head + "overlay.size = \"1G\"\n", unset("overlay.size"), "overlay.size = \"1G\"\n", ""},
		{"new section at its place", head + "\n[boot]\ncpus = 2\n", set("packages.include", []string{"sudo"}), "\n[boot]", "\n[packages]\ninclude = [\"sudo\"]\n\n[boot]"},
		{"new section before a headed one", head + "\n# the machine\n[boot]\ncpus = 2\n", set("kernel.cmdline", "quiet"), "\n# the machine", "\n[kernel]\ncmdline = \"quiet\"\n\n# the machine"},
		{"new section at the end", head, set("boot.cpus", 2), "", "\n[boot]\ncpus = 2\n"},
		{"new section, no newline at the end", strings.TrimSuffix(head, "\n"), set("boot.cpus", 2), "", "\n\n[boot]\ncpus = 2\n"},
		{"subtable of a table", head + "[system]\nhostname = \"x\"\n# note\n\n[boot]\ncpus = 1\n", set("system.services.masked", []string{"a"}), "# note\n", "# note\n\n[system.services]\nmasked = [\"a\"]\n"},
		{"table above its subtable", head + "# what runs\n[system.services]\nmasked = [\"a\"]\n", set("system.hostname", "h"), "# what runs", "[system]\nhostname = \"h\"\n\n# what runs"},
		{"dotted subtable", head + "[system]\nservices.masked = [\"a\"] # m\nhostname = \"x\"\n", set("system.services.enabled", []string{"b"}), "# m\n", "# m\nservices.enabled = [\"b\"]\n"},
		{"order of keys in a section", head + "[system]\n# hello\nhostname = \"x\" # h\n\n# l\nlocale = \"C.UTF-8\"\n", set("system.timezone", "Etc/UTC"), "# h\n", "# h\ntimezone = \"Etc/UTC\"\n"},
		{"first key below its header", head + "[system] # s\n  # l\n  locale = \"C.UTF-8\"\n", set("system.hostname", "h"), "# s\n", "# s\nhostname = \"h\"\n"},
		{"kernel parameter", head + "[system.sysctl]\nnet.ipv4.ip_forward = 1\n", set(`system.sysctl."kernel.panic"`, 10), "", "\"kernel.panic\" = 10\n"},
		{"kernel parameter, dotted, gone", head + "[system.sysctl]\nnet.ipv4.ip_forward = 1\nkernel.panic = 1\n", unset(`system.sysctl."net.ipv4.ip_forward"`), "net.ipv4.ip_forward = 1\n", ""},
		{"first user", head, func(d *Document) error { return d.Append("users", map[string]any{"sudo": true, "name": "ops"}) }, "", "\n[[users]]\nname = \"ops\"\nsudo = true\n"},
		{"second user", head + "[[users]]\nname = \"a\"\n# of a\n\n# the boot\n[boot]\ncpus = 1\n", func(d *Document) error { return d.Append("users", map[string]any{"name": "b"}) }, "# of a\n", "# of a\n\n[[users]]\nname = \"b\"\n"},
		{"user in a list", head + "users = [ { name = \"a\" }, { name = \"b\" } ]\n", func(d *Document) error { return d.Append("users", map[string]any{"name": "c", "sudo": true}) }, `{ name = "b" }`, `{ name = "b" }, { name = "c", sudo = true }`},
		{"user in a list, gone", head + "users = [ { name = \"a\" }, { name = \"b\" } ]\n", func(d *Document) error { return d.Remove("users[0]") }, `{ name = "a" }, `, ``},
		{"user gone", head + "\n# first\n[[users]]\nname = \"a\"\n\n# second\n[[users]]\nname = \"b\" # b\n\n[boot]\ncpus = 1\n", func(d *Document) error { return d.Remove("users[1]") }, "# second\n[[users]]\nname = \"b\" # b\n\n", ""},
		{"last user gone", head + "\n[[users]]\nname = \"a\"\n\n# second\n[[users]]\nname = \"b\"\n", func(d *Document) error { return d.Remove("users[1]") }, "\n# second\n[[users]]\nname = \"b\"\n", ""},
		{"comment of the next section stays", head + "[[users]]\nname = \"a\"\n# the boot\n[boot]\ncpus = 1\n", func(d *Document) error { return d.Remove("users[0]") }, "[[users]]\nname = \"a\"\n", ""},
		{"match block", head + "[sshd]\nPort = 22\n\n[[checks]]\nname = \"c\"\ncommand = \"true\"\n", func(d *Document) error {
			return d.Append("sshd.Match", map[string]any{"X11Forwarding": false, "Criteria": "User git"})
		}, "Port = 22\n", "Port = 22\n\n[[sshd.Match]]\nCriteria = \"User git\"\nX11Forwarding = false\n"},
		{"sshd above its match", head + "[[sshd.Match]]\nCriteria = \"All\"\nX11Forwarding = false\n", set("sshd.Port", 2222), "[[sshd.Match]]", "[sshd]\nPort = 2222\n\n[[sshd.Match]]"},
		{"whole section gone", head + "\n# net\n[sshd]\nPort = 22\n\n[[sshd.Match]]\nCriteria = \"All\"\nX11Forwarding = false\n\n[boot]\ncpus = 1\n", unset("sshd"), "# net\n[sshd]\nPort = 22\n\n[[sshd.Match]]\nCriteria = \"All\"\nX11Forwarding = false\n\n", ""},
		{"description behind name", head, set("description", "d"), "name = \"x\"\n", "name = \"x\"\ndescription = \"d\"\n"},
		{"byte order mark", "\ufeff" + head, set("name", "y"), "\ufeffname = \"x\"", "\ufeffname = \"y\""},
		{"text with quotes", head, set("description", "a \"b\" \\ ü"), "name = \"x\"\n", "name = \"x\"\ndescription = \"a \\\"b\\\" \\\\ ü\"\n"},
		{"literal stays literal", strings.Replace(head, `"x"`, `'x'`, 1), set("name", "y"), `'x'`, `'y'`},
	}
	for _, c := range cases {
		for _, ends := range []string{"\n", "\r\n"} {
			t.Run(fmt.Sprintf("%s %q", c.name, ends), func(t *testing.T) {
				text := strings.ReplaceAll(c.text, "\n", ends)
				old, fresh := strings.ReplaceAll(c.old, "\n", ends), strings.ReplaceAll(c.new, "\n", ends)
				want := text + fresh
				if old != "" {
					want = strings.Replace(text, old, fresh, 1)
				} else if !strings.HasSuffix(c.text, "\n") {
					want = text + strings.ReplaceAll(c.new, "\n", "\n") // no line end to go by
				}
				d := mustParse(t, text)
				if err := c.edit(d); err != nil {
					t.Fatal(err)
				}
				if got := string(d.Source); got != want && !(ends == "\r\n" && strings.ReplaceAll(got, "\r\n", "\n") == strings.ReplaceAll(want, "\r\n", "\n")) {
					t.Errorf("the text became\n%s\nwant\n%s", changedLines(text, got), changedLines(text, want))
				} else if ends == "\r\n" && strings.Contains(strings.ReplaceAll(got, "\r\n", ""), "\n") {
					t.Errorf("a line end of another kind got into the file:\n%q", got)
				}
			})
		}
	}
}

func TestEditRefused(t *testing.T) {
	cases := map[string]func(*Document) error{
		"out of range":     func(d *Document) error { return d.Set("sshd.Port", 70000) },
		"unknown key":      func(d *Document) error { return d.Set("distro.releas", "x") },
		"wrong type":       func(d *Document) error { return d.Set("users[0].sudo", "yes") },
		"no such element":  func(d *Document) error { return d.Set("users[7].name", "x") },
		"below a value":    func(d *Document) error { return d.Set("name.first", "x") },
		"required":         func(d *Document) error { return d.Unset("name") },
		"nothing there":    func(d *Document) error { return d.Remove("users[9]") },
		"bad path":         func(d *Document) error { return d.Set("users[", "x") },
		"unwritable":       func(d *Document) error { return d.Set("name", make(chan int)) },
		"second of a name": func(d *Document) error { return d.Append("users", map[string]any{"name": "ops"}) },
	}
	for name, edit := range cases {
		t.Run(name, func(t *testing.T) {
			d := mustParse(t, string(readFull(t)))
			recipe, source := d.Recipe, string(d.Source)
			err := edit(d)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if string(d.Source) != source || !reflect.DeepEqual(d.Recipe, recipe) {
				t.Error("the document changed all the same")
			}
			t.Log(err)
		})
	}
	d := mustParse(t, string(readFull(t)))
	var ps Problems
	if err := d.Set("sshd.Port", 70000); !errors.As(err, &ps) {
		t.Errorf("a bad value gives %T, want Problems", err)
	}
}
