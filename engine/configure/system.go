package configure

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"slipway/engine/proc"
	"slipway/recipes"
)

// sysctlFile sorts after the distribution's own files, so that it wins (sysctl.d(5)).
const sysctlFile = "/etc/sysctl.d/90-slipway.conf"

func (r *Root) system(ctx context.Context, rc recipes.Recipe) error {
	name := rc.System.Hostname
	if name == "" {
		name = rc.Name
	}
	if err := r.write("/etc/hostname", []byte(name+"\n"), 0o644); err != nil {
		return err
	}
	hosts := "127.0.0.1\tlocalhost\n127.0.1.1\t" + name + "\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
	if err := r.write("/etc/hosts", []byte(hosts), 0o644); err != nil {
		return err
	}
	if err := r.timezone(rc.System.Timezone); err != nil {
		return err
	}
	if err := r.locale(ctx, rc.System.Locale); err != nil {
		return err
	}
	if len(rc.System.Sysctl) > 0 {
		return r.write(sysctlFile, []byte(sysctlLines(rc.System.Sysctl)), 0o644)
	}
	return nil
}

func sysctlLines(settings map[string]any) string {
	var lines []string
	for k, v := range settings {
		if on, ok := v.(bool); ok {
			v = map[bool]int{true: 1, false: 0}[on]
		}
		lines = append(lines, fmt.Sprintf("%s = %v\n", k, v))
	}
	sort.Strings(lines)
	return "# Written by slipway from [system.sysctl].\n" + strings.Join(lines, "")
}

func (r *Root) timezone(zone string) error {
	if zone == "" {
		return nil
	}
	if !r.exists("/usr/share/zoneinfo/" + zone) {
		if zone == "UTC" || zone == "Etc/UTC" {
			return nil // what a root without tzdata has
		}
		return fmt.Errorf("timezone %s is not in the image: add tzdata to packages.include, or check its name", zone)
	}
	if err := r.link("/usr/share/zoneinfo/"+zone, "/etc/localtime"); err != nil {
		return fmt.Errorf("timezone: %w", err)
	}
	return r.write("/etc/timezone", []byte(zone+"\n"), 0o644)
}

// locale sets LANG. C.UTF-8 is part of libc.
func (r *Root) locale(ctx context.Context, locale string) error {
	if locale == "" {
		return nil
	}
	if locale != "C.UTF-8" && locale != "C" && locale != "POSIX" {
		if err := r.haveLocale(ctx, locale); err != nil {
			return err
		}
	}
	return r.write(r.Distro.Locale.File, []byte("LANG="+locale+"\n"), 0o644)
}

// haveLocale makes a locale, or sees that a package has brought it.
func (r *Root) haveLocale(ctx context.Context, locale string) error {
	missing := fmt.Errorf("locale %s needs the package %s: add it to packages.include", locale, strings.Join(r.Distro.LocalePackages(locale), " or "))
	if !r.Distro.Locale.Generated {
		out, err := proc.Output(ctx, proc.Cmd{Path: "locale", Args: []string{"-a"}, Root: r.Dir})
		if err != nil {
			return fmt.Errorf("locale %s: %w", locale, err)
		}
		for name := range strings.FieldsSeq(out) {
			if sameLocale(name, locale) {
				return nil
			}
		}
		return missing
	}
	charset := "UTF-8"
	if _, c, ok := strings.Cut(locale, "."); ok {
		charset = c
	}
	if err := r.write("/etc/locale.gen", []byte(locale+" "+charset+"\n"), 0o644); err != nil {
		return err
	}
	err := r.run(ctx, "locale-gen")
	if isMissing(err) {
		return missing
	}
	if err != nil {
		return fmt.Errorf("locale %s: %w", locale, err)
	}
	return nil
}

// sameLocale compares names as libc does: en_US.UTF-8 is also called en_US.utf8.
func sameLocale(a, b string) bool {
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "") }
	return plain(a) == plain(b)
}
