package configure

import (
	"context"
	"fmt"

	"slipway/engine/distro"
	"slipway/recipes"
)

// selinuxConfig is what init and every tool of SELinux read (selinux_config(5)).
const selinuxConfig = "/etc/selinux/config"

// selinux names mode and policy. Where SELinux is off it says so only to an
// image that has a policy all the same.
func (r *Root) selinux(ctx context.Context, rc recipes.Recipe) error {
	mode := r.Distro.SELinuxMode(rc)
	if r.Distro.SELinux == nil || mode == distro.SELinuxOff && !r.exists(selinuxConfig) {
		return nil
	}
	policy := r.Distro.SELinux.Policy
	text := "# Written by slipway from [security].\nSELINUX=" + mode + "\nSELINUXTYPE=" + policy + "\n"
	if err := r.write(selinuxConfig, []byte(text), 0o644); err != nil {
		return err
	}
	r.Log(fmt.Sprintf("SELinux is %s, with the policy %s", mode, policy))
	return nil
}
