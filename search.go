package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"slipway/engine"
	"slipway/engine/distro"
	"slipway/recipes"
)

// search is what is asked of a release's package index.
type search struct {
	distro, release string // instead of a recipe
	show            string
	limit           int
	refresh, json   bool
}

func searchCommand() *cobra.Command {
	var s search
	cmd := &cobra.Command{
		Use:   "search RECIPE|--distro D WORDS...",
		Short: "Search the package index of a recipe's release, or show a package",
		Long: `Print the packages that have every word in their name or summary, best first, with version, size
of the download, size when installed, and summary. With --show, print what the index says of one
package and what it brings along beyond what the recipe has.
The index is fetched and verified if there is none yet; --refresh fetches it anew.
Exits 1 if nothing is found.`,
		Example:           "  slipway search debian-vm web server\n  slipway search --distro debian --release trixie nginx\n  slipway search web.toml --show nginx-light",
		ValidArgsFunction: completeRecipe,
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, words, err := s.arguments(args)
			if err != nil {
				return err
			}
			return s.run(cmd.Context(), engine.New(engine.DefaultDirs()), doc, words)
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.distro, "distro", "", "search this distribution instead of a recipe's: "+strings.Join(distroIDs(), ", "))
	f.StringVar(&s.release, "release", "", "release of --distro (default: its first)")
	f.StringVar(&s.show, "show", "", "show the package of this name")
	f.IntVar(&s.limit, "limit", 25, "print so many matches at most; 0: all")
	f.BoolVar(&s.refresh, "refresh", false, "fetch the index anew")
	f.BoolVar(&s.json, "json", false, "one JSON object for each package")
	_ = cmd.RegisterFlagCompletionFunc("distro", cobra.FixedCompletions(distroIDs(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// distroIDs are the names that --distro takes.
func distroIDs() (ids []string) {
	for _, d := range distro.All() {
		ids = append(ids, d.ID)
	}
	return ids
}

// arguments tells the recipe from the words. Where a distribution is named, the
// recipe is one that has nothing but its release.
func (s *search) arguments(args []string) (*recipes.Document, []string, error) {
	doc := &recipes.Document{}
	switch {
	case s.limit < 0:
		return nil, nil, errors.New("--limit wants a number from 0")
	case s.distro == "" && s.release != "":
		return nil, nil, errors.New("--release belongs to --distro")
	case s.distro == "" && len(args) == 0:
		return nil, nil, errors.New("want a recipe, or --distro")
	case s.distro != "":
		d, err := distro.Find(s.distro)
		if err != nil {
			return nil, nil, err
		}
		r := &doc.Recipe
		if r.Distro.ID, r.Distro.Release = d.ID, s.release; s.release == "" {
			r.Distro.Release = d.Releases[0].ID
		}
	default:
		var err error
		if doc, err = recipes.Find(args[0]); err != nil {
			return nil, nil, fail(statusFailed, err)
		}
		args = args[1:]
	}
	if len(args) == 0 && s.show == "" {
		return nil, nil, errors.New("want words to search for, or --show NAME")
	}
	if len(args) > 0 && s.show != "" {
		return nil, nil, fmt.Errorf("want --show or words, not both: %s", strings.Join(args, " "))
	}
	return doc, args, nil
}

func (s *search) run(ctx context.Context, e *engine.Engine, doc *recipes.Document, words []string) error {
	r := doc.Recipe
	x, err := s.index(ctx, e, doc)
	if err != nil {
		if ctx.Err() != nil {
			return fail(signalStatus(ctx), nil)
		}
		return fail(statusFailed, err)
	}
	if s.show != "" {
		return s.details(os.Stdout, x, r)
	}
	found := x.Search(strings.Join(words, " "))
	if len(found) == 0 {
		return fail(statusFailed, nothing(x, r, words))
	}
	shown := found
	if s.limit > 0 {
		shown = found[:min(len(found), s.limit)]
	}
	s.print(os.Stdout, shown)
	fmt.Fprintf(os.Stderr, "slipway: %s of %s match; %s\n", humanize.Comma(int64(len(found))), humanize.Comma(int64(x.Len())), age(x, r, time.Now()))
	return nil
}

// index reads the release's index; it is fetched if there is none, or asked for.
// How that goes is told on standard error.
func (s *search) index(ctx context.Context, e *engine.Engine, doc *recipes.Document) (*engine.Index, error) {
	r := doc.Recipe
	x, err := e.Index(r)
	if err == nil && !s.refresh || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return x, err
	}
	fmt.Fprintf(os.Stderr, "slipway: fetching the package index of %s %s\n", r.Distro.ID, r.Distro.Release)
	if err := e.FetchIndex(ctx, doc, func(line string) { fmt.Fprintln(os.Stderr, "  "+line) }); err != nil {
		return nil, err
	}
	return e.Index(r)
}

func age(x *engine.Index, r recipes.Recipe, now time.Time) string {
	return fmt.Sprintf("index of %s %s, fetched %s", r.Distro.ID, r.Distro.Release, humanize.RelTime(x.Fetched, now, "ago", "from now"))
}

// nothing says that nothing was found, with the names that may have been meant.
func nothing(x *engine.Index, r recipes.Recipe, words []string) error {
	text := fmt.Sprintf("no package of %s %s has %s in its name or summary", r.Distro.ID, r.Distro.Release, quoted(words))
	var near []string
	for _, w := range words {
		near = append(near, x.Nearest(strings.ToLower(w), 3)...)
	}
	return errors.New(text + meant(near))
}

func quoted(words []string) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(all, " and ")
}

func meant(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "\n  hint: did you mean " + strings.Join(near, ", ") + "?"
}

// match is one package as --json prints it; sizes are in bytes.
type match struct {
	Name      string `json:"name"`
	Version   string `json:"version"`
	Section   string `json:"section,omitempty"`
	Download  int64  `json:"download"`
	Installed int64  `json:"installed"`
	Summary   string `json:"summary"`
}

func asMatch(p *distro.Package) match {
	return match{p.Name, p.Version, p.Section, p.Download, p.Installed, p.Summary}
}

// print writes a line for each package: cut to the terminal where it is one.
func (s *search) print(w io.Writer, found []*distro.Package) {
	if s.json {
		for _, p := range found {
			printJSON(w, asMatch(p))
		}
		return
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, p := range found {
		fmt.Fprintf(table, "%s\t%s\t%8s\t%8s\t%s\n", p.Name, p.Version, bytesText(p.Download), bytesText(p.Installed), p.Summary)
	}
	_ = table.Flush()
	width, _, err := term.GetSize(int(os.Stdout.Fd()))
	for line := range strings.Lines(text.String()) {
		if err == nil {
			line = ansi.Truncate(strings.TrimSuffix(line, "\n"), width, "…") + "\n"
		}
		fmt.Fprint(w, line)
	}
}

func packagesText(n int) string {
	if n == 1 {
		return "1 package"
	}
	return fmt.Sprintf("%d packages", n)
}

func bytesText(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

// shown is what --show prints of a package.
type shown struct {
	match
	Priority string    `json:"priority,omitempty"`
	Depends  string    `json:"depends,omitempty"`
	Provides string    `json:"provides,omitempty"`
	InRecipe bool      `json:"in_recipe"` // it is in the recipe's root already
	Brings   []match   `json:"brings"`    // what else comes that is not there without it
	Fetched  time.Time `json:"index_fetched"`
}

func (s *search) details(w io.Writer, x *engine.Index, r recipes.Recipe) error {
	name := x.Name(s.show)
	p, ok := x.Find(name)
	if !ok {
		return fail(statusFailed, absent(x, r, name))
	}
	d, err := distro.Find(r.Distro.ID)
	if err != nil {
		return fail(statusFailed, err)
	}
	wishes := d.Packages(r)
	out := shown{match: asMatch(p), Priority: p.Priority, Depends: p.Depends, Provides: p.Provides, Brings: []match{}, Fetched: x.Fetched,
		InRecipe: slices.Contains(x.Root(wishes), p)}
	for _, other := range x.Brings(wishes, name) {
		out.Brings = append(out.Brings, asMatch(other))
	}
	if s.json {
		printJSON(w, out)
		return nil
	}
	out.print(w, r)
	fmt.Fprintln(os.Stderr, "slipway:", age(x, r, time.Now()))
	return nil
}

// absent says that there is no package of that name: it may be a virtual one.
func absent(x *engine.Index, r recipes.Recipe, name string) error {
	var by []string
	for _, p := range x.Providers(name) {
		by = append(by, p.Name)
	}
	if len(by) > 0 {
		return fmt.Errorf("%s is a virtual package of %s %s\n  hint: provided by %s", name, r.Distro.ID, r.Distro.Release, strings.Join(by, ", "))
	}
	return errors.New(fmt.Sprintf("no package is called %s in %s %s", name, r.Distro.ID, r.Distro.Release) + meant(x.Nearest(name, 5)))
}

// print writes it for people, as explain does.
func (s shown) print(w io.Writer, r recipes.Recipe) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-13s %s\n", name, value)
		}
	}
	line("Package", s.Name+" "+s.Version)
	line("Summary", s.Summary)
	line("Section", s.Section)
	line("Priority", s.Priority)
	line("To download", bytesText(s.Download))
	line("Installed", bytesText(s.Installed))
	line("Depends on", s.Depends)
	line("Provides", s.Provides)
	whose := "a root of " + r.Distro.Release
	if r.Name != "" {
		whose = r.Name
	}
	if s.InRecipe {
		line("Already in", whose)
	}
	line("Brings along", s.brings(whose))
}

// brings names what comes along, and what that weighs together with the package.
func (s shown) brings(whose string) string {
	if len(s.Brings) == 0 {
		return "nothing that " + whose + " does not have anyway"
	}
	names, download, installed := []string{}, s.Download, s.Installed
	for _, b := range s.Brings {
		names = append(names, b.Name)
		download += b.Download
		installed += b.Installed
	}
	return fmt.Sprintf("%s beyond what %s has; all together %s to download, %s installed:\n%-13s %s", packagesText(len(names)), whose,
		bytesText(download), bytesText(installed), "", strings.Join(names, " "))
}
