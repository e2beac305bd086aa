package build

import (
	"bytes"

	tea "github.com/charmbracelet/bubbletea"

	"slipway/engine"
	"slipway/recipes"
)

// planned is the plan of the recipe, asked for before anything runs.
type planned struct {
	id   int
	plan engine.Plan
	err  error
}

// askPlan asks the engine what a build would do. Only the answer to the newest
// question counts.
func (b *Screen) askPlan() tea.Cmd {
	if b.job != nil {
		return nil
	}
	b.planID++
	id, e, open := b.planID, b.s.Engine, b.s.Doc()
	path, source := open.Path, bytes.Clone(open.Source)
	return func() tea.Msg {
		doc, err := recipes.Parse(path, source)
		if err != nil {
			return planned{id: id, err: err}
		}
		plan, err := e.Plan(doc)
		return planned{id: id, plan: plan, err: err}
	}
}

func (b *Screen) takePlan(p planned) {
	if p.id != b.planID || b.job != nil {
		return
	}
	b.plan = p
	b.steps = nil
	for _, s := range p.plan.Steps {
		b.steps = append(b.steps, step{Step: s})
	}
	b.list.SetLen(len(b.steps))
}
