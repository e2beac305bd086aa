//go:build real

package doctor

import (
	"os"
	"testing"

	"slipway/engine"
)

func TestMain(m *testing.M) {
	if engine.WorkerMain() {
		return
	}
	os.Exit(m.Run())
}
