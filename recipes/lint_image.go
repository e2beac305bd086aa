package recipes

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// debName is what Debian's policy (5.6.1) takes for a name.
var debName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)

// lintPackageNames looks for names that packages of the distribution's format
// cannot have.
func lintPackageNames(l *linter) {
	if !l.names.Deb {
		return
	}
	look := func(at, item string) {
		if name := bare(item); name != "" && !debName.MatchString(name) {
			l.report(Error, "package-name", at, fmt.Sprintf("%q is no name of a package: those have small letters, digits, + - and .", name), "such as openssh-server", nil)
		}
	}
	for i, p := range l.r.Packages.Include {
		look(fmt.Sprintf("packages.include[%d]", i), p)
	}
	for i, p := range l.r.Packages.Exclude {
		look(fmt.Sprintf("packages.exclude[%d]", i), p)
	}
	look("kernel.package", l.r.Kernel.Package)
}

// lintPackages looks at the lists of packages as such.
func lintPackages(l *linter) {
	seen := map[string]bool{}
	for i, p := range l.r.Packages.Include {
		at := fmt.Sprintf("packages.include[%d]", i)
		if seen[bare(p)] {
			l.warn("package-twice", at, "package "+bare(p)+" is included twice", "", dropFix(at, "the second "+bare(p)))
		}
		seen[bare(p)] = true
	}
	for i, p := range l.r.Packages.Exclude {
		if seen[bare(p)] {
			at := fmt.Sprintf("packages.exclude[%d]", i)
			l.report(Error, "package-both", at, "package "+bare(p)+" is both included and excluded", "keep it in one of the lists", dropFix(at, "it from packages.exclude"))
		}
	}
}

// nonFree are packages of Debian's component for firmware.
var nonFree = []string{"amd64-microcode", "intel-microcode", "firmware-linux", "firmware-linux-nonfree", "firmware-misc-nonfree",
	"firmware-amd-graphics", "firmware-atheros", "firmware-bnx2", "firmware-bnx2x", "firmware-brcm80211", "firmware-cavium",
	"firmware-intel-sound", "firmware-iwlwifi", "firmware-myricom", "firmware-netronome", "firmware-netxen", "firmware-qcom-soc",
	"firmware-qlogic", "firmware-realtek", "firmware-sof-signed"}

func lintFirmware(l *linter) {
	component := l.names.Firmware
	if component == "" || slices.Contains(l.r.Distro.Components, component) {
		return
	}
	for i, p := range l.r.Packages.Include {
		if slices.Contains(nonFree, bare(p)) {
			components := []string{"main", component}
			if len(l.r.Distro.Components) > 0 {
				components = append(slices.Clone(l.r.Distro.Components), component)
			}
			fix := &Fix{Title: "add " + component + " to distro.components", Edits: []Edit{{Path: "distro.components", Value: components}}}
			l.warn("component-missing", fmt.Sprintf("packages.include[%d]", i), "package "+bare(p)+" is in "+l.names.Distro+"'s component "+component+", which distro.components does not name", "", fix)
		}
	}
}

// lintServices looks for units that are asked to do two things at once.
func lintServices(l *linter) {
	s := l.r.System.Services
	for i, name := range s.Enabled {
		at := fmt.Sprintf("system.services.enabled[%d]", i)
		if hasUnit(s.Masked, name) {
			l.report(Error, "service-conflict", at, unit(name)+" is both enabled and masked", "a masked unit never runs", dropFix(at, name+" from system.services.enabled"))
		}
		if hasUnit(s.Disabled, name) {
			l.report(Error, "service-conflict", at, unit(name)+" is both enabled and disabled", "keep it in one of the lists", dropFix(at, name+" from system.services.enabled"))
		}
	}
}

// lintFiles looks for files that the build makes or removes itself.
func lintFiles(l *linter) {
	for i, f := range l.r.Files {
		at := fmt.Sprintf("files[%d].path", i)
		hostKey, _ := path.Match("/etc/ssh/ssh_host_*", f.Path)
		switch {
		case hostKey:
			l.report(Error, "baked-identity", at, "a host key in the image would be the same on every machine", "leave it out: each machine makes its own when it boots", dropFix(fmt.Sprintf("files[%d]", i), "the file"))
		case f.Path == "/etc/machine-id", f.Path == "/var/lib/dbus/machine-id":
			l.report(Error, "baked-identity", at, "a machine id in the image would be the same on every machine", "leave it out: each machine makes its own when it boots", dropFix(fmt.Sprintf("files[%d]", i), "the file"))
		case f.Path == "/etc/hostname" && l.r.System.Hostname != "":
			l.warn("file-overwritten", at, "system.hostname and this file say the same thing twice", "keep one of them", nil)
		case f.Path == "/etc/ssh/sshd_config" && len(l.r.SSHD) > 0:
			l.warn("file-overwritten", at, "this file and [sshd] both configure sshd", "keep one of them: [sshd] is checked by name and value", nil)
		case (f.Path == "/etc/passwd" || f.Path == "/etc/shadow" || f.Path == "/etc/group") && len(l.r.Users) > 0:
			l.warn("file-overwritten", at, "this file and [[users]] both make accounts", "keep one of them", nil)
		}
	}
}

// isPrivateKey reports whether text holds a private key in PEM form.
func isPrivateKey(text []byte) bool {
	return bytes.Contains(text, []byte("-----BEGIN ")) && bytes.Contains(text, []byte("PRIVATE KEY-----"))
}

// lintSecrets looks for private keys that would be in every copy of the image.
func lintSecrets(l *linter) {
	for i, f := range l.r.Files {
		text, at := []byte(f.Content), fmt.Sprintf("files[%d].content", i)
		if f.Source != "" {
			text, _, _ = l.beside(f.Source)
			at = fmt.Sprintf("files[%d].source", i)
		}
		if isPrivateKey(text) {
			l.warn("baked-secret", at, "a private key is baked into the image: whoever reads the image has it", "bring secrets to the machine after it booted", nil)
		}
	}
}

// lintLineEnds looks for line ends of Windows, which a recipe saved with them
// hands on to its files and scripts.
func lintLineEnds(l *linter) {
	for i, f := range l.r.Files {
		if strings.Contains(f.Content, "\r\n") {
			at := fmt.Sprintf("files[%d].content", i)
			fix := setFix(at, strings.ReplaceAll(f.Content, "\r\n", "\n"))
			fix.Title = "use line feeds alone"
			l.warn("crlf", at, f.Path+" will have a carriage return at the end of every line", "the recipe is saved with the line ends of Windows", fix)
		}
	}
	for i, h := range l.r.Hooks {
		if strings.Contains(h.Script, "\r\n") {
			at := fmt.Sprintf("hooks[%d].script", i)
			fix := setFix(at, strings.ReplaceAll(h.Script, "\r\n", "\n"))
			fix.Title = "use line feeds alone"
			l.report(Error, "crlf", at, "the script has a carriage return at the end of every line: its interpreter will not be found", "the recipe is saved with the line ends of Windows", fix)
		}
	}
}

// lintSources looks for the files that a recipe brings along.
func lintSources(l *linter) {
	look := func(at, name string) {
		if name == "" {
			return
		}
		if _, err, ok := l.beside(name); ok && err != nil {
			l.report(Error, "source-missing", at, fmt.Sprintf("%s cannot be read: %v", name, rootCause(err)), "paths start from the recipe's folder, "+l.doc.Dir(), nil)
		}
	}
	for i, f := range l.r.Files {
		look(fmt.Sprintf("files[%d].source", i), f.Source)
	}
	for i, h := range l.r.Hooks {
		look(fmt.Sprintf("hooks[%d].source", i), h.Source)
	}
	look("distro.key", l.r.Distro.Key)
	for i, r := range l.r.Repositories {
		look(fmt.Sprintf("repositories[%d].key", i), r.Key)
	}
}
