package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/network"
)

// world is one TLS server that plays every host there is.
func world(t *testing.T, answer func(host, path string) (int, string), options ...Option) *Connector {
	t.Helper()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(r.Host, r.URL.Path)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(srv.Close)
	client := srv.Client()
	tr := client.Transport.(*http.Transport)
	tr.TLSClientConfig.ServerName = "example.com" // what the test certificate is for
	tr.DialContext = func(ctx context.Context, proto, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, proto, srv.Listener.Addr().String())
	}
	return New(client, "Ponte tests", append([]Option{WithTXT(nil)}, options...)...)
}

func didDocument(did, handle, pds string) string {
	return `{"id":"` + did + `","alsoKnownAs":["at://` + handle + `"],"service":[{"id":"#other","type":"x","serviceEndpoint":{"a":1}},{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":"` + pds + `"}]}`
}

const describeAnswer = `{"did":"did:web:x","availableUserDomains":[".x"]}`

func TestHandleToServer(t *testing.T) {
	t.Parallel()
	const did, pds = "did:plc:aaaa", "https://pds.example"
	type answers = map[string]string
	doc := answers{"plc.directory/" + did: didDocument(did, "ada.example", pds), "pds.example/xrpc/com.atproto.server.describeServer": describeAnswer}
	for name, x := range map[string]struct {
		typed string
		more  answers
		txt   []string
		want  string // server, or a problem's key
	}{
		"DNS":                          {"ada.example", nil, []string{"other", "did=" + did}, pds},
		"DNS says two things":          {"ada.example", nil, []string{"did=" + did, "did=did:plc:bbbb"}, network.ProblemNotAServer},
		"web site":                     {"@ada.example", answers{"ada.example/.well-known/atproto-did": did + "\n"}, nil, pds},
		"public service":               {"@ada.example", answers{"bsky.social/xrpc/com.atproto.identity.resolveHandle": `{"did":"` + did + `"}`}, nil, pds},
		"the document names another":   {"@bea.example", answers{"bea.example/.well-known/atproto-did": did}, nil, network.ProblemAddress},
		"a server that is also a name": {"ada.example", answers{"ada.example/xrpc/com.atproto.server.describeServer": describeAnswer}, nil, "https://ada.example"},
		"the public network":           {"alice.bsky.social", answers{"bsky.social/xrpc/com.atproto.server.describeServer": describeAnswer}, nil, "https://bsky.social"},
		"DID":                          {did, nil, nil, pds},
		"did:web":                      {"did:web:ada.example", answers{"ada.example/.well-known/did.json": didDocument("did:web:ada.example", "ada.example", pds)}, nil, pds},
		"did:web with a path":          {"did:web:ada.example:users:ada", nil, nil, network.ProblemAddress},
		"a document of another":        {"did:web:ada.example", answers{"ada.example/.well-known/did.json": didDocument("did:web:bea.example", "ada.example", pds)}, nil, network.ProblemAnswer},
		"a document without a server":  {"did:web:ada.example", answers{"ada.example/.well-known/did.json": didDocument("did:web:ada.example", "ada.example", "ftp://x")}, nil, network.ProblemAddress},
		"nobody":                       {"@nobody.example", nil, nil, network.ProblemAddress},
		"a web site":                   {"https://shop.example/about", answers{"shop.example/xrpc/com.atproto.server.describeServer": "<html>"}, nil, network.ProblemNotAServer},
		"typed without s":              {"http://pds.example", nil, nil, pds},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := world(t, func(host, path string) (int, string) {
				for _, m := range []answers{x.more, doc} {
					if body, ok := m[host+path]; ok {
						return 200, body
					}
				}
				if strings.HasSuffix(path, "resolveHandle") {
					return 400, `{"error":"InvalidRequest","message":"Unable to resolve handle"}`
				}
				return 404, "<html>"
			}, WithTXT(func(_ context.Context, name string) ([]string, error) {
				if name == "_atproto."+x.typed && x.txt != nil {
					return x.txt, nil
				}
				return nil, errors.New("no such name")
			}))
			s, err := c.Discover(t.Context(), x.typed)
			if strings.HasPrefix(x.want, "https://") {
				if err != nil || s.URL != x.want {
					t.Errorf("%+v, %v; want %s", s, err, x.want)
				}
				return
			}
			if p := network.ProblemOf(err); err == nil || p.Key != x.want {
				t.Errorf("%+v, %v; want %s", s, err, x.want)
			}
		})
	}
}

// TestOtherServers reads and answers what stands on a server that is not ours.
func TestOtherServers(t *testing.T) {
	t.Parallel()
	const us, ada = "did:plc:us", "did:plc:ada"
	standing := `{"uri":"at://did:plc:ada/app.bsky.feed.post/k","cid":"c1","value":{"$type":"app.bsky.feed.post","text":"ciao","reply":{"root":{"uri":"at://did:plc:x/app.bsky.feed.post/r","cid":"c0"},"parent":{"uri":"at://did:plc:y/app.bsky.feed.post/p","cid":"c9"}},"createdAt":"2026-11-22T19:01:13.000Z"}}`
	gone := `{"error":"RecordNotFound","message":"x"}`
	for name, x := range map[string]struct {
		status  int
		body    string
		plc     int
		deleted bool
		told    int
		problem string // of a reply
	}{
		"it stands there":       {200, standing, 200, false, 0, ""},
		"it is gone":            {400, gone, 200, true, 1, network.ProblemGone},
		"the server is down":    {503, "", 200, false, 0, network.ProblemServer},
		"the account is gone":   {200, standing, 410, true, 1, network.ProblemGone},
		"the directory is down": {200, standing, 500, false, 0, network.ProblemAnswer},
		"something else stands": {200, strings.Replace(standing, "post/k", "post/z", 1), 200, false, 0, network.ProblemAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := world(t, func(host, path string) (int, string) {
				switch host + path {
				case "home.example/xrpc/app.bsky.feed.getPosts":
					return 200, `{"posts":[]}`
				case "plc.directory/" + ada:
					return x.plc, didDocument(ada, "ada.example", "https://hers.example")
				case "hers.example/xrpc/com.atproto.repo.getRecord":
					return x.status, x.body
				case "home.example/xrpc/com.atproto.repo.getRecord":
					return 400, `{"error":"InvalidRequest","message":"Could not find repo"}`
				case "home.example/xrpc/app.bsky.feed.getPostThread":
					return 400, `{"error":"NotFound","message":"x"}`
				}
				return 404, ""
			})
			cl := c.Open(network.Credentials{ServerURL: "https://home.example", AccessToken: "a", Extra: map[string]string{extraDID: us}}, nil).(*client)
			const id = "at://did:plc:ada/app.bsky.feed.post/k"
			items, err := cl.Refresh(t.Context(), []string{id, "no address", id})
			if err != nil || len(items) != x.told || x.told == 1 && items[0].Deleted != x.deleted {
				t.Errorf("Refresh: %+v, %v", items, err)
			}
			ref, err := cl.replyTo(t.Context(), id)
			if x.problem == "" {
				if err != nil || ref.Parent != (strongRef{id, "c1"}) || ref.Root != (strongRef{"at://did:plc:x/app.bsky.feed.post/r", "c0"}) {
					t.Errorf("%+v, %v", ref, err)
				}
			} else if p := network.ProblemOf(err); err == nil || p.Key != x.problem {
				t.Errorf("reply: %v, want %s", err, x.problem)
			}
			thread, err := cl.Thread(t.Context(), id)
			if x.problem == "" {
				if err != nil || len(thread) != 1 || thread[0].Author.Handle != "ada.example" || thread[0].Kind != network.KindReply {
					t.Errorf("thread: %+v, %v", thread, err)
				}
			} else if p := network.ProblemOf(err); err == nil || p.Key != x.problem {
				t.Errorf("thread: %v, want %s", err, x.problem)
			}
		})
	}
}

func TestEmbeds(t *testing.T) {
	t.Parallel()
	cl := &client{c: &Connector{web: "https://bsky.app"}, did: "did:plc:us"}
	read := func(embed, view string) network.Item {
		t.Helper()
		s := source{uri: atURI{"did:plc:a", collectionPost, "k"}, cid: "c", author: profileView{DID: "did:plc:a", Handle: "handle.invalid"}, home: "https://pds.example"}
		s.record = json.RawMessage(`{"$type":"app.bsky.feed.post","text":"t","createdAt":"2026-11-22T19:01:13.000Z","embed":` + embed + `}`)
		if view != "" {
			s.view = &embedView{}
			if err := json.Unmarshal([]byte(view), s.view); err != nil {
				t.Fatal(err)
			}
		}
		it, ok := cl.item(s)
		if !ok {
			t.Fatalf("%s was not read", embed)
		}
		return it
	}
	const image = `{"$type":"app.bsky.embed.images","images":[{"alt":"pane","image":{"$type":"blob","ref":{"$link":"bafk1"}},"aspectRatio":{"width":3,"height":2}}]}`
	const imageView = `{"$type":"app.bsky.embed.images#view","images":[{"thumb":"https://cdn.example/t","fullsize":"https://cdn.example/f","alt":"pane"}]}`
	it := read(image, imageView)
	if len(it.Media) != 1 || it.Media[0] != (network.Media{Kind: network.Image, URL: "https://cdn.example/f", PreviewURL: "https://cdn.example/t", Alt: "pane", Width: 3, Height: 2}) {
		t.Errorf("%+v", it.Media)
	}
	if it.Author.Handle != "did:plc:a" || !strings.Contains(it.URL, "did:plc:a") {
		t.Errorf("an unproved handle: %+v, %s", it.Author, it.URL)
	}
	if it := read(image, ""); len(it.Media) != 1 || it.Media[0].URL != "https://pds.example/xrpc/com.atproto.sync.getBlob?cid=bafk1&did=did%3Aplc%3Aa" {
		t.Errorf("without a view: %+v", it.Media)
	}
	if it := read(image, `{"images":[{"fullsize":"javascript:alert(1)"}]}`); !strings.HasPrefix(it.Media[0].URL, "https://pds.example/") {
		t.Errorf("an address that is none: %+v", it.Media)
	}
	if it := read(`{"$type":"app.bsky.embed.images","images":[{"alt":"","image":{"cid":"bafk2","mimeType":"image/png"}}]}`, ""); !strings.Contains(it.Media[0].URL, "bafk2") {
		t.Errorf("an old blob: %+v", it.Media)
	}
	quote := `{"$type":"app.bsky.embed.recordWithMedia","record":{"$type":"app.bsky.embed.record","record":{"uri":"at://did:plc:us/app.bsky.feed.post/q","cid":"c"}},"media":` + image + `}`
	if it := read(quote, `{"media":`+imageView+`}`); it.Kind != network.KindQuote || it.ParentID != "at://did:plc:us/app.bsky.feed.post/q" || len(it.Media) != 1 || it.Media[0].URL != "https://cdn.example/f" {
		t.Errorf("%+v", it)
	}
	if it := read(`{"$type":"app.bsky.embed.video","video":{"ref":{"$link":"bafk3"}},"alt":"forno"}`, `{"playlist":"https://v.example/p.m3u8","thumbnail":"https://v.example/t"}`); len(it.Media) != 1 || it.Media[0].Kind != network.Video || it.Media[0].URL != "https://v.example/p.m3u8" || it.Media[0].Alt != "forno" {
		t.Errorf("%+v", it.Media)
	}
	for _, odd := range []string{`{"$type":"app.bsky.embed.images","images":7}`, `{"$type":"com.example.poll","x":1}`, `7`, `null`, `{"$type":"app.bsky.embed.recordWithMedia","record":{},"media":{"$type":"app.bsky.embed.recordWithMedia"}}`} {
		if it := read(odd, ""); it.Text != "t" || len(it.Media) != 0 {
			t.Errorf("%s: %+v", odd, it)
		}
	}
}
