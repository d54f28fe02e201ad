package live_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

func next(t *testing.T, c <-chan live.Event) live.Event {
	t.Helper()
	select {
	case e := <-c:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was heard")
		return live.Event{}
	}
}

func TestEventsFollowTheTransactionAndTheCompany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := live.New(s, storetest.Log())
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { h.Run(ctx); close(done) }()
		defer func() { stop(); <-done }()
		tell := func(e live.Event, fail error) {
			t.Helper()
			err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				if err := h.Tell(ctx, tx, e); err != nil {
					return err
				}
				return fail
			})
			if !errors.Is(err, fail) {
				t.Fatal(err)
			}
		}
		// The listener may need a moment to stand: ring until it hears.
		ready, cancelReady := h.Subscribe("cmp_0")
		defer cancelReady()
		for heard := false; !heard; {
			tell(live.Event{Company: "cmp_0", Topic: live.Inbox}, nil)
			select {
			case e := <-ready:
				heard = e.Topic == live.Inbox
			case <-time.After(50 * time.Millisecond):
			}
		}
		ours, cancel := h.Subscribe("cmp_1")
		defer cancel()
		theirs, cancelTheirs := h.Subscribe("cmp_2")
		defer cancelTheirs()
		tell(live.Event{Company: "cmp_1", Topic: live.Inbox, Ref: "rolled back"}, errors.New("boom"))
		tell(live.Event{Company: "cmp_1", Topic: live.Conversation, Ref: "cnv_1"}, nil)
		if e := next(t, ours); e.Ref != "cnv_1" {
			t.Fatalf("heard %+v", e)
		}
		tell(live.Event{Company: "cmp_2", Topic: live.Channels}, nil)
		if e := next(t, theirs); e.Topic != live.Channels {
			t.Fatalf("heard %+v", e)
		}
		select {
		case e := <-ours:
			t.Fatalf("heard another company's %+v", e)
		default:
		}
	})
}

func TestWhoDoesNotKeepUpIsToldToReadAgain(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	h := live.New(s, storetest.Log())
	c, cancel := h.Subscribe("cmp_1")
	for range 500 {
		if err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return h.Tell(ctx, tx, live.Event{Company: "cmp_1", Topic: live.Inbox})
		}); err != nil {
			t.Fatal(err)
		}
	}
	resync, n := false, 0
	for len(c) > 0 {
		e := <-c
		n++
		resync = resync || e.Topic == live.Resync
	}
	if !resync || n > 64 {
		t.Fatalf("resync %v after %d events", resync, n)
	}
	cancel()
	if h.Listeners() != 0 {
		t.Fatal("a cancelled subscription stays")
	}
}

// Who subscribed before the node listens to the others is told to read again: something may have been told meanwhile.
func TestWhatWasToldBeforeListeningIsReadAgain(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	h := live.New(s, storetest.Log())
	c, cancel := h.Subscribe("cmp_1")
	defer cancel()
	if err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return h.Tell(ctx, tx, live.Event{Company: "cmp_1", Topic: live.Inbox})
	}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		h.Run(ctx)
		close(ended)
	}()
	defer func() {
		stop()
		<-ended
	}()
	select {
	case e := <-c:
		if e.Topic != live.Resync {
			t.Fatalf("heard %+v", e)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nobody says that something was missed")
	}
}
