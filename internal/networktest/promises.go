package networktest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

func (s *suite) discover(t *testing.T) {
	got, err := s.Connector.Discover(t.Context(), s.Address)
	if err != nil {
		t.Fatalf("Discover(%q): %v", s.Address, err)
	}
	if got.Network != s.Connector.Network() {
		t.Errorf("network %q, want %q", got.Network, s.Connector.Network())
	}
	if got.URL == "" || strings.HasSuffix(got.URL, "/") || !strings.Contains(got.URL, "://") {
		t.Errorf("URL %q is not scheme and host", got.URL)
	}
	if got.Join == "" {
		t.Error("no way to join")
	}
	again, err := s.Connector.Discover(t.Context(), got.URL)
	if err != nil {
		t.Fatalf("Discover of its own URL: %v", err)
	}
	if again.URL != got.URL {
		t.Errorf("its own URL %q leads to %q", got.URL, again.URL)
	}
}

func (s *suite) discoverOther(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>A shop</title>")
	}))
	defer other.Close()
	_, err := s.Connector.Discover(t.Context(), other.URL)
	isProblem(t, err, network.Never, network.ProblemNotAServer, network.ProblemUnreachable, network.ProblemNoFeed)
	_, err = s.Connector.Discover(t.Context(), "http://127.0.0.1:1")
	if p := network.ProblemOf(err); p == nil || p.Key != network.ProblemUnreachable {
		t.Errorf("where nobody listens: %v", err)
	}
	for _, a := range []string{"", "  ", "not an address at all", "@", "http://"} {
		_, err := s.Connector.Discover(t.Context(), a)
		isProblem(t, err, network.Never, network.ProblemAddress)
	}
}

func (s *suite) probe(t *testing.T) {
	a, err := s.open(t).Probe(t.Context())
	if err != nil {
		t.Fatalf("Probe: %v", err)
	}
	if a.RemoteID == "" || a.Handle == "" || strings.HasPrefix(a.Handle, "@") {
		t.Errorf("account %+v", a)
	}
	again, err := s.open(t).Probe(t.Context())
	if err != nil || again.RemoteID != a.RemoteID {
		t.Errorf("second Probe: %+v, %v", again, err)
	}
}

func (s *suite) limits(t *testing.T) {
	l, err := s.open(t).Limits(t.Context())
	if err != nil {
		t.Fatalf("Limits: %v", err)
	}
	if l.Characters <= 0 || l.Attach <= 0 || l.ImageBytes <= 0 || l.AltText <= 0 || len(l.MIMETypes) == 0 {
		t.Errorf("limits with holes: %+v", l)
	}
}

func (s *suite) traits(t *testing.T) {
	tr := s.open(t).Traits()
	if !tr.Reply {
		t.Error("cannot reply")
	}
	if !slices.Contains([]network.Safety{network.SafeByClientID, network.SafeByReadBack, network.SafeByKey}, tr.Safe) {
		t.Errorf("safety %q", tr.Safe)
	}
}

func (s *suite) publish(t *testing.T) {
	r := s.reader()
	r.all(t)
	m := s.outgoing(unique("first line") + "\nsecond line\n\nparagraph https://example.org/a?b=c&d=e#f end")
	got := s.mustPublish(t, m)
	if d := time.Since(got.At); got.At.IsZero() || d > time.Hour || d < -time.Hour {
		t.Errorf("the receipt's time is %v", got.At)
	}
	it := r.until(t, got.RemoteID)
	if !it.Mine || it.Kind != network.KindPost || it.ParentID != "" {
		t.Errorf("mine %v, kind %q, parent %q", it.Mine, it.Kind, it.ParentID)
	}
	if it.Text != m.Text {
		t.Errorf("text came back as %q, want %q", it.Text, m.Text)
	}
	if it.Visibility != network.Public {
		t.Errorf("visibility %q", it.Visibility)
	}
}

func (s *suite) publishReply(t *testing.T) {
	c, r := s.open(t), s.reader()
	id, err := s.Stranger.Mention(t.Context(), unique("do you ship to Malta?"))
	if err != nil {
		t.Fatalf("Mention: %v", err)
	}
	asked := r.until(t, id)
	word := unique("we do")
	m := s.outgoing(c.Address(asked, s.self) + word)
	m.ReplyTo, m.ReplyRoot = id, asked.RootID
	if m.ReplyRoot == "" {
		m.ReplyRoot = id
	}
	got := s.mustPublish(t, m)
	it := r.until(t, got.RemoteID)
	if !it.Mine || it.Kind != network.KindReply || it.ParentID != id {
		t.Errorf("mine %v, kind %q, parent %q, want a reply of ours to %q", it.Mine, it.Kind, it.ParentID, id)
	}
	if !strings.Contains(it.Text, word) {
		t.Errorf("text %q", it.Text)
	}
	if r, p, err := c.Find(t.Context(), m); err != nil || p != network.Present || r.RemoteID != got.RemoteID {
		t.Errorf("Find of the reply: %+v, %q, %v", r, p, err)
	}
}

func (s *suite) publishMedia(t *testing.T) {
	c := s.open(t)
	if !slices.Contains(c.Traits().Media, network.Image) {
		t.Skip("the network takes no pictures")
	}
	alt := "A counter with bread, è già pronto"
	m := s.outgoing(unique("picture"))
	m.Media = []network.Upload{Picture("one.png", alt), Picture("two.png", alt+" again")}
	got := s.mustPublish(t, m)
	items, err := c.Refresh(t.Context(), []string{got.RemoteID})
	if err != nil || len(items) != 1 {
		t.Fatalf("Refresh: %d items, %v", len(items), err)
	}
	if n := len(items[0].Media); n != 2 {
		t.Fatalf("%d media, want 2", n)
	}
	for i, want := range []string{alt, alt + " again"} {
		if md := items[0].Media[i]; md.Kind != network.Image || md.URL == "" || c.Traits().AltText && md.Alt != want {
			t.Errorf("media %d: %+v, want alt %q", i, md, want)
		}
	}
	if r, p, err := c.Find(t.Context(), m); err != nil || p != network.Present || r.RemoteID != got.RemoteID {
		t.Errorf("Find of the post with pictures: %+v, %q, %v", r, p, err)
	}
}

func (s *suite) publishGone(t *testing.T) {
	r := s.mustPublish(t, s.outgoing(unique("soon gone")))
	if err := s.open(t).Delete(t.Context(), r.RemoteID); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	c := s.open(t)
	if c.Traits().Safe == network.SafeByClientID {
		// Where records stand on their own a reply to what is gone is accepted; the thread says that it is gone.
		_, err := c.Thread(t.Context(), r.RemoteID)
		isProblem(t, err, network.Never, network.ProblemGone)
		return
	}
	m := s.outgoing(unique("too late"))
	m.ReplyTo, m.ReplyRoot = r.RemoteID, r.RemoteID
	_, err := c.Publish(t.Context(), m)
	if p := isProblem(t, err, network.Never, network.ProblemGone); p.Uncertain {
		t.Error("a refusal is not uncertain")
	}
}

func (s *suite) find(t *testing.T) {
	m := s.outgoing(unique("find me, @nobody here"))
	if r, p, err := s.open(t).Find(t.Context(), m); err != nil || p != network.Absent {
		t.Errorf("before Publish: %+v, %q, %v; want absent", r, p, err)
	}
	got := s.mustPublish(t, m)
	if r, p, err := s.open(t).Find(t.Context(), m); err != nil || p != network.Present || r.RemoteID != got.RemoteID {
		t.Errorf("after Publish: %+v, %q, %v; want %s", r, p, err, got.RemoteID)
	}
	if err := s.open(t).Delete(t.Context(), got.RemoteID); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	if r, p, err := s.open(t).Find(t.Context(), m); err != nil || p != network.Absent {
		t.Errorf("after Delete: %+v, %q, %v; want absent", r, p, err)
	}
}

func (s *suite) sameKey(t *testing.T) {
	if s.open(t).Traits().Safe == network.SafeByReadBack {
		t.Skip("this server makes a double; reading back is checked in find")
	}
	word := unique("only once")
	m := s.outgoing(word)
	first := s.mustPublish(t, m)
	second := s.mustPublish(t, m)
	if first.RemoteID != second.RemoteID {
		t.Errorf("the second attempt gave %q, the first %q", second.RemoteID, first.RemoteID)
	}
	r := s.reader()
	r.until(t, first.RemoteID)
	n := 0
	for _, it := range r.items {
		if it.Mine && strings.Contains(it.Text, word) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("it stands %d times", n)
	}
}

func (s *suite) measure(t *testing.T) {
	c := s.open(t)
	l, err := c.Limits(t.Context())
	if err != nil {
		t.Fatalf("Limits: %v", err)
	}
	text := unique("as long as may be") + " "
	text += "è" // a space at the end may not count
	text += strings.Repeat("è", max(l.Characters-c.Measure(text, l).Used, 0))
	if n := c.Measure(text, l); n.Used != l.Characters || n.Max != l.Characters || !n.Fits() {
		t.Fatalf("at the limit of %d: %+v", l.Characters, n)
	}
	s.mustPublish(t, s.outgoing(text))
	if n := c.Measure(text+"x", l); n.Used != l.Characters+1 || n.Fits() {
		t.Errorf("one over the limit: %+v", n)
	}
	_, err = c.Publish(t.Context(), s.outgoing(text+"x"))
	if p := isProblem(t, err, network.Never, network.ProblemTooLong); p.Uncertain {
		t.Error("a refusal is not uncertain")
	}
}

func (s *suite) fetchSpeech(t *testing.T) {
	r := s.reader()
	ours := s.mustPublish(t, s.outgoing(unique("we have bread")))
	r.until(t, ours.RemoteID)
	word := unique("nice bread, è vero?")
	reply, err := s.Stranger.Reply(t.Context(), ours.RemoteID, word)
	if err != nil {
		t.Fatalf("Reply: %v", err)
	}
	it := r.until(t, reply)
	kind := network.KindReply
	if s.Comments {
		kind = network.KindComment
	}
	if it.Kind != kind || it.ParentID != ours.RemoteID || it.Mine {
		t.Errorf("kind %q, parent %q, mine %v", it.Kind, it.ParentID, it.Mine)
	}
	if it.RootID != "" && it.RootID != ours.RemoteID {
		t.Errorf("root %q, want %q", it.RootID, ours.RemoteID)
	}
	if !strings.Contains(it.Text, word) || strings.Contains(it.Text, "<") {
		t.Errorf("text %q", it.Text)
	}
	if it.Author.Handle != s.Stranger.Handle() {
		t.Errorf("author %q, want %q", it.Author.Handle, s.Stranger.Handle())
	}
	if it.Visibility.Private() {
		t.Errorf("visibility %q", it.Visibility)
	}
	if s.Comments {
		return
	}
	mention, err := s.Stranger.Mention(t.Context(), unique("have a look"))
	if err != nil {
		t.Fatalf("Mention: %v", err)
	}
	it = r.until(t, mention)
	if it.Kind != network.KindMention || it.ParentID != "" {
		t.Errorf("kind %q, parent %q", it.Kind, it.ParentID)
	}
	if !slices.ContainsFunc(it.Mentions, func(a network.Author) bool { return a.RemoteID == s.self.RemoteID }) {
		t.Errorf("mentions %+v do not name us", it.Mentions)
	}
}

func (s *suite) fetchSilent(t *testing.T) {
	if s.Comments {
		t.Skip("nobody likes or follows there")
	}
	r := s.reader()
	ours := s.mustPublish(t, s.outgoing(unique("likeable")))
	if err := s.Stranger.Like(t.Context(), ours.RemoteID); err != nil {
		t.Fatalf("Like: %v", err)
	}
	if err := s.Stranger.Follow(t.Context()); err != nil {
		t.Fatalf("Follow: %v", err)
	}
	s.eventually(t, "a like and a follow are fetched", func() bool {
		r.all(t)
		like, follow := false, false
		for _, it := range r.items {
			theirs := it.Author.Handle == s.Stranger.Handle() && !it.Mine
			like = like || theirs && it.Kind == network.KindLike && it.ParentID == ours.RemoteID
			follow = follow || theirs && it.Kind == network.KindFollow
		}
		return like && follow
	})
}

func (s *suite) fetchMessages(t *testing.T) {
	c := s.open(t)
	if !c.Traits().Private {
		t.Skip("the network has no private messages")
	}
	r := s.reader()
	word := unique("between us")
	id, err := s.Stranger.Message(t.Context(), word)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("the stranger cannot write privately")
	}
	if err != nil {
		t.Fatalf("Message: %v", err)
	}
	asked := r.until(t, id)
	if asked.Kind != network.KindMessage || !asked.Visibility.Private() || asked.ThreadKey == "" {
		t.Errorf("kind %q, visibility %q, thread key %q", asked.Kind, asked.Visibility, asked.ThreadKey)
	}
	m := s.outgoing(c.Address(asked, s.self) + unique("we answer"))
	m.ReplyTo, m.ReplyRoot, m.Visibility = id, id, network.Direct
	got := s.mustPublish(t, m)
	answer := r.until(t, got.RemoteID)
	if answer.Kind != network.KindMessage || !answer.Visibility.Private() || !answer.Mine {
		t.Errorf("kind %q, visibility %q, mine %v", answer.Kind, answer.Visibility, answer.Mine)
	}
	again, err := s.Stranger.Reply(t.Context(), got.RemoteID, unique("thank you"))
	if err != nil {
		t.Fatalf("Reply: %v", err)
	}
	last := r.until(t, again)
	for _, it := range []network.Item{answer, last} {
		if it.ThreadKey != asked.ThreadKey {
			t.Errorf("thread key %q, want %q", it.ThreadKey, asked.ThreadKey)
		}
	}
	if r, p, err := c.Find(t.Context(), m); err != nil || p != network.Present || r.RemoteID != got.RemoteID {
		t.Errorf("Find of the private reply: %+v, %q, %v", r, p, err)
	}
}

func (s *suite) fetchMedia(t *testing.T) {
	id, err := s.Stranger.PostWithMedia(t.Context(), unique("look"), "A loaf, burnt")
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("the stranger cannot attach pictures")
	}
	if err != nil {
		t.Fatalf("PostWithMedia: %v", err)
	}
	it := s.reader().until(t, id)
	if len(it.Media) != 1 || it.Media[0].Kind != network.Image || it.Media[0].URL == "" || it.Media[0].Alt != "A loaf, burnt" {
		t.Errorf("media %+v", it.Media)
	}
}

// fetchAll proves that nothing is lost between pages, from the empty cursor and incrementally.
func (s *suite) fetchAll(t *testing.T) {
	both := func(n int) map[string]bool {
		want := map[string]bool{}
		for i := range n {
			want[s.mustPublish(t, s.outgoing(unique(fmt.Sprintf("ours %d", i)))).RemoteID] = true
			id, err := s.Stranger.Mention(t.Context(), unique(fmt.Sprintf("theirs %d", i)))
			if err != nil {
				t.Fatalf("Mention %d: %v", i, err)
			}
			want[id] = true
		}
		return want
	}
	missing := func(r *reader, want map[string]bool) int {
		n := 0
		for id := range want {
			if _, ok := r.items[id]; !ok {
				n++
			}
		}
		return n
	}
	early := both(s.Many)
	r := s.reader()
	s.eventually(t, "the past is fetched whole", func() bool { r.all(t); return missing(r, early) == 0 })
	before := r.cursor
	late := both(s.Many)
	s.eventually(t, "what came later is fetched whole", func() bool { r.all(t); return missing(r, late) == 0 })

	// A crash between reading and storing: the old cursor gives all of it again.
	again := s.reader()
	again.cursor = before
	s.eventually(t, "the old cursor gives what came after it", func() bool { again.all(t); return missing(again, late) == 0 })
	for id, now := range again.items {
		if old, was := r.items[id]; was && now.Version != old.Version {
			t.Errorf("item %s came with version %q and then %q, and nobody changed it", id, old.Version, now.Version)
		}
	}
	// Nothing new: reading again ends, and nothing that was there before is told as changed.
	known := len(r.items)
	r.all(t)
	if len(r.items) != known {
		t.Errorf("%d new items out of nothing", len(r.items)-known)
	}
	_, err := s.open(t).Fetch(t.Context(), "no cursor of ours")
	if p := network.ProblemOf(err); p == nil || p.Verdict != network.Never {
		t.Errorf("a cursor that is none: %v", err)
	}
}

func (s *suite) thread(t *testing.T) {
	root := s.mustPublish(t, s.outgoing(unique("root")))
	ids := []string{root.RemoteID}
	for i := range 3 {
		id, err := s.Stranger.Reply(t.Context(), ids[len(ids)-1], unique(fmt.Sprintf("deeper %d", i)))
		if err != nil {
			t.Fatalf("Reply: %v", err)
		}
		ids = append(ids, id)
	}
	var got []network.Item
	s.eventually(t, "the thread is whole", func() bool {
		var err error
		got, err = s.open(t).Thread(t.Context(), ids[1])
		if err != nil {
			t.Fatalf("Thread: %v", err)
		}
		return len(got) >= len(ids)
	})
	for i, it := range got {
		if it.RemoteID != ids[i] {
			t.Fatalf("place %d holds %q, want %q", i, it.RemoteID, ids[i])
		}
		if i > 0 && it.ParentID != ids[i-1] {
			t.Errorf("place %d answers %q, want %q", i, it.ParentID, ids[i-1])
		}
		if it.RootID != ids[0] {
			t.Errorf("place %d has root %q, want %q", i, it.RootID, ids[0])
		}
		if it.Mine != (i == 0) {
			t.Errorf("place %d: mine %v", i, it.Mine)
		}
	}
}

func (s *suite) refresh(t *testing.T) {
	r := s.reader()
	stays, err := s.Stranger.Mention(t.Context(), unique("stays"))
	if err != nil {
		t.Fatalf("Mention: %v", err)
	}
	changes, err := s.Stranger.Mention(t.Context(), unique("typo"))
	if err != nil {
		t.Fatalf("Mention: %v", err)
	}
	goes, err := s.Stranger.Mention(t.Context(), unique("regret"))
	if err != nil {
		t.Fatalf("Mention: %v", err)
	}
	before := map[string]network.Item{}
	for _, id := range []string{stays, changes, goes} {
		before[id] = r.until(t, id)
	}
	word := unique("corrected")
	editErr := s.Stranger.Edit(t.Context(), changes, word)
	if editErr != nil && !errors.Is(editErr, errors.ErrUnsupported) {
		t.Fatalf("Edit: %v", editErr)
	}
	if err := s.Stranger.Delete(t.Context(), goes); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	now := map[string]network.Item{}
	s.eventually(t, "the deletion and the edit show", func() bool {
		items, err := s.open(t).Refresh(t.Context(), []string{stays, changes, goes})
		if err != nil {
			t.Fatalf("Refresh: %v", err)
		}
		for _, it := range items {
			now[it.RemoteID] = it
		}
		return now[goes].Deleted && (editErr != nil || strings.Contains(now[changes].Text, word))
	})
	if now[stays].Deleted || now[stays].Version != before[stays].Version {
		t.Errorf("what stayed came back as %+v, before %+v", now[stays], before[stays])
	}
	if editErr == nil && (now[changes].Version == before[changes].Version || now[changes].Deleted) {
		t.Errorf("the edited item kept version %q", now[changes].Version)
	}
	_, err = s.open(t).Thread(t.Context(), goes)
	isProblem(t, err, network.Never, network.ProblemGone)
}

func (s *suite) deleteTwice(t *testing.T) {
	m := s.mustPublish(t, s.outgoing(unique("short life")))
	for i := range 2 {
		if err := s.open(t).Delete(t.Context(), m.RemoteID); err != nil {
			t.Errorf("Delete %d: %v", i+1, err)
		}
	}
	items, err := s.open(t).Refresh(t.Context(), []string{m.RemoteID})
	if err != nil || len(items) != 1 || !items[0].Deleted {
		t.Errorf("after it: %+v, %v", items, err)
	}
}

func (s *suite) listen(t *testing.T) {
	c := s.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	bells := make(chan network.Bell, 256)
	done := make(chan error, 1)
	go func() {
		done <- c.Listen(ctx, func(b network.Bell) {
			select {
			case bells <- b:
			default:
			}
		})
	}()
	if !c.Traits().Stream {
		isProblem(t, <-done, network.Never, network.ProblemUnsupported)
		return
	}
	// The stream may open after the first mention: mention again until it rings.
	s.eventually(t, "the bell rings", func() bool {
		select {
		case err := <-done:
			t.Fatalf("Listen ended: %v", err)
		default:
		}
		if _, err := s.Stranger.Mention(t.Context(), unique("ring")); err != nil {
			t.Fatalf("Mention: %v", err)
		}
		select {
		case <-bells:
			return true
		case <-time.After(100 * time.Millisecond):
			return false
		}
	})
	cancel()
	select {
	case <-done:
	case <-time.After(s.Patience):
		t.Error("Listen goes on after its context ended")
	}
}

func (s *suite) badToken(t *testing.T) {
	bad := s.credentials
	bad.AccessToken, bad.RefreshToken = "wrong", ""
	c := s.Connector.Open(bad, func(context.Context, network.Credentials) error {
		t.Error("credentials were saved out of nothing")
		return nil
	})
	_, err := c.Probe(t.Context())
	isProblem(t, err, network.Reconnect, network.ProblemRevoked)
	_, err = c.Fetch(t.Context(), "")
	isProblem(t, err, network.Reconnect, network.ProblemRevoked)
	_, err = c.Publish(t.Context(), s.outgoing(unique("must not stand")))
	if p := isProblem(t, err, network.Reconnect, network.ProblemRevoked); p.Uncertain {
		t.Error("a refused token leaves nothing uncertain")
	}
	if _, err := c.Counts(t.Context(), []string{"1", "2"}); c.Traits().Safe != network.SafeByClientID && !s.Comments {
		isProblem(t, err, network.Reconnect, network.ProblemRevoked) // elsewhere these are no ids, and nobody is asked
	}
	if err != nil && strings.Contains(err.Error(), "must not stand") {
		t.Error("the error carries the message")
	}
}

func (s *suite) cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.open(t).Publish(ctx, s.outgoing(unique("given up before it began")))
	if p := isProblem(t, err, network.Later); p.Uncertain {
		t.Error("nothing was sent: not uncertain")
	}
}
