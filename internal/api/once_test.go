package api_test

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/api"
	"github.com/ponte-desk/ponte/internal/once"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestARequestSentTwiceIsDoneOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		token, other := b.token(team.Owner), b.token(team.Owner)
		path := "/api/v1/conversations/" + b.talk("ada@example.org", "Hello?") + "/notes"
		add := func(token, text, key string) got {
			t.Helper()
			return b.ask(token, "POST", path, `{"text":"`+text+`"}`, "Idempotency-Key", key)
		}
		first := into[api.Note](t, add(token, "one", "k1"), 201)
		again := add(token, "one", "k1")
		if into[api.Note](t, again, 201).ID != first.ID || again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("Content-Type") != "application/json" {
			t.Errorf("repeated: %v", again)
		}
		if p := add(token, "two", "k1").problem(t); p.Status != 409 || p.Code != "once.other" {
			t.Errorf("another request: %+v", p)
		}
		if into[api.Note](t, add(token, "one", "k2"), 201).ID == first.ID || into[api.Note](t, add(other, "one", "k1"), 201).ID == first.ID {
			t.Error("another key, or that of another token, gives the same answer")
		}
		if g := add(token, "one", "k1"); !strings.Contains(g.header.Get("X-Request-Id"), "req_") {
			t.Error("a repeated answer has no reference")
		}
		if p := add(token, "one", strings.Repeat("k", 256)).problem(t); p.Status != 400 || p.Code != "once.key" {
			t.Errorf("a long key: %+v", p)
		}
		// What failed changed nothing and leaves the key free.
		if p := add(token, " ", "k3").problem(t); p.Status != 422 {
			t.Errorf("%+v", p)
		}
		into[api.Note](t, add(token, "right", "k3"), 201)

		b.Clock.Advance(once.Life)
		if into[api.Note](t, add(token, "one", "k1"), 201).ID == first.ID {
			t.Error("an answer is remembered for more than a day")
		}
	})
}

func TestTheSameFileIsTakenOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		token := b.token(team.Editor)
		// Each form has a boundary of its own: the file and the fields make the request, not the bytes.
		one := into[api.File](t, b.upload(token, "/api/v1/media", "cup.png", picture(t), "A cup", "k"), 201)
		two := into[api.File](t, b.upload(token, "/api/v1/media", "cup.png", picture(t), "A cup", "k"), 201)
		if one.ID != two.ID {
			t.Error("the file is there twice")
		}
		if p := b.upload(token, "/api/v1/media", "cup.png", picture(t), "Another cup", "k").problem(t); p.Code != "once.other" {
			t.Errorf("%+v", p)
		}
	})
}

func TestManyOfTheSameRequestAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		token := b.token(team.Owner)
		path := "/api/v1/conversations/" + b.talk("ada@example.org", "Hello?") + "/replies"
		answers := make([]got, 12)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() { answers[i] = b.ask(token, "POST", path, `{"text":"Yes."}`, "Idempotency-Key", "k") })
		}
		group.Wait()
		ids := map[string]bool{}
		for _, g := range answers {
			switch g.status {
			case 201:
				ids[into[api.Reply](t, g, 201).ID] = true
			case 409:
				if p := g.problem(t); p.Code != "once.inflight" || g.header.Get("Retry-After") == "" {
					t.Errorf("%+v", p)
				}
			default:
				t.Errorf("%d %s", g.status, g.body)
			}
		}
		if len(ids) != 1 {
			t.Errorf("%d replies were made", len(ids))
		}
	})
}

// A request that fails on our side, here because its answer cannot be kept, leaves nothing behind.
func TestWhatFailsIsRolledBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		token := b.token(team.Owner)
		id := b.talk("ada@example.org", "Hello?")
		path := "/api/v1/conversations/" + id + "/notes"
		// The trail is written after the note, in the same transaction.
		b.must(s.InTx(t.Context(), breakAudit()))
		g := b.ask(token, "POST", path, `{"text":"lost"}`, "Idempotency-Key", "k")
		if p := g.problem(t); p.Status != 500 || p.Code != "fault.internal" || p.Request != g.header.Get("X-Request-Id") {
			t.Fatalf("%+v", p)
		}
		b.must(s.InTx(t.Context(), mendAudit()))
		if th := into[api.Thread](t, b.ask(token, "GET", "/api/v1/conversations/"+id, ""), 200); len(th.Notes) != 0 {
			t.Error("a note stayed")
		}
		into[api.Note](t, b.ask(token, "POST", path, `{"text":"kept"}`, "Idempotency-Key", "k"), 201)
	})
}

func TestPace(t *testing.T) {
	t.Parallel()
	o := options()
	o.Rate, o.Burst = 0.5, 3
	b := setupWith(t, storetest.SQLite(t), o)
	token, other := b.token(team.Owner), b.token(team.Owner)
	for range 3 {
		if g := b.ask(token, "GET", "/api/v1/me", ""); g.status != 200 {
			t.Fatal(g)
		}
	}
	g := b.ask(token, "GET", "/api/v1/me", "")
	if p := g.problem(t); p.Status != 429 || p.Code != "api.limited" || g.header.Get("Retry-After") != "2" || p.Retry != 2 {
		t.Errorf("%+v %v", p, g.header)
	}
	if g := b.ask(other, "GET", "/api/v1/me", ""); g.status != 200 {
		t.Error("one token slows another")
	}
	b.Clock.Advance(2 * time.Second)
	if g := b.ask(token, "GET", "/api/v1/me", ""); g.status != 200 {
		t.Error("waiting does not help")
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		ctx := t.Context()
		go b.Live.Run(ctx)
		id := b.talk("ada@example.org", "Hello?")
		server := httptest.NewServer(b.api)
		defer server.Close()
		lines, stop := listen(t, server, b.token(team.Owner, team.InboxRead))
		defer stop()
		owner := b.token(team.Owner)
		want := `data: {"topic":"conversation","ref":"` + id + `","by":"` + string(b.Members[team.Owner].ID) + `"}`
		deadline := time.After(30 * time.Second)
		tick := time.NewTicker(100 * time.Millisecond) // on PostgreSQL the bell is heard once listening has begun
		defer tick.Stop()
		for {
			select {
			case line := <-lines:
				if line == want {
					return
				}
			case <-tick.C:
				b.ask(owner, "POST", "/api/v1/conversations/"+id+"/done", "")
			case <-deadline:
				t.Fatal("nothing was heard")
			}
		}
	})
}
