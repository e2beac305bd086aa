package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/recipes"
)

// ported is what the verb says, for programs.
type ported struct {
	File    string          `json:"file"`
	Recipe  string          `json:"recipe"`
	Changes []engine.Change `json:"changes"`
}

func portCommand() *cobra.Command {
	var to, release, out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "port RECIPE --to DISTRO",
		Short: "Carry a recipe over to another distribution, and say what changed",
		Long: `Write a copy of the recipe for another distribution: names of packages, services, groups and the
kernel, the live stack, an overlay that it has. Comments stay as they are. What is not known by heart is looked
up in the release's package index, if there is one (slipway search --refresh brings it). What only a person can
decide stays as it is and is listed. Nothing is overwritten.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRecipe,
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, err := recipes.Find(args[0])
			if err != nil {
				return fail(statusFailed, err)
			}
			done, err := portTo(doc, to, release, out)
			if err != nil {
				return fail(statusFailed, err)
			}
			if asJSON {
				printJSON(os.Stdout, done)
				return nil
			}
			printPorted(os.Stdout, doc, done)
			return nil
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "distribution to carry it over to: "+strings.Join(recipes.Distros, ", "))
	cmd.Flags().StringVar(&release, "release", "", "release of it (default its first)")
	cmd.Flags().StringVar(&out, "out", "", "file to write (default NAME.toml here)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the changes as one JSON object")
	_ = cmd.MarkFlagRequired("to")
	_ = cmd.RegisterFlagCompletionFunc("to", cobra.FixedCompletions(recipes.Distros, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// portTo makes the copy and writes it.
func portTo(doc *recipes.Document, to, release, out string) (ported, error) {
	copied, changes, err := engine.Port(doc, to, release, indexFor(doc, to, release))
	if err != nil {
		return ported{}, err
	}
	if out == "" {
		out = copied.Recipe.Name + ".toml"
	}
	if name := strings.TrimSuffix(filepath.Base(out), ".toml"); name != copied.Recipe.Name {
		if err := copied.Set("name", name); err != nil {
			return ported{}, fmt.Errorf("name the recipe after %s: %w", out, err)
		}
	}
	moved, err := besideNew(copied, doc, out)
	if err != nil {
		return ported{}, err
	}
	changes = append(changes, moved...)
	err = copied.SaveAs(out)
	if errors.Is(err, os.ErrExist) {
		return ported{}, fmt.Errorf("%s is already there and was left as it is: choose another name with --out", out)
	}
	return ported{out, copied.Recipe.Name, changes}, err
}

// besideNew lets the files that a recipe brings along be found from the folder
// that its copy goes to.
func besideNew(copied, doc *recipes.Document, out string) (changes []engine.Change, err error) {
	paths := map[string]string{"distro.key": copied.Recipe.Distro.Key}
	for i, f := range copied.Recipe.Files {
		paths[fmt.Sprintf("files[%d].source", i)] = f.Source
	}
	for i, h := range copied.Recipe.Hooks {
		paths[fmt.Sprintf("hooks[%d].source", i)] = h.Source
	}
	for i, r := range copied.Recipe.Repositories {
		paths[fmt.Sprintf("repositories[%d].key", i)] = r.Key
	}
	to, err := filepath.Abs(filepath.Dir(out))
	if err != nil {
		return nil, fmt.Errorf("folder of %s: %w", out, err)
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		name := paths[path]
		if name == "" || filepath.IsAbs(name) {
			continue
		}
		from, err := filepath.Abs(doc.Beside(name))
		if err != nil {
			return nil, fmt.Errorf("folder of %s: %w", name, err)
		}
		there, err := filepath.Rel(to, from)
		if err != nil || there == filepath.Clean(name) {
			continue
		}
		if err := copied.Set(path, there); err != nil {
			return nil, fmt.Errorf("set %s: %w", path, err)
		}
		changes = append(changes, engine.Change{Path: path, From: name, To: there, Why: "seen from the copy's folder"})
	}
	return changes, nil
}

// indexFor is the package index of the release to go to, nil if the cache has none.
func indexFor(doc *recipes.Document, to, release string) *engine.Index {
	d, err := distro.Find(to)
	if err != nil {
		return nil
	}
	r := recipes.Recipe{Distro: recipes.Distro{ID: to, Release: release, Arch: doc.Recipe.Distro.Arch}}
	if release == "" {
		r.Distro.Release = d.Releases[0].ID
	}
	x, err := engine.New(engine.DefaultDirs()).Index(r)
	if err != nil {
		return nil
	}
	return x
}

func printPorted(w io.Writer, doc *recipes.Document, done ported) {
	fmt.Fprintf(w, "wrote %s, from %s\n\n", done.File, doc.Recipe.Name)
	var left []engine.Change
	for _, c := range done.Changes {
		if c.Open {
			left = append(left, c)
			continue
		}
		fmt.Fprintf(w, "  %-28s %s\n", c.Path, c.Text())
	}
	if len(left) > 0 {
		fmt.Fprintf(w, "\nleft for you to look at:\n")
	}
	for _, c := range left {
		fmt.Fprintf(w, "! %-28s %s\n", c.Path, c.Text())
	}
	fmt.Fprintf(w, "\nComments stay as they were written. Next: slipway lint %s\n", done.File)
}
