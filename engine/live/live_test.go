package live

import (
	"strings"
	"testing"

	"slipway/recipes"
)

func TestLiveBootOptions(t *testing.T) {
	tests := []struct {
		size recipes.Size
		want string
	}{
		{"", "boot=live"},
		{"50%", "boot=live overlay-size=50%"},
		{"512MiB", "boot=live overlay-size=512m"},
		{"2GiB", "boot=live overlay-size=2048m"},
		{"1536KiB", "boot=live overlay-size=1536k"},
	}
	for _, tt := range tests {
		l, err := Compile(LiveBoot, recipes.Overlay{Strategy: "overlayfs", Size: tt.size})
		if got := strings.Join(l.Options, " "); err != nil || got != tt.want || l.Image != "live/filesystem.squashfs" {
			t.Errorf("%s: %q %v, want %q", tt.size, got, err, tt.want)
		}
	}
	// A stack's own list must not be changed by what is appended to it.
	if strings.Join(LiveBoot.Always, " ") != "boot=live" {
		t.Errorf("the stack became %v", LiveBoot.Always)
	}
}

func TestWhatAStackCannotDoIsSaid(t *testing.T) {
	if _, err := Compile(LiveBoot, recipes.Overlay{Strategy: "dm-snapshot"}); err == nil || !strings.Contains(err.Error(), `"dm-snapshot" is not available with live-boot`) {
		t.Errorf("got %v", err)
	}
	if _, err := Compile(LiveBoot, recipes.Overlay{Strategy: "overlayfs", Size: "lots"}); err == nil {
		t.Error("a size that is none was taken")
	}
}
