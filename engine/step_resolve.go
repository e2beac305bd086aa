package engine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"

	"slipway/engine/distro"
	"slipway/engine/proc"
)

// fetchTimeout bounds one try to read a small signed index.
const fetchTimeout = 30 * time.Second

// largestIndex bounds what a mirror may answer: an InRelease has 150 KiB.
const largestIndex = 8 << 20

// mirrorState is what the signed indexes said, kept so that an edit can be
// built while the mirror cannot be reached.
type mirrorState struct {
	Sources []distro.Source `json:"sources"`
	Inputs  []Input         `json:"inputs"`
	Epoch   int64           `json:"epoch"`
}

// resolve reads the signed index of every source: the root is made again when
// one has changed.
func (b *builder) resolve(ctx context.Context) error {
	start := time.Now()
	b.begin(StepResolve, nil)
	b.line(StepResolve, "mirror from "+b.Plan.Origin)
	defer func() { b.inputs[StepResolve] = b.Plan.Step(StepResolve).Inputs }()
	sources, err := b.allSources()
	if err != nil {
		return err
	}
	remembered := filepath.Join(b.Dirs.Cache, "mirrors", hashOf(sources)+".json")
	state, err := b.readMirrors(ctx, sources)
	var down *mirrorDown
	if errors.As(err, &down) && ctx.Err() == nil {
		var old mirrorState
		if readJSON(remembered, &old); old.Epoch == 0 {
			return err
		}
		b.line(StepResolve, "warning: "+err.Error())
		b.line(StepResolve, "warning: going on with the mirror's state of "+time.Unix(old.Epoch, 0).UTC().Format(time.DateTime))
		state, err = old, nil
	}
	if err == nil && len(sources) > 0 {
		err = writeJSON(remembered, state)
	}
	if err != nil {
		return err
	}
	if b.ownMirror = len(b.Plan.Sources) > 0; !b.ownMirror {
		day := start.UTC().Truncate(24 * time.Hour)
		state.Inputs = append(state.Inputs, Input{"mirror", "mmdebstrap's default, as of " + day.Format(time.DateOnly)})
		state.Epoch = max(state.Epoch, day.Unix())
	}
	b.Plan.Sources, b.state, b.epoch = state.Sources, state.Inputs, state.Epoch
	b.end(StepResolve, start, nil)
	return nil
}

// allSources are the release's archives and the recipe's own repositories.
func (b *builder) allSources() ([]distro.Source, error) {
	sources := append([]distro.Source{}, b.Plan.Sources...)
	for _, s := range sources {
		if _, err := os.Stat(s.SignedBy); err != nil {
			return nil, hinted(fmt.Errorf("the keys of %s are missing: %w", b.distro.Name, err),
				"install the package "+b.distro.KeyringPackage+", which brings them: slipway doctor --fix")
		}
	}
	for _, r := range b.Recipe.Repositories {
		armoured, err := armourKey(b.Assets[r.Key])
		if err != nil {
			return nil, fmt.Errorf("repository %s: key %s: %w", r.Name, r.Key, err)
		}
		components := r.Components
		if len(components) == 0 {
			components = []string{"main"}
		}
		sources = append(sources, distro.Source{URI: r.URI, Suite: r.Suite, Components: components, SignedBy: armoured})
	}
	return sources, nil
}

// armourKey returns a public key as ASCII armour, whichever form it has.
func armourKey(keyFile []byte) (string, error) {
	if bytes.Contains(keyFile, []byte("-----BEGIN PGP PUBLIC KEY BLOCK-----")) {
		return string(keyFile), nil
	}
	if len(keyFile) == 0 || keyFile[0]&0x80 == 0 {
		return "", errors.New("is not an OpenPGP public key")
	}
	var out bytes.Buffer
	w, err := armor.Encode(&out, "PGP PUBLIC KEY BLOCK", nil)
	if err == nil {
		_, err = w.Write(keyFile)
	}
	if err == nil {
		err = w.Close()
	}
	return out.String() + "\n", err
}

func (b *builder) readMirrors(ctx context.Context, sources []distro.Source) (mirrorState, error) {
	var state mirrorState
	for i, s := range sources {
		b.progress(StepResolve, s.Suite, int64(i), int64(len(sources)))
		b.line(StepResolve, "read "+s.Release())
		index, err := fetch(ctx, s.Release())
		if errors.Is(err, errAbsent) && s.Optional {
			b.line(StepResolve, "warning: the mirror has no suite "+s.Suite+": built without it")
			continue
		}
		if errors.Is(err, errAbsent) {
			return state, hinted(fmt.Errorf("the mirror %s has no suite %q: %w", s.URI, s.Suite, err),
				"check distro.release and distro.mirror in the recipe")
		}
		if err != nil {
			return state, err
		}
		if err := b.verify(ctx, s, index); err != nil {
			return state, err
		}
		date := indexDate(index)
		state.Epoch = max(state.Epoch, date.Unix())
		state.Inputs = append(state.Inputs, Input{"index of " + s.Suite, date.UTC().Format(time.DateTime) + " (" + hashBytes(index) + ")"})
		state.Sources = append(state.Sources, s)
	}
	return state, nil
}

// verify checks an InRelease against the source's keys, as apt will again.
func (b *builder) verify(ctx context.Context, s distro.Source, index []byte) error {
	keyring := s.SignedBy
	if strings.Contains(keyring, "\n") {
		block, err := armor.Decode(strings.NewReader(keyring))
		if err != nil {
			return fmt.Errorf("key of %s: %w", s.URI, err)
		}
		raw, err := io.ReadAll(block.Body)
		if err != nil {
			return fmt.Errorf("key of %s: %w", s.URI, err)
		}
		keyring = filepath.Join(b.space.dir, "key.gpg")
		if err := os.WriteFile(keyring, raw, 0o644); err != nil {
			return err
		}
	}
	c := proc.Cmd{Path: "gpgv", Args: []string{"--keyring", keyring, "--output", "/dev/null", "-"}, Stdin: bytes.NewReader(index)}
	out, err := proc.Output(ctx, c)
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		b.log.line(StepResolve, l)
	}
	if err != nil && proc.Code(err) > 0 {
		return hinted(fmt.Errorf("the signature of %s is not good: %w", s.Release(), err),
			"the mirror was tampered with, or is signed by a key that "+s.URI+" is not known to use; nothing was installed")
	}
	return err
}

var errAbsent = errors.New("not found")

// mirrorDown says that a mirror could not be asked, not that it said no.
type mirrorDown struct {
	host string
	err  error
}

func (e *mirrorDown) Error() string {
	return "the mirror " + e.host + " cannot be reached: " + e.err.Error()
}
func (e *mirrorDown) Unwrap() error { return e.err }
func (e *mirrorDown) hint() string {
	return "check the network, or choose another mirror: distro.mirror in the recipe, or SLIPWAY_DEBIAN_MIRROR"
}

// fetch reads a small file from a mirror: http, https, file or copy.
func fetch(ctx context.Context, uri string) ([]byte, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return nil, fmt.Errorf("mirror address: %w", err)
	}
	switch u.Scheme {
	case "file", "copy":
		body, err := os.ReadFile(u.Path)
		if errors.Is(err, os.ErrNotExist) {
			return nil, errAbsent
		}
		return body, err
	case "http", "https":
	default:
		return nil, fmt.Errorf("mirror address %s: want http, https, file or copy", uri)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, fmt.Errorf("mirror address: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, &mirrorDown{u.Host, err}
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return nil, errAbsent
	case resp.StatusCode != http.StatusOK:
		return nil, &mirrorDown{u.Host, errors.New("it answers " + resp.Status)}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestIndex))
	if err != nil {
		return nil, &mirrorDown{u.Host, err}
	}
	return body, nil
}

// indexDate reads the Date field of a Release file.
func indexDate(index []byte) time.Time {
	sc := bufio.NewScanner(bytes.NewReader(index))
	for sc.Scan() {
		if v, ok := strings.CutPrefix(sc.Text(), "Date: "); ok {
			if t, err := time.Parse(time.RFC1123, strings.TrimSpace(v)); err == nil {
				return t
			}
		}
	}
	return time.Unix(1, 0)
}
