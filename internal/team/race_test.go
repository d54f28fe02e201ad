package team_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

// meanwhile does first in a transaction, begins second before the transaction ends, and ends it as soon as second
// waits for a lock or is through. SQLite has one writer, so only PostgreSQL needs the locks that this tries.
func meanwhile(t *testing.T, s *store.Store, first func(context.Context) error, second func(context.Context) error) error {
	t.Helper()
	ctx := t.Context()
	result := make(chan error, 1)
	err := s.InTx(ctx, func(inner context.Context, _ *store.Tx) error {
		if err := first(inner); err != nil {
			return err
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			result <- second(ctx)
		}()
		deadline := time.After(20 * time.Second)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return nil
			case <-deadline:
				return errors.New("the second neither waits nor ends")
			case <-tick.C:
			}
			var waiting int
			err := s.Read(ctx).NewRaw(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(ctx, &waiting)
			if err != nil || waiting > 0 {
				return err
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return <-result
}

func TestFoundingWaitsForFounding(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	tm := team.New(s, clock.NewManual(teamtest.Start))
	found := func(ctx context.Context) error {
		in := founding
		in.OwnerEmail = time.Now().Format("150405.000000000") + "@example.it" // no unique key helps
		_, _, err := tm.Found(ctx, in)
		return err
	}
	if err := meanwhile(t, s, found, found); !errors.Is(err, team.ErrFounded) {
		t.Error(err)
	}
}

func TestOwnersDoNotDemoteEachOther(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	b := teamtest.New(t, s)
	first, second := b.Members[team.Owner], b.Add(t, team.Owner, "second@example.it")
	demote := func(ctx context.Context) error {
		_, err := b.Team.ChangeMember(ctx, second.Actor(team.ViaScreen), team.ChangeMemberIn{Member: first.ID, Name: "X", Role: team.Guest})
		return err
	}
	leave := func(ctx context.Context) error {
		return b.Team.Leave(ctx, first.Actor(team.ViaScreen), team.LeaveIn{Member: second.ID})
	}
	if err := meanwhile(t, s, demote, leave); !errors.Is(err, team.ErrLastOwner) {
		t.Error(err)
	}
}

func TestARevokedInvitationIsNotAcceptedMeanwhile(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	b := teamtest.New(t, s)
	i, token, err := b.Team.Invite(t.Context(), b.Actors[team.Owner], team.InviteIn{Email: "nuova@example.it", Role: team.Guest})
	if err != nil {
		t.Fatal(err)
	}
	revoke := func(ctx context.Context) error { return b.Team.RevokeInvitation(ctx, b.Actors[team.Owner], i.ID) }
	accept := func(ctx context.Context) error {
		_, err := b.Team.AcceptInvitation(ctx, team.AcceptIn{Token: token, Name: "X"})
		return err
	}
	if err := meanwhile(t, s, revoke, accept); !errors.Is(err, team.ErrInvitation) {
		t.Error(err)
	}
}
