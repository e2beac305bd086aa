#!/bin/sh
# slipway-overlay says how full that is which takes the writes of this machine:
# the truth of the tmpfs, of device mapper or of the disk, where df may only see
# a file system that lies on it. What it says comes from the running system, not
# from the build. It works while / is full: nothing is written but a few KiB on
# a tmpfs of its own, which its .mount unit makes early in the boot.
set -fu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

proc=/proc sys=/sys root=/ run=/run/slipway/gauge conf=/etc/slipway/overlay.conf console=/dev/console
hysteresis=3 # points below a threshold at which it is armed again
limit=60     # seconds that a command at a threshold may take

usage() {
	cat <<-'END'
		usage: slipway-overlay [OPTION]
		Say in one line how full that is which takes the writes of this machine.

		  --prometheus  print it as metrics for Prometheus
		  --check       what the timer runs: write the metrics for node_exporter to
		                /run/slipway/gauge/slipway_overlay.prom, warn at the thresholds
		                of /etc/slipway/overlay.conf and start its command
		  --command N   run that command as if N percent had been reached
		  --help        print this
	END
}

# root_mount finds the mount on /, the last one if several lie on each other:
# device (major:minor), fstype and super (its own options).
root_mount() {
	device='' fstype='' super=''
	while read -r _ _ number _ point rest; do
		[ "$point" = / ] || continue
		rest=${rest#* - }
		device=$number fstype=${rest%% *} super=${rest##* }
	done <"$proc/self/mountinfo"
}

# file_system PATH asks statfs(2), which an overlayfs passes to its upper
# directory: bytes, taken, available to programs and reserved ones, percentage of
# inodes used, fsname.
file_system() {
	# shellcheck disable=SC2046 # split on purpose
	set -- $(stat -f -c '%S %b %f %a %c %d %T' "$1" 2>/dev/null)
	[ $# -ge 7 ] || return 1
	bytes=$(($1 * $2)) taken=$(($1 * ($2 - $3))) available=$(($1 * $4)) reserved=$(($1 * ($3 - $4))) fsname=$7
	inodes=0
	[ "$5" -le 0 ] || inodes=$((($5 - $6) * 100 / $5))
}

# percent USED SIZE rounds down: 100 is full and nothing less.
percent() {
	if [ "$2" -gt 0 ]; then echo $(($1 * 100 / $2)); else echo 0; fi
}

# at_least N makes N the percentage that thresholds are compared with, if it is
# the tightest so far.
at_least() {
	[ "$1" -le "$tight" ] || tight=$1
}

# beside WHAT N: something else than bytes is scarcer, and more than half gone.
beside() {
	if [ "$2" -ge 50 ] && [ "$2" -gt "$(percent "$used" "$usable")" ]; then
		at_least "$2"
		note="$note, its $1 $2 %"
	fi
}

# by_file_system: / itself, or through it the upper directory, is what fills.
by_file_system() {
	file_system "$root" || return 1
	used=$taken size=$bytes usable=$((taken + available))
	if [ "$size" -gt 0 ] && [ "$available" -le 0 ]; then
		full=1
		[ "$reserved" -le 0 ] || note=', the rest is reserved'
	fi
	[ "$inodes" -lt 100 ] || full=1
	beside inodes "$inodes"
}

# overlayfs looks where the upper directory lies; stacks may put a link there.
overlayfs() {
	by_file_system || return 1
	place='/ is overlayfs'
	[ "$fstype" = overlay ] || place="/ is $fstype"
	kind=tmpfs
	case $super in *upperdir=*) ;; *) return 0 ;; esac
	upper=${super#*upperdir=}
	upper=${upper%%,*}
	file_system "$upper" || return 0 # out of sight: the stacks' own tmpfs is
	case $fsname in
	tmpfs | ramfs) ;;
	*) kind=disk && return 0 ;;
	esac
	# shellcheck disable=SC2046 # split on purpose
	set -- $(stat -L -c %d "$upper" "${root%/}/run" 2>/dev/null)
	if [ $# -eq 2 ] && [ "$1" = "$2" ]; then
		kind=run
		place='/ is overlayfs on /run, which fills with it'
	fi
}

# snapshot reads "0 2097152 snapshot 2024/131072 16": sectors used and in all.
snapshot() {
	kind=dm-snapshot
	case ${4-} in
	*/*)
		used=$((${4%/*} * 512)) size=$((${4#*/} * 512))
		usable=$size
		return 0
		;;
	Overflow) dead='overflowed: read-only until a reboot' ;;
	Invalid) dead='invalid: nothing works until a hard reset' ;;
	*) dead="failed (${4-no answer}): nothing can be written until a reboot" ;;
	esac
	# The status says no size any more; the device of the exceptions does.
	# shellcheck disable=SC2046 # split on purpose
	set -- $(dmsetup table "$name" 2>/dev/null)
	[ $# -ge 5 ] && read -r size <"$sys/dev/block/$5/size" || size=0
	size=$((size * 512))
	used=$size usable=$size
}

# thin_pool reads "0 131072 thin-pool 0 25/3276 40/128 - rw ...": blocks of
# metadata and of data. A block is as large as the pool's table says.
thin_pool() {
	kind=dm-thin
	# shellcheck disable=SC2046 # split on purpose
	set -- $(dmsetup table live-overlay-pool 2>/dev/null)
	[ $# -ge 6 ] || return 1
	block=$(($6 * 512)) data=$5
	# shellcheck disable=SC2046 # split on purpose
	set -- $(dmsetup status live-overlay-pool 2>/dev/null)
	[ $# -ge 4 ] || return 1
	case ${6-} in
	*/*) ;;
	*)
		dead='failed: nothing can be written until a reboot'
		size=$(($2 * 512))
		used=$size usable=$size
		return 0
		;;
	esac
	used=$((${6%/*} * block)) size=$((${6#*/} * block))
	usable=$size
	beside metadata "$(percent "${5%/*}" "${5#*/}")"
	case ${8-} in
	out_of_data_space) dead='out of space: nothing new can be written' ;;
	ro) dead='read-only until a reboot' ;;
	esac
	backing "$data"
}

# image: the root's own file system is written, and it lies in a file in RAM.
image() {
	by_file_system || return 1
	kind=image place="/ is $fstype in RAM"
	backing "$1"
}

# backing DEVICE reports the tmpfs under a loop device's file instead, if less is
# left there than the file still has in holes and it is the fuller of the two.
backing() {
	file=''
	[ -r "$sys/dev/block/$1/loop/backing_file" ] && read -r file <"$sys/dev/block/$1/loop/backing_file"
	# shellcheck disable=SC2046 # split on purpose
	set -- $(stat -L -c '%s %b %B' "$file" 2>/dev/null)
	[ $# -eq 3 ] && file_system "$file" || return 0
	case $fsname in tmpfs) ;; *) return 0 ;; esac
	[ $(($1 - $2 * $3)) -gt "$available" ] || return 0
	[ "$(percent "$taken" $((taken + available)))" -gt "$(percent "$used" "$usable")" ] || return 0
	used=$taken size=$bytes usable=$((taken + available)) note="$note, limited by the tmpfs that holds it"
	[ "$available" -gt 0 ] || full=1
}

# device_mapper asks what the root's device is made of.
device_mapper() {
	place="/ is $fstype on $name"
	if ! command -v dmsetup >/dev/null; then
		why="$place, and there is no dmsetup to ask"
		return 1
	fi
	why="$place, and dmsetup status gives no answer (only root may ask)"
	# shellcheck disable=SC2046 # split on purpose
	set -- $(dmsetup status "$name" 2>/dev/null)
	[ $# -ge 3 ] || return 1
	case $3 in
	snapshot) snapshot "$@" || return 1 ;;
	thin) thin_pool || return 1 ;;
	linear)
		# shellcheck disable=SC2046 # split on purpose
		set -- $(dmsetup table "$name" 2>/dev/null)
		image "${4-}"
		return
		;;
	*)
		by_file_system && kind=disk
		return
		;;
	esac
	# Where the file system is smaller than what it lies on, it fills first.
	if file_system "$root" && [ "$bytes" -gt 0 ] && [ "$available" -eq 0 ]; then
		full=1 note="$note, its file system is full"
	fi
}

# reading takes the measure: kind; used, size and what programs can use of that in
# bytes; tight, the percentage that counts; full; dead, note and place for people.
# If it cannot, why says so.
reading() {
	kind='' used=0 size=0 usable=0 tight=0 full=0 dead='' note='' place='' name='' why='/ cannot be read'
	root_mount
	[ -r "$sys/dev/block/$device/dm/name" ] && read -r name <"$sys/dev/block/$device/dm/name"
	case $fstype:$name:$device in
	overlay:* | aufs:*) overlayfs || return 1 ;;
	*:live-rw:*) device_mapper || return 1 ;;
	*:7:*) image "$device" || return 1 ;;
	tmpfs:* | ramfs:* | rootfs:*)
		by_file_system || return 1
		kind=image place="/ is $fstype in RAM"
		;;
	*)
		by_file_system || return 1
		kind=disk place="/ is $fstype"
		;;
	esac
	at_least "$(percent "$used" "$usable")"
	[ -z "$dead" ] || full=1
	[ "$full" -eq 0 ] || tight=100
}

# human BYTES prints a size for people: tenths where they matter.
human() {
	if [ "$1" -lt 10485760 ]; then
		tenths=$((($1 * 10 + 524288) / 1048576))
		echo "$((tenths / 10)).$((tenths % 10)) MiB"
	elif [ "$1" -lt 10737418240 ]; then
		echo "$((($1 + 524288) / 1048576)) MiB"
	else
		tenths=$((($1 * 10 + 536870912) / 1073741824))
		echo "$((tenths / 10)).$((tenths % 10)) GiB"
	fi
}

amount() {
	if [ "$size" -eq 0 ]; then
		echo "$kind $(human "$used") used, without a limit$note${dead:+, $dead}"
	else
		echo "$kind $(human "$used") of $(human "$size") used ($(percent "$used" "$usable") %)$note${dead:+, $dead}"
	fi
}

metrics() {
	printf '%s\n' \
		'# HELP slipway_overlay_bytes What takes the writes of this machine: bytes used and bytes in all.' \
		'# TYPE slipway_overlay_bytes gauge' \
		"slipway_overlay_bytes{kind=\"$kind\",state=\"used\"} $used" \
		"slipway_overlay_bytes{kind=\"$kind\",state=\"size\"} $size" \
		'# HELP slipway_overlay_full Whether ordinary programs cannot write any more: 1 if it is full or has failed.' \
		'# TYPE slipway_overlay_full gauge' \
		"slipway_overlay_full{kind=\"$kind\"} $full"
}

# publish writes the metrics where node_exporter never sees half of them.
publish() {
	metrics >"$run/new" && mv -f "$run/new" "$run/slipway_overlay.prom"
}

# settings reads the configuration, if it is one that a shell can read.
settings() {
	WARN_AT='' WARN_COMMAND=''
	# shellcheck source=/dev/null
	if (. "$conf") >/dev/null 2>&1; then . "$conf" >/dev/null 2>&1; fi
	[ -n "$WARN_AT" ] || WARN_AT='80 90 95'
}

# bounded runs a program that must not hold up the next reading for long; a
# machine in trouble may be slow.
bounded() {
	timeout -k 1 10 "$@" >/dev/null 2>&1
}

journal() {
	bounded logger -t slipway-overlay -p "daemon.$1" --id=$$ -- "$2"
}

# when_full says what will happen.
when_full() {
	case $kind in
	run) echo 'when it is full, writes to / and to /run fail until files are deleted' ;;
	dm-snapshot)
		case $(dmsetup table "$name" 2>/dev/null) in
		*' PO '*) echo 'when it is full, / is read-only until a reboot' ;;
		*) echo 'when it is full, nothing works until a hard reset' ;;
		esac
		;;
	dm-thin) echo 'when it is full, writes to / hang and then fail' ;;
	*) echo 'when it is full, writes to / fail until files are deleted' ;;
	esac
}

# warn tells the console, the journal and everybody who is logged in.
warn() {
	# Opened for this line only: a getty's vhangup(2) takes the console away
	# from those who keep it.
	printf '\r\nslipway-overlay: warning: %s\r\n' "$1" | bounded dd of="$console" conv=notrunc,nocreat || :
	journal warning "warning: $1" || :
	if command -v wall >/dev/null; then
		bounded wall "slipway-overlay: warning: $1" || :
		return
	fi
	who | while read -r _ tty _; do
		printf '\r\nslipway-overlay: warning: %s\r\n' "$1" | bounded dd of="/dev/$tty" conv=notrunc,nocreat || :
	done
}

# trouble is told once, not at every reading; '' ends it.
trouble() {
	before=''
	[ -r "$run/trouble" ] && read -r before <"$run/trouble"
	[ "$before" != "$1" ] || return 0
	printf '%s\n' "$1" >"$run/trouble"
	[ -z "$1" ] || journal notice "cannot tell how full the overlay is: $1"
}

# thresholds compares with what was warned of last: reached is the highest one
# that has been reached, still the highest that is not armed again.
thresholds() {
	reached=0 still=0 warned=0
	[ -r "$run/warned" ] && read -r warned <"$run/warned"
	case $warned in '' | *[!0-9]*) warned=0 ;; esac
	for threshold in $WARN_AT 100; do
		case $threshold in [1-9] | [1-9][0-9] | 100) ;; *) continue ;; esac
		if [ "$tight" -ge "$threshold" ] && [ "$threshold" -gt "$reached" ]; then
			reached=$threshold
		fi
		if [ "$threshold" -le "$warned" ] && [ "$tight" -ge $((threshold - hysteresis)) ] && [ "$threshold" -gt "$still" ]; then
			still=$threshold
		fi
	done
	[ "$reached" -le "$warned" ] || still=$reached
}

check() {
	[ -d "$run" ] || mkdir -p "$run" || exit 1
	if ! reading; then
		rm -f "$run/slipway_overlay.prom"
		trouble "$why"
		return 0 # told, and not a fault of the machine
	fi
	trouble ''
	publish || exit 1 # without a memory it would warn every time
	settings
	thresholds
	[ "$still" = "$warned" ] || echo "$still" >"$run/warned" || exit 1
	[ "$reached" -gt "$warned" ] || return 0
	if [ -n "$dead" ]; then
		warn "$(amount)"
	elif [ "$full" -eq 1 ]; then
		warn "$(amount): writes to / fail"
	else
		warn "$(amount), above $reached %; $(when_full)"
	fi
	[ -z "$WARN_COMMAND" ] || bounded systemctl --no-block start "slipway-overlay-command@$reached.service" ||
		journal warning "the command for $reached % could not be started"
}

# command runs the operator's own; a unit of its own calls this, so that no
# reading waits for it.
command_at() {
	settings
	reading || exit 0
	[ -n "$WARN_COMMAND" ] || exit 0
	SLIPWAY_OVERLAY_PERCENT=$tight SLIPWAY_OVERLAY_KIND=$kind SLIPWAY_OVERLAY_USED=$used SLIPWAY_OVERLAY_SIZE=$size SLIPWAY_OVERLAY_THRESHOLD=$1
	export SLIPWAY_OVERLAY_PERCENT SLIPWAY_OVERLAY_KIND SLIPWAY_OVERLAY_USED SLIPWAY_OVERLAY_SIZE SLIPWAY_OVERLAY_THRESHOLD
	exec timeout -k 5 "$limit" /bin/sh -c "$WARN_COMMAND"
}

case $#:${1-} in
0:)
	reading || { echo "slipway-overlay: $why" >&2 && exit 1; }
	echo "$(amount), $place"
	;;
1:--prometheus)
	reading || { echo "slipway-overlay: $why" >&2 && exit 1; }
	metrics
	;;
1:--check) check ;;
2:--command) command_at "$2" ;;
1:--help) usage ;;
*)
	usage >&2
	exit 2
	;;
esac
