package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens"
)

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "slipway [RECIPE]",
		Short: "Build live Linux images and boot them to a verdict",
		Long: `Slipway builds live Linux images from recipes, boots them in QEMU and checks them.
Without a verb it opens the terminal UI. RECIPE is a file or the name of a built-in one.`,
		Args:              recipeOrVerb,
		ValidArgsFunction: completeRecipe,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Version:           version(),
		RunE:              openUI,
	}
	root.SuggestionsMinimumDistance = 2 // cobra's own for words that are no verb; those come to us
	root.AddCommand(newCommand(), portCommand(), lintCommand(), buildCommand(), bootCommand(), rehearseCommand(), matrixCommand(), explainCommand(), searchCommand(), recipesCommand(), doctorCommand())
	return root
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

// recipeOrVerb takes at most a recipe; anything else was meant as a verb.
func recipeOrVerb(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("want one recipe, or a verb: see slipway --help")
	}
	if len(args) == 1 {
		if _, err := recipes.Find(args[0]); err != nil && !errors.As(err, new(recipes.Problems)) {
			if verbs := cmd.SuggestionsFor(args[0]); len(verbs) > 0 {
				return fmt.Errorf("no verb %q (did you mean %s?)", args[0], verbs[0])
			}
			return err
		}
	}
	return nil
}

func openUI(cmd *cobra.Command, args []string) error {
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return errors.New("the UI needs a terminal; slipway --help lists the verbs that do not")
	}
	var doc *recipes.Document
	if len(args) == 1 {
		var err error
		if doc, err = recipes.Find(args[0]); err != nil {
			return err
		}
	}
	ctx := cmd.Context()
	if err := screens.Run(ctx, engine.New(engine.DefaultDirs()), doc); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return fail(signalStatus(ctx), nil)
	}
	return nil
}

// completeRecipe offers the built-in recipes; the shell adds files.
func completeRecipe(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, d := range recipes.Builtins() {
		names = append(names, cobra.CompletionWithDesc(d.Recipe.Name, d.Recipe.Description))
	}
	return names, cobra.ShellCompDirectiveDefault
}

func recipesCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "recipes",
		Short: "List the built-in recipes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return listRecipes(os.Stdout, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.AddCommand(&cobra.Command{
		Use:               "show NAME",
		Short:             "Print a built-in recipe",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRecipe,
		RunE: func(_ *cobra.Command, args []string) error {
			doc, err := recipes.Find(args[0])
			if err != nil {
				return fail(statusFailed, err)
			}
			_, _ = os.Stdout.Write(doc.Source)
			return nil
		},
	})
	return cmd
}

func listRecipes(w io.Writer, asJSON bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, d := range recipes.Builtins() {
		r := d.Recipe
		if asJSON {
			printJSON(w, map[string]string{"name": r.Name, "description": r.Description, "distro": r.Distro.ID, "release": r.Distro.Release})
			continue
		}
		fmt.Fprintf(table, "%s\t%s %s\t%s\n", r.Name, r.Distro.ID, r.Distro.Release, r.Description)
	}
	_ = table.Flush()
	return nil
}

// printJSON writes one value as one line.
func printJSON(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
}
