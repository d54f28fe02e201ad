package mastodon_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
)

// all reads from a cursor until there is no more.
func all(t *testing.T, c network.Client, cursor string) (map[string]network.Item, string) {
	t.Helper()
	items := map[string]network.Item{}
	for range 200 {
		p, err := c.Fetch(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		cursor = p.Cursor
		seen := map[string]bool{}
		for _, it := range p.Items {
			if seen[it.RemoteID+it.Version] {
				t.Errorf("item %s twice on one page", it.RemoteID)
			}
			seen[it.RemoteID+it.Version] = true
			items[it.RemoteID] = it
		}
		if !p.More {
			return items, cursor
		}
	}
	t.Fatal("there is always more")
	return nil, ""
}

func must(t *testing.T) func(string, error) string {
	return func(id string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
}

func ours(t *testing.T, d desk, text string) network.Receipt {
	t.Helper()
	r, err := d.c.Publish(t.Context(), message(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFetchKinds(t *testing.T) {
	t.Parallel()
	for _, o := range []mastodontest.Options{{}, {GoToSocial: true}} {
		d, ctx, ok := setup(t, o), t.Context(), must(t)
		bob := d.s.Stranger("bob", "ponte")
		post := ours(t, d, "we have bread")
		reply := ok(d.ada.Reply(ctx, post.RemoteID, "nice"))
		deeper := ok(bob.Reply(ctx, reply, "I agree with ada"))
		elsewhere := ok(d.ada.Post(ctx, "nothing to do with it"))
		named := ok(bob.Reply(ctx, elsewhere, "ask them"))
		warned := ok(d.ada.MentionWithWarning(ctx, "food", "bread, a lot of it"))
		quote := ok(d.ada.Quote(ctx, post.RemoteID, "look at this"))
		for _, err := range []error{d.ada.Like(ctx, post.RemoteID), bob.Share(ctx, post.RemoteID), bob.Follow(ctx)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		items, _ := all(t, d.c, "")
		for id, want := range map[string]struct {
			kind         network.ItemKind
			parent, root string
		}{
			post.RemoteID: {network.KindPost, "", post.RemoteID},
			reply:         {network.KindReply, post.RemoteID, post.RemoteID},
			deeper:        {network.KindReply, reply, post.RemoteID},
			named:         {network.KindMention, elsewhere, elsewhere},
			warned:        {network.KindMention, "", warned},
			quote:         {network.KindQuote, post.RemoteID, ""},
		} {
			it, there := items[id]
			if !there || it.Kind != want.kind || it.ParentID != want.parent || it.RootID != want.root {
				t.Errorf("item %s: there %v, %q %q %q; want %+v", id, there, it.Kind, it.ParentID, it.RootID, want)
			}
		}
		if _, there := items[elsewhere]; there {
			t.Error("what does not concern us was fetched")
		}
		if it := items[warned]; it.Warning != "food" {
			t.Errorf("warning %q", it.Warning)
		}
		kinds := map[network.ItemKind]int{}
		for _, it := range items {
			kinds[it.Kind]++
			if !it.Kind.Speaks() && (strings.ContainsAny(it.RemoteID, " ") || it.Text != "" || it.At.IsZero()) {
				t.Errorf("%+v", it)
			}
		}
		if kinds[network.KindLike] != 1 || kinds[network.KindShare] != 1 || kinds[network.KindFollow] != 1 {
			t.Errorf("kinds %v", kinds)
		}
		// Reading one again tells the same of it.
		again, err := d.c.Refresh(ctx, []string{deeper, named, quote, warned})
		if err != nil || len(again) != 4 {
			t.Fatalf("Refresh: %d, %v", len(again), err)
		}
		for _, it := range again {
			if old := items[it.RemoteID]; it.Kind != old.Kind || it.RootID != old.RootID || it.Version != old.Version {
				t.Errorf("again %+v\nbefore %+v", it, old)
			}
		}
	}
}

func TestFetchText(t *testing.T) {
	t.Parallel()
	d, ok := setup(t, mastodontest.Options{}), must(t)
	text := "first\nsecond <b> & 'c'\n\nhttps://example.org/a/very/long/address/that/is/cut?x=1&y=2 end"
	id := ok(d.ada.Mention(t.Context(), text))
	items, _ := all(t, d.c, "")
	if got := items[id].Text; got != "@ponte "+text {
		t.Errorf("text %q", got)
	}
	if !strings.Contains(items[id].HTML, "<br />") {
		t.Errorf("HTML %q", items[id].HTML)
	}
}

func TestFetchConversations(t *testing.T) {
	t.Parallel()
	for _, o := range []mastodontest.Options{{}, {GoToSocial: true}} {
		d, ctx, ok := setup(t, o), t.Context(), must(t)
		bob := d.s.Stranger("bob", "ponte")
		first := ok(d.ada.Message(ctx, "one"))
		second := ok(d.ada.Reply(ctx, first, "two"))
		other := ok(bob.Message(ctx, "another matter"))
		apart := ok(d.ada.Message(ctx, "a new subject"))
		three := ok(d.ada.Message(ctx, "@bob the three of us"))
		aside := ok(d.ada.Reply(ctx, three, "only the two of us"))
		items, cursor := all(t, d.c, "")
		if a, b := items[three].ThreadKey, items[aside].ThreadKey; a == b || a == "" || b == "" {
			t.Errorf("what three read has key %q, what two read %q", a, b)
		}
		// A client that knows nothing yet finds the same conversations.
		fresh := connector().Open(credentials(d.s, o, "ponte"), nil)
		again, err := fresh.Refresh(ctx, []string{aside, three, second})
		if err != nil || len(again) != 3 {
			t.Fatalf("Refresh: %d, %v", len(again), err)
		}
		for _, it := range again {
			if old := items[it.RemoteID]; it.ThreadKey != old.ThreadKey || it.RootID != old.RootID {
				t.Errorf("message %q: key %q root %q, before %q %q", it.Text, it.ThreadKey, it.RootID, old.ThreadKey, old.RootID)
			}
		}
		m := message("answer")
		m.ReplyTo, m.Visibility, m.Text = second, network.Direct, d.c.Address(items[second], network.Account{Handle: d.s.Handle("ponte")})+"answer"
		answer, err := d.c.Publish(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		third := ok(d.ada.Reply(ctx, answer.RemoteID, "three"))
		later, _ := all(t, d.c, cursor)
		for id, it := range later {
			items[id] = it
		}
		key := items[first].ThreadKey
		for _, id := range []string{first, second, answer.RemoteID, third} {
			it := items[id]
			if it.Kind != network.KindMessage || it.Visibility != network.Direct || it.ThreadKey != key || key == "" || it.RootID != first {
				t.Errorf("message %s: %q %q %q %q, want key %q", id, it.Kind, it.Visibility, it.ThreadKey, it.RootID, key)
			}
		}
		for _, id := range []string{other, apart} {
			if k := items[id].ThreadKey; k == key || k == "" {
				t.Errorf("message %s has key %q", id, k)
			}
		}
		thread, err := d.c.Thread(ctx, second)
		if err != nil || len(thread) != 4 || thread[0].RemoteID != first || thread[3].ThreadKey != key {
			t.Errorf("thread of %d: %v", len(thread), err)
		}
	}
}

// TestFetchWithoutConversations is a server that has no such list: messages come as notifications.
func TestFetchWithoutConversations(t *testing.T) {
	t.Parallel()
	d, ok := setup(t, mastodontest.Options{}), must(t)
	d.s.Inject(mastodontest.Fault{Endpoint: "GET /api/v1/conversations", Way: mastodontest.Fail, Status: 404, Times: -1})
	first := ok(d.ada.Message(t.Context(), "one"))
	second := ok(d.ada.Reply(t.Context(), first, "two"))
	m := message("@ada three")
	m.ReplyTo, m.Visibility = second, network.Direct
	answer, err := d.c.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	items, _ := all(t, d.c, "")
	for _, id := range []string{first, second, answer.RemoteID} {
		if it := items[id]; it.ThreadKey == "" || it.ThreadKey != items[first].ThreadKey || it.Kind != network.KindMessage || it.RootID != first {
			t.Errorf("%+v", it)
		}
	}
}

func TestFetchFaults(t *testing.T) {
	t.Parallel()
	d, ok := setup(t, mastodontest.Options{}), must(t)
	var want []string
	for range 150 {
		want = append(want, ok(d.ada.Mention(t.Context(), "hi")))
	}
	lists := []string{"GET /api/v1/notifications", "GET /api/v1/accounts/*", "GET /api/v1/conversations"}
	for _, l := range lists {
		d.s.Inject(mastodontest.Fault{Endpoint: l, Way: mastodontest.Twice, Times: 2})
	}
	if _, err := d.c.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, cursor := all(t, d.c, "")
	for _, id := range want {
		if _, there := got[id]; !there {
			t.Fatalf("mention %s is lost", id)
		}
	}
	for _, tt := range []struct {
		way     mastodontest.Way
		verdict network.Verdict
		key     string
	}{
		{mastodontest.HangUp, network.Later, network.ProblemUnreachable},
		{mastodontest.Fail, network.Later, network.ProblemServer},
		{mastodontest.TooMany, network.Later, network.ProblemRate},
		{mastodontest.Garbage, network.Later, network.ProblemAnswer},
	} {
		// The standard client repeats a reading on a new connection by itself: strike twice.
		d.s.Inject(mastodontest.Fault{Endpoint: lists[0], Way: tt.way, Times: 2})
		_, err := d.c.Fetch(t.Context(), cursor)
		if p := problem(t, err); p.Verdict != tt.verdict || p.Key != tt.key || p.Uncertain {
			t.Errorf("%s: %v", tt.way, p)
		}
		d.s.Heal()
	}
	late := ok(d.ada.Mention(t.Context(), "and now"))
	if got, _ = all(t, d.c, cursor); got[late].RemoteID == "" {
		t.Error("after the faults something is lost")
	}
}

// TestFetchPassesByWhatIsSettled reads with a clock that goes on: what is old is not read again for ever, and nothing
// that comes in between is lost.
func TestFetchPassesByWhatIsSettled(t *testing.T) {
	t.Parallel()
	var shift atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(shift.Load())) }
	s := mastodontest.Start(t, mastodontest.Options{Now: now})
	s.AddAccount("ponte", "secret")
	ada := s.Stranger("ada", "ponte")
	c := mastodon.NewAt(http.DefaultClient, agent, now).Open(credentials(s, mastodontest.Options{}, "ponte"), nil)
	cursor, known := "", map[string]bool{}
	for round := range 30 {
		var want []string
		for range round % 5 {
			want = append(want, must(t)(ada.Mention(t.Context(), "hi")))
			want = append(want, must(t)(ada.Message(t.Context(), "psst")))
		}
		var got map[string]network.Item
		got, cursor = all(t, c, cursor)
		for _, id := range want {
			if _, there := got[id]; !there {
				t.Fatalf("round %d: %s is lost", round, id)
			}
			known[id] = true
		}
		shift.Add(int64(time.Duration(round%4) * 10 * time.Second))
	}
	shift.Add(int64(time.Minute))
	_, cursor = all(t, c, cursor)
	if got, _ := all(t, c, cursor); len(got) != 0 {
		t.Errorf("%d settled items are read again", len(got))
	}
}

func TestRateIsTold(t *testing.T) {
	t.Parallel()
	for _, o := range []mastodontest.Options{{RateLimit: 40}, {RateLimit: 40, RateSeconds: true}, {RateLimit: 40, GoToSocial: true}} {
		d := setup(t, o)
		p, err := d.c.Fetch(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if p.Rate.Remaining < 0 || p.Rate.Remaining >= 40 || time.Until(p.Rate.Reset) <= 0 || time.Until(p.Rate.Reset) > 6*time.Minute {
			t.Errorf("rate %+v", p.Rate)
		}
		for range 60 {
			if _, err = d.c.Fetch(t.Context(), p.Cursor); err != nil {
				break
			}
		}
		if pr := problem(t, err); pr.Key != network.ProblemRate || pr.RetryAfter <= 0 || pr.RetryAfter > 6*time.Minute {
			t.Errorf("at the end of the limit: %v after %v", pr, pr.RetryAfter)
		}
	}
}

func TestListenBells(t *testing.T) {
	t.Parallel()
	d, ok := setup(t, mastodontest.Options{GoToSocial: true}), must(t)
	id := ok(d.ada.Mention(t.Context(), "typo"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	bells, done := make(chan network.Bell, 100), make(chan error, 1)
	go func() { done <- d.c.Listen(ctx, func(b network.Bell) { bells <- b }) }()
	next := func(want string) {
		t.Helper()
		end := time.After(5 * time.Second)
		for {
			select {
			case b := <-bells:
				if strings.Join(b.RemoteIDs, ",") == want {
					return
				}
			case err := <-done:
				t.Fatalf("Listen ended: %v", err)
			case <-end:
				t.Fatalf("no bell for %q", want)
			}
		}
	}
	next("") // it is open
	ok(d.ada.Mention(t.Context(), "new"))
	next("")
	if err := d.ada.Edit(t.Context(), id, "corrected"); err != nil {
		t.Fatal(err)
	}
	next(id)
	if err := d.ada.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	next(id)
	d.s.BreakStreams()
	if p := problem(t, <-done); p.Verdict != network.Later {
		t.Errorf("a broken stream: %v", p)
	}
	d.s.Revoke("ponte")
	if p := problem(t, d.c.Listen(t.Context(), func(network.Bell) {})); p.Verdict != network.Reconnect {
		t.Errorf("with a revoked token: %v", p)
	}
	d.s.Inject(mastodontest.Fault{Endpoint: "GET /api/v1/streaming", Way: mastodontest.Fail, Status: 404})
	if p := problem(t, d.c.Listen(t.Context(), func(network.Bell) {})); p.Verdict != network.Never || p.Key != network.ProblemUnsupported {
		t.Errorf("without streams: %v", p)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	l, err := setup(t, mastodontest.Options{}).c.Limits(t.Context())
	if err != nil || l.Characters != 500 || l.LinkLength != 23 || l.Attach != 4 || l.AltText != 1500 || l.ImageBytes != 16<<20 {
		t.Errorf("mastodon: %+v, %v", l, err)
	}
	l, err = setup(t, mastodontest.Options{GoToSocial: true}).c.Limits(t.Context())
	if err != nil || l.Characters != 5000 || l.LinkLength != 0 || l.Attach != 6 {
		t.Errorf("gotosocial: %+v, %v", l, err)
	}
}

func TestUserAgentIsAlwaysSent(t *testing.T) {
	t.Parallel()
	s := mastodontest.Start(t, mastodontest.Options{GoToSocial: true})
	if _, err := mastodon.New(http.DefaultClient, "").Discover(t.Context(), s.URL()); err == nil {
		t.Error("the server answers who has no name: it proves nothing")
	}
	if _, err := connector().Discover(t.Context(), s.URL()); err != nil {
		t.Error(err)
	}
}

func TestWarningCounts(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{Characters: 20})
	m := message("twelve chars")
	m.Warning = "short"
	if _, err := d.c.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if st := d.s.Standing("ponte"); len(st) != 1 || st[0].Warning != "short" || !st[0].Sensitive {
		t.Errorf("standing %+v", st)
	}
	m.Key, m.Warning = "another", "and nine more"
	_, err := d.c.Publish(t.Context(), m)
	if p := problem(t, err); p.Key != network.ProblemTooLong || p.Args["used"] != 25 || p.Args["max"] != 20 {
		t.Errorf("%v %v", p, p.Args)
	}
}
