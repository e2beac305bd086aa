package screens

import "slipway/tui"

// The keys that work on every screen.
var (
	keyBuild    = tui.Bind("build", "b", "b")
	keyBoot     = tui.Bind("test boot", "t", "t")
	keySave     = tui.Bind("save", "s", "s")
	keyUndo     = tui.Bind("undo the last edit", "u", "u")
	keyLint     = tui.Bind("linter's findings", "w", "w")
	keyNext     = tui.Bind("next step", "n", "n")
	keyPrevious = tui.Bind("previous step", "p", "p")
	keyDigits   = tui.Bind("go to a step", "1-6", "1", "2", "3", "4", "5", "6")
	keyLibrary  = tui.Bind("library", "0", "0")
	keyHelp     = tui.Bind("all keys", "?", "?")
	keyQuit     = tui.Bind("quit", "q", "q")
	keyKill     = tui.Bind("quit, also while typing", "ctrl-c", "ctrl+c")
)
