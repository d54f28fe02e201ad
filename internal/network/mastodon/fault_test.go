package mastodon_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

const posting = "POST /api/v1/statuses"

type desk struct {
	s   *mastodontest.Server
	c   network.Client
	ada *mastodontest.Stranger
}

func setup(t *testing.T, o mastodontest.Options) desk {
	t.Helper()
	s := mastodontest.Start(t, o)
	s.AddAccount("ponte", "secret")
	return desk{s: s, c: connector().Open(credentials(s, o, "ponte"), nil), ada: s.Stranger("ada", "ponte")}
}

func message(text string) network.Outgoing {
	return network.Outgoing{Key: "key-" + text, PreparedAt: time.Now().UTC(), Text: text, Visibility: network.Public}
}

func problem(t *testing.T, err error) *network.Problem {
	t.Helper()
	p, ok := err.(*network.Problem)
	if !ok {
		t.Fatalf("no *Problem but %T: %v", err, err)
	}
	return p
}

func TestPublishFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		fault     mastodontest.Fault
		verdict   network.Verdict
		key       string
		uncertain bool
		retry     time.Duration
		stands    int
	}{
		{"accepted and hung up", mastodontest.Fault{Way: mastodontest.HangUp}, network.Later, network.ProblemUnreachable, true, 0, 1},
		{"hung up before", mastodontest.Fault{Way: mastodontest.HangUpBefore}, network.Later, network.ProblemUnreachable, true, 0, 0},
		{"accepted and 504", mastodontest.Fault{Way: mastodontest.FailAfter}, network.Later, network.ProblemServer, true, 0, 1},
		{"500", mastodontest.Fault{Way: mastodontest.Fail}, network.Later, network.ProblemServer, true, 0, 0},
		{"accepted and a page for people", mastodontest.Fault{Way: mastodontest.Garbage}, network.Later, network.ProblemAnswer, true, 0, 1},
		{"429 with Retry-After", mastodontest.Fault{Way: mastodontest.TooMany, RetryAfter: 7 * time.Minute}, network.Later, network.ProblemRate, false, 7 * time.Minute, 0},
		{"429 without", mastodontest.Fault{Way: mastodontest.TooMany}, network.Later, network.ProblemRate, false, -1, 0},
		{"401", mastodontest.Fault{Way: mastodontest.Fail, Status: 401}, network.Reconnect, network.ProblemRevoked, false, 0, 0},
		{"403 and the scope is held", mastodontest.Fault{Way: mastodontest.Fail, Status: 403}, network.Never, network.ProblemRefused, false, 0, 0},
		{"404", mastodontest.Fault{Way: mastodontest.Fail, Status: 404}, network.Never, network.ProblemUnsupported, false, 0, 0},
		{"418", mastodontest.Fault{Way: mastodontest.Fail, Status: 418}, network.Never, network.ProblemRefused, false, 0, 0},
		{"422", mastodontest.Fault{Way: mastodontest.Fail, Status: 422}, network.Never, network.ProblemRefused, false, 0, 0},
		{"302", mastodontest.Fault{Way: mastodontest.Fail, Status: 302}, network.Later, network.ProblemAnswer, false, 0, 0},
	} {
		for _, o := range []mastodontest.Options{{}, {GoToSocial: true}, {RateSeconds: true}} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				d := setup(t, o)
				if _, err := d.c.Probe(t.Context()); err != nil { // opens the connection that is then broken
					t.Fatal(err)
				}
				f := tt.fault
				f.Endpoint = posting
				d.s.Inject(f)
				m := message("bread today")
				_, err := d.c.Publish(t.Context(), m)
				p := problem(t, err)
				if p.Verdict != tt.verdict || p.Key != tt.key || p.Uncertain != tt.uncertain {
					t.Errorf("got %v", p)
				}
				switch {
				case tt.retry > 0 && (p.RetryAfter < tt.retry-2*time.Second || p.RetryAfter > tt.retry+2*time.Second):
					t.Errorf("retry after %v, want about %v", p.RetryAfter, tt.retry)
				case tt.retry < 0 && (p.RetryAfter <= 0 || p.RetryAfter > 6*time.Minute):
					t.Errorf("retry after %v, want what X-RateLimit-Reset tells", p.RetryAfter)
				}
				if strings.Contains(p.Error(), "bread") || strings.Contains(p.Error(), "Bearer") {
					t.Errorf("the error tells too much: %v", p)
				}
				if n := d.s.Calls(posting); n != 1 {
					t.Errorf("%d calls for one attempt", n)
				}
				if n := len(d.s.Standing("ponte")); n != tt.stands {
					t.Errorf("%d stand, want %d", n, tt.stands)
				}
				r, presence, err := d.c.Find(t.Context(), m)
				want := network.Absent
				if tt.stands == 1 {
					want = network.Present
				}
				if err != nil || presence != want {
					t.Fatalf("Find: %q, %v, want %q", presence, err, want)
				}
				if want == network.Present && r.RemoteID != d.s.Standing("ponte")[0].ID {
					t.Errorf("Find gave %q", r.RemoteID)
				}
			})
		}
	}
}

func TestPublishTimesOut(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{})
	until, accepted := make(chan struct{}), make(chan struct{})
	// The server has the message and takes its time.
	d.s.Inject(mastodontest.Fault{Endpoint: posting, Way: mastodontest.Slow, Until: until, Accepted: func() { close(accepted) }})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	m := message("slow")
	_, err := d.c.Publish(ctx, m)
	if p := problem(t, err); p.Key != network.ProblemTimeout || !p.Uncertain {
		t.Errorf("got %v", p)
	}
	close(until)
	<-accepted
	if _, p, err := d.c.Find(t.Context(), m); p != network.Present || err != nil {
		t.Errorf("Find: %q, %v", p, err)
	}
}

func TestNothingWasSent(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := "http://" + closed.Addr().String()
	closed.Close()
	for _, base := range []string{dead, "http://no-such-host.invalid"} {
		c := connector().Open(network.Credentials{ServerURL: base, AccessToken: "x"}, nil)
		_, err := c.Publish(t.Context(), message("x"))
		if p := problem(t, err); p.Uncertain || p.Verdict != network.Later || p.Key != network.ProblemUnreachable {
			t.Errorf("%s: %v", base, p)
		}
	}
}

// TestNoHiddenSecondAttempt: the standard client repeats requests with an Idempotency-Key on a new connection when a
// kept one breaks. A server that ignores the key would then have a double.
func TestNoHiddenSecondAttempt(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{GoToSocial: true})
	for i := range 5 {
		if _, err := d.c.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.s.Inject(mastodontest.Fault{Endpoint: posting, Way: mastodontest.HangUp})
		_, err := d.c.Publish(t.Context(), message("once"))
		if p := problem(t, err); !p.Uncertain {
			t.Errorf("got %v", p)
		}
		if n := len(d.s.Standing("ponte")); n != i+1 {
			t.Fatalf("after %d attempts %d stand", i+1, n)
		}
	}
}

func TestIgnoredKeyMakesADoubleAndFindTakesTheOldest(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{GoToSocial: true})
	if s := d.c.Traits().Safe; s != network.SafeByReadBack {
		t.Errorf("safety %q", s)
	}
	m := message("same")
	for range 2 {
		if _, err := d.c.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	standing := d.s.Standing("ponte")
	if len(standing) != 2 {
		t.Fatalf("%d stand", len(standing))
	}
	if r, p, err := d.c.Find(t.Context(), m); err != nil || p != network.Present || r.RemoteID != standing[0].ID {
		t.Errorf("Find: %+v, %q, %v", r, p, err)
	}
}

func TestFindTellsEqualMessagesApart(t *testing.T) {
	t.Parallel()
	now := time.Now().Add(-time.Hour)
	d := setup(t, mastodontest.Options{Now: func() time.Time { return now }})
	con := mastodon.NewAt(http.DefaultClient, agent, func() time.Time { return now })
	c := con.Open(credentials(d.s, mastodontest.Options{}, "ponte"), nil)
	send := func(key string) (network.Outgoing, network.Receipt) {
		m := network.Outgoing{Key: key, PreparedAt: now, Text: "Thank you", Visibility: network.Public}
		r, err := c.Publish(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		return m, r
	}
	first, firstReceipt := send("a")
	now = now.Add(time.Minute)
	second, secondReceipt := send("b")
	now = now.Add(time.Minute)
	third := network.Outgoing{Key: "c", PreparedAt: now, Text: "Thank you", Visibility: network.Public}
	for _, tt := range []struct {
		m    network.Outgoing
		want network.Presence
		id   string
	}{{first, network.Present, firstReceipt.RemoteID}, {second, network.Present, secondReceipt.RemoteID}, {third, network.Absent, ""}} {
		r, p, err := c.Find(t.Context(), tt.m)
		if err != nil || p != tt.want || r.RemoteID != tt.id {
			t.Errorf("Find %s: %q %q, %v; want %q %q", tt.m.Key, p, r.RemoteID, err, tt.want, tt.id)
		}
	}
	// Prepared a moment after an equal one came to stand: it may be either.
	close := network.Outgoing{Key: "d", PreparedAt: secondReceipt.At.Add(2500 * time.Millisecond), Text: "Thank you", Visibility: network.Public}
	if _, p, err := c.Find(t.Context(), close); err != nil || p != network.Unsure {
		t.Errorf("Find of one that may be another: %q, %v", p, err)
	}
	// What differs in anything else is another message.
	for name, m := range map[string]network.Outgoing{
		"text":       {PreparedAt: first.PreparedAt, Text: "Thank you!", Visibility: network.Public},
		"visibility": {PreparedAt: first.PreparedAt, Text: "Thank you", Visibility: network.Unlisted},
		"warning":    {PreparedAt: first.PreparedAt, Text: "Thank you", Visibility: network.Public, Warning: "food"},
		"place":      {PreparedAt: first.PreparedAt, Text: "Thank you", Visibility: network.Public, ReplyTo: firstReceipt.RemoteID},
		"files":      {PreparedAt: first.PreparedAt, Text: "Thank you", Visibility: network.Public, Media: []network.Upload{networktest.Picture("a.png", "a")}},
	} {
		if _, p, err := c.Find(t.Context(), m); err != nil || p != network.Absent {
			t.Errorf("Find with another %s: %q, %v", name, p, err)
		}
	}
}

func TestFindAcrossClocks(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-time.Hour, -4 * time.Second, -time.Second, time.Second, 10 * time.Minute} {
		t.Run(off.String(), func(t *testing.T) {
			t.Parallel()
			d := setup(t, mastodontest.Options{GoToSocial: true, Now: func() time.Time { return time.Now().Add(off) }})
			m := message("what time is it")
			if _, p, err := d.c.Find(t.Context(), m); p != network.Absent || err != nil {
				t.Errorf("before: %q, %v", p, err)
			}
			r, err := d.c.Publish(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			if got, p, err := d.c.Find(t.Context(), m); p != network.Present || err != nil || got.RemoteID != r.RemoteID {
				t.Errorf("after: %q, %v", p, err)
			}
		})
	}
}

func TestFindGivesUpWhenItCannotReach(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{})
	old := message("long ago")
	old.PreparedAt = old.PreparedAt.Add(-time.Hour)
	busy := d.s.Stranger("ponte", "ada")
	for range 420 {
		if _, err := busy.Post(t.Context(), "chatter"); err != nil {
			t.Fatal(err)
		}
	}
	if _, p, err := d.c.Find(t.Context(), old); err != nil || p != network.Unsure {
		t.Errorf("Find: %q, %v", p, err)
	}
	d.s.Inject(mastodontest.Fault{Endpoint: "GET /api/v1/accounts/*", Way: mastodontest.Fail, Skip: 1, Status: 503})
	if _, p, err := d.c.Find(t.Context(), old); problem(t, err).Key != network.ProblemServer || p != network.Unsure {
		t.Errorf("when the server fails: %q, %v", p, err)
	}
}

func TestMediaFaults(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{WorkingOn: 1000})
	m := message("film")
	m.Media = []network.Upload{networktest.Picture("film.png", "alt")}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := d.c.Publish(ctx, m)
	if p := problem(t, err); p.Key != network.ProblemTimeout || p.Uncertain {
		t.Errorf("a file that is never ready: %v", p)
	}
	d = setup(t, mastodontest.Options{})
	m.Media[0].Size++
	_, err = d.c.Publish(t.Context(), m)
	if p := problem(t, err); p.Uncertain || p.Verdict == network.Reconnect {
		t.Errorf("a file shorter than told: %v", p)
	}
	m.Media[0].Size -= 5
	_, err = d.c.Publish(t.Context(), m)
	if p := problem(t, err); p.Uncertain || p.Verdict == network.Reconnect {
		t.Errorf("a file longer than told: %v", p)
	}
	text := networktest.Picture("not.png", "")
	text.Open = func() (io.ReadCloser, error) { return http.NoBody, nil }
	text.Size = 0
	m.Media = []network.Upload{text}
	_, err = d.c.Publish(t.Context(), m)
	if p := problem(t, err); p.Key != network.ProblemMedia || p.Args["name"] != "not.png" || p.Verdict != network.Never {
		t.Errorf("not a picture: %v %v", p, p.Args)
	}
	if n := len(d.s.Standing("ponte")) + d.s.Calls(posting); n != 0 {
		t.Errorf("%d statuses or attempts without their file", n)
	}
}

func TestTokenLife(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{})
	d.s.Revoke("ponte")
	if _, err := d.c.Probe(t.Context()); problem(t, err).Verdict != network.Reconnect {
		t.Errorf("revoked: %v", err)
	}
	d = setup(t, mastodontest.Options{})
	d.s.Suspend("ponte", true)
	if _, err := d.c.Probe(t.Context()); problem(t, err).Key != network.ProblemSuspended {
		t.Errorf("suspended: %v", err)
	}
	reader := credentials(d.s, mastodontest.Options{}, "ponte")
	d.s.Suspend("ponte", false)
	reader.AccessToken, reader.Scopes = d.s.Token("ponte", "read"), []string{"read"}
	if _, err := connector().Open(reader, nil).Publish(t.Context(), message("x")); problem(t, err).Key != network.ProblemScope {
		t.Errorf("without the scope: %v", err)
	}
}

func TestRenewal(t *testing.T) {
	t.Parallel()
	o := mastodontest.Options{TokenLife: time.Hour}
	s := mastodontest.Start(t, o)
	s.AddAccount("ponte", "secret")
	con := connector()
	cr := journey(t, con, s, "allow")
	if cr.RefreshToken == "" || cr.Expires.IsZero() {
		t.Fatalf("credentials %+v", cr)
	}
	var saved []network.Credentials
	full := errors.New("disk full")
	fail := true
	c := con.Open(cr, func(_ context.Context, fresh network.Credentials) error {
		if fail {
			return full
		}
		saved = append(saved, fresh)
		return nil
	})
	s.ExpireTokens("ponte")
	if _, err := c.Probe(t.Context()); !errors.Is(err, full) {
		t.Errorf("when saving fails: %v", err)
	}
	// The refresh token is used up by now; a person connects again.
	fail = false
	cr = journey(t, con, s, "allow")
	c = con.Open(cr, func(_ context.Context, fresh network.Credentials) error {
		saved = append(saved, fresh)
		return nil
	})
	s.ExpireTokens("ponte")
	if _, err := c.Publish(t.Context(), message("x")); problem(t, err).Verdict != network.Later || problem(t, err).Uncertain {
		t.Errorf("a mutation with an ended token: %v", err)
	}
	if len(saved) != 1 || saved[0].AccessToken == "" || saved[0].RefreshToken == cr.RefreshToken || saved[0].ServerURL != cr.ServerURL {
		t.Errorf("saved %+v", saved)
	}
	if _, err := c.Publish(t.Context(), message("x")); err != nil {
		t.Errorf("the next attempt: %v", err)
	}
	s.Revoke("ponte")
	if _, err := c.Probe(t.Context()); problem(t, err).Verdict != network.Reconnect || len(saved) != 1 {
		t.Errorf("after revoking: %v, %d saved", err, len(saved))
	}
}
