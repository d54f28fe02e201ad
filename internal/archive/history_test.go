package archive_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// told is a place that tells the public history of one account.
func told(ctx context.Context, address string, w io.Writer) (string, error) {
	switch address {
	case "@forno.example":
		_, err := w.Write(blueskyExport())
		return "forno.example", err
	case "half.example":
		_, _ = w.Write(blueskyExport()[:100])
		return "", &network.Problem{Verdict: network.Later, Key: network.ProblemUnreachable, Args: map[string]any{"host": "half.example"}}
	case "slow.example":
		<-ctx.Done()
		return "", ctx.Err()
	}
	return "", &network.Problem{Verdict: network.Never, Key: network.ProblemAddress, Args: map[string]any{"address": address}}
}

// TestAHistoryByAddress: the public history of an account comes in by its name, once, with no account connected.
func TestAHistoryByAddress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{History: told})
		ctx, a := t.Context(), h.Actor(team.Owner)
		for _, address := range []string{"", "  ", strings.Repeat("x", 301)} {
			if _, err := h.Archives.Collect(ctx, a, address); !errors.Is(err, archive.ErrAddress) {
				t.Errorf("%.10q: %v", address, err)
			}
		}
		if _, err := h.Archives.Collect(ctx, h.Actor(team.Community), "@forno.example"); fault.KindOf(err) != fault.Denied {
			t.Errorf("who may not: %v", err)
		}
		u, err := h.Archives.Collect(ctx, a, " @forno.example ")
		check(t, err)
		if u.State != archive.Queued || lying(t, h) != 0 {
			t.Fatalf("%+v", u)
		}
		u = work(t, h, u)
		if u.State != archive.Done || u.New == 0 || u.Found.Format != archive.Bluesky || u.Found.Account.Handle != "forno.example" || lying(t, h) != 0 {
			t.Fatalf("%+v %+v %+v", u, u.Found, u.Problem)
		}
		again, err := h.Archives.Collect(ctx, a, "@forno.example")
		check(t, err)
		if again = work(t, h, again); again.State != archive.Done || again.New != 0 || again.Known != u.New {
			t.Errorf("%+v", again)
		}
		for address, key := range map[string]string{"nobody.example": network.ProblemAddress, "half.example": network.ProblemUnreachable} {
			u, err := h.Archives.Collect(ctx, a, address)
			check(t, err)
			if u = work(t, h, u); u.State != archive.Failed || u.Kept || u.Problem == nil || u.Problem.Key != key || lying(t, h) != 0 {
				t.Errorf("%+v %+v, %d files", u, u.Problem, lying(t, h))
			}
		}
		// One that takes long can be cancelled, and the house can stop meanwhile.
		slow, err := h.Archives.Collect(ctx, a, "slow.example")
		check(t, err)
		stopped, stop := context.WithCancel(ctx)
		stop()
		if err := h.Archives.Bring(stopped, slow.Company, slow.ID); !errors.Is(err, context.Canceled) {
			t.Errorf("the house stops: %v", err)
		}
		done := make(chan error, 1)
		go func() { done <- h.Archives.Bring(ctx, slow.Company, slow.ID) }()
		for there(t, h, slow).State != archive.Reading {
			continue
		}
		_, err = h.Archives.Cancel(ctx, a, slow.ID)
		check(t, err)
		check(t, <-done)
		if got := there(t, h, slow); got.State != archive.Cancelled || got.Kept || lying(t, h) != 0 {
			t.Errorf("%+v, %d files", got, lying(t, h))
		}
	})
}
