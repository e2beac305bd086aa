package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"slipway/engine"
	"slipway/engine/smoke"
)

func rehearseCommand() *cobra.Command {
	var how printing
	var path bootPath
	cmd := &cobra.Command{
		Use:   "rehearse RECIPE",
		Short: "Boot the image, fill its overlay, and say how the machine bears that",
		Long: `Make the image if needed, boot and check it as boot does, then fill its overlay to
50, 90, 95 and 100 %, delete what was written and write again.
Exits 0 if the machine recovers after deleting, 1 if it is read-only or dead until
a reboot, 2 if that could not be tried. The verdict of the checks does not count.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRecipe,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := path.check(); err != nil {
				return err
			}
			doc, err := buildable(args[0])
			if err != nil {
				return fail(statusCannot, err)
			}
			ctx := cmd.Context()
			run := engine.New(engine.DefaultDirs()).Rehearse(ctx, doc, engine.BootOptions{Path: string(path)})
			return rehearseResult(ctx, follow(ctx, run, how))
		},
	}
	path.flag(cmd)
	how.flags(cmd)
	return cmd
}

// rehearseResult makes the exit status of a rehearsal.
func rehearseResult(ctx context.Context, end engine.Finished) error {
	switch {
	case end.Status == engine.Cancelled:
		return fail(signalStatus(ctx), nil)
	case end.Rehearsal == nil && end.Error == nil:
		return fail(statusCannot, errors.New("the overlay could not be filled: see the step rehearse"))
	case end.Rehearsal == nil:
		return fail(statusCannot, end.Error)
	case end.Rehearsal.Outcome != smoke.Recovers:
		return fail(statusFailed, nil)
	}
	return nil
}
