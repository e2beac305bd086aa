package live

import "slipway/recipes"

// Lint looks for what the recipe's stack cannot do, ignores or has renamed.
func Lint(doc *recipes.Document, q Question) recipes.Problems { return nil }
