package live

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"slipway/recipes"
)

// versions are those of each stack between which something differs.
var versions = map[string][]string{
	"live-boot": {"20230131", "20250815"},
	"dracut":    {"041", "042", "044", "049", "057", "059", "100", "105", "106", "110", "111", ""},
	"kiwi":      {"9.20", "9.24.56", "10.2.33", "10.3.9"},
	"casper":    {"1.394", "1.423", "1.445.3", "1.470.2", "26.04.2"},
	"archiso":   {"58", "65", "73"},
}

func question(id, version, strategy string, size recipes.Size) Question {
	return Question{Stack: Stack{ID: id, Version: version}, Overlay: recipes.Overlay{Strategy: strategy, Size: size}, Label: "WEB", Memory: 1 << 30}
}

// TestCompileGolden is the whole matrix: every stack in every version, every
// strategy, sizes of every kind. Versions that answer alike stand together.
func TestCompileGolden(t *testing.T) {
	var b strings.Builder
	for _, s := range stacks {
		for _, strategy := range recipes.Strategies {
			var alike []string
			before := ""
			flush := func() {
				if len(alike) > 0 {
					fmt.Fprintf(&b, "%s %s, %s\n%s", s.id, strings.Join(alike, " "), strategy, before)
				}
			}
			for _, v := range versions[s.id] {
				if answers := matrix(Stack{s.id, v}, strategy); answers != before {
					flush()
					alike, before = nil, answers
				}
				alike = append(alike, orElse(v, "(not known)"))
			}
			flush()
		}
	}
	golden.RequireEqual(t, []byte(b.String()))
}

// matrix are the answers of a stack to everything that can be asked of a
// strategy.
func matrix(s Stack, strategy string) string {
	var lines []string
	add := func(about string, q Question) {
		line := fmt.Sprintf("  %-12s %s\n", about, answer(q))
		if s.Version != "" {
			line = strings.ReplaceAll(line, s.String(), s.ID+" @")
		}
		lines = append(lines, line)
	}
	for _, size := range []recipes.Size{"", "50%", "20%", "512MiB", "100KiB"} {
		add(orElse(string(size), "no size"), question(s.ID, s.Version, strategy, size))
	}
	if strategy == Persistent {
		q := question(s.ID, s.Version, strategy, "")
		q.Overlay.Label = "state"
		add("label state", q)
	}
	if strategy == Aufs {
		for _, has := range []bool{true, false} {
			q := question(s.ID, s.Version, strategy, "512MiB")
			q.Module = func(name string) bool { return has && name == "aufs" }
			add(fmt.Sprint("module ", has), q)
		}
	}
	refused := func(line string) bool { return line[15:] == lines[0][15:] && strings.Contains(line, "✗ ") }
	if i := slices.IndexFunc(lines, func(line string) bool { return !refused(line) }); i < 0 {
		return "  " + lines[0][15:] // whatever the size
	}
	return strings.Join(lines, "")
}

// answer is a layout, or a refusal, on one line.
func answer(q Question) string {
	l, err := Compile(q)
	var r *Refusal
	if errors.As(err, &r) {
		return fmt.Sprintf("✗ %s at %s: %s (%s) -> %v", r.Code, r.Path, r.Message, r.Hint, r.Value)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", l.Kind, l.Size)
	if l.Nested {
		fmt.Fprintf(&b, ", nested with %d MiB free", l.Room/mib)
	}
	for _, flag := range []struct {
		is   bool
		word string
	}{{l.Hook, "hook"}, {l.InRAM, "in RAM"}, {l.Label != "", "label " + l.Label}} {
		if flag.is {
			b.WriteString(", " + flag.word)
		}
	}
	fmt.Fprintf(&b, ": %s", strings.Join(l.Options, " "))
	for _, w := range l.Warnings {
		b.WriteString(" !" + w.Code)
	}
	return b.String()
}

// shared are options that a recipe may set where a layout does not.
var shared = []string{"rd.live.overlay.nouserconfirmprompt", "noprompt", "rootflags"}

// TestLayoutHolds: what every layout must be, whatever the stack.
func TestLayoutHolds(t *testing.T) {
	for _, s := range stacks {
		for _, v := range versions[s.id] {
			for _, strategy := range recipes.Strategies {
				for _, size := range []recipes.Size{"", "50%", "512MiB"} {
					q := question(s.id, v, strategy, size)
					l, err := Compile(q)
					var r *Refusal
					switch {
					case err == nil:
						holds(t, q, l)
					case !errors.As(err, &r):
						t.Errorf("%v: %T is no refusal", q, err)
					case r.Message == "" || r.Hint == "" || r.Code == "" || r.Path == "":
						t.Errorf("%v: incomplete: %+v", q, r)
					}
				}
			}
		}
	}
}

func holds(t *testing.T, q Question, l Layout) {
	t.Helper()
	name := fmt.Sprint(q.Stack, " ", q.Overlay.Strategy, " ", q.Overlay.Size)
	if l.Stack != q.Stack || l.Strategy != q.Overlay.Strategy || l.Image == "" || len(l.Options) == 0 || l.Kind == "" {
		t.Errorf("%s: incomplete: %+v", name, l)
	}
	if _, _, err := l.Size.Parse(); (err == nil) != (l.Kind != KindImage && l.Kind != KindDisk) {
		t.Errorf("%s: size %q of kind %s", name, l.Size, l.Kind)
	}
	if q.Overlay.Size != "" && l.Size != "" && l.Size != q.Overlay.Size {
		t.Errorf("%s: size %s", name, l.Size)
	}
	if l.Hook != slices.ContainsFunc(l.Options, func(o string) bool { return strings.HasPrefix(o, "slipway.") }) {
		t.Errorf("%s: hook %v with options %v", name, l.Hook, l.Options)
	}
	if l.Room > 0 && !l.Nested {
		t.Errorf("%s: room in an image that is not nested", name)
	}
	if (l.Kind == KindDisk) != (l.Label != "") {
		t.Errorf("%s: label %q of kind %s", name, l.Label, l.Kind)
	}
	s, _ := find(q.Stack.ID)
	for _, word := range l.Options {
		option, _, _ := strings.Cut(word, "=")
		if o, ok := s.option(option, q.Stack); !ok || !o.read(q.Stack) || (o.own == "" && !slices.Contains(shared, option)) {
			t.Errorf("%s: compiles %s, which its table does not have, not in this version or not as its own", name, option)
		}
	}
}

func TestCompileUnknownStack(t *testing.T) {
	for code, id := range map[string]Stack{"stack-unknown": {"dracula", "1"}, "stack-too-old": {"dracut", "033"}} {
		_, err := Compile(Question{Stack: id, Overlay: recipes.Overlay{Strategy: Overlayfs}})
		var r *Refusal
		if !errors.As(err, &r) || r.Code != code || r.Path != "live.stack" {
			t.Errorf("%v: %v", id, err)
		}
	}
}

// A size that no recipe can hold, but a caller may.
func TestCompileBadSize(t *testing.T) {
	for _, strategy := range []string{Overlayfs, DMSnapshot} {
		_, err := Compile(question("dracut", "059", strategy, "a lot"))
		var r *Refusal
		if !errors.As(err, &r) || r.Code != "overlay-size" || r.Path != "overlay.size" || r.Hint == "" {
			t.Errorf("%s: %v", strategy, err)
		}
	}
}

func TestNearestMiB(t *testing.T) {
	for _, c := range []struct {
		memory int64
		size   recipes.Size
		want   string
	}{{1 << 30, "50%", "512MiB"}, {4 << 30, "25%", "1024MiB"}, {0, "50%", "512MiB"}, {1 << 30, "33%", "337MiB"}} {
		q := question("dracut", "059", DMSnapshot, c.size)
		q.Memory = c.memory
		var r *Refusal
		if _, err := Compile(q); !errors.As(err, &r) || r.Code != "overlay-size-unit" || r.Value != c.want {
			t.Errorf("%s of %d: %+v", c.size, c.memory, r)
		}
	}
}

func TestCompareVersions(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"059", "59", 0}, {"059", "105", -1}, {"111", "110", 1}, {"9.24.56", "10", -1}, {"10.2", "10.2.0", 0}, {"20230131", "20250815", -1},
		{"1.445.3", "1.439", 1}, {"106-6", "106", 0}, {"059git1", "059", 0}, {"26.04.2", "1.470", 1},
	} {
		if got := compareVersions(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %d", c.a, c.b, got)
		}
	}
	if !(Stack{ID: "dracut"}).from("111") {
		t.Error("a version that is not known is not the newest")
	}
}
