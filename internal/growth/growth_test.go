package growth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// each runs a test on both databases, each in a house of its own whose triage goes by a word: "rotto" and "in ritardo" are criticism,
// "forse" is in doubt.
func each(t *testing.T, f func(t *testing.T, h *housetest.House)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, house(t, s)) })
}

func house(t testing.TB, s *store.Store) *housetest.House {
	t.Helper()
	return housetest.New(t, s, housetest.Options{Judge: judge})
}

func judge(_ team.CompanyID, text string) triage.Verdict {
	v := triage.Verdict{Language: "it", Tone: "neutral", Criticism: triage.Opinion{P: .05, Decision: triage.No}}
	switch {
	case strings.Contains(text, "forse"):
		v.Criticism = triage.Opinion{P: .5, Decision: triage.Check}
	case strings.Contains(text, "rotto"):
		v.Criticism, v.Themes = triage.Opinion{P: .95, Decision: triage.Yes}, []triage.Theme{"quality"}
	case strings.Contains(text, "ritardo"):
		v.Criticism, v.Themes = triage.Opinion{P: .95, Decision: triage.Yes}, []triage.Theme{"delivery"}
	}
	return v
}

func must[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func key(err error) string {
	var e *fault.Error
	if !errors.As(err, &e) {
		return ""
	}
	if len(e.Fields) > 0 {
		return e.Fields[0].Key
	}
	return e.Key
}

// say has someone write to us, now, and gives what arrived.
func say(t testing.TB, h *housetest.House, who, text string) inbox.Interaction {
	t.Helper()
	must[string](t)(h.Stranger(who).Mention(t.Context(), text))
	h.Read()
	return arrived(t, h, text)
}

func arrived(t testing.TB, h *housetest.House, text string) inbox.Interaction {
	t.Helper()
	l := must[inbox.List](t)(h.Inbox.List(t.Context(), h.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll, Limit: 100}))
	for _, c := range l.Conversations {
		th := must[inbox.Thread](t)(h.Inbox.Open(t.Context(), h.Actor(team.Owner), c.ID))
		for _, i := range th.Interactions {
			if strings.Contains(i.Text, text) && !i.Mine {
				return i
			}
		}
	}
	t.Fatalf("nothing says %q", text)
	return inbox.Interaction{}
}

func criticism(t testing.TB, h *housetest.House, i inbox.Interaction) growth.Criticism {
	t.Helper()
	return must[map[inbox.InteractionID]growth.Criticism](t)(h.Growth.OfConversation(t.Context(), h.Actor(team.Owner), i.Conversation))[i.ID]
}

var _ = []any{context.Background, time.Now, network.Public}

func TestSmoke(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		i := say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		c := criticism(t, h, i)
		if c.State != growth.Counted || c.Leaf != 0 || !c.Public {
			t.Fatalf("%+v", c)
		}
		k := must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Piatti rotti", Interactions: []inbox.InteractionID{i.ID}}))
		if k.Number != 1 || k.Voices != 1 || k.People != 1 || !k.Public {
			t.Fatalf("%+v", k)
		}
		f := must[growth.File](t)(h.Growth.OpenFile(ctx, owner, k.ID))
		if len(f.Voices) != 1 || len(f.Weeks) < 9 || len(f.Diary) != 1 {
			t.Fatalf("%+v", f)
		}
		found := must[growth.Found](t)(h.Growth.Find(ctx, h.Company.ID, i.URL+"#x"))
		if found.Index != 0 || found.Size != 2 {
			t.Fatalf("%+v", found)
		}
	})
}
