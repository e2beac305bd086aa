// Command cmd writes the recipes of the project's own board with the mirrors that
// the tests make:
//
//	go run ./engine/enginetest/board/cmd --mirrors CACHE --from testdata/board --to DIR
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"slipway/engine/enginetest/board"
)

func main() {
	cache := flag.String("mirrors", "/var/tmp/slipway-mirrors", "cache folder of the mirrors")
	from := flag.String("from", "testdata/board", "folder of the recipes")
	to := flag.String("to", "", "folder to write them to, with mirror and key")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *cache, *from, *to); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "board:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, cache, from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	files, err := board.Write(ctx, from, to, cache, func(line string) { fmt.Fprintln(os.Stderr, line) })
	for _, f := range files {
		fmt.Println(f)
	}
	return err
}
