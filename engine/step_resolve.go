package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"slipway/engine/distro"
	"slipway/recipes"
)

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

// allSources are the release's archives and the recipe's own repositories, with
// the keys that they must be signed by.
func (b *builder) allSources() ([]distro.Source, error) {
	sources, err := signedBy(b.distro, b.Recipe, b.Assets[b.Recipe.Distro.Key], b.Plan.Sources)
	if err != nil {
		return nil, err
	}
	for _, r := range b.Recipe.Repositories {
		armoured, err := armourKey(b.Assets[r.Key])
		if err != nil {
			return nil, fmt.Errorf("repository %s: key %s: %w", r.Name, r.Key, err)
		}
		own := ownSource(b.distro, r)
		own.SignedBy = armoured
		sources = append(sources, own)
	}
	return sources, nil
}

// ownSource is a repository of the recipe's own, without its key.
func ownSource(d distro.Distro, r recipes.Repository) distro.Source {
	if d.Family != distro.Deb {
		return distro.Source{Family: d.Family, Name: r.Name, URI: r.URI, IndexSigned: true}
	}
	components := r.Components
	if len(components) == 0 {
		components = []string{"main"}
	}
	return distro.Source{URI: r.URI, Suite: r.Suite, Components: components, IndexSigned: true}
}

// readMirrors reads the signed index of every source and checks its signature.
func (b *builder) readMirrors(ctx context.Context, sources []distro.Source) (mirrorState, error) {
	var state mirrorState
	for i, s := range sources {
		address, _ := s.Signed()
		b.progress(StepResolve, s.Label(), int64(i), int64(len(sources)))
		b.line(StepResolve, "read "+address)
		x, err := readSigned(ctx, s, b.space.dir, b.distro.MirrorEnv)
		for _, l := range x.said {
			b.log.line(StepResolve, l)
		}
		if errors.Is(err, errAbsent) && s.Optional {
			b.line(StepResolve, "warning: the mirror has no "+s.Label()+": built without it")
			continue
		}
		if err != nil {
			return state, err
		}
		for _, note := range x.notes(s) {
			b.line(StepResolve, note)
		}
		s.IndexSigned = x.signed
		date := distro.IndexDate(s, x.text)
		state.Epoch = max(state.Epoch, date.Unix())
		state.Inputs = append(state.Inputs, Input{"index of " + s.Label(), date.UTC().Format(time.DateTime) + " (" + hashBytes(x.text) + ")"})
		state.Sources = append(state.Sources, s)
	}
	return state, nil
}
