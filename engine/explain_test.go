package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"slipway/engine/live"
	"slipway/engine/proc"
)

func TestCausesAreNamed(t *testing.T) {
	tests := []struct{ said, message string }{
		{"E: Unable to locate package htopp", "no package is called htopp"},
		{"E: Package 'nano' has no installation candidate", "package nano cannot be installed: no source offers it"},
		{"E: Failed to fetch http://m.example/pool/b/base_1.deb  Hash Sum mismatch", "http://m.example/pool/b/base_1.deb is not what the signed index says: refused"},
		{"Write error - write (28: No space left on device)", "the disk is full"},
		{"W: GPG error: http://m.example bookworm InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 0E98", "the archive's signature cannot be verified: refused"},
		{"Could not connect to m.example:80 (192.0.2.1). - connect (111: Connection refused)", "the mirror m.example cannot be reached"},
		{"E: Failed to fetch http://m.example/x.deb  404  Not Found", "the mirror does not have http://m.example/x.deb"},
		{"[MIRROR] bash-5.2.rpm: Status code: 500 for http://m.example/os/Packages/bash-5.2.rpm (IP: 192.0.2.1)", "bash-5.2.rpm cannot be downloaded from http://m.example/os/Packages/bash-5.2.rpm: Status code: 500"},
		{"[MIRROR] bash-5.2.rpm: Curl error (7): Couldn't connect to server for http://m.example/bash-5.2.rpm [Failed to connect]", "bash-5.2.rpm cannot be downloaded from http://m.example/bash-5.2.rpm: Curl error (7): Couldn't connect to server"},
		{"Download (curl) error for 'http://m.example/oss/bash-5.2.rpm':\nError code: HTTP response: 500", "http://m.example/oss/bash-5.2.rpm cannot be downloaded"},
		{"error: failed retrieving file 'bash-5.2-1-x86_64.pkg.tar.zst' from m.example : The requested URL returned error: 500", "bash-5.2-1-x86_64.pkg.tar.zst cannot be downloaded from m.example: The requested URL returned error: 500"},
		{`Package "bash-5.2.fc42.x86_64" from local repository "fedora" has incorrect checksum`, "bash-5.2.fc42.x86_64 is not what the index of its repository says: refused"},
		{"[MIRROR] bash-5.2.rpm: Downloading successful, but checksum doesn't match. Calculated: 12(sha256)", "bash-5.2.rpm is not what the index of its repository says: refused"},
		{">>> Status code: 500 for http://m.example/os/Packages/bash-5.2.rpm (IP: 192.0.2.1) - http://m.example/os/Packages/bash-5.2.rpm\n>>> No more mirrors to try", "bash-5.2.rpm cannot be downloaded from http://m.example/os/Packages/bash-5.2.rpm: Status code: 500"},
		{">>> Curl error (7): Could not connect to server for http://m.example/os/bash-5.2.rpm - http://m.example/os/bash-5.2.rpm", "bash-5.2.rpm cannot be downloaded from http://m.example/os/bash-5.2.rpm: Curl error (7): Could not connect to server"},
		{">>> Downloading successful, but checksum doesn't match. Calculated: 12(sha256)  Expected: 34(sha256)  - http://m.example/os/Packages/bash-5.2.rpm", "bash-5.2.rpm is not what the index of its repository says: refused"},
		{`OpenPGP check for package "bash-5.2.x86_64" (/cache/bash-5.2.rpm) from repo "fedora" has failed: The package is not signed.`, "bash-5.2.x86_64 is not signed: refused"},
		{`OpenPGP check for package "bash-5.2.x86_64" (/cache/bash-5.2.rpm) from repo "fedora" has failed: Public key is not installed.`, "bash-5.2.x86_64 is signed by another key than the mirror's: refused"},
		{"Package bash-5.2.rpm is not signed\nError: GPG check FAILED", "bash-5.2.rpm is not signed: refused"},
		{"Public key for bash-5.2.rpm is not installed. Failing package is: bash", "bash-5.2.rpm is signed by another key than the mirror's: refused"},
		{"bash-5.2.x86_64 (oss): Signature verification failed [2-Signature does not verify]", "bash-5.2.x86_64 is not what was signed: refused"},
		{"bash-5.2.x86_64 (oss): Signature verification failed [4-Signatures public key is not available]", "bash-5.2.x86_64 is signed by another key than the mirror's: refused"},
		{"    Package is not signed!\nbash-5.2.x86_64 (oss): Signature verification failed [6-File is unsigned]", "bash-5.2.x86_64 is not signed: refused"},
		{"    Package header is not signed!\nbash-5.2.x86_64 (oss): Signature verification failed [6-File is unsigned]", "bash-5.2.x86_64 is not signed: refused"},
		{`error: bash: signature from "Somebody <s@example.com>" is invalid`, "bash is not what was signed: refused"},
		{`error: bash: signature from "Somebody <s@example.com>" is unknown trust`, "bash is signed by another key than the mirror's: refused"},
		{"error: bash: missing required signature", "bash is not signed: refused"},
		{"error: failed retrieving file 'bash-5.2-1-x86_64.pkg.tar.zst.sig' from m.example : The requested URL returned error: 404", "bash-5.2-1-x86_64.pkg.tar.zst is not signed: refused"},
		{"E: Failed to fetch http://m.example/x.deb  500  Internal Server Error [IP: 192.0.2.1 80]", "http://m.example/x.deb cannot be downloaded: 500  Internal Server Error"},
		{"dracut: dracut module 'ifcfg' cannot be found or installed.", "dracut's module ifcfg lacks something in the root"},
		{"/etc/ssh/sshd_config.d/00-slipway.conf: line 2: Bad configuration option: Nonsense", "this release's sshd does not know the directive Nonsense"},
	}
	for _, tt := range tests {
		log := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(log, []byte("I: begin\n"+tt.said+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		err := fmt.Errorf("root: %w", &proc.ExitError{Cmd: proc.Cmd{Path: "mmdebstrap"}, Code: 25, Exit: "exit status 25", Last: []string{"E: run failed"}})
		e := stepError(StepRoot, err, log)
		if e.Message != tt.message || e.Hint == "" || e.Command != "mmdebstrap" || e.Exit == "" {
			t.Errorf("%s\n gave %+v", tt.said, e)
		}
	}
}

// What one command said and another got over is not the cause of what fails later.
func TestStepErrorIsOfItsCommand(t *testing.T) {
	c := proc.Cmd{Path: "dracut", Args: []string{"--force"}}
	log := filepath.Join(t.TempDir(), "log")
	said := "root      $ zypper --download-only\nroot      Download (curl) error for 'http://m.example/bash.rpm':\ninitramfs $ " + c.String() +
		"\ninitramfs dracut: dracut module 'ifcfg' cannot be found or installed.\n"
	if err := os.WriteFile(log, []byte(said), 0o644); err != nil {
		t.Fatal(err)
	}
	e := stepError(StepInitramfs, &proc.ExitError{Cmd: c, Code: 1, Exit: "exit status 1"}, log)
	if e.Message != "dracut's module ifcfg lacks something in the root" {
		t.Errorf("%+v", e)
	}
}

func TestStepErrorKeepsHintsAndFullDisk(t *testing.T) {
	if e := stepError("pack", fmt.Errorf("x: %w", hinted(errors.New("m"), "do this")), ""); e.Hint != "do this" {
		t.Errorf("%+v", e)
	}
	if e := stepError("pack", fmt.Errorf("write: %w", syscall.ENOSPC), ""); !strings.Contains(e.Message, "disk is full") {
		t.Errorf("%+v", e)
	}
	if e := stepError("root", &proc.NotFoundError{Program: "mmdebstrap"}, ""); !strings.Contains(e.Hint, "doctor") {
		t.Errorf("%+v", e)
	}
	if e := stepError("initramfs", fmt.Errorf("x: %w", &live.Refusal{Message: "cannot", Hint: "nearest: overlayfs"}), ""); e.Hint != "nearest: overlayfs" {
		t.Errorf("%+v", e)
	}
	inside := &proc.ExitError{Cmd: proc.Cmd{Path: "dracut", Root: "/root"}, Exit: "exit status 1"}
	if e := stepError("initramfs", inside, ""); !strings.HasSuffix(e.Hint, "tell what dracut did") {
		t.Errorf("%+v", e)
	}
	text := stepError("pack", errors.New("m"), "/log").Text()
	if !strings.Contains(text, "pack failed: m") || !strings.Contains(text, "/log") {
		t.Error(text)
	}
}
