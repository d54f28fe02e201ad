package bluesky_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
)

const scriptDID = "did:plc:2lgfizcz6pezc4f6fw4urxae"

// script is a server that does what a test tells it, and keeps sessions and posts like a real one.
type script struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	round   int                         // of the session: tokens of other rounds have ended
	valid   time.Duration               // of access tokens
	calls   map[string]int              // by method
	answers map[string]http.HandlerFunc // instead of the usual; a nil response is the usual after all
	posts   map[string]json.RawMessage
	saved   map[string]bool // access tokens that were saved
	strict  bool            // tokens must have been saved before they are used
}

func newScript(t *testing.T) *script {
	s := &script{t: t, valid: 2 * time.Hour, calls: map[string]int{}, answers: map[string]http.HandlerFunc{}, posts: map[string]json.RawMessage{}, saved: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Server.Close)
	return s
}

func (s *script) serve(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/xrpc/")
	s.mu.Lock()
	s.calls[method]++
	answer := s.answers[method]
	s.mu.Unlock()
	if r.Header.Get("User-Agent") != "Ponte tests" {
		s.t.Errorf("%s: user agent %q", method, r.Header.Get("User-Agent"))
	}
	if answer != nil {
		answer(w, r)
		return
	}
	s.usual(w, r)
}

func (s *script) usual(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	method := strings.TrimPrefix(r.URL.Path, "/xrpc/")
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch method {
	case "com.atproto.repo.getRecord":
		uri := "at://" + r.FormValue("repo") + "/" + r.FormValue("collection") + "/" + r.FormValue("rkey")
		if v, ok := s.posts[uri]; ok {
			reply(w, 200, map[string]any{"uri": uri, "cid": "cid1", "value": v})
			return
		}
		fail(w, 400, "RecordNotFound")
		return
	case "com.atproto.repo.listRecords":
		reply(w, 200, map[string]any{"records": []any{}})
		return
	case "com.atproto.server.refreshSession":
		if bearer != s.token("refresh") {
			fail(w, 400, "ExpiredToken")
			return
		}
		s.round++
		reply(w, 200, map[string]any{"did": scriptDID, "handle": "ponte.test", "accessJwt": s.token("access"), "refreshJwt": s.token("refresh")})
		return
	}
	if bearer != s.token("access") {
		fail(w, 400, "ExpiredToken")
		return
	}
	if s.strict && s.round > 0 && !s.saved[bearer] {
		s.t.Errorf("%s with a token that was not saved", method)
	}
	switch method {
	case "com.atproto.server.getSession":
		reply(w, 200, map[string]any{"did": scriptDID, "handle": "ponte.test", "active": true})
	case "app.bsky.notification.listNotifications":
		reply(w, 200, map[string]any{"notifications": []any{}})
	case "com.atproto.repo.putRecord":
		var in struct {
			Repo, Collection, Rkey string
			Record                 json.RawMessage
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		uri := "at://" + in.Repo + "/" + in.Collection + "/" + in.Rkey
		if old, ok := s.posts[uri]; ok && string(old) != string(in.Record) {
			fail(w, 400, "InvalidSwap")
			return
		}
		s.posts[uri] = in.Record
		reply(w, 200, map[string]any{"uri": uri, "cid": "cid1"})
	default:
		fail(w, 501, "MethodNotImplemented")
	}
}

// token makes a token of the current round.
func (s *script) token(what string) string {
	enc := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return enc(map[string]string{"alg": "none"}) + "." + enc(map[string]any{
		"scope": what, "sub": scriptDID, "jti": s.round, "iat": 1795433208, "exp": 1795433208 + int64(s.valid/time.Second),
	}) + ".x"
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, name string) {
	reply(w, status, map[string]string{"error": name, "message": "said by the script"})
}

// on sets what a method answers; nil brings back the usual.
func (s *script) on(method string, f http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[method] = f
}

func (s *script) count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// standing counts the posts that were written.
func (s *script) standing() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.posts)
}

// start is when the tokens of a script begin.
var start = time.Unix(1795433208, 0).UTC()

func (s *script) connector() *bluesky.Connector {
	return bluesky.New(blueskytest.Client(), "Ponte tests", bluesky.WithService(s.URL), bluesky.WithPLC(s.URL), bluesky.WithTXT(nil),
		bluesky.WithNow(func() time.Time { return start.Add(time.Minute) }))
}

func (s *script) credentials() network.Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	return network.Credentials{
		ServerURL: s.URL, AccessToken: s.token("access"), RefreshToken: s.token("refresh"),
		Extra: map[string]string{"did": scriptDID, "handle": "ponte.test", "service": s.URL},
	}
}

func (s *script) save(_ context.Context, c network.Credentials) error {
	if c.AccessToken == "" || c.RefreshToken == "" || c.Extra["did"] != scriptDID {
		s.t.Errorf("saved %+v", c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saved[c.AccessToken] = true
	return nil
}

// expire ends the access tokens given out so far, and not the refresh token.
func (s *script) expire() {
	old := s.credentials()
	s.on("com.atproto.server.getSession", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Authorization"), old.AccessToken) {
			fail(w, 400, "ExpiredToken")
			return
		}
		s.usual(w, r)
	})
}

func outgoing(text string) network.Outgoing {
	return network.Outgoing{Key: text, PreparedAt: start.Add(123456 * time.Microsecond), Text: text, Visibility: network.Public, Language: "it"}
}

// hangUp reads the request, does what the server usually does, and breaks the connection without an answer.
func (s *script) hangUp(_ http.ResponseWriter, r *http.Request) {
	s.usual(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

func TestRenewsOnceForAll(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.strict = true
	s.expire()
	c, cred := s.connector(), s.credentials()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Open(cred, s.save).Probe(context.Background()); err != nil {
				t.Errorf("Probe: %v", err)
			}
		})
	}
	wg.Wait()
	if n := s.count("com.atproto.server.refreshSession"); n != 1 {
		t.Errorf("renewed %d times", n)
	}
	// Who still holds the old credentials goes on with the new ones.
	if _, err := c.Open(cred, s.save).Probe(context.Background()); err != nil {
		t.Errorf("with old credentials: %v", err)
	}
	if n := s.count("com.atproto.server.refreshSession"); n != 1 {
		t.Errorf("renewed %d times", n)
	}
}

func TestRenewsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.strict = true
	s.valid = 2 * time.Minute // by the clock of the test it ends in one
	cl := s.connector().Open(s.credentials(), s.save)
	for range 3 {
		if _, err := cl.Fetch(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.count("com.atproto.server.refreshSession"); n != 1 {
		t.Errorf("renewed %d times", n)
	}
	if n := s.count("app.bsky.notification.listNotifications"); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestRenewsInTheMiddle(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.strict = true
	cl := s.connector().Open(s.credentials(), s.save)
	s.on("com.atproto.repo.putRecord", func(w http.ResponseWriter, r *http.Request) {
		s.on("com.atproto.repo.putRecord", nil)
		fail(w, 400, "ExpiredToken")
	})
	if _, err := cl.Publish(t.Context(), outgoing("uno")); err != nil {
		t.Fatal(err)
	}
	if s.standing() != 1 || s.count("com.atproto.server.refreshSession") != 1 {
		t.Errorf("%d posts, renewed %d times", s.standing(), s.count("com.atproto.server.refreshSession"))
	}
}

func TestSaveFails(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.strict = true
	s.expire()
	full := errors.New("disk full")
	failing := true
	cl := s.connector().Open(s.credentials(), func(ctx context.Context, c network.Credentials) error {
		if failing {
			return full
		}
		return s.save(ctx, c)
	})
	for range 2 {
		if _, err := cl.Probe(t.Context()); !errors.Is(err, full) {
			t.Fatalf("error %v", err)
		}
	}
	failing = false
	if _, err := cl.Probe(t.Context()); err != nil {
		t.Fatalf("when saving works again: %v", err)
	}
	if n := s.count("com.atproto.server.refreshSession"); n != 1 {
		t.Errorf("renewed %d times: a token was thrown away", n)
	}
}

func TestRenewalThatFails(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		answer http.HandlerFunc
		want   network.Verdict
		key    string
	}{
		"refused":     {func(w http.ResponseWriter, _ *http.Request) { fail(w, 400, "ExpiredToken") }, network.Reconnect, network.ProblemRevoked},
		"invalid":     {func(w http.ResponseWriter, _ *http.Request) { fail(w, 400, "InvalidRequest") }, network.Reconnect, network.ProblemRevoked},
		"401":         {func(w http.ResponseWriter, _ *http.Request) { fail(w, 401, "AuthenticationRequired") }, network.Reconnect, network.ProblemRevoked},
		"taken down":  {func(w http.ResponseWriter, _ *http.Request) { fail(w, 401, "AccountTakedown") }, network.Reconnect, network.ProblemSuspended},
		"deactivated": {func(w http.ResponseWriter, _ *http.Request) { fail(w, 403, "AccountDeactivated") }, network.Reconnect, network.ProblemSuspended},
		"broken":      {func(w http.ResponseWriter, _ *http.Request) { fail(w, 500, "InternalServerError") }, network.Later, network.ProblemServer},
		"too many":    {func(w http.ResponseWriter, _ *http.Request) { fail(w, 429, "RateLimitExceeded") }, network.Later, network.ProblemRate},
		"empty": {func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, map[string]string{"did": scriptDID, "accessJwt": "", "refreshJwt": "x"})
		}, network.Later, network.ProblemAnswer},
		"other": {func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, map[string]string{"did": "did:plc:other", "accessJwt": "x", "refreshJwt": "x"})
		}, network.Later, network.ProblemAnswer},
		"html": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, network.Later, network.ProblemAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.expire()
			s.on("com.atproto.server.refreshSession", x.answer)
			cl := s.connector().Open(s.credentials(), func(context.Context, network.Credentials) error {
				t.Error("saved")
				return nil
			})
			s.on("com.atproto.repo.putRecord", func(w http.ResponseWriter, _ *http.Request) { fail(w, 400, "ExpiredToken") })
			_, err := cl.Publish(t.Context(), outgoing("uno"))
			p := network.ProblemOf(err)
			if p == nil || p.Verdict != x.want || p.Key != x.key || p.Uncertain {
				t.Errorf("%v, want %s %s and certain", err, x.want, x.key)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	header := func(status int, name string, h map[string]string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for k, v := range h {
				w.Header().Set(k, v)
			}
			fail(w, status, name)
		}
	}
	at := start.Add(time.Minute)
	for name, x := range map[string]struct {
		answer    http.HandlerFunc
		want      network.Verdict
		key       string
		after     time.Duration
		uncertain bool // for a mutation
	}{
		"429 with a reset":     {header(429, "RateLimitExceeded", map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": fmt.Sprint(at.Add(90 * time.Second).Unix())}), network.Later, network.ProblemRate, 90 * time.Second, false},
		"429 in seconds":       {header(429, "RateLimitExceeded", map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "40"}), network.Later, network.ProblemRate, 40 * time.Second, false},
		"429 with Retry-After": {header(429, "RateLimitExceeded", map[string]string{"Retry-After": "7"}), network.Later, network.ProblemRate, 7 * time.Second, false},
		"429 and nothing":      {header(429, "RateLimitExceeded", nil), network.Later, network.ProblemRate, 0, false},
		"500":                  {header(500, "InternalServerError", nil), network.Later, network.ProblemServer, 0, true},
		"502 of an outage":     {header(502, "UpstreamFailure", nil), network.Later, network.ProblemServer, 0, true},
		"501":                  {header(501, "MethodNotImplemented", nil), network.Never, network.ProblemUnsupported, 0, false},
		"no token":             {header(401, "AuthMissing", nil), network.Reconnect, network.ProblemRevoked, 0, false},
		"taken down":           {header(401, "AccountTakedown", nil), network.Reconnect, network.ProblemSuspended, 0, false},
		"forbidden":            {header(403, "Forbidden", nil), network.Reconnect, network.ProblemScope, 0, false},
		"refused":              {header(400, "InvalidRequest", nil), network.Never, network.ProblemRefused, 0, false},
		"200 that is no JSON":  {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>ok") }, network.Later, network.ProblemAnswer, 0, true},
		"a web page":           {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); fmt.Fprint(w, "<html>") }, network.Later, network.ProblemAnswer, 0, false},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		}, network.Later, network.ProblemAnswer, 0, false},
		"hangs up at once": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, network.Later, network.ProblemUnreachable, 0, true},
		"hangs up in the middle": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"uri":"at:`)
			panic(http.ErrAbortHandler)
		}, network.Later, network.ProblemUnreachable, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			cl := s.connector().Open(s.credentials(), s.save)
			s.on("com.atproto.repo.putRecord", x.answer)
			s.on("app.bsky.notification.listNotifications", x.answer)
			_, werr := cl.Publish(t.Context(), outgoing("parola segreta"))
			_, rerr := cl.Fetch(t.Context(), "")
			for i, err := range []error{werr, rerr} {
				p, ok := err.(*network.Problem)
				if !ok || p.Verdict != x.want || p.Key != x.key || p.RetryAfter != x.after || p.Uncertain != (x.uncertain && i == 0) {
					t.Errorf("%d: %#v", i, err)
				}
				if err != nil && (strings.Contains(err.Error(), "segreta") || strings.Contains(err.Error(), "Bearer")) {
					t.Errorf("the log would carry %v", err)
				}
			}
			if n := s.count("com.atproto.repo.putRecord"); n != 1 {
				t.Errorf("the mutation was made %d times", n)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	cl := s.connector().Open(s.credentials(), s.save)
	s.Close()
	_, err := cl.Publish(t.Context(), outgoing("uno"))
	if p := network.ProblemOf(err); err == nil || p.Key != network.ProblemUnreachable || p.Verdict != network.Later || p.Uncertain {
		t.Errorf("%v", err)
	}
}

// TestAcceptThenHangUp is the worst of a network: it took the message and told nobody.
func TestAcceptThenHangUp(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	c := s.connector()
	s.on("com.atproto.repo.putRecord", s.hangUp)
	m := outgoing("una volta sola")
	_, err := c.Open(s.credentials(), s.save).Publish(t.Context(), m)
	if p := network.ProblemOf(err); err == nil || !p.Uncertain || p.Verdict != network.Later {
		t.Fatalf("%v", err)
	}
	r, found, err := c.Open(s.credentials(), s.save).Find(t.Context(), m)
	if err != nil || found != network.Present {
		t.Fatalf("%+v %v %v", r, found, err)
	}
	s.on("com.atproto.repo.putRecord", nil)
	again, err := c.Open(s.credentials(), s.save).Publish(t.Context(), m)
	if err != nil || again.RemoteID != r.RemoteID {
		t.Errorf("again: %+v %v", again, err)
	}
	if n := s.standing(); n != 1 {
		t.Errorf("%d posts stand there", n)
	}
}

func TestFindWhenNobodyAnswers(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.on("com.atproto.repo.getRecord", func(w http.ResponseWriter, _ *http.Request) { fail(w, 500, "InternalServerError") })
	_, found, err := s.connector().Open(s.credentials(), s.save).Find(t.Context(), outgoing("uno"))
	if err == nil || found != network.Unsure {
		t.Errorf("%v %v", found, err)
	}
}

func TestUploadTooLarge(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	m := outgoing("con foto")
	up := network.Upload{Name: "foto.jpg", MIME: "image/jpeg", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }}
	m.Media = []network.Upload{up}
	s.on("com.atproto.repo.uploadBlob", func(w http.ResponseWriter, _ *http.Request) { fail(w, 413, "PayloadTooLarge") })
	cl := s.connector().Open(s.credentials(), s.save)
	check := func(m network.Outgoing) {
		t.Helper()
		_, err := cl.Publish(t.Context(), m)
		if p := network.ProblemOf(err); err == nil || p.Key != network.ProblemMedia || p.Verdict != network.Never || p.Uncertain {
			t.Errorf("%v", err)
		}
	}
	check(m)
	m.Media[0].Size = 1_000_001
	check(m)
	m.Media[0].Size = 0 // not told, and larger than it may be
	m.Media[0].Open = func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Repeat("x", 1_000_001))), nil
	}
	check(m)
	m.Media = []network.Upload{up, up, up, up, up}
	s.on("com.atproto.repo.uploadBlob", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]any{"blob": map[string]any{"$type": "blob", "ref": map[string]string{"$link": "bafk"}, "mimeType": "image/jpeg", "size": 1}})
	})
	check(m)
	if n := s.standing(); n != 0 {
		t.Errorf("%d posts stand there", n)
	}
}

func TestRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	cl := s.connector().Open(s.credentials(), s.save)
	with := func(f func(*network.Outgoing)) network.Outgoing {
		m := outgoing("uno")
		f(&m)
		return m
	}
	for key, ms := range map[string][]network.Outgoing{
		network.ProblemTooLong: {
			outgoing(strings.Repeat("è", 301)), outgoing(strings.Repeat("👩‍👩‍👧", 290)),
			with(func(m *network.Outgoing) { m.Text = strings.Repeat("a", 300); m.Warning = "cibo" }),
		},
		network.ProblemUnsupported: {
			with(func(m *network.Outgoing) { m.Visibility = network.Direct }),
			with(func(m *network.Outgoing) { m.Visibility = network.Followers }),
		},
		network.ProblemRefused: {outgoing("  ")},
		network.ProblemAddress: {with(func(m *network.Outgoing) { m.ReplyTo = "https://example.org" })},
	} {
		for _, m := range ms {
			_, err := cl.Publish(t.Context(), m)
			if p := network.ProblemOf(err); err == nil || p.Key != key || p.Verdict != network.Never || p.Uncertain {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
	if n := s.count("com.atproto.repo.putRecord"); n != 0 {
		t.Errorf("%d were sent", n)
	}
}

func TestLoginErrors(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{
		"AuthenticationRequired":  network.ProblemCredentials,
		"AuthFactorTokenRequired": network.ProblemSecondFactor,
	} {
		s := newScript(t)
		s.on("com.atproto.server.createSession", func(w http.ResponseWriter, _ *http.Request) { fail(w, 401, name) })
		_, err := s.connector().Login(t.Context(), network.Server{URL: s.URL}, "ponte.test", "x")
		if p := network.ProblemOf(err); err == nil || p.Key != key || p.Verdict != network.Never {
			t.Errorf("%s: %v", name, err)
		}
	}
}
