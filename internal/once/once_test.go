package once_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/once"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

type bench struct {
	*teamtest.Bed
	t    *testing.T
	once *once.Once
}

func setup(t *testing.T, s *store.Store) *bench {
	t.Helper()
	b := &bench{Bed: teamtest.New(t, s), t: t}
	b.once = once.New(s, ring(t), b.Clock, b.Team)
	return b
}

func ring(t *testing.T) *seal.Keyring {
	t.Helper()
	k, err := seal.Open(seal.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (b *bench) request(key string) once.Request {
	return once.Request{Company: b.Company.ID, Token: "tok_1", Key: key, Hash: "h"}
}

// rename is a change that can be seen.
func (b *bench) rename(ctx context.Context, name string) error {
	c := b.Company
	_, err := b.Team.ChangeCompany(ctx, b.Actor(team.Owner), team.ChangeCompanyIn{Name: name, Zone: c.Zone, Locale: c.Locale, Settings: c.Settings})
	return err
}

func (b *bench) name() string {
	b.t.Helper()
	c, err := b.Team.Company(b.t.Context(), b.Company.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return c.Name
}

func TestWithinKeepsChangeAndAnswerTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		calls := 0
		do := func(status int, name string) (once.Answer, bool, error) {
			return b.once.Within(t.Context(), b.request("k"), func(ctx context.Context) once.Answer {
				calls++
				if err := b.rename(ctx, name); err != nil {
					t.Error(err)
				}
				return once.Answer{Status: status, Body: []byte(name)}
			})
		}
		if a, replayed, err := do(422, "Refused"); err != nil || replayed || a.Status != 422 || b.name() != "Ceramiche Arno" {
			t.Fatalf("%+v %v %v %q", a, replayed, err, b.name())
		}
		if a, replayed, err := do(201, "Done"); err != nil || replayed || string(a.Body) != "Done" || b.name() != "Done" {
			t.Fatalf("%+v %v %v %q", a, replayed, err, b.name())
		}
		if a, replayed, err := do(201, "Again"); err != nil || !replayed || a.Status != 201 || string(a.Body) != "Done" || b.name() != "Done" {
			t.Fatalf("%+v %v %v %q", a, replayed, err, b.name())
		}
		if calls != 2 {
			t.Errorf("%d calls", calls)
		}
		other := b.request("k")
		other.Hash = "other"
		if _, _, err := b.once.Within(t.Context(), other, nil); !errors.Is(err, once.ErrOther) {
			t.Error(err)
		}
	})
}

func TestAKeyInUse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		good := func(context.Context) once.Answer { return once.Answer{Status: 204} }
		_, _, err := b.once.Around(t.Context(), b.request("k"), func(ctx context.Context) once.Answer {
			if _, _, err := b.once.Around(ctx, b.request("k"), good); !errors.Is(err, once.ErrInFlight) || fault.Of(err).RetryAfter <= 0 {
				t.Error(err)
			}
			// A process that hangs for longer than a claim lives loses it.
			b.Clock.Advance(6 * time.Minute)
			if _, replayed, err := b.once.Around(ctx, b.request("k"), good); err != nil || replayed {
				t.Error(replayed, err)
			}
			return once.Answer{Status: 200}
		})
		if !errors.Is(err, once.ErrInFlight) {
			t.Error("two answers were kept:", err)
		}
		if a, replayed, err := b.once.Around(t.Context(), b.request("k"), nil); err != nil || !replayed || a.Status != 204 {
			t.Error(a, replayed, err)
		}
	})
}

// Who hangs for too long inside a transaction does nothing at all.
func TestALostClaimRollsBack(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.Postgres(t)) // on SQLite nobody else can write meanwhile
	_, _, err := b.once.Within(t.Context(), b.request("k"), func(ctx context.Context) once.Answer {
		if err := b.rename(ctx, "Late"); err != nil {
			t.Error(err)
		}
		b.Clock.Advance(6 * time.Minute)
		_, replayed, err := b.once.Around(t.Context(), b.request("k"), func(context.Context) once.Answer { return once.Answer{Status: 200} })
		if err != nil || replayed {
			t.Error(replayed, err)
		}
		return once.Answer{Status: 200}
	})
	if !errors.Is(err, once.ErrInFlight) || b.name() != "Ceramiche Arno" {
		t.Error(err, b.name())
	}
}

func TestAPanicFreesTheKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_, _, _ = b.once.Within(t.Context(), b.request("k"), func(ctx context.Context) once.Answer {
				if err := b.rename(ctx, "Broken"); err != nil {
					t.Error(err)
				}
				panic("broken")
			})
		}()
		if b.name() != "Ceramiche Arno" {
			t.Error("a panic left something behind")
		}
		if _, replayed, err := b.once.Within(t.Context(), b.request("k"), func(context.Context) once.Answer { return once.Answer{Status: 200} }); err != nil || replayed {
			t.Error(replayed, err)
		}
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	for _, key := range []string{"", "a b", "é", "a\n", string(make([]byte, 256))} {
		if _, _, err := b.once.Around(t.Context(), b.request(key), nil); !errors.Is(err, once.ErrKey) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestAnswersAreSealed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		good := func(context.Context) once.Answer { return once.Answer{Status: 201, Body: []byte("shown only once")} }
		if _, _, err := b.once.Within(t.Context(), b.request("k"), good); err != nil {
			t.Fatal(err)
		}
		// Another key ring, as after a key was lost: nothing is done again, and nothing is made up.
		blind := once.New(s, ring(t), b.Clock, b.Team)
		if _, _, err := blind.Within(t.Context(), b.request("k"), nil); !errors.Is(err, once.ErrLost) {
			t.Error(err)
		}
	})
}

func TestSweepAndErase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		good := func(context.Context) once.Answer { return once.Answer{Status: 204} }
		keep := func(key string) {
			t.Helper()
			if _, replayed, err := b.once.Around(t.Context(), b.request(key), good); err != nil || replayed {
				t.Fatal(replayed, err)
			}
		}
		left := func() int { return teamtest.Rows(t, s, b.Company.ID)["api_idempotency"] }
		keep("old")
		b.Clock.Advance(once.Life / 2)
		keep("young")
		b.Clock.Advance(once.Life / 2)
		q := queue.New(s, storetest.Log(), queue.Config{Poll: 10 * time.Millisecond})
		b.once.Register(q)
		if err := errors.Join(q.Open(), q.Start(t.Context())); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(30 * time.Second); left() != 1; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d answers are left", left())
			}
		}
		if err := q.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		o := b.Other(t)
		r := once.Request{Company: o.Company.ID, Token: "tok_2", Key: "k", Hash: "h"}
		if _, _, err := b.once.Around(t.Context(), r, good); err != nil {
			t.Fatal(err)
		}
		if err := b.Team.RemoveSample(t.Context(), b.Actor(team.Owner)); err != nil {
			t.Fatal(err)
		}
		if n := teamtest.Rows(t, s, o.Company.ID)["api_idempotency"]; n != 0 || left() != 1 {
			t.Errorf("%d of the removed company, %d of ours", n, left())
		}
	})
}
