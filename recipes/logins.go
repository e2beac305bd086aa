package recipes

// Login says how one account of the image gets in.
type Login struct {
	User string
	Ways []string // "key over SSH", "password at the console"; none: it cannot
	Shut string   // why it cannot
}

// Logins says for every user of the recipe how it can log in, by the rules that
// the linter's lock-out warning follows; see Lint.
func (d *Document) Logins(names Naming) []Login {
	l := &linter{doc: d, r: &d.Recipe, names: names}
	var all []Login
	for _, u := range d.Recipe.Users {
		login := Login{User: u.Name, Shut: l.shutOut(u)}
		keyOnly := u
		keyOnly.PasswordHash = ""
		if login.Shut == "" && l.shutOut(keyOnly) == "" {
			login.Ways = append(login.Ways, "key over SSH")
		}
		if login.Shut == "" && usablePassword(u.PasswordHash) {
			login.Ways = append(login.Ways, "password at the console")
			root := u.Name == "root" && l.r.SSHD.text("PermitRootLogin", l.r.Distro.ID) != "yes"
			if l.on("PasswordAuthentication") && l.sshServer() && !root && l.refusedByName(u) == "" {
				login.Ways = append(login.Ways, "password over SSH")
			}
		}
		all = append(all, login)
	}
	return all
}
