package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"slipway/engine"
	"slipway/engine/smoke"
)

func rehearseCommand() *cobra.Command {
	return bootVerb(&cobra.Command{
		Use:   "rehearse RECIPE",
		Short: "Boot the image, fill its overlay, and say how the machine bears that",
		Long: `Make the image if needed, boot and check it as boot does, then fill its overlay to
50, 90, 95 and 100 %, delete what was written and write again.
Exits 0 if the machine recovers after deleting, 1 if it is read-only or dead until
a reboot, 2 if that could not be tried. The verdict of the checks does not count.`,
	}, engine.BootOptions{Rehearse: true}, rehearseResult)
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
