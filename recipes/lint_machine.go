package recipes

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // so that a timezone is judged the same on every host
)

// DefaultMemory is the memory of the test boot's machine if the recipe says
// nothing.
const DefaultMemory Size = "1GiB"

// leastOverlay is what an overlay should have: start-up alone writes some MiB, of
// which 2 were still there afterwards on a small Debian 12.
const leastOverlay = 16 << 20

// lintOverlay looks for an overlay that memory cannot hold, or that start-up fills.
func lintOverlay(l *linter) {
	bytes, percent, err := l.r.Overlay.Size.Parse()
	if err != nil || l.r.Overlay.Strategy == "persistent" {
		return // not said, or not in memory
	}
	if percent > 90 {
		l.warn("overlay-percent", "overlay.size", fmt.Sprintf("an overlay of %d%% leaves programs too little memory when it fills up", percent),
			"the kernel kills programs before the overlay is full", setFix("overlay.size", "80%"))
	}
	size := l.r.Boot.Memory
	if size == "" {
		size = DefaultMemory
	}
	memory, _, err := size.Parse()
	if err == nil && bytes > memory {
		enough := Size(fmt.Sprintf("%dMiB", (2*bytes+1<<20-1)>>20))
		l.warn("overlay-memory", "overlay.size", fmt.Sprintf("the overlay of %s is larger than the memory of the test boot, %s", l.r.Overlay.Size, size),
			"filling it would end in the kernel killing programs instead of \"no space left\"", setFix("boot.memory", string(enough)))
	}
	if room, err := l.r.Overlay.Size.Of(memory); err == nil && room < leastOverlay && memory > 0 {
		l.warn("overlay-small", "overlay.size", fmt.Sprintf("an overlay of %s may be full before the start-up is over", l.r.Overlay.Size),
			"with 64MiB a small server starts", setFix("overlay.size", "64MiB"))
	}
}

// lintGauge looks for what only the gauge would use.
func lintGauge(l *linter) {
	o := l.r.Overlay
	if o.Gauge {
		return
	}
	for _, field := range []struct {
		path string
		said bool
	}{{"overlay.warn_at", len(o.WarnAt) > 0}, {"overlay.warn_command", o.WarnCommand != ""}} {
		if field.said {
			l.warn("gauge-off", field.path, "nothing watches the overlay: "+field.path+" has no effect", "gauge = true puts the gauge into the image", setFix("overlay.gauge", true))
		}
	}
}

// lintNetwork looks for an SSH server that no network reaches.
func lintNetwork(l *linter) {
	if !l.sshServer() {
		return
	}
	own := l.unit("systemd-networkd") // or what does its work
	networkd := own == "systemd-networkd" && hasUnit(l.r.System.Services.Enabled, own)
	if !networkd && !l.has("ifupdown", "ifupdown2", "ifupdown-ng", "network-manager", "connman", "netplan.io", "wicked") {
		l.warn("no-network", "system.services", "nothing configures the network: sshd will not be reached",
			"enable "+own+"; systemd-networkd wants a .network file in [[files]], as in the built-in recipes", addFix("system.services.enabled", own))
	}
	inFiles := slices.ContainsFunc(l.r.Files, func(f File) bool { return strings.HasSuffix(f.Path, ".network") })
	if networkd && !inFiles && len(l.r.Hooks) == 0 && !l.has("netplan.io") {
		l.warn("no-network-file", "system.services.enabled", "systemd-networkd is enabled, but no .network file tells it what to do",
			"see /etc/systemd/network/80-dhcp.network in the built-in recipes", nil)
	}
}

func lintRelease(l *linter) {
	release, releases := l.r.Distro.Release, l.names.Releases
	if slices.Contains(releases, release) {
		return
	}
	hint, fix := "known: "+strings.Join(releases, ", "), (*Fix)(nil)
	if near := nearest(release, releases); len(near) > 0 {
		hint, fix = "did you mean "+near[0]+"?", setFix("distro.release", near[0])
	}
	l.warn("release-unknown", "distro.release", fmt.Sprintf("%q is no release of %s that Slipway knows", release, l.names.Distro), hint, fix)
}

func lintLocale(l *linter) {
	packages := l.names.Locale(l.r.System.Locale)
	if len(packages) > 0 && !slices.ContainsFunc(packages, l.included) {
		l.warn("locale-not-installed", "system.locale", "locale "+l.r.System.Locale+" needs the package "+packages[0]+", which is not included",
			"C.UTF-8 is always there", addFix("packages.include", packages[0]))
	}
}

func lintTimezone(l *linter) {
	zone := l.r.System.Timezone
	if zone == "" {
		return
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		l.warn("timezone-unknown", "system.timezone", fmt.Sprintf("%q is no timezone that is known", zone), "such as Europe/Berlin, America/New_York or Etc/UTC", nil)
	}
}
