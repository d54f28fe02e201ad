package team_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

func TestAnInvitationIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := teamtest.New(t, s)
		owner := b.Actors[team.Owner]
		i, token, err := b.Team.Invite(ctx, owner, team.InviteIn{Email: "Nuova@example.it", Name: "Nives", Role: team.Editor})
		if err != nil || len(token) < 40 {
			t.Fatal(token, err)
		}
		got, c, err := b.Team.InvitationByToken(ctx, token)
		if err != nil || got.ID != i.ID || got.Email != "nuova@example.it" || c.ID != b.Company.ID {
			t.Fatal(got, c, err)
		}
		if _, _, err := b.Team.InvitationByToken(ctx, token+"x"); !errors.Is(err, team.ErrInvitation) {
			t.Error(err)
		}
		// A room above can make the acceptance part of something larger; when that fails the link stays good.
		boom := errors.New("boom")
		if err := s.InTx(ctx, func(ctx context.Context, _ *store.Tx) error {
			if _, err := b.Team.AcceptInvitation(ctx, team.AcceptIn{Token: token, Name: "Nives"}); err != nil {
				t.Error(err)
			}
			return boom
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		var came []team.Member
		for range 4 {
			wg.Go(func() {
				m, err := b.Team.AcceptInvitation(ctx, team.AcceptIn{Token: token, Name: "Nives Po", Job: "Redattrice", Locale: "en"})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					came = append(came, m)
				} else if !errors.Is(err, team.ErrInvitation) && !errors.Is(err, team.ErrMemberThere) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(came) != 1 || came[0].Role != team.Editor || came[0].Company != b.Company.ID || came[0].Email != "nuova@example.it" {
			t.Fatal(came)
		}
		if _, _, err := b.Team.Invite(ctx, owner, team.InviteIn{Email: "nuova@example.it", Role: team.Editor}); !errors.Is(err, team.ErrMemberThere) {
			t.Error(err)
		}
	})
}

func TestInvitationsEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := teamtest.New(t, s)
		owner := b.Actors[team.Owner]
		invite := func(email string) (team.Invitation, string) {
			t.Helper()
			i, token, err := b.Team.Invite(ctx, owner, team.InviteIn{Email: email, Role: team.Guest})
			if err != nil {
				t.Fatal(err)
			}
			return i, token
		}
		closed := func(why, token string) {
			t.Helper()
			if _, err := b.Team.AcceptInvitation(ctx, team.AcceptIn{Token: token, Name: "X"}); !errors.Is(err, team.ErrInvitation) {
				t.Errorf("%s: %v", why, err)
			}
		}
		revoked, revokedToken := invite("a@example.it")
		if err := b.Team.RevokeInvitation(ctx, b.Other(t).Actors[team.Owner], revoked.ID); !errors.Is(err, team.ErrInvitation) {
			t.Error("another company revokes:", err)
		}
		if err := b.Team.RevokeInvitation(ctx, owner, revoked.ID); err != nil {
			t.Fatal(err)
		}
		closed("revoked", revokedToken)
		_, replaced := invite("b@example.it")
		invite("b@example.it")
		closed("replaced", replaced)
		_, old := invite("c@example.it")
		if open, err := b.Team.Invitations(ctx, owner); err != nil || len(open) != 2 {
			t.Error(open, err)
		}
		b.Clock.Advance(team.InvitationLife)
		closed("too old", old)
		if open, err := b.Team.Invitations(ctx, owner); err != nil || len(open) != 0 {
			t.Error(open, err)
		}
	})
}

// postbox keeps letters, and fails the first try.
type postbox struct {
	tries   int
	letters chan mail.Letter
}

func (p *postbox) Configured() bool { return true }

func (p *postbox) Send(_ context.Context, l mail.Letter) error {
	if p.tries++; p.tries == 1 {
		return queue.Again(time.Millisecond)
	}
	p.letters <- l
	return nil
}

func TestTheLetterCarriesALinkThatOpens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		words, err := i18n.Load()
		if err != nil {
			t.Fatal(err)
		}
		b := teamtest.New(t, s)
		q := queue.New(s, storetest.Log(), queue.Config{Poll: 20 * time.Millisecond})
		post := &postbox{letters: make(chan mail.Letter, 3)}
		b.Team.SendLetters(team.Letters{Queue: q, Mail: post, Words: words, Link: func(token string) string {
			return "https://ponte.example.it/invite?t=" + url.QueryEscape(token)
		}})
		if err := q.Open(); err != nil {
			t.Fatal(err)
		}
		_, shown, err := b.Team.Invite(ctx, b.Actors[team.Owner], team.InviteIn{Email: "nuova@example.it", Name: "Nives", Role: team.Editor})
		if err != nil {
			t.Fatal(err)
		}
		if err := q.Start(context.WithoutCancel(ctx)); err != nil {
			t.Fatal(err)
		}
		defer func() {
			stop, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := q.Stop(stop); err != nil {
				t.Error(err)
			}
		}()
		select {
		case l := <-post.letters:
			_, rest, ok := strings.Cut(l.Text, "https://ponte.example.it/invite?t=")
			if !ok || l.To != "nuova@example.it" || !strings.Contains(l.Subject, "Ceramiche Arno") || !strings.Contains(l.Text, "Ciao Nives") {
				t.Fatalf("%+v", l)
			}
			token := strings.Fields(rest)[0]
			if token == shown {
				t.Error("the letter carries the token of the screen: it must have waited in the queue")
			}
			for _, good := range []string{token, shown} {
				if _, _, err := b.Team.InvitationByToken(ctx, good); err != nil {
					t.Error(err)
				}
			}
		case <-time.After(20 * time.Second):
			t.Fatal("no letter came")
		}
		if missing := words.Missing(); len(missing) > 0 {
			t.Error(missing)
		}
	})
}
