package recipes

import "testing"

func BenchmarkParse(b *testing.B) {
	s := builtinSources()[0]
	for b.Loop() {
		if _, err := Parse(s.name, s.text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSet(b *testing.B) {
	d, _ := Builtin("debian-vm")
	for i := 0; b.Loop(); i++ {
		if err := d.Set("sshd.MaxAuthTries", 3+i%2); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLint(b *testing.B) {
	d, _ := Builtin("debian-vm")
	for b.Loop() {
		d.Lint(debian())
	}
}
