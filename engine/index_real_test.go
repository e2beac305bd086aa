//go:build real

package engine_test

import (
	"context"
	"strings"
	"testing"

	"slipway/engine/distro"
	"slipway/engine/enginetest"
)

func TestIndexIsFetchedBeforeAnyBuild(t *testing.T) {
	e := fresh(t)
	r := quick(t, enginetest.NewMirror(t, nil).URL).Recipe
	if _, err := e.Lists(r); err == nil {
		t.Fatal("there is an index before it was fetched")
	}
	if err := e.FetchIndex(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	lists, err := e.Lists(r)
	if err != nil {
		t.Fatal(err)
	}
	index, err := distro.ReadIndex(lists, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := index.Find("openssh-server"); !ok {
		t.Error("the index does not know openssh-server")
	}
	nothingLeft(t, e)
}

func TestTamperedIndexIsRefused(t *testing.T) {
	e := fresh(t)
	r := quick(t, enginetest.NewMirror(t, func(path string, body []byte) []byte {
		if strings.HasSuffix(path, "/InRelease") && len(body) > 1000 {
			body = append([]byte{}, body...)
			body[len(body)/2] ^= 1
		}
		return body
	}).URL).Recipe
	if err := e.FetchIndex(context.Background(), r); err == nil {
		t.Error("a tampered index was taken")
	}
	if lists, err := e.Lists(r); err == nil {
		t.Errorf("it is in %s", lists)
	}
}
