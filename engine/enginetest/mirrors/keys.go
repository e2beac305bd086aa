package mirrors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"

	"slipway/engine/proc"
)

// The files of the keys, below the cache folder. None expires.
const (
	publicKey = "keys/key.asc"    // of who signs the mirrors
	secretKey = "keys/secret.asc" // the same with its secret part
	otherKey  = "keys/other.asc"  // of somebody else
)

// keyring signs.
type keyring struct {
	signer *openpgp.Entity
	secret string // file with the armoured secret key
	public []byte // armoured
}

// openKeys reads the keys of a cache folder, and makes them if there are none.
func openKeys(dir string) (*keyring, error) {
	secret := filepath.Join(dir, secretKey)
	if _, err := os.Stat(secret); errors.Is(err, fs.ErrNotExist) {
		if err := makeKeys(dir); err != nil {
			return nil, fmt.Errorf("make the signing keys: %w", err)
		}
	}
	f, err := os.Open(secret)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	defer f.Close()
	list, err := openpgp.ReadArmoredKeyRing(f)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	k := &keyring{signer: list[0], secret: secret}
	k.public, err = os.ReadFile(filepath.Join(dir, publicKey))
	return k, err
}

func makeKeys(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(secretKey)), 0o755); err != nil {
		return err
	}
	signer, err := openpgp.NewEntity("Slipway fixture", "", "fixture@example.com", nil)
	if err != nil {
		return err
	}
	other, err := openpgp.NewEntity("Somebody else", "", "else@example.com", nil)
	if err != nil {
		return err
	}
	public := func(e *openpgp.Entity) func(io.Writer) error {
		return func(w io.Writer) error { return e.Serialize(w) }
	}
	for _, k := range []struct {
		file, block string
		mode        fs.FileMode
		write       func(io.Writer) error
	}{
		{otherKey, openpgp.PublicKeyType, 0o644, public(other)},
		{publicKey, openpgp.PublicKeyType, 0o644, public(signer)},
		{secretKey, openpgp.PrivateKeyType, 0o600, func(w io.Writer) error { return signer.SerializePrivate(w, nil) }},
	} {
		var b bytes.Buffer
		w, err := armor.Encode(&b, k.block, nil)
		if err == nil {
			err = k.write(w)
		}
		if err == nil {
			err = w.Close()
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, k.file), append(b.Bytes(), '\n'), k.mode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// detached writes the signature of a file beside it, armoured or not.
func (k *keyring) detached(file, signature string, armoured bool) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	sign := openpgp.DetachSign
	if armoured {
		sign = openpgp.ArmoredDetachSign
	}
	var b bytes.Buffer
	if err := sign(&b, k.signer, bytes.NewReader(content), nil); err != nil {
		return fmt.Errorf("sign %s: %w", filepath.Base(file), err)
	}
	return os.WriteFile(signature, b.Bytes(), 0o644)
}

// clear returns a text with its signature in it.
func (k *keyring) clear(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := clearsign.Encode(&b, k.signer.PrivateKey, nil)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return append(b.Bytes(), '\n'), nil
}

// signRPMs signs packages in place, by rpmsign(8) and a gpg home of their own.
func (k *keyring) signRPMs(ctx context.Context, files []string) error {
	program, err := proc.Look("gpg")
	if err != nil {
		return err
	}
	home, err := os.MkdirTemp("", "gpg") // short: the agent's socket lies in it
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	gpg := []string{"--homedir", home, "--batch", "--quiet"}
	// The agent that gpg starts would outlive it.
	defer func() {
		_ = proc.Run(context.WithoutCancel(ctx), proc.Cmd{Path: "gpgconf", Args: []string{"--homedir", home, "--kill", "all"}}, nil)
	}()
	if err := proc.Run(ctx, proc.Cmd{Path: program, Args: append(gpg, "--import", k.secret)}, nil); err != nil {
		return fmt.Errorf("import the signing key: %w", err)
	}
	id := fmt.Sprintf("%X", k.signer.PrimaryKey.Fingerprint)
	args := []string{"--define", "_gpg_name " + id, "--define", "_gpg_path " + home, "--define", "_dbpath " + home, "--define", "__gpg " + program, "--addsign"}
	if err := proc.Run(ctx, proc.Cmd{Path: "rpmsign", Args: append(args, files...)}, nil); err != nil {
		return fmt.Errorf("sign the packages: %w", err)
	}
	return nil
}
