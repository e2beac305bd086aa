package screens

import (
	"fmt"
	"strings"

	"slipway/engine"
	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

// View draws the frame, the screen in it and the dialogs over it.
func (a *App) View() string {
	if a.w <= 0 || a.h <= 0 {
		return ""
	}
	f := tui.Layout(a.w, a.h)
	var view string
	if f.Small {
		view = tui.DrawSmall(a.w, a.h, news(a.session))
	} else {
		view = a.chrome().Draw(a.screen().View(), a.w, a.h)
	}
	for i, d := range a.dialogs {
		if i == 0 {
			view = tui.Dim(view)
		}
		view = tui.DrawDialog(view, d, a.w, a.h)
	}
	return view
}

func (a *App) chrome() tui.Chrome {
	c := tui.Chrome{Brand: "slipway", Name: a.session.Recipe().Name, Changed: a.session.Doc().Changed(),
		Summary: summary(a.session.Recipe()), Tabs: tabs(a.at), Left: lintLine(a.session.Problems()),
		Keys: a.screen().Keys(), More: keyHelp}
	if len(a.dialogs) > 0 {
		c.Keys = nil // the dialog names its own
	}
	if a.screen().Capturing() || len(a.dialogs) > 0 {
		c.More.SetEnabled(false) // ? is text there
	}
	if a.at != session.Build && a.at != session.Boot {
		c.News = news(a.session)
	}
	if n := a.notice; n != nil {
		c.Left = tui.Accent.Render(n.Text)
		if n.Bad {
			c.Left = tui.Bad.Render(tui.MarkFailed + " " + n.Text)
		}
	}
	return c
}

// summary is the recipe in one line.
func summary(r recipes.Recipe) string {
	overlay := strings.TrimSpace(r.Live.Stack + " " + r.Overlay.Strategy)
	if r.Overlay.Size != "" {
		overlay += " " + string(r.Overlay.Size)
	}
	formats := r.Output.Formats
	if len(formats) == 0 {
		formats = []string{"iso"}
	}
	return strings.Join([]string{r.Distro.ID + " " + r.Distro.Release, overlay,
		count(len(r.Packages.Include), "package"), strings.Join(formats, " ")}, " · ")
}

// news is what goes on, or how it ended, in one line: "" if nothing was run.
func news(s *session.Session) string {
	j := s.Job()
	switch {
	case j == nil:
		return ""
	case !j.Over:
		return runningNews(s, j)
	case j.Verdict() != nil:
		v := j.Verdict()
		said := tui.Bad.Render(tui.MarkFailed + " " + v.Said())
		if v.Passed() {
			said = tui.Good.Render(tui.MarkDone + " " + v.Said())
		}
		said += " " + j.Recipe + ": " + v.Reason
		if r := j.End.Rehearsal; r != nil {
			said += " · " + session.Borne(*r)
		}
		return said
	case j.End.Status == engine.Failed:
		return tui.Bad.Render(tui.MarkFailed+" failed") + " " + j.Recipe + ": " + failure(j)
	case j.End.Status == engine.Cancelled:
		return tui.Warn.Render(tui.MarkWarn+" cancelled") + " " + j.Recipe
	}
	return tui.Good.Render(tui.MarkDone) + fmt.Sprintf(" %s built in %s", j.Recipe, session.Took(j.End.Took))
}

func runningNews(s *session.Session, j *session.Job) string {
	clock := session.Clock(s.Now().Sub(j.Started))
	if j.Rehearse && j.Booting && j.Checked == j.Checks {
		return fmt.Sprintf("%s rehearsing a full overlay of %s %s", tui.Accent.Render(tui.MarkSelected), j.Recipe, clock)
	}
	if j.Booting {
		return fmt.Sprintf("%s booting %s · %d of %d checks %s %s", tui.Accent.Render(tui.MarkSelected), j.Recipe,
			j.Checked, j.Checks, tui.Bar(int64(j.Checked), int64(j.Checks), 10), clock)
	}
	return fmt.Sprintf("%s building %s · %s, %d of %d %s %s", tui.Accent.Render(tui.MarkSelected), j.Recipe,
		j.Step, min(j.Ended+1, len(j.Steps)), len(j.Steps), tui.Bar(int64(j.Ended), int64(len(j.Steps)), 10), clock)
}

func failure(j *session.Job) string {
	if e := j.End.Error; e != nil {
		return e.Error()
	}
	return "no reason given"
}
