package recipes

import (
	"fmt"
	"slices"
	"strings"
)

// usablePassword reports whether a hash is one that a password can match.
func usablePassword(hash string) bool {
	return hash != "" && !strings.HasPrefix(hash, "!") && !strings.HasPrefix(hash, "*")
}

// lintLogin looks for an image that nobody can log in to: no key, no password,
// or all who have one shut out.
func lintLogin(l *linter) {
	var why []string
	for _, u := range l.r.Users {
		reason := l.shutOut(u)
		if reason == "" {
			return
		}
		why = append(why, reason)
	}
	if l.otherWaysIn() {
		return
	}
	at, hint := "users", `add a user: [[users]] with a name and authorized_keys = ["ssh-ed25519 ..."]`
	message := "nobody can log in: the recipe has no users"
	if len(why) > 0 {
		message = "nobody can log in: " + strings.Join(why, "; ")
		at = "users[0]"
		hint = `put a public key, the one line of a .pub file, into authorized_keys`
		if _, ok := l.doc.Value("users[0].authorized_keys"); ok {
			at = "users[0].authorized_keys"
		}
	}
	l.warn("no-login", at, message, hint, nil)
}

// shutOut says why a user cannot log in, neither over SSH nor at the console;
// "" if there is a way.
func (l *linter) shutOut(u User) string {
	switch {
	case strings.HasSuffix(u.Shell, "/nologin"), strings.HasSuffix(u.Shell, "/false"):
		return u.Name + "'s shell lets nobody in"
	case usablePassword(u.PasswordHash):
		return "" // at the console, whatever sshd thinks
	case len(u.AuthorizedKeys) == 0:
		return u.Name + " has neither a key nor a password"
	case !l.sshServer():
		return u.Name + " has a key, but " + l.own("openssh-server") + " is not included"
	case !l.on("PubkeyAuthentication"):
		return u.Name + " has a key, but PubkeyAuthentication is off"
	case l.r.SSHD.text("AuthorizedKeysFile", l.r.Distro.ID) == "none":
		return u.Name + " has a key, but AuthorizedKeysFile is none"
	case u.Name == "root" && l.r.SSHD.text("PermitRootLogin", l.r.Distro.ID) == "no":
		return "root has a key, but PermitRootLogin is no"
	case hasUnit(l.r.System.Services.Masked, l.unit("ssh")) || hasUnit(l.r.System.Services.Disabled, l.unit("ssh")):
		return u.Name + " has a key, but the service " + l.unit("ssh") + " is not to run"
	}
	if methods := l.r.SSHD.words("AuthenticationMethods"); len(methods) > 0 && !slices.ContainsFunc(methods, keyAlone) {
		return u.Name + " has a key, but AuthenticationMethods asks for more than a key"
	}
	return l.refusedByName(u)
}

// keyAlone reports whether a list of AuthenticationMethods is content with keys.
func keyAlone(list string) bool {
	return list == "any" || strings.Trim(strings.ReplaceAll(list, "publickey", ""), ",") == ""
}

// refusedByName says which list of sshd keeps a user out.
func (l *linter) refusedByName(u User) string {
	groups := append([]string{u.Name}, u.Groups...)
	inGroup := func(patterns []string) bool {
		return slices.ContainsFunc(groups, func(g string) bool { return listed(g, patterns) })
	}
	s := l.r.SSHD
	switch {
	case listed(u.Name, s.words("DenyUsers")):
		return "DenyUsers keeps " + u.Name + " out"
	case l.said("AllowUsers") && !listed(u.Name, s.words("AllowUsers")):
		return "AllowUsers does not name " + u.Name
	case inGroup(s.words("DenyGroups")):
		return "DenyGroups keeps " + u.Name + " out"
	case l.said("AllowGroups") && !inGroup(s.words("AllowGroups")):
		return "AllowGroups names no group of " + u.Name
	}
	return ""
}

// otherWaysIn reports whether keys come from somewhere that the recipe does not
// show.
func (l *linter) otherWaysIn() bool {
	for _, name := range []string{"AuthorizedKeysCommand", "TrustedUserCAKeys"} {
		if v := l.r.SSHD.text(name, l.r.Distro.ID); l.said(name) && v != "none" {
			return true
		}
	}
	return slices.ContainsFunc(l.r.Files, func(f File) bool {
		return strings.Contains(f.Path, "authorized_keys") || f.Path == "/etc/shadow"
	})
}

// lintPasswords looks at passwords: every machine of a fleet has the same one.
func lintPasswords(l *linter) {
	for i, u := range l.r.Users {
		at := fmt.Sprintf("users[%d].password_hash", i)
		if !usablePassword(u.PasswordHash) {
			continue
		}
		var fix *Fix
		if len(u.AuthorizedKeys) > 0 {
			fix = dropFix(at, "the password of "+u.Name)
		}
		l.warn("shared-password", at, fmt.Sprintf("every machine that boots this image has the same password for %s", u.Name),
			"whoever reads the image can try to crack it; a key in authorized_keys cannot be turned into a login", fix)
		if strings.HasPrefix(u.PasswordHash, "$1$") || strings.HasPrefix(u.PasswordHash, "$md5") || strings.HasPrefix(u.PasswordHash, "$sha1") {
			l.warn("weak-hash", at, "the password's hash is of an old and weak kind", "make a better one with: mkpasswd --method=yescrypt", nil)
		}
	}
}

func lintSudo(l *linter) {
	for i, u := range l.r.Users {
		if u.Sudo && !l.has("sudo", "sudo-ldap") {
			l.warn("sudo-not-installed", fmt.Sprintf("users[%d].sudo", i), fmt.Sprintf("%s may use sudo, but the package is not included", u.Name), "",
				addFix("packages.include", l.own("sudo")))
		}
	}
}

// shells are login shells that a package of the same name brings.
var shells = map[string]string{"zsh": "zsh", "fish": "fish", "tcsh": "tcsh", "ksh": "ksh", "mksh": "mksh", "busybox": "busybox"}

func lintShells(l *linter) {
	for i, u := range l.r.Users {
		pkg, ok := shells[u.Shell[strings.LastIndexByte(u.Shell, '/')+1:]]
		if ok && !l.has(pkg) {
			l.warn("shell-not-installed", fmt.Sprintf("users[%d].shell", i), fmt.Sprintf("the shell of %s needs the package %s, which is not included", u.Name, l.own(pkg)), "",
				addFix("packages.include", l.own(pkg)))
		}
	}
}
