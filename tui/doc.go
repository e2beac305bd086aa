// Package tui is the kit that Slipway's screens are made of: the Screen and
// Dialog interfaces, the theme, keys, text that fits exactly, lists, tables,
// fields, progress bars, the live log and the serial console. It knows nothing of
// images.
//
// Three promises hold everywhere:
//
//   - A view is exactly as wide and as high as its SetSize asked for. Bubble
//     Tea drops the top of a view that is too high and the end of a line that
//     is too wide, both without a word.
//   - Nothing is told by colour alone: the selected row carries ▸, a status
//     carries a mark or a word. Under NO_COLOR the screens say the same.
//   - Nothing in Update or View waits: what takes time is a tea.Cmd, and its
//     answer carries the id of the question.
package tui
