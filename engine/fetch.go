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
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	in, host, err := open(ctx, uri)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	body, err := io.ReadAll(io.LimitReader(in, largestIndex))
	if err != nil {
		return nil, &mirrorDown{host: host, err: err}
	}
	return body, nil
}

// open begins to read a file of a mirror, and names its host.
func open(ctx context.Context, uri string) (in io.ReadCloser, host string, err error) {
	u, err := url.Parse(uri)
	if err != nil {
		return nil, "", fmt.Errorf("mirror address: %w", err)
	}
	switch u.Scheme {
	case "file", "copy":
		f, err := os.Open(u.Path)
		if errors.Is(err, os.ErrNotExist) {
			return nil, "", errAbsent
		}
		return f, "localhost", err
	case "http", "https":
	default:
		return nil, "", fmt.Errorf("mirror address %s: want http, https, file or copy", uri)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, "", fmt.Errorf("mirror address: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, "", &mirrorDown{host: u.Host, err: err}
	}
	switch {
	case resp.StatusCode == http.StatusOK:
		return resp.Body, u.Host, nil
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		err = errAbsent
	default:
		err = &mirrorDown{host: u.Host, err: errors.New("it answers " + resp.Status)}
	}
	resp.Body.Close()
	return nil, "", err
}

// download copies a file of a mirror to out, most bytes of it. It is given up
// when nothing comes for as long as a small file may take.
func download(ctx context.Context, uri string, out io.Writer, most int64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(fetchTimeout, func() { cancel(errStalled) })
	defer stalled.Stop()
	in, host, err := open(ctx, uri)
	if err != nil {
		return err
	}
	defer in.Close()
	from := &watched{io.LimitReader(in, most), func() { stalled.Reset(fetchTimeout) }, nil}
	if _, err := io.Copy(out, from); err != nil && from.err == nil {
		return err // of out
	}
	switch {
	case from.err == nil:
		return nil
	case errors.Is(context.Cause(ctx), errStalled):
		return &mirrorDown{host: host, err: errStalled}
	}
	return &mirrorDown{host: host, err: from.err}
}

var errStalled = fmt.Errorf("nothing came for %s", fetchTimeout)

// watched is a reader that tells of every read and keeps the error.
type watched struct {
	io.Reader
	came func()
	err  error
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	w.came()
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
