package live

import (
	"fmt"

	"slipway/recipes"
)

// LiveBoot is Debian's live-boot. Facts: live-boot(7) of 20230131, and boots of
// it: overlay-size takes %, k, m or g and sizes a tmpfs of its own; without it
// the tmpfs has 50 % of the memory.
var LiveBoot = Stack{
	Name:     "live-boot",
	Image:    "live/filesystem.squashfs",
	Always:   []string{"boot=live"},
	Overlays: map[string]func(recipes.Size) ([]string, error){"overlayfs": liveBootSize},
	InitramfsFiles: []string{"etc/initramfs-tools", "etc/live", "etc/modprobe.d", "etc/modules", "etc/modules-load.d",
		"etc/udev/rules.d", "etc/kernel", "usr/share/initramfs-tools", "usr/lib/modules", "usr/lib/firmware",
		"lib/modules", "lib/firmware", "boot"},
}

func liveBootSize(s recipes.Size) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	bytes, percent, err := s.Parse()
	switch {
	case err != nil:
		return nil, err
	case percent > 0:
		return []string{fmt.Sprintf("overlay-size=%d%%", percent)}, nil
	case bytes%(1<<20) != 0:
		return []string{fmt.Sprintf("overlay-size=%dk", (bytes+1023)/1024)}, nil
	}
	return []string{fmt.Sprintf("overlay-size=%dm", bytes>>20)}, nil
}
