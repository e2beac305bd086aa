package engine

import (
	"fmt"
	"slices"
	"strings"

	"slipway/engine/distro"
	"slipway/recipes"
)

// lintStack says what cannot be had: a live stack that the distribution or this
// release of it does not bring, or brings in a component that the recipe does not
// take packages from. Own repositories may have it all the same.
func lintStack(doc *recipes.Document) recipes.Problems {
	r := doc.Recipe
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return nil
	}
	s, err := d.Stack(r)
	if err != nil {
		return recipes.Problems{doc.Problem(recipes.Error, "stack-missing", "live.stack", err.Error(), "without live.stack it is "+d.Stacks[0].ID,
			recipes.SetFix("live.stack", d.Stacks[0].ID))}
	}
	if len(r.Repositories) > 0 {
		return nil
	}
	if len(s.Releases) > 0 && !slices.Contains(s.Releases, r.Distro.Release) && d.Release(r.Distro.Release).Note != "" {
		return recipes.Problems{doc.Problem(recipes.Error, "stack-missing", "live.stack",
			fmt.Sprintf("%s %s has no package of the live stack %s", d.Name, r.Distro.Release, s.ID), "it is in: "+strings.Join(s.Releases, ", "),
			recipes.SetFix("live.stack", d.Stacks[0].ID))}
	}
	if s.Component == "" || slices.Contains(r.Distro.Components, s.Component) {
		return nil
	}
	components := append(slices.Clone(r.Distro.Components), s.Component)
	if len(r.Distro.Components) == 0 {
		components = []string{"main", s.Component}
	}
	return recipes.Problems{doc.Problem(recipes.Error, "stack-component", "live.stack",
		fmt.Sprintf("the packages of the live stack %s are in the component %s of %s, which distro.components does not name", s.ID, s.Component, d.Name), "",
		recipes.SetFix("distro.components", components))}
}
