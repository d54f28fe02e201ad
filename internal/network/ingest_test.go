package network_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

func item(id, version string) network.Item {
	return network.Item{RemoteID: id, Version: version, Kind: network.KindReply, At: teamtest.Start}
}

func TestIngestTakesInEachThingOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		odd := "at://did:plc:x/app.bsky.feed.post/?1?' \\ \"é\x00\xff"
		gone := network.Item{RemoteID: "b", Deleted: true, Version: "gone"}
		for i, tc := range []struct {
			items []network.Item
			want  network.IngestResult
		}{
			{[]network.Item{item("a", "1"), item("b", "1"), item("", "1")}, network.IngestResult{New: 2}},
			{[]network.Item{item("a", "1"), item("b", "1")}, network.IngestResult{Known: 2}},
			{[]network.Item{item("a", "2"), item("a", "1"), item("a", "3"), item("b", "1")}, network.IngestResult{Changed: 1, Known: 1}},
			{[]network.Item{gone, {RemoteID: "never seen", Deleted: true}}, network.IngestResult{Changed: 1, Known: 1}},
			{[]network.Item{gone}, network.IngestResult{Known: 1}},
			{[]network.Item{item("b", "1")}, network.IngestResult{Changed: 1}},
			{[]network.Item{item(odd, "x"), item(odd, "x?\x00'"), item("c", "1")}, network.IngestResult{New: 2}},
			{[]network.Item{item(odd, "x?\x00'")}, network.IngestResult{Known: 1}},
			{nil, network.IngestResult{}},
		} {
			got, err := b.n.Ingest(t.Context(), ch, network.Page{Items: tc.items, Cursor: fmt.Sprint(i)})
			if err != nil || got != tc.want {
				t.Errorf("page %d: %+v, %v", i, got, err)
			}
		}
		if a := b.got.of("a"); len(a) != 2 || a[0].Version != "1" || a[1].Version != "3" {
			t.Errorf("%+v", a)
		}
		if gone := b.got.of("b"); len(gone) != 3 || !gone[1].Deleted || gone[2].Deleted {
			t.Errorf("%+v", gone)
		}
		if got := b.channel(t, ch.ID); got.Health.Items != 4 || !got.Health.BackfillDone {
			t.Errorf("%+v", got.Health)
		}
		if got := b.n.ReadTo(t.Context(), ch.Company, ch.ID); got != "8" {
			t.Errorf("cursor %q", got)
		}
		// A page without a cursor, as reading a thread again gives, leaves the kept one alone.
		if _, err := b.n.Ingest(t.Context(), ch, network.Page{Items: []network.Item{item("d", "1")}}); err != nil {
			t.Fatal(err)
		}
		if got := b.n.ReadTo(t.Context(), ch.Company, ch.ID); got != "8" {
			t.Errorf("cursor %q", got)
		}
	})
}

func TestIngestKeepsNothingWhenTheReceiverFails(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		page := network.Page{Items: []network.Item{item("a", "1")}, Cursor: "one"}
		b.got.failWith(errBoom)
		if _, err := b.n.Ingest(t.Context(), ch, page); !errors.Is(err, errBoom) {
			t.Fatal(err)
		}
		if c := b.n.ReadTo(t.Context(), ch.Company, ch.ID); c != "" || b.channel(t, ch.ID).Health.Items != 0 {
			t.Errorf("kept %q", c)
		}
		b.got.failWith(nil)
		if res, err := b.n.Ingest(t.Context(), ch, page); err != nil || res.New != 1 || b.got.size() != 1 {
			t.Error(res, err)
		}
	})
}

func TestIngestOfManyChannelsAndCompaniesAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{})
		ch := b.connect(t)
		sample, err := b.n.AddSample(ctx, b.Other(t).Actor(team.Owner), network.AddSampleIn{Network: "fake", ServerURL: "https://fake.example", Account: network.Account{RemoteID: "account:" + us, Handle: us}})
		if err != nil {
			t.Fatal(err)
		}
		var items []network.Item
		for i := range 1700 { // more than one statement's worth
			items = append(items, item(fmt.Sprintf("item-%04d", i), "1"))
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		sum := map[network.ChannelID]network.IngestResult{}
		for _, c := range []network.Channel{ch, sample, ch, sample} {
			wg.Go(func() {
				res, err := b.n.Ingest(ctx, c, network.Page{Items: items, Cursor: "c"})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				old := sum[c.ID]
				sum[c.ID] = network.IngestResult{New: old.New + res.New, Changed: old.Changed + res.Changed, Known: old.Known + res.Known}
			})
		}
		wg.Wait()
		want := network.IngestResult{New: 1700, Known: 1700}
		if sum[ch.ID] != want || sum[sample.ID] != want {
			t.Errorf("%+v", sum)
		}
		if got := b.got.of("item-0042"); len(got) != 2 {
			t.Errorf("received %d times by two channels", len(got))
		}
		// A channel of another company is not there.
		foreign := sample
		foreign.Company = ch.Company
		if _, err := b.n.Ingest(ctx, foreign, network.Page{}); !errors.Is(err, network.ErrNoChannel) {
			t.Error(err)
		}
	})
}

// Whatever pages come, in whatever order and however often, the receiver hears each change once and ends with what
// came last.
func TestIngestProperty(t *testing.T) {
	t.Parallel()
	b := newBed(t, storetest.SQLite(t), networktest.FakeOptions{})
	b.fake.Join(us)
	first := b.connect(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		model := map[string]string{} // version, "-" when gone
		heard := map[string]int{}
		prefix := fmt.Sprintf("%d-", run)
		for range rapid.IntRange(1, 6).Draw(rt, "pages") {
			var page network.Page
			last := map[string]string{}
			for range rapid.IntRange(0, 8).Draw(rt, "items") {
				it := item(prefix+rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "id"), rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "version"))
				it.Deleted = rapid.IntRange(0, 4).Draw(rt, "gone") == 0
				last[it.RemoteID] = it.Version
				if it.Deleted {
					last[it.RemoteID] = "-"
				}
				page.Items = append(page.Items, it)
			}
			for id, v := range last {
				if model[id] != v && (v != "-" || model[id] != "") {
					model[id] = v
					heard[id]++
				}
			}
			if _, err := b.n.Ingest(t.Context(), first, page); err != nil {
				rt.Fatal(err)
			}
		}
		for id, v := range model {
			got := b.got.of(id)
			if len(got) != heard[id] {
				rt.Fatalf("%s was heard %d times, not %d", id, len(got), heard[id])
			}
			end := got[len(got)-1]
			if end.Deleted != (v == "-") || !end.Deleted && end.Version != v {
				rt.Fatalf("%s ended as %+v, not %s", id, end, v)
			}
		}
	})
}

// storm is a network that misbehaves in every way reading can, with a process that dies between pages.
func TestNothingIsLostAndNothingDoubled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s, networktest.FakeOptions{PageSize: 3})
		ch := b.connect(t)
		ada := b.fake.Stranger("ada@fake.example", us)
		var ids []string
		write := func(k int) {
			for i := range k {
				id, err := ada.Mention(ctx, fmt.Sprintf("ciao %d", i))
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
		}
		write(8)
		b.fake.Freeze(b.Clock.Now()) // all of these have the same time
		write(8)
		all := func() bool { return b.got.size() == len(ids) }
		for _, way := range []networktest.Way{
			networktest.RepeatItems, networktest.ReorderItems, networktest.RepeatPage, networktest.DropBefore, networktest.TooMany,
			networktest.Broken, networktest.AcceptThenTimeout, networktest.Refuse,
		} {
			b.fake.Inject(networktest.Fault{Call: networktest.CallFetch, Way: way})
			// This one reads one page, and another fails to store: then its process is gone.
			w := b.steps(t, b.room(b.Clock), ch)
			w.until(t, 3, func() bool { return false || b.fake.Calls(networktest.CallFetch) > 1000 || w.polled() })
			b.got.failWith(errBoom)
			wait, err := w.Step(ctx)
			if err != nil {
				t.Fatal(err)
			}
			b.got.failWith(nil)
			b.Clock.Advance(wait)
			write(1)
		}
		w := b.steps(t, b.room(b.Clock), ch)
		w.until(t, 400, all)
		for _, id := range ids {
			if got := b.got.of(id); len(got) != 1 {
				t.Errorf("%s came %d times", id, len(got))
			}
		}
		// Edits and deletions are noticed by reading again, though no page lists them.
		edited, deleted := ids[0], ids[len(ids)-1]
		if err := errors.Join(ada.Edit(ctx, edited, "anzi, buongiorno"), ada.Delete(ctx, deleted)); err != nil {
			t.Fatal(err)
		}
		w.until(t, 600, func() bool { return len(b.got.of(edited)) == 2 && len(b.got.of(deleted)) == 2 })
		if got := b.got.of(edited)[1]; got.Text != "anzi, buongiorno" || got.Deleted {
			t.Errorf("%+v", got)
		}
		if got := b.got.of(deleted)[1]; !got.Deleted {
			t.Errorf("%+v", got)
		}
	})
}

// polled is true every other time: one page is read between two deaths.
func (s *networkSteps) polled() bool {
	s.b.got.mu.Lock()
	defer s.b.got.mu.Unlock()
	return s.b.got.calls%2 == 1
}

func BenchmarkIngest(b *testing.B) {
	const pageSize = 500
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			bd := newBed(b, open(b), networktest.FakeOptions{})
			ch := bd.connect(b)
			bd.n.SetReceiver(deaf{})
			// Pages are made while no clock runs: a million items at once would measure the collector of garbage.
			page := func(kind string, from int) []network.Item {
				items := make([]network.Item, 0, pageSize)
				for i := from; i < min(from+pageSize, b.N); i++ {
					it := item(fmt.Sprintf("at://did:plc:%s%08x/app.bsky.feed.post/%013d", kind, uint32(i)*2654435761, i), "bafyreigq4zsipbk5w3uqkbmh2w2633c4tcwudzwcqmwvi3qsjxi7zqkffm")
					it.Text, it.At = "Buongiorno, la tazza è arrivata rotta.", teamtest.Start.Add(-time.Duration(i)*time.Minute)
					items = append(items, it)
				}
				return items
			}
			measure := func(kind string, f func(items []network.Item) error) (took time.Duration) {
				for from := 0; from < b.N; from += pageSize {
					items := page(kind, from)
					began := time.Now()
					if err := f(items); err != nil {
						b.Fatal(err)
					}
					took += time.Since(began)
				}
				return took
			}
			b.ResetTimer()
			base := measure("bare", func(items []network.Item) error { return bd.n.BareInsert(b.Context(), ch, items) })
			took := measure("real", func(items []network.Item) error {
				_, err := bd.n.Ingest(b.Context(), ch, network.Page{Items: items, Cursor: items[0].RemoteID, More: true})
				return err
			})
			b.ReportMetric(float64(b.N)/took.Seconds(), "items/s")
			b.ReportMetric(float64(b.N)/base.Seconds(), "bare/s")
			b.ReportMetric(base.Seconds()/took.Seconds(), "ratio")
		})
	}
}

type deaf struct{}

func (deaf) Receive(context.Context, *store.Tx, network.Channel, []network.Item) error { return nil }
