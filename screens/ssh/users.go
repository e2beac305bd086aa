package ssh

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"slipway/recipes"
	"slipway/screens/session"
	"slipway/tui"
)

var (
	keyAddUser = tui.Doing(tui.KeyAdd, "add a user")
	keyRemove  = tui.KeyRemove
)

// users is the form of the accounts and their keys.
type users struct {
	session *session.Session
	form    tui.Form
	rows    []row
	pending pending
}

// row is one line of the form.
type row struct {
	tui.FormItem
	user   int // index of the account it is about
	about  func(w int) []string
	what   string // d removes this …
	remove func() error
}

func (u *users) title() string {
	r := u.session.Recipe()
	keys := 0
	for _, user := range r.Users {
		keys += len(user.AuthorizedKeys)
	}
	return fmt.Sprintf("%s, %s", count(len(r.Users), "user"), count(keys, "key"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (u *users) keys() []key.Binding {
	if u.form.Capturing() {
		return u.form.Keys()
	}
	remove := keyRemove
	r := u.selected()
	remove.SetEnabled(r.remove != nil)
	return append(u.form.Keys(), keyAddUser, tui.Doing(remove, "remove "+r.what))
}

func (u *users) selected() row {
	if i := u.form.Cursor(); i >= 0 {
		return u.rows[i]
	}
	return row{}
}

func (u *users) update(k tea.KeyMsg) tea.Cmd {
	if !u.form.Capturing() {
		r := u.selected()
		switch {
		case key.Matches(k, keyAddUser):
			return u.askUser()
		case r.remove != nil && key.Matches(k, keyRemove):
			if err := r.remove(); err != nil {
				return session.Complain(err)
			}
			return session.Say("removed " + r.what + "; u brings it back")
		}
	}
	return tea.Batch(u.form.Update(k), u.read())
}

// askUser asks for the name of a new account and opens the field for its key.
func (u *users) askUser() tea.Cmd {
	add := func(s *session.Session, name string) error {
		return s.Append("users", map[string]any{"name": strings.TrimSpace(name)})
	}
	p := tui.NewPrompt("Add a user", "Name of the account", "", func(name string) tea.Cmd {
		if err := add(u.session, name); err != nil {
			return session.Complain(err)
		}
		u.fill()
		u.openAdder(len(u.session.Recipe().Users) - 1)
		return nil
	})
	p.Check = func(name string) string {
		if strings.TrimSpace(name) == "" {
			return "a name is needed"
		}
		return u.session.Try(func(s *session.Session) error { return add(s, name) })
	}
	return tui.Open(p)
}

// labelAdd is the line on which keys are pasted.
const labelAdd = "add a key"

func (u *users) openAdder(user int) {
	for i, r := range u.rows {
		if r.user == user && r.Label == labelAdd {
			u.form.SetCursor(i)
		}
	}
}

// fill makes the form from the recipe.
func (u *users) fill() {
	u.rows = nil
	for i, user := range u.session.Recipe().Users {
		u.rows = append(u.rows, row{FormItem: tui.FormItem{Heading: user.Name}, user: i})
		u.account(i, user)
	}
	if u.rows == nil {
		u.rows = append(u.rows, row{FormItem: tui.FormItem{Label: "no users", Option: true, Value: tui.Muted.Render("a adds one")}})
	}
	items := make([]tui.FormItem, len(u.rows))
	for i, r := range u.rows {
		items[i] = r.FormItem
	}
	u.form.SetItems(items)
}

func (u *users) account(i int, user recipes.User) {
	at := fmt.Sprintf("users[%d]", i)
	whole := row{user: i, what: user.Name, remove: func() error { return u.session.Remove(at) }}
	add := func(it tui.FormItem, about func(int) []string) {
		r := whole
		r.FormItem, r.about = it, about
		u.rows = append(u.rows, r)
	}
	for n, k := range user.AuthorizedKeys {
		u.rows = append(u.rows, u.key(i, n, k))
	}
	add(tui.FormItem{Label: labelAdd, Value: "paste the line of a .pub file, or name the file", Default: true,
		Edit: func(text string) error { return u.paste(i, text) }},
		prose("Authorized keys", "Paste one or more public keys, or write the path of a .pub file, such as ~/.ssh/id_ed25519.pub. The private key stays where it is: Slipway never sees it."))
	sudo := tui.FormItem{Label: "sudo", Value: "no", Do: func() tea.Cmd {
		var v any = true
		if user.Sudo {
			v = nil
		}
		return session.Complain(u.give(at+".sudo", v))
	}}
	if user.Sudo {
		sudo.Value, sudo.Note = "yes", "without a password"
	}
	add(sudo, prose("sudo", "May become root by sudo, without a password. Needs the package sudo."))
	add(tui.FormItem{Label: "groups", Value: strings.Join(user.Groups, " "), Edit: func(text string) error {
		return u.session.Give(at+".groups", strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }))
	}}, prose("Groups", "Further groups, separated by spaces: adm reads logs, systemd-journal the journal. One that the image does not have is made."))
	shell := tui.FormItem{Label: "shell", Value: user.Shell, Edit: func(text string) error { return u.session.Give(at+".shell", text) }}
	if user.Shell == "" {
		shell.Value, shell.Default = "/bin/bash", true
	}
	add(shell, prose("Shell", "The program that a login starts, by its absolute path."))
	password := tui.FormItem{Label: "password", Value: user.PasswordHash, Edit: func(text string) error { return u.session.Give(at+".password_hash", text) }}
	if user.PasswordHash == "" {
		password.Value, password.Default = "none: keys only", true
	}
	add(password, prose("Password", "The hash of a password, as mkpasswd --method=yescrypt prints it. Every machine that boots the image has the same one, and whoever reads the image can try to crack it: prefer keys."))
	add(tui.FormItem{Label: "name", Value: user.Name, Edit: func(text string) error { return u.session.Set(at+".name", strings.TrimSpace(text)) }},
		prose("Name", "The name of the account, and of its folder below /home."))
}

// key is the line of one authorized key.
func (u *users) key(user, n int, text string) row {
	at := fmt.Sprintf("users[%d].authorized_keys", user)
	k := describe(text)
	remove := func() error {
		have := u.session.Recipe().Users[user].AuthorizedKeys
		return u.session.Give(at, slices.Delete(slices.Clone(have), n, n+1))
	}
	return row{
		FormItem: tui.FormItem{Label: k.kind, Value: k.comment, Text: text, Note: k.short, Edit: func(text string) error {
			if strings.TrimSpace(text) == "" {
				return remove()
			}
			return u.session.Set(fmt.Sprintf("%s[%d]", at, n), strings.TrimSpace(text))
		}},
		user: user, what: "this key", remove: remove, about: k.about,
	}
}

func (u *users) give(path string, v any) error {
	if v == nil {
		return u.session.Unset(path)
	}
	return u.session.Set(path, v)
}

// add gives an account more keys; those that it has already are left out.
func (u *users) add(user int, keys []string) error {
	all := u.session.Recipe().Users
	if user >= len(all) {
		return errors.New("the account is gone")
	}
	have := slices.Clone(all[user].AuthorizedKeys)
	for _, k := range keys {
		if !slices.Contains(have, k) {
			have = append(have, k)
		}
	}
	if len(have) == len(all[user].AuthorizedKeys) {
		return fmt.Errorf("%s has this key already", all[user].Name)
	}
	return u.session.Set(fmt.Sprintf("users[%d].authorized_keys", user), have)
}

func (u *users) view(w, h int) string {
	return tui.ListAndDetail(w, h, 58, func(w, h int) string {
		u.form.SetSize(w, h)
		return u.form.View()
	}, func(w int) []string {
		if about := u.selected().about; about != nil {
			return about(w)
		}
		return tui.Prose("An image without users can be entered by nobody.", w)
	})
}

func prose(title, text string) func(int) []string {
	return func(w int) []string {
		return append([]string{tui.Heading.Render(title), ""}, tui.Prose(text, w)...)
	}
}
