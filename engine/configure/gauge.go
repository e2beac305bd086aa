package configure

import (
	"context"
	_ "embed" // of the files below
	"fmt"
	"io/fs"
	"strings"

	"slipway/engine/proc"
	"slipway/recipes"
)

// The program that watches how full the overlay is, and its units.
var (
	//go:embed gauge/slipway-overlay.sh
	gaugeScript string
	//go:embed gauge/slipway-overlay.service
	gaugeService string
	//go:embed gauge/slipway-overlay.timer
	gaugeTimerUnit string
	//go:embed gauge/slipway-overlay-command@.service
	gaugeCommand string
	//go:embed gauge/run-slipway-gauge.mount
	gaugeMount string
)

const (
	gaugeProgram = "/usr/sbin/slipway-overlay"
	gaugeConf    = "/etc/slipway/overlay.conf"
	gaugeTimer   = "slipway-overlay.timer"
	// gaugeMetrics is where the program writes on a running machine.
	gaugeMetrics = "/run/slipway/gauge/slipway_overlay.prom"
	// nodeExporter is where Debian's prometheus-node-exporter looks for text files.
	nodeExporter = "/var/lib/prometheus/node-exporter"
	unitDir      = "/etc/systemd/system/"
)

// gauge puts the gauge of the overlay into the image and starts it at boot.
func (r *Root) gauge(ctx context.Context, rc recipes.Recipe) error {
	if !rc.Overlay.Gauge {
		return nil
	}
	if !r.exists("/lib/systemd/systemd") && !r.exists("/usr/lib/systemd/systemd") {
		r.Log("no gauge of the overlay: the image has no systemd to run it")
		return nil
	}
	for _, f := range GaugeFiles(rc.Overlay) {
		if err := r.write(f.Path, []byte(f.Content), f.Mode); err != nil {
			return err
		}
	}
	// As systemctl enable would, which is not needed for one known link.
	if err := r.link("../"+gaugeTimer, unitDir+"sysinit.target.wants/"+gaugeTimer); err != nil {
		return err
	}
	r.Log("gauge of the overlay in " + gaugeProgram)
	if !r.exists(nodeExporter) {
		return nil
	}
	return r.link(gaugeMetrics, nodeExporter+"/slipway_overlay.prom")
}

// GaugeFile is one file of the gauge as the image has it, owned by root.
type GaugeFile struct {
	Path    string
	Content string
	Mode    fs.FileMode
}

// GaugeFiles are all of them for what a recipe says of its overlay, in a fixed
// order: what the image holds changes exactly when they do.
func GaugeFiles(o recipes.Overlay) []GaugeFile {
	return []GaugeFile{
		{gaugeProgram, gaugeScript, 0o755},
		{gaugeConf, gaugeSettings(o), 0o644},
		{unitDir + "slipway-overlay.service", gaugeService, 0o644},
		{unitDir + gaugeTimer, gaugeTimerUnit, 0o644},
		{unitDir + "slipway-overlay-command@.service", gaugeCommand, 0o644},
		{unitDir + "run-slipway-gauge.mount", gaugeMount, 0o644},
	}
}

// gaugeSettings is the file that tells the gauge when to warn.
func gaugeSettings(o recipes.Overlay) string {
	at := o.WarnAt
	if len(at) == 0 {
		at = recipes.DefaultWarnAt
	}
	return "# Written by slipway from [overlay]. Read by a shell, at every reading.\n" +
		"# Percentages at which slipway-overlay warns, and what /bin/sh runs then.\n" +
		"WARN_AT=" + proc.Quote(strings.Trim(fmt.Sprint(at), "[]")) + "\n" +
		"WARN_COMMAND=" + proc.Quote(o.WarnCommand) + "\n"
}
