package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

// fetchTimeout bounds one try to read a small signed index.
const fetchTimeout = 30 * time.Second

// largestIndex bounds what a mirror may answer: an InRelease has 150 KiB, the
// database of Arch's extra 9 MiB.
const largestIndex = 32 << 20

var errAbsent = errors.New("not found")

// mirrorDown says that a mirror could not be asked, not that it said no.
type mirrorDown struct {
	host string
	env  string // the environment variable that would name another
	err  error
}

func (e *mirrorDown) Error() string {
	return "the mirror " + e.host + " cannot be reached: " + e.err.Error()
}
func (e *mirrorDown) Unwrap() error { return e.err }
func (e *mirrorDown) hint() string {
	return "check the network, or choose another mirror: distro.mirror in the recipe, or " + e.env
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
		return nil, &mirrorDown{host: u.Host, err: err}
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return nil, errAbsent
	case resp.StatusCode != http.StatusOK:
		return nil, &mirrorDown{host: u.Host, err: errors.New("it answers " + resp.Status)}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestIndex))
	if err != nil {
		return nil, &mirrorDown{host: u.Host, err: err}
	}
	return body, nil
}
