// Package hush keeps the UI library from questioning the terminal while the
// program starts. Bubble Tea asks for the background colour in an init
// function: every verb would pay for that, with five seconds where a terminal
// never answers. A terminal that calls itself dumb is not asked, so for as
// long as packages are initialised this one is.
//
// It works because Go initialises packages in the order of their import paths
// as soon as what they import is ready: this package must import nothing but
// syscall to come before package time, and so before every library. A test of
// the built program holds that.
package hush

import "syscall"

var term, known = syscall.Getenv("TERM")

func init() { syscall.Setenv("TERM", "dumb") }

// Over gives the environment its own TERM back. Main calls it first.
func Over() {
	if known {
		syscall.Setenv("TERM", term)
	} else {
		syscall.Unsetenv("TERM")
	}
}
