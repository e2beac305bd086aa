package live

// option is a kernel option that a live stack reads.
type option struct {
	name string
}

var liveBootOptions, dracutOptions, kiwiOptions, casperOptions, archisoOptions []option
