package smoke

import (
	"testing"

	"slipway/engine/goldentest"
	"slipway/engine/live"
	"slipway/recipes"
)

func user(name string, groups ...string) recipes.User {
	return recipes.User{Name: name, Groups: groups}
}

func TestExpectLogin(t *testing.T) {
	ops := []recipes.User{user("ops", "adm")}
	match := func(criteria string, block recipes.SSHD) any {
		m := map[string]any{"Criteria": criteria}
		for k, v := range block {
			m[k] = v
		}
		return []any{m}
	}
	for _, tt := range []struct {
		name  string
		sshd  recipes.SSHD
		users []recipes.User
		want  Login
	}{
		{"nothing said", nil, ops, Login{User: "ops", Allowed: true, Session: true}},
		{"no key login", recipes.SSHD{"PubkeyAuthentication": false}, ops, Login{User: "ops", Why: "PubkeyAuthentication no"}},
		{"allowed by name", recipes.SSHD{"AllowUsers": []any{"adm*", "op?"}}, ops, Login{User: "ops", Allowed: true, Session: true}},
		{"not on the list, nor is root", recipes.SSHD{"AllowUsers": []any{"admin"}}, ops, Login{User: "ops", Why: "AllowUsers admin"}},
		{"the second user can", recipes.SSHD{"AllowUsers": "admin"}, []recipes.User{user("ops"), user("admin")}, Login{User: "admin", Allowed: true, Session: true}},
		{"only root can", recipes.SSHD{"AllowUsers": "root"}, ops, Login{User: "root", Allowed: true, Session: true}},
		{"denied", recipes.SSHD{"DenyUsers": []any{"ops"}, "PermitRootLogin": "no"}, ops, Login{User: "ops", Why: "DenyUsers ops"}},
		{"negated pattern", recipes.SSHD{"AllowUsers": []any{"!ops", "*"}, "PermitRootLogin": "no"}, ops, Login{User: "ops", Why: "AllowUsers !ops *"}},
		{"from elsewhere only", recipes.SSHD{"AllowUsers": []any{"ops@192.0.2.1"}, "PermitRootLogin": "no"}, ops, Login{User: "ops", Why: "AllowUsers ops@192.0.2.1"}},
		{"from anywhere", recipes.SSHD{"AllowUsers": []any{"ops@*"}}, ops, Login{User: "ops", Allowed: true, Session: true}},
		{"by group", recipes.SSHD{"AllowGroups": []any{"adm"}}, ops, Login{User: "ops", Allowed: true, Session: true}},
		{"by its own group", recipes.SSHD{"AllowGroups": []any{"ops"}}, ops, Login{User: "ops", Allowed: true, Session: true}},
		{"group denied", recipes.SSHD{"DenyGroups": "adm", "PermitRootLogin": "no"}, ops, Login{User: "ops", Why: "DenyGroups adm"}},
		{"key is not enough", recipes.SSHD{"AuthenticationMethods": []any{"publickey,password"}}, ops, Login{User: "ops", Why: "AuthenticationMethods publickey,password"}},
		{"key is one way", recipes.SSHD{"AuthenticationMethods": "publickey password"}, ops, Login{User: "ops", Allowed: true, Session: true}},
		{"no key files", recipes.SSHD{"AuthorizedKeysFile": "none"}, ops, Login{User: "ops", Why: "AuthorizedKeysFile none"}},
		{"nobody, root may", nil, nil, Login{User: "root", Allowed: true, Session: true}},
		{"nobody, root may not", recipes.SSHD{"PermitRootLogin": false}, nil, Login{User: "root", Why: "PermitRootLogin no"}},
		{"forced command", recipes.SSHD{"ForceCommand": "/bin/true", "PermitRootLogin": "no"}, ops, Login{User: "ops", Allowed: true, Why: "ForceCommand"}},
		{"no shell", recipes.SSHD{"PermitRootLogin": "no"}, []recipes.User{{Name: "ops", Shell: "/usr/sbin/nologin"}}, Login{User: "ops", Allowed: true, Why: "the shell /usr/sbin/nologin"}},
		{"match on the user", recipes.SSHD{"PermitRootLogin": "no", "Match": match("User ops", recipes.SSHD{"PubkeyAuthentication": false})}, ops, Login{User: "ops", Why: "PubkeyAuthentication no"}},
		{"match on another", recipes.SSHD{"Match": match("User bob", recipes.SSHD{"PubkeyAuthentication": false})}, ops, Login{User: "ops", Allowed: true, Session: true}},
		{"match gives it back", recipes.SSHD{"PubkeyAuthentication": false, "Match": match("Group adm", recipes.SSHD{"PubkeyAuthentication": true})}, ops, Login{User: "ops", Allowed: true, Session: true}},
		{"match on an address", recipes.SSHD{"Match": match("Address 192.0.2.0/24", recipes.SSHD{"PubkeyAuthentication": false})}, ops, Login{User: "ops", Allowed: true, Session: true, Unknown: "depends on Match Address 192.0.2.0/24"}},
		{"match on an address, about another thing", recipes.SSHD{"Match": match("Address 192.0.2.0/24", recipes.SSHD{"X11Forwarding": false})}, ops, Login{User: "ops", Allowed: true, Session: true}},
	} {
		if got := ExpectLogin(recipes.Recipe{SSHD: tt.sshd, Users: tt.users}); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestExpectX11(t *testing.T) {
	match := []any{map[string]any{"Criteria": "User ops", "X11Forwarding": false}}
	for _, tt := range []struct {
		name  string
		sshd  recipes.SSHD
		image Config
		want  bool
	}{
		{"on", recipes.SSHD{"X11Forwarding": true}, nil, true},
		{"off", recipes.SSHD{"X11Forwarding": false}, Config{"x11forwarding": {"yes"}}, false},
		{"on, whatever the image says", recipes.SSHD{"X11Forwarding": true}, Config{"x11forwarding": {"no"}}, true},
		{"all forwarding off", recipes.SSHD{"X11Forwarding": true, "DisableForwarding": true}, nil, false},
		{"left to the distro, on", nil, Config{"x11forwarding": {"yes"}}, true},
		{"left to the distro, off", nil, Config{"x11forwarding": {"no"}}, false},
		{"off for the user", recipes.SSHD{"X11Forwarding": true, "Match": match}, nil, false},
	} {
		if got := ExpectX11(recipes.Recipe{SSHD: tt.sshd}, "ops", tt.image); got.Accepted != tt.want || got.Why == "" {
			t.Errorf("%s: %+v, want accepted %v", tt.name, got, tt.want)
		}
	}
}

func TestMatchCases(t *testing.T) {
	r := recipes.Recipe{Users: []recipes.User{user("ops", "adm"), user("bob")}, SSHD: recipes.SSHD{"X11Forwarding": true, "PermitTTY": true, "MaxSessions": int64(5), "Match": []any{
		map[string]any{"Criteria": "Group adm", "X11Forwarding": false},
		map[string]any{"Criteria": "Address 192.0.2.0/24", "PermitTTY": false},
		map[string]any{"Criteria": "User ops", "X11Forwarding": true},
	}}}
	cases := matchCases(r)
	if len(cases) != 1 || cases[0].user != "ops" {
		t.Fatalf("%+v", cases)
	}
	s := cases[0].settings
	if s["X11Forwarding"] != false || s["MaxSessions"] != int64(5) {
		t.Errorf("%+v", s)
	}
	if _, ok := s["PermitTTY"]; ok {
		t.Error("what depends on an address is compared")
	}
}

func TestSSHPort(t *testing.T) {
	for _, tt := range []struct {
		sshd recipes.SSHD
		want int
	}{
		{nil, 22},
		{recipes.SSHD{"Port": int64(2222)}, 2222},
		{recipes.SSHD{"Port": []any{int64(2022), int64(22)}}, 2022},
		{recipes.SSHD{"ListenAddress": "0.0.0.0:2200"}, 2200},
		{recipes.SSHD{"ListenAddress": "[::]:2201"}, 2201},
		{recipes.SSHD{"ListenAddress": "::", "Port": int64(2202)}, 2202},
		{recipes.SSHD{"ListenAddress": "0.0.0.0"}, 22},
	} {
		if got := SSHPort(tt.sshd); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.sshd, got, tt.want)
		}
	}
}

func TestCheckNames(t *testing.T) {
	r := recipes.Recipe{System: recipes.System{Hostname: "web"}, SSHD: recipes.SSHD{"X11Forwarding": false, "Port": int64(2222)},
		Users: []recipes.User{user("ops")}, Checks: []recipes.Check{{Name: "disk"}, {Name: "net"}}}
	l := live.Layout{Strategy: live.Overlayfs, Kind: live.KindTmpfs, Size: "50%"}
	for path, want := range map[string]string{Direct: "direct", ISO: "iso"} {
		text := ""
		for _, p := range Plans(r, l, path) {
			text += p.ID + ": " + p.Title + "\n"
		}
		goldentest.Equal(t, "checks-"+want+".txt", text)
	}
}
