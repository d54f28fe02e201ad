package bluesky_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

// join makes a new account and gives it with an app password.
func join(t *testing.T, n blueskytest.Network, name string) (*blueskytest.Person, string) {
	t.Helper()
	p, err := n.Join(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	pw, err := p.AppPassword(t.Context(), "ponte")
	if err != nil {
		t.Fatal(err)
	}
	return p, pw
}

func withAppview(t *testing.T) blueskytest.Network {
	t.Helper()
	n := blueskytest.FromEnv(t)
	if n.Appview == "" {
		t.Skip("PONTE_TEST_APPVIEW names no index of the network; make test starts one")
	}
	return n
}

func TestConformance(t *testing.T) {
	t.Parallel()
	n := withAppview(t)
	us, pw := join(t, n, "ponte")
	other, _ := join(t, n, "carla")
	c := n.Connector()
	networktest.Run(t, networktest.Fixture{
		Connector: c, Address: n.PDS,
		Join: func(ctx context.Context) (network.Credentials, error) {
			s, err := c.Discover(ctx, us.Handle)
			if err != nil {
				return network.Credentials{}, err
			}
			return c.Login(ctx, s, us.Handle, pw)
		},
		Stranger: blueskytest.Stranger{Me: other, To: us},
		Patience: 30 * time.Second,
		Many:     60,
	})
}

// opened gives an account of ours, connected by app password.
type opened struct {
	*blueskytest.Person
	password    string
	credentials network.Credentials
	client      network.Client
	saved       []network.Credentials
}

func open(t *testing.T, n blueskytest.Network, c *bluesky.Connector) *opened {
	t.Helper()
	o := &opened{}
	o.Person, o.password = join(t, n, "ponte")
	s, err := c.Discover(t.Context(), n.PDS)
	if err != nil {
		t.Fatal(err)
	}
	if o.credentials, err = c.Login(t.Context(), s, "@"+o.Handle, o.password); err != nil {
		t.Fatal(err)
	}
	o.client = c.Open(o.credentials, o.save)
	return o
}

func (o *opened) save(_ context.Context, c network.Credentials) error {
	o.saved = append(o.saved, c)
	return nil
}

func message(text string) network.Outgoing {
	return network.Outgoing{Key: rand.Text(), PreparedAt: time.Now().UTC().Truncate(time.Microsecond), Text: text, Visibility: network.Public, Language: "it"}
}

func TestDiscoverAndLogin(t *testing.T) {
	t.Parallel()
	n := blueskytest.FromEnv(t)
	c := n.Connector()
	us, pw := join(t, n, "ponte")
	for _, address := range []string{n.PDS, strings.TrimPrefix(n.PDS, "http://"), us.Handle, "@" + us.Handle, " @" + strings.ToUpper(us.Handle), us.DID} {
		s, err := c.Discover(t.Context(), address)
		if !strings.Contains(address, "://") && strings.Contains(address, "localhost") {
			// Without a scheme the address means https, which this server does not speak.
			if err == nil {
				t.Errorf("%q: %+v", address, s)
			}
			continue
		}
		if err != nil || s.URL != n.PDS || s.Join != network.JoinAppPassword || s.Network != network.Bluesky {
			t.Errorf("%q: %+v %v", address, s, err)
			continue
		}
		if address != n.PDS && s.Handle != us.Handle {
			t.Errorf("%q names %q", address, s.Handle)
		}
	}
	for _, address := range []string{"nobody-there.test", "@nobody-there.test", "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "did:key:zQ3sh"} {
		s, err := c.Discover(t.Context(), address)
		if err == nil {
			t.Errorf("%q: %+v", address, s)
		}
	}
	s := network.Server{URL: n.PDS}
	for _, who := range []string{us.Handle, "@" + us.Handle, us.DID} {
		cred, err := c.Login(t.Context(), s, who, pw)
		if err != nil || cred.AccessToken == "" || cred.RefreshToken == "" || cred.Expires.Before(time.Now()) || len(cred.Scopes) == 0 {
			t.Errorf("%q: %v", who, err)
		}
	}
	for _, x := range [][2]string{{us.Handle, "wrong"}, {"nobody-there.test", pw}, {us.Handle, ""}, {"", pw}} {
		_, err := c.Login(t.Context(), s, x[0], x[1])
		if p := network.ProblemOf(err); err == nil || p.Key != network.ProblemCredentials || p.Verdict != network.Never {
			t.Errorf("%q: %v", x[0], err)
		}
	}
}

func TestRealRenewal(t *testing.T) {
	t.Parallel()
	n := blueskytest.FromEnv(t)
	c := n.Connector()
	us := open(t, n, c)
	old := us.credentials
	old.Expires = time.Now().Add(-time.Hour)
	if _, err := n.Connector().Open(us.credentials, us.save).Probe(t.Context()); err != nil || len(us.saved) != 0 {
		t.Fatalf("good credentials: %v, saved %d times", err, len(us.saved))
	}
	// The line of these credentials was opened before; a connector of its own sees the end they tell.
	cl := n.Connector().Open(old, us.save)
	for range 2 {
		if _, err := cl.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// The access token may be the same text: the server writes nothing into it but the second.
	if len(us.saved) != 1 || us.saved[0].RefreshToken == old.RefreshToken {
		t.Fatalf("saved %d times", len(us.saved))
	}
	if err := us.RevokeAppPassword(t.Context(), "ponte"); err != nil {
		t.Fatal(err)
	}
	next := us.saved[0]
	next.Expires = time.Now().Add(-time.Hour)
	_, err := n.Connector().Open(next, us.save).Probe(t.Context())
	if p := network.ProblemOf(err); err == nil || p.Key != network.ProblemRevoked || p.Verdict != network.Reconnect {
		t.Errorf("after the app password was taken back: %v", err)
	}
	if len(us.saved) != 1 {
		t.Errorf("saved %d times", len(us.saved))
	}
}

func TestDeactivated(t *testing.T) {
	t.Parallel()
	n := blueskytest.FromEnv(t)
	us := open(t, n, n.Connector())
	if err := us.Deactivate(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := us.client.Probe(t.Context())
	if p := network.ProblemOf(err); err == nil || p.Key != network.ProblemSuspended {
		t.Errorf("Probe: %v", err)
	}
	_, err = us.client.Publish(t.Context(), message("dopo"))
	if p := network.ProblemOf(err); err == nil || p.Key != network.ProblemSuspended || p.Uncertain {
		t.Errorf("Publish: %v", err)
	}
}

// TestWrittenRecord looks at what really stands in the repository.
func TestWrittenRecord(t *testing.T) {
	t.Parallel()
	n := blueskytest.FromEnv(t)
	us := open(t, n, n.Connector())
	other, _ := join(t, n, "carla")
	m := message("È pronto 👩‍👩‍👧 @" + other.Handle + " e @nessuno-qui.test: https://example.org/è?a=b, #città!")
	r, err := us.client.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := us.client.Publish(t.Context(), m)
	if err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("again: %+v, %v; first %+v", again, err, r)
	}
	stands, err := us.Get(t.Context(), r.RemoteID)
	if err != nil {
		t.Fatal(err)
	}
	if stands.Value["createdAt"] != m.PreparedAt.Format("2006-01-02T15:04:05.000000Z") || !r.At.Equal(m.PreparedAt) || stands.CID != r.Version {
		t.Errorf("%+v, receipt %+v", stands, r)
	}
	var got []string
	facets, _ := stands.Value["facets"].([]any)
	for _, f := range facets {
		f := f.(map[string]any)
		index, feature := f["index"].(map[string]any), f["features"].([]any)[0].(map[string]any)
		from, to := int(index["byteStart"].(float64)), int(index["byteEnd"].(float64))
		got = append(got, fmt.Sprint(m.Text[from:to], "=", feature["did"], feature["uri"], feature["tag"]))
	}
	want := []string{
		fmt.Sprint("@"+other.Handle, "=", other.DID, nil, nil), fmt.Sprint("https://example.org/è?a=b", "=", nil, "https://example.org/è?a=b", nil),
		fmt.Sprint("#città", "=", nil, nil, "città"),
	}
	if !slices.Equal(got, want) {
		t.Errorf("facets %q, want %q", got, want)
	}
	// What a person changed since is found and left as it is.
	if err := us.Edit(t.Context(), r.RemoteID, "Corretto altrove"); err != nil {
		t.Fatal(err)
	}
	third, err := us.client.Publish(t.Context(), m)
	if err != nil || third.RemoteID != r.RemoteID {
		t.Errorf("after an edit: %+v, %v", third, err)
	}
	if posts, err := us.Posts(t.Context()); err != nil || !slices.Equal(posts, []string{"Corretto altrove"}) {
		t.Errorf("%q %v", posts, err)
	}
}

func TestLongestPost(t *testing.T) {
	t.Parallel()
	n := blueskytest.FromEnv(t)
	us := open(t, n, n.Connector())
	l, err := us.client.Limits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{strings.Repeat("è", 300), strings.Repeat("🥖", 300), strings.Repeat("👩‍👩‍👧", 166)} {
		if got := us.client.Measure(text, l); !got.Fits() {
			t.Errorf("%+v", got)
		}
		if _, err := us.client.Publish(t.Context(), message(text)); err != nil {
			t.Errorf("the server wants no post of %d bytes: %v", len(text), err)
		}
	}
	// The server refuses what we say does not fit.
	for _, text := range []string{strings.Repeat("è", 301), strings.Repeat("👩‍👩‍👧", 167)} {
		if got := us.client.Measure(text, l); got.Fits() {
			t.Errorf("%+v", got)
		}
		if _, err := us.Post(t.Context(), text); err == nil {
			t.Error("the server takes it")
		}
	}
}

// TestEverythingTowardsUs reads each kind of thing people do, as the index of a real network tells it.
func TestEverythingTowardsUs(t *testing.T) {
	t.Parallel()
	n := withAppview(t)
	us := open(t, n, n.Connector())
	other, _ := join(t, n, "carla")
	ctx := t.Context()
	must := func(uri string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return uri
	}
	if err := other.Name(ctx, "Carla Neri"); err != nil {
		t.Fatal(err)
	}
	ours := must(us.Post(ctx, "Il forno è aperto"))
	theirs := must(other.Post(ctx, "Un mio pensiero"))
	want := map[string]network.Item{
		must(other.Like(ctx, ours)):                 {Kind: network.KindLike, ParentID: ours},
		must(other.Repost(ctx, ours)):               {Kind: network.KindShare, ParentID: ours},
		must(other.Follow(ctx, us.DID)):             {Kind: network.KindFollow},
		must(other.Quote(ctx, ours, "Guardate!")):   {Kind: network.KindQuote, ParentID: ours, Text: "Guardate!"},
		must(other.Mention(ctx, us.Person, "ciao")): {Kind: network.KindMention, Text: "@" + us.Handle + " ciao"},
		must(other.PostRecord(ctx, map[string]any{
			"text": "vedi exam… qui", "langs": []string{"it"},
			"labels": map[string]any{"$type": "com.atproto.label.defs#selfLabels", "values": []any{map[string]any{"val": "nudity"}}},
			"reply": func() map[string]any {
				r, err := other.Get(ctx, ours)
				if err != nil {
					t.Fatal(err)
				}
				ref := map[string]any{"uri": r.URI, "cid": r.CID}
				return map[string]any{"root": ref, "parent": ref}
			}(),
			"facets": []any{map[string]any{
				"index":    map[string]any{"byteStart": 5, "byteEnd": 12},
				"features": []any{map[string]any{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/negozio"}},
			}},
		})): {Kind: network.KindReply, ParentID: ours, RootID: ours, Text: "vedi https://example.org/negozio qui", Language: "it", Warning: "nudity"},
	}
	got, cur := map[string]network.Item{}, ""
	deadline := time.Now().Add(30 * time.Second)
	for len(got) < len(want)+1 {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d items", len(got), len(want)+1)
		}
		p, err := us.client.Fetch(ctx, cur)
		if err != nil {
			t.Fatal(err)
		}
		cur = p.Cursor
		for _, it := range p.Items {
			got[it.RemoteID] = it
		}
		<-time.After(50 * time.Millisecond)
	}
	if _, ok := got[theirs]; ok {
		t.Error("what has nothing to do with us was fetched")
	}
	for uri, w := range want {
		it := got[uri]
		if it.Kind != w.Kind || it.ParentID != w.ParentID || w.RootID != "" && it.RootID != w.RootID || it.Text != w.Text || it.Language != w.Language || it.Warning != w.Warning || it.Mine {
			t.Errorf("%+v\nwant %+v", it, w)
		}
		if it.Author.Handle != other.Handle || it.Author.RemoteID != other.DID || it.Author.Name != "Carla Neri" || it.Visibility != network.Public || !strings.HasPrefix(it.URL, "https://bsky.app/profile/"+other.Handle) {
			t.Errorf("%+v", it)
		}
	}
	// Another one of us reads the same thread and the same people from scratch: the same items.
	var ids []string
	for uri, it := range got {
		if it.Kind.Speaks() {
			ids = append(ids, uri)
		}
	}
	items, err := us.client.Refresh(ctx, ids)
	if err != nil || len(items) != len(ids) {
		t.Fatalf("%d of %d, %v", len(items), len(ids), err)
	}
	for _, it := range items {
		was := got[it.RemoteID]
		if it.Version != was.Version || it.Kind != was.Kind || it.Text != was.Text || !it.At.Equal(was.At) || it.Warning != was.Warning || it.ParentID != was.ParentID {
			t.Errorf("fetched %+v\nrefreshed %+v", was, it)
		}
	}
}

// TestManyAtOneInstant pages through more things of equal times than a page holds.
func TestManyAtOneInstant(t *testing.T) {
	t.Parallel()
	n := withAppview(t)
	us := open(t, n, n.Connector())
	other, _ := join(t, n, "carla")
	want := map[string]bool{}
	for i := range 130 {
		uri, err := other.PostRecord(t.Context(), map[string]any{
			"text": fmt.Sprintf("@x %d", i), "createdAt": fmt.Sprintf("2026-11-22T19:01:%02d.000Z", i/60),
			"facets": []any{map[string]any{
				"index":    map[string]any{"byteStart": 0, "byteEnd": 2},
				"features": []any{map[string]any{"$type": "app.bsky.richtext.facet#mention", "did": us.DID}},
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		want[uri] = true
	}
	deadline := time.Now().Add(30 * time.Second)
	// Only when the index has all of them does the first page end in the middle of an instant.
	for n := 0; n < len(want); <-time.After(50 * time.Millisecond) {
		var err error
		if n, err = us.Unread(t.Context()); err != nil || time.Now().After(deadline) {
			t.Fatalf("%d of %d are known, %v", n, len(want), err)
		}
	}
	for cur := ""; len(want) > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("%d were lost", len(want))
		}
		p, err := us.client.Fetch(t.Context(), cur)
		if err != nil {
			t.Fatal(err)
		}
		cur = p.Cursor
		for _, it := range p.Items {
			delete(want, it.RemoteID)
		}
		if !p.More {
			<-time.After(50 * time.Millisecond)
		}
	}
}

// TestHiddenIsNotDeleted wants that what the index hides is not told as gone.
func TestHiddenIsNotDeleted(t *testing.T) {
	t.Parallel()
	n := withAppview(t)
	us := open(t, n, n.Connector())
	other, _ := join(t, n, "carla")
	ours, err := us.Post(t.Context(), "domanda")
	if err != nil {
		t.Fatal(err)
	}
	first, err := other.Reply(t.Context(), ours, "prima")
	if err != nil {
		t.Fatal(err)
	}
	second, err := other.Reply(t.Context(), first, "seconda")
	if err != nil {
		t.Fatal(err)
	}
	// Not yet known to the index, or already: it stands.
	if items, err := us.client.Refresh(t.Context(), []string{first, second}); err != nil || slices.ContainsFunc(items, func(it network.Item) bool { return it.Deleted }) {
		t.Errorf("%+v %v", items, err)
	}
	if err := other.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	eventually := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); !ok(); <-time.After(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal(what)
			}
		}
	}
	eventually("the deletion of the middle shows", func() bool {
		items, err := us.client.Refresh(t.Context(), []string{first, second})
		if err != nil {
			t.Fatal(err)
		}
		return len(items) == 2 && items[0].Deleted && !items[1].Deleted
	})
	// The thread of what answered the deleted one still opens.
	eventually("the thread opens", func() bool {
		items, err := us.client.Thread(t.Context(), second)
		if err != nil {
			t.Fatal(err)
		}
		return len(items) > 0 && items[len(items)-1].RemoteID == second
	})
	if _, err := us.Block(t.Context(), other.DID); err != nil {
		t.Fatal(err)
	}
	eventually("the block shows and nothing is told as deleted", func() bool {
		items, err := us.client.Refresh(t.Context(), []string{second})
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(items, func(it network.Item) bool { return it.Deleted }) {
			t.Fatal("a blocked post was told as deleted")
		}
		return len(items) == 0
	})
}
