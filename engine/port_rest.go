package engine

import (
	"fmt"
	"strings"

	"slipway/engine/distro"
	"slipway/recipes"
)

// rest is what only a person can carry over.
func (p *port) rest() {
	look := func(path, text string) {
		for _, word := range strangers[p.from.Family] {
			if strings.Contains(text, word) && p.from.Family != p.to.Family {
				p.open(path, strings.TrimSpace(firstWith(text, word)), "it uses "+word+", which is "+p.from.Name+"'s")
				return
			}
		}
	}
	for i, h := range p.was.Hooks {
		look(fmt.Sprintf("hooks[%d]", i), h.Script)
		if h.Source != "" {
			p.open(fmt.Sprintf("hooks[%d]", i), h.Source, "it was written for "+p.from.Name)
		}
	}
	for i, f := range p.was.Files {
		look(fmt.Sprintf("files[%d]", i), f.Path)
	}
	for i, c := range p.was.Checks {
		look(fmt.Sprintf("checks[%d]", i), c.Command)
	}
}

// strangers are words that tell of a family's own programs and places.
var strangers = map[string][]string{
	distro.Deb:    {"apt-get", "apt ", "dpkg", "update-initramfs", "update-rc.d", "/etc/apt/", "/etc/default/", "debconf"},
	distro.RPM:    {"dnf ", "yum ", "rpm ", "/etc/yum.repos.d/", "/etc/dnf/", "/etc/sysconfig/"},
	distro.Zypper: {"zypper", "rpm ", "/etc/zypp/", "/etc/sysconfig/"},
	distro.Pacman: {"pacman", "mkinitcpio", "/etc/pacman"},
}

func firstWith(text, word string) string {
	for l := range strings.Lines(text) {
		if strings.Contains(l, word) {
			return l
		}
	}
	return ""
}

// sshd: what only one family's sshd knows, and where it keeps its programs.
func (p *port) sshd() {
	if p.from.Family == p.to.Family {
		return
	}
	if v, ok := p.was.SSHD["DebianBanner"]; ok && p.to.Family != distro.Deb {
		p.unset("sshd.DebianBanner", v, "only Debian's sshd knows it")
	}
	switch v := p.was.SSHD["Subsystem"].(type) {
	case string:
		p.set("sshd.Subsystem", v, ownSFTP(v), sftpMoved)
	case []any:
		for i, item := range v {
			if text, ok := item.(string); ok {
				p.set(fmt.Sprintf("sshd.Subsystem[%d]", i), text, ownSFTP(text), sftpMoved)
			}
		}
	}
}

const sftpMoved = "the program lies elsewhere; what is built into sshd does the same"

// ownSFTP takes what is built into sshd in the place of the program, which lies
// in another folder on each distribution.
func ownSFTP(subsystem string) string {
	words := strings.Fields(subsystem)
	if len(words) > 1 && strings.HasSuffix(words[1], "/sftp-server") {
		words[1] = "internal-sftp"
		return strings.Join(words, " ")
	}
	return subsystem
}

// found says what the linter finds now and did not find before.
func (p *port) found(before *recipes.Document) {
	said := map[string]bool{}
	for _, problem := range Lint(before) {
		said[problem.Code+problem.Path] = true
	}
	for _, c := range p.changes {
		said["package-foreign"+c.Path] = said["package-foreign"+c.Path] || c.Open
	}
	for _, problem := range Lint(p.doc) {
		list, _, _ := strings.Cut(problem.Path, "[")
		if !said[problem.Code+problem.Path] && !said[problem.Code+list] {
			p.open(problem.Path, "", problem.Message)
		}
	}
}
