// Package engine is what happens: a recipe becomes a Plan (pure, golden-tested
// as text), a plan is a short list of Steps, a Run executes it and emits typed
// Events. The terminal UI, the plain printer and the JSON printer read the same
// stream.
package engine

// Step is one entry of a plan.
type Step struct {
	Name string `json:"name"` // "root"
	// Does is what it does, in a line: "mmdebstrap bookworm, 14 packages".
	Does string `json:"does"`
	// Inputs are what its key is made of, by name; the value is the input's own
	// text or its hash. Inputs known only when the plan runs (the mirror's
	// state) are added then.
	Inputs []Input `json:"inputs,omitempty"`
}

// Input is one named thing that a step reads.
type Input struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
