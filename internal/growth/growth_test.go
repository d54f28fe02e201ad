package growth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/record"
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
	if strings.Contains(text, "in english") {
		v.Language = "en"
	}
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

// item is something that a stranger wrote, as a network brings it.
func item(id, who, text string, at time.Time) network.Item {
	return network.Item{
		RemoteID: id, Kind: network.KindMention, Author: network.Author{RemoteID: who, Handle: who + "@one.example", Name: who},
		Text: text, At: at, Version: "1", Visibility: network.Public, URL: "https://one.example/@" + who + "/" + id,
	}
}

// ours is an answer of ours, as a network brings it.
func ours(id, to, text string, at time.Time) network.Item {
	return network.Item{
		RemoteID: id, Kind: network.KindReply, ParentID: to, Mine: true, Text: text, At: at, Version: "1", Visibility: network.Public,
		URL: "https://one.example/@us/" + id,
	}
}

// take brings items in, as the watcher of the channel would.
func take(t testing.TB, h *housetest.House, items ...network.Item) {
	t.Helper()
	if _, err := h.Networks.Ingest(t.Context(), h.Channel, network.Page{Items: items, Cursor: "x"}); err != nil {
		t.Fatal(err)
	}
}

// one brings one item in and gives what arrived.
func one(t testing.TB, h *housetest.House, it network.Item) inbox.Interaction {
	t.Helper()
	take(t, h, it)
	return arrived(t, h, it.Text)
}

// leaves reads everything that a company's record says, and checks all of it on the way: each leaf, each tile, the signed head, the rules, and
// that the figures follow.
func leaves(t testing.TB, h *housetest.House) []record.Leaf {
	t.Helper()
	ctx, c := t.Context(), h.Company.ID
	checkpoint, err := h.Growth.Checkpoint(ctx, c)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	head := must[merkle.Head](t)(merkle.Open(checkpoint, must[string](t)(h.Growth.VerifierKey(ctx, c))))
	var out []record.Leaf
	var edge merkle.Edge
	var tally record.Tally
	memory := record.NewMemory()
	for n := int64(0); n*merkle.Width < head.Size; n++ {
		width := merkle.WidthAt(head.Size, 0, n)
		lines := must[[][]byte](t)(merkle.ParseBundle(must[[]byte](t)(h.Growth.Entries(ctx, c, n, width)), width))
		hashes := must[[]byte](t)(h.Growth.Tile(ctx, c, 0, n, width))
		for i, line := range lines {
			l := must[record.Leaf](t)(record.Decode(line))
			if err := tally.Add(ctx, memory, l); err != nil {
				t.Fatalf("leaf %d: %v", len(out), err)
			}
			hash := merkle.LeafHash(line)
			if string(hash[:]) != string(hashes[i*32:(i+1)*32]) {
				t.Fatalf("leaf %d has another hash in the tile", len(out))
			}
			if err := edge.Add(hash, nil); err != nil {
				t.Fatal(err)
			}
			out = append(out, l)
		}
	}
	if edge.Head() != head {
		t.Fatalf("the leaves give %+v, the checkpoint says %+v", edge.Head(), head)
	}
	said := must[record.PublicFigures](t)(h.Growth.PublicFigures(ctx, c))
	if said.Figures != tally.Figures() || said.Head != head {
		t.Fatalf("%+v, the leaves give %+v", said, tally.Figures())
	}
	return out
}

// kinds are what leaves say, in short.
func kinds(ls []record.Leaf) string {
	var out []string
	for _, l := range ls {
		out = append(out, string(l.Kind))
	}
	return strings.Join(out, " ")
}

// agree checks that what the record says follows from the rows as well as from the leaves: both are counted.
func agree(t testing.TB, h *housetest.House) {
	t.Helper()
	said, err := h.Growth.PublicFigures(t.Context(), h.Company.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound { // before the first leaf there is none: all is 0
		t.Fatal(err)
	}
	f := said.Figures
	heard := "leaf >= 0 AND (state = 'counted' OR state = 'erased' AND reason = '')"
	for what, w := range map[string]struct {
		figure int
		query  string
	}{
		"heard":     {f.Heard, "criticism WHERE " + heard},
		"answered":  {f.Answered, "criticism WHERE answered_at IS NOT NULL AND " + heard},
		"undecided": {f.Undecided, "criticism WHERE leaf < 0 AND undecided_leaf >= 0 AND reason = ''"},
		"dismissed": {f.Dismissed, "criticism WHERE (leaf >= 0 OR undecided_leaf >= 0) AND reason <> ''"},
		"erased":    {f.Erased, "criticism WHERE (leaf >= 0 OR undecided_leaf >= 0) AND state = 'erased'"},
		"cases":     {f.Cases, "growth_case AS k WHERE EXISTS (SELECT 1 FROM criticism AS x WHERE x.case_id = k.id AND x.leaf >= 0)"},
		"declined":  {f.Declined, "growth_case WHERE state = 'declined'"},
		"published": {f.Published, "improvement WHERE state = 'published'"},
		"voices": {f.Voices, "criticism AS x WHERE x.leaf >= 0 AND x.case_id <> '' AND EXISTS (SELECT 1 FROM improvement AS i " +
			"WHERE i.case_id = x.case_id AND i.state = 'published')"},
		"promised": {f.Promised, "promise WHERE leaf >= 0"},
	} {
		var n int
		if err := h.Store.WriteDB().QueryRowContext(t.Context(), "SELECT count(*) FROM "+w.query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != w.figure {
			t.Errorf("%s: the record says %d, the rows %d", what, w.figure, n)
		}
	}
}
