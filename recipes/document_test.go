package recipes

import "testing"

func TestBuiltinsLoad(t *testing.T) {
	for _, d := range Builtins() {
		t.Logf("%s: %+v", d.Path, d.Recipe)
	}
}
