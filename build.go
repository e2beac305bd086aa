package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"slipway/engine"
	"slipway/engine/progress"
	"slipway/recipes"
)

func buildCommand() *cobra.Command {
	var how printing
	cmd := &cobra.Command{
		Use:               "build RECIPE",
		Short:             "Make the image of a recipe",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRecipe,
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, err := buildable(args[0])
			if err != nil {
				return fail(statusFailed, err)
			}
			ctx := cmd.Context()
			end := follow(ctx, engine.New(engine.DefaultDirs()).Build(ctx, doc), how)
			return buildResult(ctx, end)
		},
	}
	how.flags(cmd)
	return cmd
}

func bootCommand() *cobra.Command {
	return bootVerb(&cobra.Command{
		Use:   "boot RECIPE",
		Short: "Make the image if needed, boot it in QEMU, check it, give the verdict",
		Long: `Make the image if needed, boot it in QEMU and check what it shows.
Exits 0 for PASS, 1 for FAIL, 2 if there is no verdict because it could not run.`,
	}, engine.BootOptions{}, bootResult)
}

// bootVerb completes a verb that builds a recipe and boots it: its arguments, its
// flags, and what it does. result makes the exit status.
func bootVerb(cmd *cobra.Command, o engine.BootOptions, result func(context.Context, engine.Finished) error) *cobra.Command {
	var how printing
	var path bootPath
	cmd.Args, cmd.ValidArgsFunction = cobra.ExactArgs(1), completeRecipe
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := path.check(); err != nil {
			return err
		}
		doc, err := buildable(args[0])
		if err != nil {
			return fail(statusCannot, err)
		}
		o.Path = string(path)
		ctx := cmd.Context()
		return result(ctx, follow(ctx, engine.New(engine.DefaultDirs()).Boot(ctx, doc, o), how))
	}
	path.flag(cmd)
	how.flags(cmd)
	return cmd
}

// bootPath is the operator's choice of how the image is started.
type bootPath string

func (p *bootPath) flag(cmd *cobra.Command) {
	cmd.Flags().StringVar((*string)(p), "path", "direct", "how the image is started: direct (kernel by QEMU) or iso")
	_ = cmd.RegisterFlagCompletionFunc("path", cobra.FixedCompletions([]string{"direct", "iso"}, cobra.ShellCompDirectiveNoFileComp))
}

func (p bootPath) check() error {
	if p != "direct" && p != "iso" {
		return fmt.Errorf("boot path %q: want direct or iso", string(p))
	}
	return nil
}

// buildable finds a recipe and says what the linter finds: warnings are
// printed, errors returned.
func buildable(ref string) (*recipes.Document, error) {
	doc, err := recipes.Find(ref)
	if err != nil {
		return nil, err
	}
	problems := engine.Lint(doc)
	if errs := problems.Errors(); len(errs) > 0 {
		return nil, errs
	}
	if warnings := problems.Warnings(); len(warnings) > 0 {
		complain(os.Stderr, warnings)
	}
	return doc, nil
}

// printing is the operator's choice of how a run is shown.
type printing struct{ json, plain, quiet bool }

func (p *printing) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.json, "json", false, "print every event as a JSON object on a line of its own")
	cmd.Flags().BoolVar(&p.plain, "plain", false, "print every line (the default where standard output is not a terminal)")
	cmd.Flags().BoolVar(&p.quiet, "quiet", false, "print the end of each step, failures and the result only")
	cmd.MarkFlagsMutuallyExclusive("json", "plain", "quiet")
}

func (p *printing) printer() progress.Printer {
	out := int(os.Stdout.Fd())
	switch {
	case p.json:
		return progress.JSON(os.Stdout)
	case p.quiet:
		return progress.Quiet(os.Stdout)
	case p.plain || !term.IsTerminal(out):
		return progress.Plain(os.Stdout)
	}
	return progress.Live(os.Stdout, func() int {
		width, _, _ := term.GetSize(out)
		return width
	})
}

// follow prints a run to its end. A signal has cancelled it through ctx; it is
// still followed while it cleans up.
func follow(ctx context.Context, run *engine.Run, how printing) engine.Finished {
	unwatch := sayStopping(ctx)
	defer unwatch()
	return progress.Follow(run, how.printer())
}

// sayStopping says that a signal was heard, until unwatch is called.
func sayStopping(ctx context.Context) (unwatch func() bool) {
	return context.AfterFunc(ctx, func() {
		fmt.Fprintln(os.Stderr, "slipway: stopping and cleaning up")
	})
}

// buildResult makes the exit status of a build.
func buildResult(ctx context.Context, end engine.Finished) error {
	switch end.Status {
	case engine.Cancelled:
		return fail(signalStatus(ctx), nil)
	case engine.Failed:
		return fail(statusFailed, cause(end))
	}
	return nil
}

// bootResult makes the exit status of a test boot: that of the verdict, if
// there is one.
func bootResult(ctx context.Context, end engine.Finished) error {
	switch {
	case end.Status == engine.Cancelled:
		return fail(signalStatus(ctx), nil)
	case end.Verdict == nil:
		return fail(statusCannot, cause(end))
	case !end.Verdict.Passed():
		return fail(statusFailed, nil)
	}
	return nil
}

func cause(end engine.Finished) error {
	if end.Error != nil {
		return end.Error
	}
	return errors.New("the run ended without a result")
}
