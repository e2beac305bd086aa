package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"slipway/engine"
	"slipway/engine/progress"
	"slipway/recipes"
)

func matrixCommand() *cobra.Command {
	var o engine.MatrixOptions
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "matrix RECIPE...",
		Short: "Build and boot several recipes, and show how all of them did",
		Long: `Build the recipes one after the other, boot each on every path that was asked for, check it,
and print a board with a row for each. The board and the reports of every boot are kept.
Nothing is started if one of the recipes cannot be built as it stands.
Exits 0 if every row is PASS, 1 if a row is FAIL, 2 if something could not be run (a FAIL or not):
a build that failed, a boot without a verdict, a passing machine that could not be rehearsed.`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeRecipe,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkMatrix(&o, out); err != nil {
				return err
			}
			docs, err := several(args)
			if err != nil {
				return fail(statusCannot, err)
			}
			return runMatrix(cmd.Context(), docs, o, out, matrixPrinter(asJSON))
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.Paths, "path", []string{"direct"}, "how each image is started: direct, iso; repeat it for both")
	_ = cmd.RegisterFlagCompletionFunc("path", cobra.FixedCompletions([]string{"direct", "iso"}, cobra.ShellCompDirectiveNoFileComp))
	flags.BoolVar(&o.Rehearse, "rehearse", false, "fill the overlay of each machine after its checks, as rehearse does")
	flags.IntVar(&o.Jobs, "jobs", 1, "recipes at once; no more than one of them is being built")
	flags.StringVar(&out, "out", "", "write the board to this file, as a Markdown table")
	flags.BoolVar(&asJSON, "json", false, "print every event, every finished row and the board as a JSON object on a line of its own")
	return cmd
}

// checkMatrix refuses what would only fail after hours.
func checkMatrix(o *engine.MatrixOptions, out string) error {
	var paths []string
	for _, p := range o.Paths {
		if err := bootPath(p).check(); err != nil {
			return err
		}
		if !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	o.Paths = paths
	if o.Jobs < 1 {
		return fmt.Errorf("%d jobs: want 1 or more", o.Jobs)
	}
	if out == "" {
		return nil
	}
	if st, err := os.Stat(filepath.Dir(out)); err != nil || !st.IsDir() {
		return fmt.Errorf("write %s: there is no folder %s", out, filepath.Dir(out))
	}
	if st, err := os.Stat(out); err == nil && !st.Mode().IsRegular() {
		return fmt.Errorf("write %s: it is no file", out)
	}
	return nil
}

// several finds recipes that can be built and are not the same. All that cannot
// are complained about before the error is returned.
func several(refs []string) ([]*recipes.Document, error) {
	var docs []*recipes.Document
	bad, from := 0, map[string]string{}
	for _, ref := range refs {
		doc, err := buildable(ref)
		if err == nil {
			if other, twice := from[doc.Recipe.Name]; twice {
				err = fmt.Errorf("%s and %s are both called %s: their builds would lie in one folder", other, ref, doc.Recipe.Name)
			}
		}
		if err != nil {
			complain(os.Stderr, err)
			bad++
			continue
		}
		from[doc.Recipe.Name] = ref
		docs = append(docs, doc)
	}
	if bad > 0 {
		return nil, fmt.Errorf("%d of %d recipes cannot be built as they stand; nothing was started", bad, len(refs))
	}
	return docs, nil
}

func matrixPrinter(asJSON bool) progress.MatrixPrinter {
	out := int(os.Stdout.Fd())
	switch {
	case asJSON:
		return progress.MatrixJSON(os.Stdout)
	case !term.IsTerminal(out):
		return progress.Matrix(os.Stdout, nil, false)
	}
	return progress.Matrix(os.Stdout, func() int {
		width, _, _ := term.GetSize(out)
		return width
	}, os.Getenv("NO_COLOR") == "")
}

// runMatrix runs to the board, prints and keeps it. A signal stops everything;
// the board of what was done until then is printed, but --out is left as it was.
func runMatrix(ctx context.Context, docs []*recipes.Document, o engine.MatrixOptions, out string, p progress.MatrixPrinter) error {
	unwatch := sayStopping(ctx)
	defer unwatch()
	board, err := engine.New(engine.DefaultDirs()).Matrix(ctx, docs, o, p.Print)
	if len(board.Rows) == 0 {
		return fail(statusCannot, err)
	}
	p.Board(board)
	if err == nil && out != "" {
		err = writeMatrix(board, out)
	}
	return matrixResult(ctx, board, err)
}

func writeMatrix(board engine.Board, out string) error {
	if board.Count(engine.RowStopped) > 0 {
		return fmt.Errorf("%s was not written: the board is not whole", out)
	}
	if err := renameio.WriteFile(out, []byte(progress.Markdown(board)), 0o644); err != nil {
		return fmt.Errorf("write the board: %w", err)
	}
	return nil
}

// matrixResult makes the exit status of a matrix. unkept says why the board or a
// report could not be kept.
func matrixResult(ctx context.Context, board engine.Board, unkept error) error {
	switch {
	case board.Count(engine.RowStopped) > 0:
		return fail(signalStatus(ctx), unkept)
	case unkept != nil:
		return fail(statusCannot, unkept)
	case !board.Whole():
		return fail(statusCannot, errors.New("not everything could be run: the board says what stood in the way"))
	case board.Count(engine.RowFail) > 0:
		return fail(statusFailed, nil)
	}
	return nil
}
