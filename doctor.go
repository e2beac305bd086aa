package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"slipway/engine"
	"slipway/engine/doctor"
	"slipway/recipes"
)

func doctorCommand() *cobra.Command {
	var fix, asJSON bool
	var o doctor.Options
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine lacks, and how to get it",
		Long: `Look for missing programs, room on disk and in memory, KVM, and what an ordinary
user needs to build. Exits 1 if something that slipway needs is missing. With --fix,
runs the commands that bring it, with sudo unless root, after saying which.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dirs := engine.DefaultDirs()
			o.Cache, o.Builds = dirs.Cache, dirs.Builds
			return examine(cmd, o, fix, asJSON)
		},
	}
	cmd.Flags().BoolVar(&fix, "fix", false, "install what is missing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as one JSON object")
	cmd.Flags().StringSliceVar(&o.Distros, "distro", nil, "also what building this distribution needs")
	_ = cmd.RegisterFlagCompletionFunc("distro", cobra.FixedCompletions(recipes.Distros, cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().BoolVar(&o.Tests, "tests", false, "also what slipway's own tests need")
	return cmd
}

func examine(cmd *cobra.Command, o doctor.Options, fix, asJSON bool) error {
	ctx := cmd.Context()
	report, err := doctor.Examine(ctx, o)
	if err == nil && fix && len(report.Fixes) > 0 {
		err = report.Mend(ctx, os.Stderr, func(f doctor.Fix) {
			fmt.Fprintf(os.Stderr, "slipway: to %s, running: %s\n", f.Title, f.Command)
		})
		if err == nil {
			report, err = doctor.Examine(ctx, o)
		}
	}
	switch {
	case ctx.Err() != nil:
		return fail(signalStatus(ctx), nil)
	case err != nil:
		return fail(statusFailed, err)
	}
	if asJSON {
		printJSON(os.Stdout, report)
	} else {
		report.Print(os.Stdout)
	}
	if report.Count(doctor.Problem) > 0 {
		return fail(statusFailed, nil)
	}
	return nil
}
