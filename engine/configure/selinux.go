package configure

import (
	"context"
	"fmt"

	"slipway/recipes"
)

// selinuxConfig is what init and every tool of SELinux read (selinux_config(5)).
const selinuxConfig = "/etc/selinux/config"

// selinux names mode and policy. Where SELinux is off it says so only to an
// image that has a policy all the same.
func (r *Root) selinux(ctx context.Context, rc recipes.Recipe) error {
	if r.SELinux.Mode == "" || r.SELinux.Mode == "disabled" && !r.exists(selinuxConfig) {
		return nil
	}
	text := "# Written by slipway from [security].\nSELINUX=" + r.SELinux.Mode + "\nSELINUXTYPE=" + r.SELinux.Policy + "\n"
	if err := r.write(selinuxConfig, []byte(text), 0o644); err != nil {
		return err
	}
	r.Log(fmt.Sprintf("SELinux is %s, with the policy %s", r.SELinux.Mode, r.SELinux.Policy))
	return nil
}
