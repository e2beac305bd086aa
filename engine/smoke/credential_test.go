package smoke

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestCredential(t *testing.T) {
	got := map[string]string{}
	var kinds []string
	for line := range strings.Lines(string(Credential())) {
		f := strings.Fields(line)
		kinds = append(kinds, f[0])
		if f[0] == "f+~" {
			text, err := base64.StdEncoding.DecodeString(f[len(f)-1])
			if err != nil || len(f) != 7 {
				t.Errorf("%s: %v", line, err)
			}
			got[f[1]] = string(text)
		}
	}
	if strings.Join(kinds, " ") != "d f+~ f+~ f+~ w" {
		t.Errorf("lines: %v", kinds)
	}
	if got["/run/slipway/agent"] != agent || got["/run/systemd/system/slipway-probe.service"] != unit ||
		!strings.Contains(got["/run/udev/rules.d/99-slipway.rules"], "slipway-probe.service") {
		t.Errorf("%+v", got)
	}
}
