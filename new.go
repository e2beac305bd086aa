package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/recipes"
)

func newCommand() *cobra.Command {
	var distro, from, out string
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Write a recipe file to start from",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			doc, err := template(distro, from)
			if err == nil {
				err = writeNew(doc, out)
			}
			if err != nil {
				return fail(statusFailed, err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&distro, "distro", "", "distribution of the image (default debian)")
	cmd.Flags().StringVar(&from, "from", "", "built-in recipe to copy")
	cmd.Flags().StringVar(&out, "out", "", "file to write (default NAME.toml here)")
	cmd.MarkFlagsMutuallyExclusive("distro", "from")
	_ = cmd.RegisterFlagCompletionFunc("from", completeRecipe)
	return cmd
}

// template returns the built-in recipe to start from: the named one, or the
// first for the distribution.
func template(distro, from string) (*recipes.Document, error) {
	if from != "" {
		return recipes.Find(from)
	}
	if distro == "" {
		distro = "debian"
	}
	var have []string
	for _, d := range recipes.Builtins() {
		id := d.Recipe.Distro.ID
		if id == distro {
			return d, nil
		}
		have = append(have, id)
	}
	slices.Sort(have)
	return nil, fmt.Errorf("no built-in recipe for distro %q (have: %s)", distro, strings.Join(slices.Compact(have), ", "))
}

// writeNew writes the recipe under the name that its file gives it, and says
// what can be done with it. A file that is there stays as it is.
func writeNew(doc *recipes.Document, out string) error {
	origin := doc.Recipe.Name
	if out == "" {
		out = origin + ".toml"
	}
	doc, err := recipes.Parse(out, doc.Source)
	if err != nil {
		return fmt.Errorf("built-in recipe %s: %w", origin, err)
	}
	name := strings.TrimSuffix(filepath.Base(out), ".toml")
	if name != origin {
		if err := doc.Set("name", name); err != nil {
			return fmt.Errorf("name the recipe after %s: %w", out, err)
		}
	}
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is already there and was left as it is: choose another name with --out", out)
	}
	if err != nil {
		return fmt.Errorf("new recipe: %w", err)
	}
	_, err = f.Write(doc.Source)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("new recipe: %w", err)
	}
	fmt.Printf(`wrote %[1]s, a copy of the built-in %[2]s

next:
  slipway %[1]s          edit it in the terminal UI
  slipway lint %[1]s     check it
  slipway build %[1]s    make the image
  slipway boot %[1]s     make it, boot it, and give the verdict
`, out, origin)
	return nil
}
