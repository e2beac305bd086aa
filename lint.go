package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"slipway/engine"
	"slipway/recipes"
)

func lintCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Check recipes; of a directory, every *.toml below it",
		Long: `Check recipes and print each finding as file:line:col: message.
Names of packages are checked where the release's index is in the cache: slipway
search brings it; lint itself asks no network.
Exits 1 if a recipe cannot be built as it stands; warnings alone exit 0.`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeRecipe,
		RunE: func(_ *cobra.Command, args []string) error {
			return lint(os.Stdout, args, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

func lint(w io.Writer, args []string, asJSON bool) error {
	var unread error
	files, failed := 0, 0
	e := engine.New(engine.DefaultDirs())
	for _, arg := range args {
		refs, err := recipeFiles(arg)
		unread = errors.Join(unread, err)
		for _, ref := range refs {
			problems, err := lintOne(e, ref)
			unread = errors.Join(unread, err)
			files++
			if err != nil || len(problems.Errors()) > 0 {
				failed++
			}
			for _, p := range problems {
				if asJSON {
					printJSON(w, p)
				} else {
					fmt.Fprintln(w, p.Detail())
				}
			}
		}
	}
	switch {
	case unread != nil:
		return fail(statusFailed, unread)
	case failed > 0:
		return fail(statusFailed, fmt.Errorf("%d of %d recipes cannot be built as they stand", failed, files))
	}
	return nil
}

// recipeFiles returns what an argument stands for: itself, or the recipes below
// a directory.
func recipeFiles(arg string) ([]string, error) {
	if st, err := os.Stat(arg); err != nil || !st.IsDir() {
		return []string{arg}, nil
	}
	var found []string
	err := filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".toml" {
			found = append(found, path)
		}
		return err
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no *.toml below %s", arg)
	}
	return found, err
}

// lintOne returns everything that is wrong with a recipe; an error if it could
// not be read at all.
func lintOne(e *engine.Engine, ref string) (recipes.Problems, error) {
	doc, err := recipes.Find(ref)
	var problems recipes.Problems
	if errors.As(err, &problems) {
		return problems, nil
	}
	if err != nil {
		return nil, err
	}
	return e.Lint(doc), nil
}
