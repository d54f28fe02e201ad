package bluesky_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

// over gives the range of a part of a text, in bytes.
func over(k network.FacetKind, text, part, value string) network.Facet {
	i := strings.Index(text, part)
	return network.Facet{Kind: k, Start: i, End: i + len(part), Value: value}
}

// covered reads the facets of a record that stands: the words and what they are.
func covered(t *testing.T, record map[string]any) []string {
	t.Helper()
	text, _ := record["text"].(string)
	var out []string
	facets, _ := record["facets"].([]any)
	for _, f := range facets {
		f := f.(map[string]any)
		index, feature := f["index"].(map[string]any), f["features"].([]any)[0].(map[string]any)
		from, to := int(index["byteStart"].(float64)), int(index["byteEnd"].(float64))
		for _, key := range []string{"did", "uri", "tag"} {
			if v, ok := feature[key]; ok {
				out = append(out, fmt.Sprint(text[from:to], "=", v))
			}
		}
	}
	return out
}

// TestGivenFacets looks at what really stands when facets were given: words that are links, and only what was given.
func TestGivenFacets(t *testing.T) {
	t.Parallel()
	n := blueskytest.FromEnv(t)
	us := open(t, n, n.Connector())
	other, _ := join(t, n, "carla")
	text := "È pronto 👩‍👩‍👧: la nostra bottega, @" + other.Handle + " e @nessuno-qui.test, #città https://example.org/a"
	m := message(text)
	m.Warning = "pane caldo" // is written above the text: everything moves on
	m.Facets = []network.Facet{
		over(network.FacetTag, text, "#città", "#città"),
		over(network.FacetLink, text, "la nostra bottega", "https://example.org/bottega?x=è"),
		over(network.FacetMention, text, "@"+other.Handle, "@"+strings.ToUpper(other.Handle)),
		over(network.FacetMention, text, "@nessuno-qui.test", "nessuno-qui.test"),
		over(network.FacetBold, text, "pronto", ""),
		over(network.FacetLink, text, "nostra", "https://example.org/inside-another"),
		over(network.FacetLink, text, "È", "javascript:alert(1)"),
		{Kind: network.FacetLink, Start: 1, End: 4, Value: "https://example.org/cuts-a-character"},
		{Kind: network.FacetLink, Start: len(text) - 1, End: len(text) + 5, Value: "https://example.org/too-far"},
		{Kind: network.FacetLink, Start: -3, End: 2, Value: "https://example.org/before"},
		{Kind: network.FacetMention, Start: 0, End: 2, Value: "no handle"},
	}
	r, err := us.client.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	stands, err := us.Get(t.Context(), r.RemoteID)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"la nostra bottega=https://example.org/bottega?x=è", "@" + other.Handle + "=" + other.DID, "#città=città",
	}
	if got := covered(t, stands.Value); stands.Value["text"] != "pane caldo\n\n"+text || !slices.Equal(got, want) {
		t.Errorf("%q: %q, want %q", stands.Value["text"], got, want)
	}
	// None given is not the same as nothing said.
	m = message("@" + other.Handle + " https://example.org #pane")
	m.Facets = []network.Facet{}
	if r, err = us.client.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if stands, err = us.Get(t.Context(), r.RemoteID); err != nil || len(covered(t, stands.Value)) != 0 {
		t.Errorf("%q, %v", covered(t, stands.Value), err)
	}
}

// TestCard looks at the cards that really stand.
func TestCard(t *testing.T) {
	t.Parallel()
	n := blueskytest.FromEnv(t)
	us := open(t, n, n.Connector())
	good := networktest.Picture("card.png", "")
	big := good
	big.Size = 2_000_000
	for name, tt := range map[string]struct {
		card      *network.Card
		media     []network.Upload
		kind      string
		title     string
		withThumb bool
	}{
		"whole":           {&network.Card{URL: "https://example.org/a", Title: "Il forno\xff", Description: "Ogni giorno", Image: &good}, nil, "app.bsky.embed.external", "Il forno\uFFFD", true},
		"bare":            {&network.Card{URL: "https://www.example.org/a/"}, nil, "app.bsky.embed.external", "example.org/a", false},
		"picture too big": {&network.Card{URL: "https://example.org/a", Title: "T", Image: &big}, nil, "app.bsky.embed.external", "T", false},
		"beside pictures": {&network.Card{URL: "https://example.org/a", Title: "T"}, []network.Upload{good}, "app.bsky.embed.images", "", false},
		"no web address":  {&network.Card{URL: "file:///etc/passwd", Title: "T"}, nil, "", "", false},
	} {
		m := message("vedi " + name)
		m.Card, m.Media = tt.card, tt.media
		r, err := us.client.Publish(t.Context(), m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		stands, err := us.Get(t.Context(), r.RemoteID)
		if err != nil {
			t.Fatal(err)
		}
		embed, _ := stands.Value["embed"].(map[string]any)
		kind, _ := embed["$type"].(string)
		external, _ := embed["external"].(map[string]any)
		title, _ := external["title"].(string)
		if _, thumb := external["thumb"]; kind != tt.kind || title != tt.title || thumb != tt.withThumb {
			t.Errorf("%s: %+v", name, embed)
		}
		if again, p, err := us.client.Find(t.Context(), m); err != nil || p != network.Present || again.RemoteID != r.RemoteID {
			t.Errorf("%s: %+v %q %v", name, again, p, err)
		}
	}
}

// TestFilm brings out a film as the server takes it. Working it up is not for a server of tests.
func TestFilm(t *testing.T) {
	t.Parallel()
	n := blueskytest.FromEnv(t)
	us := open(t, n, n.Connector())
	data := append([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), make([]byte, 4096)...)
	film := network.Upload{
		Name: "forno.mp4", MIME: "video/mp4", Alt: "Il forno si accende", Size: int64(len(data)), Width: 640, Height: 360,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}
	m := message("guardate")
	m.Media = []network.Upload{film}
	r, err := us.client.Publish(t.Context(), m)
	if err != nil || len(r.Media) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	stands, err := us.Get(t.Context(), r.RemoteID)
	if err != nil {
		t.Fatal(err)
	}
	embed, _ := stands.Value["embed"].(map[string]any)
	if embed["$type"] != "app.bsky.embed.video" || embed["alt"] != film.Alt {
		t.Errorf("%+v", embed)
	}
	for name, media := range map[string][]network.Upload{
		"and a picture": {film, networktest.Picture("p.png", "")}, "two": {film, film},
		"after one": {networktest.Picture("p.png", ""), film}, "of another kind": {{Name: "x.webm", MIME: "video/webm", Size: 10, Open: film.Open}},
		"too large": {{Name: "x.mp4", MIME: "video/mp4", Size: 60_000_000, Open: film.Open}},
	} {
		m := message(name)
		m.Media = media
		_, err := us.client.Publish(t.Context(), m)
		if p := network.ProblemOf(err); err == nil || p.Key != network.ProblemMedia || p.Verdict != network.Never || p.Uncertain {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNamesDoNotHoldUpAMessage: whatever is wrong with finding an account, the message goes out with the plain name,
// and a later attempt finds it.
func TestNamesDoNotHoldUpAMessage(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	cl := s.connector().Open(s.credentials(), s.save)
	s.on("com.atproto.identity.resolveHandle", func(w http.ResponseWriter, _ *http.Request) { fail(w, 502, "UpstreamFailure") })
	m := outgoing("ciao @ada.test")
	m.Facets = []network.Facet{over(network.FacetMention, m.Text, "@ada.test", "ada.test"), over(network.FacetMention, m.Text, "ciao", "did:plc:2lgfizcz6pezc4f6fw4urxae")}
	r, err := cl.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	var record map[string]any
	s.mu.Lock()
	if err := json.Unmarshal(s.posts[r.RemoteID], &record); err != nil {
		t.Fatal(err)
	}
	s.mu.Unlock()
	if got := covered(t, record); !slices.Equal(got, []string{"ciao=did:plc:2lgfizcz6pezc4f6fw4urxae"}) {
		t.Errorf("%q", got)
	}
	// Now the name is found, and the record would be another: the first one stands.
	s.on("com.atproto.identity.resolveHandle", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]string{"did": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"})
	})
	again, err := cl.Publish(t.Context(), m)
	if err != nil || again.RemoteID != r.RemoteID || s.standing() != 1 {
		t.Errorf("%+v, %v, %d stand", again, err, s.standing())
	}
}

func TestCountsAsTold(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	cl := s.connector().Open(s.credentials(), s.save)
	uri := func(did, key string) string { return "at://" + did + "/app.bsky.feed.post/" + key }
	mine, hidden, gone, theirs := uri(scriptDID, "3aaaaaaaaaaa2"), uri(scriptDID, "3aaaaaaaaaab2"), uri(scriptDID, "3aaaaaaaaaac2"), uri("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "3aaaaaaaaaaa2")
	s.posts[hidden] = json.RawMessage(`{"$type":"app.bsky.feed.post","text":"x"}`)
	var asked atomic.Int32
	s.on("app.bsky.feed.getPosts", func(w http.ResponseWriter, r *http.Request) {
		asked.Store(int32(len(r.URL.Query()["uris"])))
		reply(w, 200, map[string]any{"posts": []any{map[string]any{"uri": mine, "likeCount": 3, "replyCount": 0, "repostCount": 2}}})
	})
	got, err := cl.Counts(t.Context(), []string{theirs, mine, gone, hidden, mine, "at://" + scriptDID + "/app.bsky.feed.like/3aaaaaaaaaaa2", "x"})
	want := []network.Counts{
		{RemoteID: mine, Reactions: network.Counted(3), Replies: network.Counted(0), Shares: network.Counted(2)},
		{RemoteID: gone, Gone: true},
	}
	if err != nil || !slices.Equal(got, want) || asked.Load() != 4 {
		t.Errorf("%+v, %v, asked for %d", got, err, asked.Load())
	}
	for status, want := range map[int]string{502: network.ProblemServer, 429: network.ProblemRate} {
		s.on("app.bsky.feed.getPosts", func(w http.ResponseWriter, _ *http.Request) { fail(w, status, "UpstreamFailure") })
		_, err = cl.Counts(t.Context(), []string{mine})
		if p := network.ProblemOf(err); err == nil || p.Key != want || p.Verdict != network.Later || p.Uncertain {
			t.Errorf("%v", err)
		}
	}
	// What the index does not show and our own server cannot tell is no deletion.
	s.on("app.bsky.feed.getPosts", func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, map[string]any{"posts": []any{}}) })
	s.on("com.atproto.repo.getRecord", func(w http.ResponseWriter, _ *http.Request) { fail(w, 500, "InternalServerError") })
	if got, err = cl.Counts(t.Context(), []string{mine}); err == nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
