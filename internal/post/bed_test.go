package post_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// each runs a test in a house on both databases.
func each(t *testing.T, o housetest.Options, f func(t *testing.T, h *housetest.House)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, housetest.New(t, s, o)) })
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails checks the kind of an error, and its key or that of one of its fields.
func fails(t testing.TB, err error, k fault.Kind, key string) {
	t.Helper()
	if fault.KindOf(err) != k {
		t.Fatalf("%v is not %s", err, k)
	}
	var f *fault.Error
	if errors.As(err, &f) && f.Key == key {
		return
	}
	for _, x := range f.Fields {
		if x.Key == key {
			return
		}
	}
	t.Fatalf("%v is not %s", err, key)
}

const words = "Sabato apriamo il forno: vieni a scegliere il tuo piatto ancora tiepido?"

// draft writes a post for the house's channel.
func draft(t testing.TB, h *housetest.House, by team.Role, text string) post.Post {
	t.Helper()
	return must[post.Post](t)(h.Posts.Create(t.Context(), h.Actor(by), post.CreateIn{
		Message: post.Message{Text: text}, Channels: []network.ChannelID{h.Channel.ID},
	}))
}

// wants has the company ask for yeses.
func wants(t testing.TB, h *housetest.House, f func(*post.Settings)) {
	t.Helper()
	s := must[post.Settings](t)(h.Posts.Settings(t.Context(), h.Actor(team.Owner)))
	f(&s)
	ok(t, h.Posts.ChangeSettings(t.Context(), h.Actor(team.Owner), s))
}

func mode(m post.Mode) func(*post.Settings) { return func(s *post.Settings) { s.Approval = m } }

// now plans a post for this moment.
func now(t testing.TB, h *housetest.House, x post.Post) post.Post {
	t.Helper()
	return must[post.Post](t)(h.Posts.Schedule(t.Context(), h.Actor(team.Owner), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Now}}))
}

// at plans a post for a time on the wall.
func at(t testing.TB, h *housetest.House, x post.Post, wall string) post.Post {
	t.Helper()
	return must[post.Post](t)(h.Posts.Schedule(t.Context(), h.Actor(team.Owner), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: wallOf(t, wall)}}))
}

func wallOf(t testing.TB, s string) schedule.Wall {
	t.Helper()
	w, ok := schedule.ParseWall(s)
	if !ok {
		t.Fatalf("%q is no time", s)
	}
	return w
}

func file(t testing.TB, h *housetest.House, id post.ID) post.File {
	t.Helper()
	return must[post.File](t)(h.Posts.Open(t.Context(), h.Actor(team.Owner), id))
}

// part gives a message of the only variant of a post.
func part(t testing.TB, h *housetest.House, id post.ID, n int) post.Part {
	t.Helper()
	f := file(t, h, id)
	if len(f.Variants) != 1 || len(f.Variants[0].Parts) <= n {
		t.Fatalf("%+v", f.Variants)
	}
	return f.Variants[0].Parts[n]
}

// work takes out what is due and brings it as far as patience goes, as the workers of a house would: whatever has a delivery is taken
// further, in no particular order, and the clock moves through the pauses.
func work(t testing.TB, h *housetest.House, patience time.Duration) {
	t.Helper()
	ctx := t.Context()
	for waited := time.Duration(0); ; {
		ok(t, h.Posts.Due(ctx))
		ok(t, h.Posts.Tend(ctx))
		pause, moved := time.Duration(0), false
		for _, id := range open(t, h) {
			again, err := h.Deliveries.Step(ctx, id)
			ok(t, err)
			switch {
			case again == 0:
				moved = true
			case pause == 0 || again < pause:
				pause = again
			}
		}
		if moved {
			continue
		}
		if pause == 0 || waited+pause > patience {
			return
		}
		waited += pause
		h.Clock.Advance(pause)
	}
}

// open lists the deliveries of posts that are not settled.
func open(t testing.TB, h *housetest.House) (ids []delivery.ID) {
	t.Helper()
	err := h.Store.Read(t.Context()).NewSelect().Table("delivery").Column("id").Where("state IN ('planned', 'sending', 'unconfirmed')").Order("id").Scan(t.Context(), &ids)
	ok(t, err)
	return ids
}

// standing gives what stands on the network, oldest first.
func standing(h *housetest.House) (texts []string) {
	for _, i := range h.Fake.Standing(housetest.Handle) {
		texts = append(texts, i.Text)
	}
	return texts
}

// long is a text that becomes a thread of n messages on the fake network, whose limit is 300 characters.
func long(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("parola ", 35))
		b.WriteString("numero " + string(rune('a'+i)) + ".\n\n")
	}
	return strings.TrimSpace(b.String())
}

// crash is what a Trace panics with to cut a step off, as kill -9 does.
type crash struct{}

// cut runs f and swallows a crash.
func cut(f func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(crash); !is {
				panic(r)
			}
		}
	}()
	f()
}

func step(ctx context.Context, h *housetest.House, id delivery.ID) { _, _ = h.Deliveries.Step(ctx, id) }

// fuzzHouse is a house on SQLite for what is tried with any bytes.
func fuzzHouse(f *testing.F) *housetest.House {
	f.Helper()
	return housetest.New(f, storetest.SQLite(f), housetest.Options{})
}
