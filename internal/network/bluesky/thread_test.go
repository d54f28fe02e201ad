package bluesky_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

var fiveParts = []string{
	"1/5 Il forno apre alle sei.", "2/5 Il lunedì siamo chiusi.", "3/5 Il martedì c'è il pane nero.", "4/5 Il venerdì la focaccia.", "5/5 Il sabato tutto.",
}

// way is the line to a real server, with what can happen on it.
type way struct {
	base http.RoundTripper

	mu      sync.Mutex
	writes  int
	lose    int  // the answer to this write is lost on the way, after the server has done it
	cut     int  // this write does not reach the server, and nobody can know
	expired bool // the access token has ended: until there is another the server gets one that truly has
	renewed int
}

func (w *way) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	n := 0
	_, method, _ := strings.Cut(r.URL.Path, "/xrpc/")
	if method == "com.atproto.repo.putRecord" {
		w.writes++
		n = w.writes
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if w.expired && token != "" && method != "com.atproto.server.refreshSession" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+ended(token))
	}
	lose, cut := n > 0 && n == w.lose, n > 0 && n == w.cut
	w.mu.Unlock()
	if cut {
		r.Body.Close()
		if tr := httptrace.ContextClientTrace(r.Context()); tr != nil && tr.WroteHeaders != nil {
			tr.WroteHeaders() // as far as anybody here can tell
		}
		return nil, context.DeadlineExceeded
	}
	res, err := w.base.RoundTrip(r)
	if err == nil && res.StatusCode == http.StatusOK && strings.HasSuffix(method, "Session") && r.Method == http.MethodPost {
		w.mu.Lock()
		w.expired = false // a new token, which may be the same text: nothing in it but the second is new
		if method == "com.atproto.server.refreshSession" {
			w.renewed++
		}
		w.mu.Unlock()
	}
	if err == nil && lose {
		res.Body.Close()
		return nil, context.DeadlineExceeded
	}
	return res, err
}

func claims(token string) map[string]any {
	parts := strings.Split(token, ".")
	var out map[string]any
	if len(parts) == 3 {
		if b, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			_ = json.Unmarshal(b, &out)
		}
	}
	return out
}

// ended makes the same token as the server would have made it a day ago: its time is over. The secret is that of the
// servers of tests.
func ended(token string) string {
	c := claims(token)
	c["iat"], c["exp"] = time.Now().Add(-24*time.Hour).Unix(), time.Now().Add(-22*time.Hour).Unix()
	enc := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	head := enc(map[string]string{"typ": "at+jwt", "alg": "HS256"}) + "." + enc(c)
	mac := hmac.New(sha256.New, []byte("jwt-secret"))
	mac.Write([]byte(head))
	return head + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// threaded is a house with a channel on a real server.
type threaded struct {
	*housetest.House
	us  *blueskytest.Person
	way *way
	ch  network.Channel
}

func newThreaded(t *testing.T, st *store.Store, d delivery.Config) *threaded {
	t.Helper()
	n := blueskytest.FromEnv(t)
	client := blueskytest.Client()
	w := &way{base: client.Transport}
	client.Transport = w
	con := bluesky.New(client, "Ponte tests", bluesky.WithPLC(n.PLC), bluesky.WithService(n.PDS), bluesky.WithTXT(nil))
	x := &threaded{way: w, House: housetest.New(t, st, housetest.Options{More: []network.Connector{con}, Delivery: d})}
	var pw string
	x.us, pw = join(t, n, "ponte")
	x.connect(t, n, pw)
	return x
}

func (x *threaded) connect(t *testing.T, n blueskytest.Network, password string) {
	t.Helper()
	a := x.Actor(team.Owner)
	found, err := x.Networks.Look(t.Context(), a, network.Bluesky, n.PDS)
	if err != nil {
		t.Fatal(err)
	}
	if x.ch, err = x.Networks.ConnectPassword(t.Context(), a, found, x.us.Handle, password); err != nil {
		t.Fatal(err)
	}
}

// stands checks that the first n parts stand, each once, in order, each as an answer to the one before, in one thread.
func (x *threaded) stands(t *testing.T, n int) {
	t.Helper()
	got, err := x.us.Records(t.Context(), "app.bsky.feed.post")
	if err != nil || len(got) != n {
		t.Fatalf("%d parts stand, want %d, %v", len(got), n, err)
	}
	slices.SortFunc(got, func(a, b blueskytest.Record) int {
		return strings.Compare(a.Value["text"].(string), b.Value["text"].(string))
	})
	for i, r := range got {
		reply, _ := r.Value["reply"].(map[string]any)
		ref := func(what string) string {
			m, _ := reply[what].(map[string]any)
			uri, _ := m["uri"].(string)
			return uri
		}
		parent, root := "", ""
		if i > 0 {
			parent, root = got[i-1].URI, got[0].URI
		}
		if r.Value["text"] != fiveParts[i] || ref("parent") != parent || ref("root") != root {
			t.Errorf("part %d: %q below %q of %q, want %q below %q", i+1, r.Value["text"], ref("parent"), ref("root"), fiveParts[i], parent)
		}
	}
}

func (x *threaded) state(t *testing.T) network.State {
	t.Helper()
	ch, err := x.Networks.Channel(t.Context(), x.Actor(team.Owner), x.ch.ID)
	if err != nil {
		t.Fatal(err)
	}
	return ch.State
}

// The answer to the third of five parts is lost: on a real server the thread stands whole, once and in order.
func TestAThreadWhoseThirdPartIsUncertain(t *testing.T) {
	t.Parallel()
	for name, writes := range map[string]int{"lose": 5, "cut": 6} {
		storetest.Each(t, func(t *testing.T, st *store.Store) {
			x := newThreaded(t, st, delivery.Config{})
			if name == "lose" {
				x.way.lose = 3
			} else {
				x.way.cut = 3
			}
			th := x.Thread(x.ch, fiveParts...)
			part, d := th.Deliver(0, 0)
			if part != 2 || d.State != delivery.Unconfirmed || th.Planned() != 3 {
				t.Fatalf("%s: part %d of %d: %+v", name, part+1, th.Planned(), d)
			}
			if part, d = th.Deliver(2, time.Hour); part != 4 || d.State != delivery.Sent {
				t.Fatalf("%s: part %d: %+v", name, part+1, d)
			}
			x.stands(t, 5)
			if x.way.writes != writes {
				t.Errorf("%s: %d writes, want %d", name, x.way.writes, writes)
			}
		})
	}
}

// The token has truly ended at the fourth part: it is renewed, kept, and the thread goes on without anybody.
func TestAThreadWhoseTokenEnds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := newThreaded(t, st, delivery.Config{})
		th := x.Thread(x.ch, fiveParts...)
		for part := range 3 {
			if d := x.Deliver(th.ID(part), 0); d.State != delivery.Sent {
				t.Fatalf("part %d: %+v", part+1, d)
			}
		}
		x.way.mu.Lock()
		x.way.expired = true
		x.way.mu.Unlock()
		if part, d := th.Deliver(3, 0); part != 4 || d.State != delivery.Sent || d.Attempts != 1 {
			t.Fatalf("part %d: %+v", part+1, d)
		}
		x.stands(t, 5)
		if x.way.renewed != 1 || x.state(t) != network.Active {
			t.Errorf("renewed %d times, the channel is %s", x.way.renewed, x.state(t))
		}
	})
}

// The app password is taken back while the thread is under way, once with the third part in doubt: it waits for a
// person, who connects the account again, and goes on where it was.
func TestAThreadWhosePasswordIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, doubt := range []bool{false, true} {
		storetest.Each(t, func(t *testing.T, st *store.Store) {
			x := newThreaded(t, st, delivery.Config{})
			if doubt {
				x.way.lose = 3
			}
			th := x.Thread(x.ch, fiveParts...)
			for part := range 3 {
				x.Deliver(th.ID(part), 0)
			}
			if err := x.us.RevokeAppPassword(t.Context(), "ponte"); err != nil {
				t.Fatal(err)
			}
			x.way.mu.Lock()
			x.way.expired = true
			x.way.mu.Unlock()
			part, d := th.Deliver(2, 30*time.Minute)
			if part != 3 || d.State != delivery.Failed || d.Trouble.Verdict != network.Reconnect || x.state(t) != network.Broken {
				t.Fatalf("part %d on a channel that is %s: %+v", part+1, x.state(t), d)
			}
			x.stands(t, 3)
			pw, err := x.us.AppPassword(t.Context(), "ponte again")
			if err != nil {
				t.Fatal(err)
			}
			was := x.ch.ID
			if x.connect(t, x.us.Network, pw); x.ch.ID != was || x.state(t) != network.Active {
				t.Fatalf("connected again as %s, %s", x.ch.ID, x.state(t))
			}
			if err := x.Deliveries.Retry(t.Context(), x.Actor(team.Owner), d.ID); err != nil {
				t.Fatal(err)
			}
			if part, d := th.Deliver(3, time.Hour); part != 4 || d.State != delivery.Sent {
				t.Fatalf("part %d: %+v", part+1, d)
			}
			x.stands(t, 5)
		})
	}
}
