package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/recipes"
)

func newCommand() *cobra.Command {
	var id, from, out string
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Write a recipe file to start from",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			doc, err := template(id, from)
			if err == nil {
				err = writeNew(doc, out)
			}
			if err != nil {
				return fail(statusFailed, err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "distro", "", "distribution of the image (default debian)")
	cmd.Flags().StringVar(&from, "from", "", "built-in recipe to copy")
	cmd.Flags().StringVar(&out, "out", "", "file to write (default NAME.toml here)")
	cmd.MarkFlagsMutuallyExclusive("distro", "from")
	_ = cmd.RegisterFlagCompletionFunc("from", completeRecipe)
	return cmd
}

// template returns the built-in recipe to start from: the named one, the first for
// the distribution, or that of the nearest one carried over to it.
func template(id, from string) (*recipes.Document, error) {
	if from != "" {
		return recipes.Find(from)
	}
	if id == "" {
		id = "debian"
	}
	for _, doc := range recipes.Builtins() {
		if doc.Recipe.Distro.ID == id {
			return doc, nil
		}
	}
	d, err := distro.Find(id)
	if err != nil {
		return nil, err
	}
	for _, doc := range recipes.Builtins() {
		near, err := distro.Find(doc.Recipe.Distro.ID)
		if err == nil && near.Family == d.Family {
			carried, _, err := engine.Port(doc, id, "", nil)
			return carried, err
		}
	}
	return nil, fmt.Errorf("no built-in recipe is near %s: slipway port carries any recipe over", d.Name)
}

// writeNew writes the recipe under the name that its file gives it, and says
// what can be done with it. A file that is there stays as it is.
func writeNew(doc *recipes.Document, out string) error {
	origin, from := doc.Recipe.Name, strings.TrimPrefix(doc.Path, "builtin:")
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
	fmt.Printf(`wrote %[1]s, from the built-in %[2]s

next:
  slipway %[1]s          edit it in the terminal UI
  slipway lint %[1]s     check it
  slipway build %[1]s    make the image
  slipway boot %[1]s     make it, boot it, and give the verdict
`, out, from)
	return nil
}
