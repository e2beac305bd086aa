package configure

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"slipway/engine/proc"
	"slipway/recipes"
)

// gaugeFiles are the program that watches how full the overlay is and its units.
//
//go:embed gauge
var gaugeFiles embed.FS

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
	files, err := GaugeFiles(rc.Overlay)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := r.write(f.Path, f.Content, f.Mode); err != nil {
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
	Content []byte
	Mode    fs.FileMode
}

// GaugeFiles are all of them for what a recipe says of its overlay, in a fixed
// order: what the image holds changes exactly when they do.
func GaugeFiles(o recipes.Overlay) ([]GaugeFile, error) {
	files := []GaugeFile{{gaugeConf, []byte(gaugeSettings(o)), 0o644}}
	found, err := gaugeFiles.ReadDir("gauge")
	if err != nil {
		return nil, fmt.Errorf("gauge: %w", err)
	}
	for _, f := range found {
		content, err := gaugeFiles.ReadFile("gauge/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("gauge: %w", err)
		}
		if strings.HasSuffix(f.Name(), ".sh") {
			files = append(files, GaugeFile{gaugeProgram, content, 0o755})
			continue
		}
		files = append(files, GaugeFile{unitDir + f.Name(), content, 0o644})
	}
	return files, nil
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
