#!/bin/sh
# Slipway's hook in a dracut initramfs, run before any device is looked for.
# dracut's dmsquash-live keeps what is written in directories and files under
# /run, which has a limit of its own and is everybody's. Where the kernel command
# line asks for it, a tmpfs of the asked size takes that place: mkdir -p in
# dmsquash-live-root and mount-overlayfs leaves what is there already (dracut 059).
type getarg > /dev/null 2>&1 || . /lib/dracut-lib.sh

slipway_tmpfs() { # options, mount point
	mkdir -m 0755 -p "$2" && mount -t tmpfs -o "mode=0755,$1" tmpfs "$2" ||
		warn "slipway: no tmpfs ($1) on $2: what is written will be limited otherwise"
}

# slipway.overlay=size=512m: upper and work directory of an overlayfs.
if slipway_size=$(getarg slipway.overlay=) && [ -n "$slipway_size" ] && ! [ -e /run/overlayfs ]; then
	slipway_tmpfs "$slipway_size" /run/slipway-overlay
	mkdir -m 0755 -p /run/slipway-overlay/upper /run/slipway-overlay/work
	ln -s /run/slipway-overlay/upper /run/overlayfs
	ln -s /run/slipway-overlay/work /run/ovlwork
fi

# slipway.thin=size=565m: data and metadata of a thin pool.
if slipway_size=$(getarg slipway.thin=) && [ -n "$slipway_size" ]; then
	slipway_tmpfs "$slipway_size" /run/initramfs/thin-overlay
fi

# slipway.fsimg=size=100%: the writable copy of the root's image.
if slipway_size=$(getarg slipway.fsimg=) && [ -n "$slipway_size" ]; then
	slipway_tmpfs "$slipway_size" /run/initramfs/fsimg
fi
unset slipway_size
