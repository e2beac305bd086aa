package engine_test

import (
	"slices"
	"testing"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/engine/live"
	"slipway/recipes"
)

// TestBuiltins: the linter finds nothing in any built-in recipe but the key that
// only the operator can add, and every package and unit has the name that it has
// in that distribution.
func TestBuiltins(t *testing.T) {
	have := map[string]bool{}
	for _, doc := range recipes.Builtins() {
		r := doc.Recipe
		for _, p := range engine.Lint(doc) {
			if p.Code != "no-login" || p.Severity != recipes.Warning || p.Path != "users[0].authorized_keys" {
				t.Errorf("%s: %s", doc.Path, p.Detail())
			}
		}
		d, err := distro.Find(r.Distro.ID)
		if err != nil {
			t.Errorf("%s: %v", doc.Path, err)
			continue
		}
		have[d.ID] = true
		if d.Release(r.Distro.Release).Note == "" {
			t.Errorf("%s: release %s is not known", doc.Path, r.Distro.Release)
		}
		var ofUnits []string // which Debian may have in another package
		for _, u := range d.Units {
			ofUnits = append(ofUnits, u.Package)
		}
		for _, name := range append(slices.Clone(r.Packages.Include), d.Kernel(r)) {
			if len(d.InDebian(name, r.Distro.Release)) == 0 && !slices.Contains(ofUnits, name) {
				t.Errorf("%s: %s is no name that %s is known to have", doc.Path, name, d.Name)
			}
		}
		for _, unit := range r.System.Services.Enabled {
			if own, _ := d.Unit(d.UnitInDebian(unit), r.Distro.Release); own != unit {
				t.Errorf("%s: unit %s is %s there", doc.Path, unit, own)
			}
		}
		if l, err := engine.Layout(r); err != nil || l.Kind != live.KindTmpfs {
			t.Errorf("%s: writes go to %q (%v), not to a tmpfs of their own", doc.Path, l.Kind, err)
		}
	}
	for _, id := range []string{"debian", "ubuntu", "fedora", "centos", "arch", "opensuse"} {
		if !have[id] {
			t.Errorf("no built-in recipe of %s", id)
		}
	}
}
