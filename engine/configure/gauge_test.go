package configure

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/engine/goldentest"
	"slipway/recipes"
)

// tree lists files with their modes, and links with their targets.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		st, err := os.Lstat(p)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%v %s", st.Mode(), strings.TrimPrefix(p, dir))
		if target, err := os.Readlink(p); err == nil {
			b.WriteString(" -> " + target)
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGaugeFilesInTheImage(t *testing.T) {
	systemd := map[string]string{"lib/systemd/systemd": ""}
	exporter := map[string]string{"lib/systemd/systemd": "", "var/lib/prometheus/node-exporter/apt.prom": ""}
	for name, c := range map[string]struct {
		files   map[string]string
		overlay recipes.Overlay
	}{
		"gauge-on":       {systemd, recipes.Overlay{Gauge: true}},
		"gauge-off":      {systemd, recipes.Overlay{}},
		"gauge-exporter": {exporter, recipes.Overlay{Gauge: true, WarnAt: []int{50, 75}, WarnCommand: "echo \"it's full\" >&2"}},
		"gauge-sysvinit": {map[string]string{"sbin/init": ""}, recipes.Overlay{Gauge: true}},
	} {
		r, ran := fakeRoot(t, c.files)
		var log []string
		r.Log = func(l string) { log = append(log, l) }
		for range 2 { // a hook or an older layer may have left them there
			if err := r.gauge(context.Background(), recipes.Recipe{Overlay: c.overlay}); err != nil {
				t.Fatal(err)
			}
		}
		if len(*ran) > 0 {
			t.Errorf("%s: needs the image's programs: %s", name, commands(*ran))
		}
		got := tree(t, r.Dir) + "log: " + strings.Join(log[:len(log)/2], "; ") + "\n"
		if conf, err := r.read(gaugeConf); err == nil {
			got += string(conf)
		}
		goldentest.Equal(t, name+".golden", got)
	}
}

func TestGaugeBeforeServicesAndHooks(t *testing.T) {
	var names []string
	for _, p := range Parts() {
		names = append(names, p.Name)
	}
	if order := strings.Join(names, ", "); !strings.Contains(order, "gauge, services, hooks after") {
		t.Errorf("parts: %s", order)
	}
}

// gaugeLab runs the gauge's program on a machine that is made of files.
type gaugeLab struct {
	t   *testing.T
	dir string
	env []string
}

// programLines are the lines of the program that say where the machine is.
const (
	pathLine  = "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
	placeLine = "proc=/proc sys=/sys root=/ run=/run/slipway/gauge conf=/etc/slipway/overlay.conf console=/dev/console\n"
	limitLine = "limit=60 "
)

func newGaugeLab(t *testing.T) *gaugeLab {
	l := &gaugeLab{t: t, dir: t.TempDir()}
	program := gaugeScript
	for line, own := range map[string]string{
		pathLine:  "PATH=" + l.dir + "/bin:/usr/bin:/bin\n",
		limitLine: "limit=1 ",
		placeLine: strings.NewReplacer("=/proc", "="+l.dir+"/proc", "=/sys", "="+l.dir+"/sys", "=/run/", "="+l.dir+"/run/",
			"=/etc/", "="+l.dir+"/etc/", "=/dev/", "="+l.dir+"/dev/").Replace(placeLine),
	} {
		if !strings.Contains(program, line) {
			t.Fatalf("the program has no line %q any more", line)
		}
		program = strings.Replace(program, line, own, 1)
	}
	l.file("program", program)
	l.file("dev/console", "")
	// statfs(2) and stat(2) are answered from files named after the path.
	l.fake("stat", `kind=$1; shift 3; for p in "$@"; do cat "$dir/stat$kind$(echo "$p" | tr / _)" || exit 1; done`)
	for _, name := range []string{"logger", "wall", "systemctl"} {
		l.fake(name, `echo "$*" >>"$dir/`+name+`"`)
	}
	l.configure(recipes.Overlay{})
	return l
}

func (l *gaugeLab) file(name, text string) {
	l.t.Helper()
	p := filepath.Join(l.dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

// fake puts a program on the PATH; $dir is the lab.
func (l *gaugeLab) fake(name, script string) {
	l.t.Helper()
	l.file("bin/"+name, "#!/bin/sh\ndir="+l.dir+"\n"+script+"\n")
	if err := os.Chmod(filepath.Join(l.dir, "bin", name), 0o755); err != nil {
		l.t.Fatal(err)
	}
}

func (l *gaugeLab) configure(o recipes.Overlay) { l.file("etc/slipway/overlay.conf", gaugeSettings(o)) }

// statfs says what is left of a file system, in blocks of 4 KiB.
func (l *gaugeLab) statfs(path string, used, blocks int, more string) {
	if more == "" {
		more = fmt.Sprintf("%d 1000 900 UNKNOWN", blocks-used)
	}
	l.file("stat-f"+strings.ReplaceAll(path, "/", "_"), fmt.Sprintf("4096 %d %d %s\n", blocks, blocks-used, more))
}

// mounts is the machine's mountinfo around the line of its root.
func (l *gaugeLab) mounts(root string) {
	l.file("proc/self/mountinfo", "1 1 0:2 / / rw - rootfs rootfs rw\n21 29 0:20 / /proc rw - proc proc rw\n"+root+"\n30 29 0:24 / /run rw - tmpfs tmpfs rw,size=202268k\n")
}

// run returns what the program prints on both outputs, and its exit status.
func (l *gaugeLab) run(args ...string) (string, int) {
	l.t.Helper()
	cmd := exec.Command("/bin/sh", append([]string{filepath.Join(l.dir, "program")}, args...)...)
	cmd.Env = l.env
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		l.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// take returns and forgets what was written to a file of the lab.
func (l *gaugeLab) take(name string) string {
	l.t.Helper()
	p := filepath.Join(l.dir, name)
	b, err := os.ReadFile(p)
	if err == nil {
		err = os.Truncate(p, 0)
	}
	if err != nil && !os.IsNotExist(err) {
		l.t.Fatal(err)
	}
	return string(bytes.TrimSpace(b))
}
