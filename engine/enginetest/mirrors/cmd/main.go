// Command cmd makes the mirrors that the tests use, to try something by hand:
//
//	go run ./engine/enginetest/mirrors/cmd --dir DIR fedora arch
//
// prints kind, release, URL and key file of each. Without names it makes all.
// With --faulty each is followed by copies of it, below that folder, with one
// fault each; the last column says which.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"slipway/engine/enginetest/mirrors"
)

func main() {
	dir := flag.String("dir", "/var/tmp/slipway-mirrors", "cache folder of the mirrors")
	verbose := flag.Bool("v", false, "show what the programs print")
	faulty := flag.String("faulty", "", "new folder for copies with a fault")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: cmd [--dir DIR] [-v] [%s]...\n", strings.Join(mirrors.Kinds(), "|"))
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *faulty, *verbose, flag.Args()); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "mirrors:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir, faulty string, verbose bool, kinds []string) error {
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
		if faulty == "" {
			continue
		}
		for _, f := range mirrors.Faults() {
			bad, err := m.Faulty(ctx, filepath.Join(faulty, kind+"-"+strings.ReplaceAll(string(f), " ", "-")), f)
			if err != nil {
				return err
			}
			fmt.Printf("%s\t%s\t%s\t%s\t%s\n", bad.Kind, bad.Release, bad.URL, bad.Key, f)
		}
	}
	return nil
}
