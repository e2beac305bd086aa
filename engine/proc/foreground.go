package proc

import (
	"context"
	"os"
	"os/exec"
	"syscall"
)

// Foreground runs a command as the operator's shell would: with Slipway's own
// standard input, environment and process group, so that it may talk to the
// terminal (sudo asks for a password there). Both outputs go to out. When ctx
// ends the command gets SIGTERM, after a grace period SIGKILL.
func Foreground(ctx context.Context, c Cmd, out *os.File) error {
	path, err := Look(c.Path)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, c.Args...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Dir, os.Stdin, out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	return exitError(c, cmd.Run(), nil)
}
