package archive_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

func each(t *testing.T, f func(t *testing.T, h *housetest.House)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, housetest.New(t, s, housetest.Options{})) })
}

func bring(t *testing.T, h *housetest.House, me string, paths ...string) archive.Result {
	t.Helper()
	res, err := h.Archives.Import(t.Context(), h.Actor(team.Owner), archive.ImportIn{Paths: paths, Options: archive.Options{Me: me}})
	check(t, err)
	return res
}

func list(t *testing.T, h *housetest.House, f inbox.Filter) inbox.List {
	t.Helper()
	f.Limit = 100
	l, err := h.Inbox.List(t.Context(), h.Actor(team.Community), f)
	check(t, err)
	return l
}

func TestAnArchiveArrivesAsPastAndOnce(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		path := googleExport().zip(t)
		// A question of yesterday too: nobody can answer it from here.
		res := bring(t, h, "", path)
		if res.New != 3 || res.Known != 0 || res.Channel.State != network.Gone || !res.Channel.Archive || res.Channel.Network != "google" {
			t.Fatalf("%+v", res)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewTodo}); len(l.Conversations) != 0 {
			t.Fatal("the past asks for attention")
		}
		l := list(t, h, inbox.Filter{View: inbox.ViewDone})
		if len(l.Conversations) != 2 {
			t.Fatalf("%d conversations, want one for each review", len(l.Conversations))
		}
		found := list(t, h, inbox.Filter{View: inbox.ViewAll, Query: "freddo"})
		if len(found.Conversations) != 1 {
			t.Fatal("the past is not found")
		}
		c := found.Conversations[0]
		if found.Identities[c.Identity].Name != "Ada R." || c.Incoming != 1 || c.Outgoing != 1 {
			t.Fatalf("%+v", c)
		}
		if !c.Criticism && !c.Doubt {
			t.Fatalf("nobody judged it: %+v", c)
		}
		people, _, err := h.Audience.Find(ctx, h.Actor(team.Owner), "Ada R.", "", 10)
		check(t, err)
		if len(people) != 1 {
			t.Fatalf("%d people", len(people))
		}
		// Twice changes nothing; a newer export brings only what is new.
		if again := bring(t, h, "", path); again.New+again.Changed != 0 || again.Known != 3 || again.Channel.ID != res.Channel.ID {
			t.Fatalf("%+v", again)
		}
		newer := googleExport()
		newer[1][1] = strings.Replace(newer[1][1], "Pane freddo", "Pane freddo e duro", 1)
		if again := bring(t, h, "", newer.zip(t)); again.New != 0 || again.Changed != 1 {
			t.Fatalf("%+v", again)
		}
		// An answer is refused with words that say why.
		th, err := h.Inbox.Open(ctx, h.Actor(team.Community), c.ID)
		check(t, err)
		_, err = h.Inbox.Reply(ctx, h.Actor(team.Community), inbox.ReplyIn{Conversation: c.ID, Text: "Ciao", Seen: th.Conversation.Revision})
		if !errors.Is(err, network.ErrArchive) {
			t.Fatal(err)
		}
		if _, err := h.Archives.Import(ctx, h.Actor(team.Community), archive.ImportIn{Paths: []string{path}}); fault.KindOf(err) != fault.Denied {
			t.Fatalf("anybody brings archives in: %v", err)
		}
	})
}

// What is recent in an archive waits for nobody either, also when its conversation is counted again later.
func TestNothingInAnArchiveWaits(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		at := func(hours int) string {
			return h.Clock.Now().Add(-timeHours(hours)).Format("2006-01-02T15:04:05Z07:00")
		}
		csv := "id,time,author,text,thread\n1," + at(3) + ",Ada,Siete aperti?,t\n"
		bring(t, h, "Forno", save(t, "a.csv", []byte(csv)))
		bring(t, h, "Forno", save(t, "a.csv", []byte(csv+"2,"+at(2)+",Ada,Allora?,t\n")))
		bring(t, h, "Forno", save(t, "a.csv", []byte(strings.Replace(csv, "aperti", "chiusi", 1)))) // an edit has it counted again
		if l := list(t, h, inbox.Filter{View: inbox.ViewTodo}); len(l.Conversations) != 0 {
			t.Fatalf("%+v", l.Conversations)
		}
		l := list(t, h, inbox.Filter{View: inbox.ViewDone})
		if len(l.Conversations) != 1 || l.Conversations[0].Incoming != 2 {
			t.Fatalf("%+v", l.Conversations)
		}
	})
}

// An import that is cut off keeps what came and says so; the same again goes on and ends as if nothing had been.
func TestAnImportThatIsCutOffGoesOn(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		var b strings.Builder
		b.WriteString("id,time,author,text\n")
		for i := range 1700 {
			fmt.Fprintf(&b, "%d,2020-01-02T03:04:05Z,Ada %d,domanda %d\n", i, i%40, i)
		}
		path := save(t, "a.csv", []byte(b.String()))
		ctx, cancel := context.WithCancel(t.Context())
		_, err := h.Archives.Import(ctx, h.Actor(team.Owner), archive.ImportIn{Paths: []string{path}, Options: archive.Options{Me: "Forno"}, Progress: func(done, _ int) {
			if done >= 1000 {
				cancel()
			}
		}})
		if err == nil {
			t.Fatal("it was not cut off")
		}
		res := bring(t, h, "Forno", path)
		if res.Before != 1000 || res.New != 700 || res.Known != 1000 {
			t.Fatalf("before %d, new %d, known %d", res.Before, res.New, res.Known)
		}
		if ch, err := h.Networks.Channel(t.Context(), h.Actor(team.Owner), res.Channel.ID); err != nil || ch.Health.Items != 1700 {
			t.Fatalf("%+v %v", ch.Health, err)
		}
		if again := bring(t, h, "Forno", path); again.Before != 0 || again.Known != 1700 {
			t.Fatalf("%+v", again)
		}
	})
}

// What the live channel brought stays as it is; the archive fills up what it does not know, on the same channel.
func TestAnArchiveJoinsTheLiveChannel(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, ch := t.Context(), h.Channel
		live := network.Item{RemoteID: "1", Kind: network.KindMention, Author: network.Author{RemoteID: "ada", Handle: "ada@one.example"}, Text: "com’è adesso", At: day, Version: "live"}
		gone := live
		gone.RemoteID = "2"
		_, err := h.Networks.Ingest(ctx, ch, network.Page{Items: []network.Item{live, gone}, Cursor: "x"})
		check(t, err)
		gone.Deleted = true
		_, err = h.Networks.Ingest(ctx, ch, network.Page{Items: []network.Item{gone}, Cursor: "y"})
		check(t, err)
		same, err := h.Networks.OpenArchive(ctx, h.Actor(team.Owner), network.ArchiveIn{
			Network: ch.Network, ServerURL: ch.ServerURL, Account: network.Account{RemoteID: "https://" + "other.example/id", Handle: strings.ToUpper(ch.Handle)},
		})
		check(t, err)
		if same.ID != ch.ID || same.Archive || same.State != network.Active {
			t.Fatalf("%+v", same)
		}
		old, back, more := live, gone, live
		old.Text, old.Version = "com’era", "archive"
		back.Deleted, back.Version = false, "archive"
		more.RemoteID, more.Text, more.Version = "3", "di più", "archive"
		res, err := h.Networks.IngestArchive(ctx, same, []network.Item{old, back, more}, nil)
		check(t, err)
		if res != (network.IngestResult{New: 1, Known: 2}) {
			t.Fatalf("%+v", res)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewAll, Query: "com’era"}); len(l.Conversations) != 0 {
			t.Fatal("the archive overwrites what is newer")
		}
	})
}

func TestWhoseItIsMustBeKnown(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		in := archive.ImportIn{Paths: []string{whatsappExport().zip(t)}}
		_, err := h.Archives.Import(t.Context(), h.Actor(team.Owner), in)
		if !errors.Is(err, archive.ErrWhoseIsIt) || !strings.Contains(fmt.Sprint(fault.Of(err).Args["names"]), "Ada Rossi, Il Forno") {
			t.Fatal(err)
		}
		if res := bring(t, h, "Il Forno", in.Paths...); res.New != 4 {
			t.Fatalf("%+v", res)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewDone}); len(l.Conversations) != 1 || l.Conversations[0].Outgoing != 1 || !l.Conversations[0].Private {
			t.Fatalf("%+v", l.Conversations)
		}
	})
}

func timeHours(n int) time.Duration { return time.Duration(n) * time.Hour }
