package verdict_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// each runs a test in a house on both databases.
func each(t *testing.T, o housetest.Options, f func(t *testing.T, h *housetest.House)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, housetest.New(t, s, o)) })
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func key(err error) string {
	if e := fault.Of(err); e != nil {
		if len(e.Fields) > 0 {
			return e.Fields[0].Key
		}
		return e.Key
	}
	return ""
}

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// doubting is sure of nothing that holds "forse", and calls nothing else a criticism but what is broken.
func doubting(_ team.CompanyID, text string) triage.Verdict {
	v := triage.Verdict{Language: triage.Italian, Tone: triage.ToneNeutral, Criticism: triage.Opinion{P: .1, Decision: triage.No}, Themes: []triage.Theme{}}
	if strings.Contains(text, "rott") {
		v.Criticism = triage.Opinion{P: .9, Decision: triage.Yes}
	}
	if strings.Contains(text, "forse") {
		v.Criticism = triage.Opinion{P: .5, Decision: triage.Check}
	}
	return v
}

// says brings in what somebody wrote to us, and gives what came of it.
func says(t *testing.T, h *housetest.House, id, text string) inbox.Interaction {
	t.Helper()
	return saysAt(t, h, id, text, h.Clock.Now())
}

func saysAt(t *testing.T, h *housetest.House, id, text string, at time.Time) inbox.Interaction {
	t.Helper()
	it := network.Item{
		RemoteID: id, Kind: network.KindMention, Author: network.Author{RemoteID: "p" + id, Handle: "p" + id + "@one.example"}, Text: text, At: at, Version: text,
	}
	if _, err := h.Networks.Ingest(t.Context(), h.Channel, network.Page{Items: []network.Item{it}, Cursor: "x"}); err != nil {
		t.Fatal(err)
	}
	var subject string
	if err := h.Store.Read(t.Context()).NewRaw("SELECT id FROM interaction WHERE remote_id = ?", id).Scan(t.Context(), &subject); err != nil {
		t.Fatal(err)
	}
	return must[map[inbox.InteractionID]inbox.Interaction](t)(h.Inbox.InteractionsByID(t.Context(), h.Company.ID, []inbox.InteractionID{inbox.InteractionID(subject)}))[inbox.InteractionID(subject)]
}

func of(t *testing.T, h *housetest.House, i inbox.Interaction) verdict.Verdict {
	t.Helper()
	return must[map[string]verdict.Verdict](t)(h.Verdicts.Of(t.Context(), h.Company.ID, []string{string(i.ID)}))[string(i.ID)]
}

func correct(t *testing.T, h *housetest.House, i inbox.Interaction, c verdict.Correction) {
	t.Helper()
	if err := h.Inbox.Correct(t.Context(), h.Actor(team.Community), i.ID, c); err != nil {
		t.Fatal(err)
	}
}

// changes counts the verdicts of which others heard that they changed.
func changes(h *housetest.House) *[]verdict.Verdict {
	heard := &[]verdict.Verdict{}
	h.Verdicts.OnChange(func(_ context.Context, _ *store.Tx, _ team.Actor, vs []verdict.Verdict) error {
		*heard = append(*heard, vs...)
		return nil
	})
	return heard
}

func conversation(t *testing.T, h *housetest.House, i inbox.Interaction) inbox.Conversation {
	t.Helper()
	return must[inbox.Thread](t)(h.Inbox.Open(t.Context(), h.Actor(team.Owner), i.Conversation)).Conversation
}

// eachStore runs a test on both databases.
func eachStore(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	storetest.Each(t, f)
}
