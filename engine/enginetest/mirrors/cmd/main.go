// Command cmd makes the mirrors that the tests use, to try something by hand:
//
//	go run ./engine/enginetest/mirrors/cmd --dir DIR fedora arch
//
// prints kind, release, URL and key file of each. Without names it makes all.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"slipway/engine/enginetest/mirrors"
)

func main() {
	dir := flag.String("dir", "/var/tmp/slipway-mirrors", "cache folder of the mirrors")
	verbose := flag.Bool("v", false, "show what the programs print")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: cmd [--dir DIR] [-v] [%s]...\n", strings.Join(mirrors.Kinds(), "|"))
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *verbose, flag.Args()); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "mirrors:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, verbose bool, kinds []string) error {
	if len(kinds) == 0 {
		kinds = mirrors.Kinds()
	}
	told := func(line string) {
		if verbose {
			fmt.Fprintln(os.Stderr, line)
		}
	}
	for _, kind := range kinds {
		m, err := mirrors.Make(ctx, dir, kind, told)
		if err != nil {
			return err
		}
		fmt.Printf("%s\t%s\t%s\t%s\n", m.Kind, m.Release, m.URL, m.Key)
	}
	return nil
}
