package mastodontest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
)

// Options shape a Server. The zero value is a well-behaved Mastodon.
type Options struct {
	// GoToSocial makes it another kind of server: ULIDs, an ignored Idempotency-Key, 418 without User-Agent, 400 where
	// Mastodon says 422, no new endpoints, new accounts locked and posting unlisted.
	GoToSocial bool
	// IgnoreKey ignores Idempotency-Key on a server that says it is Mastodon.
	IgnoreKey bool
	// Characters is how long a status may be; 500, or 5000 on GoToSocial.
	Characters int
	// WorkingOn is how often a file that was uploaded is still being worked up when it is asked for: 202, then 206.
	WorkingOn int
	// TokenLife makes tokens end and gives refresh tokens, as some servers do.
	TokenLife time.Duration
	// OldEdit lets an edit change the words and not what describes the files, as Mastodon did before 4.1.
	OldEdit bool
	// NoEdit has no way to edit.
	NoEdit bool
	// OldInstance describes the server only in the old way, /api/v1/instance.
	OldInstance bool
	// RateLimit is how many calls each token has in five minutes; 0: no end, and only the headers tell of a limit.
	RateLimit int
	// RateSeconds tells the reset of the limit in seconds instead of a date.
	RateSeconds bool
	// Domain is of the handles, when it is another than the host.
	Domain string
	// Now is the server's clock; time.Now when nil.
	Now func() time.Time
}

// Server is a social server in memory. It is an http.Handler; all methods are safe for use by several goroutines.
type Server struct {
	opts Options
	mux  *http.ServeMux

	mu       sync.Mutex
	url      string
	seq      int64
	lastID   int64
	entropy  *ulid.MonotonicEntropy
	accounts map[string]*account // by id
	apps     map[string]*app     // by client id
	codes    map[string]*grant
	tokens   map[string]*grant
	renewals map[string]*grant  // by refresh token
	sessions map[string]*signed // by cookie
	statuses map[string]*status
	order    []*status // as they came
	keys     map[string]string
	files    map[string]*file
	talks    []*talk
	faults   []*Fault
	calls    map[string]int
	streams  map[*stream]bool
	used     map[string]int    // calls by token
	places   map[string]string // ids of places on lists of people
	window   time.Time
}

type account struct {
	id, name, email, password string
	display                   string
	locked, bot, suspended    bool
	hidden                    bool // shows no lists of people
	created                   time.Time
	followers                 map[string]bool // ids
	notices                   []*notice       // oldest first
}

type notice struct {
	id, kind string
	from     *account
	status   *status
	at       time.Time
}

// New makes an empty server. Its addresses are right after Serve or SetURL.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Characters == 0 {
		o.Characters = 500
		if o.GoToSocial {
			o.Characters = 5000
		}
	}
	s := &Server{
		opts: o, url: "http://localhost", entropy: ulid.Monotonic(rand.Reader, 0),
		accounts: map[string]*account{}, apps: map[string]*app{}, codes: map[string]*grant{}, tokens: map[string]*grant{},
		renewals: map[string]*grant{}, sessions: map[string]*signed{}, statuses: map[string]*status{}, keys: map[string]string{},
		files: map[string]*file{}, calls: map[string]int{}, streams: map[*stream]bool{}, used: map[string]int{},
		places: map[string]string{},
	}
	s.mux = s.routes()
	return s
}

// Start makes a server that listens on a loopback port until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := New(o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("mastodontest: %v", err)
	}
	s.SetURL("http://" + l.Addr().String())
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("mastodontest: %v", err)
		}
	}()
	t.Cleanup(func() {
		s.BreakStreams()
		srv.Close()
		<-done
	})
	return s
}

// Serve answers on a listener until it is closed, for who runs the server as a process of its own.
func (s *Server) Serve(l net.Listener) error {
	s.SetURL("http://" + l.Addr().String())
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	return srv.Serve(l)
}

// SetURL says at which address, scheme and host, the server is reached.
func (s *Server) SetURL(u string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.url = strings.TrimSuffix(u, "/")
}

// URL is the server's address.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// domain is what stands behind the second @ of a handle. The lock is held.
func (s *Server) domain() string {
	if s.opts.Domain != "" {
		return s.opts.Domain
	}
	_, host, _ := strings.Cut(s.url, "://")
	return host
}

// Handle is the whole handle of an account of this server.
func (s *Server) Handle(username string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return username + "@" + s.domain()
}

// newID gives an id as this kind of server makes them: in order of time. The lock is held.
func (s *Server) newID() string {
	if s.opts.GoToSocial {
		return ulid.MustNew(ulid.Timestamp(s.opts.Now()), s.entropy).String()
	}
	id := max(s.opts.Now().UnixMilli()<<16, s.lastID+1)
	s.lastID = id
	return fmt.Sprint(id)
}

// noticeID numbers notifications, which on Mastodon are counted by themselves. The lock is held.
func (s *Server) noticeID() string {
	if s.opts.GoToSocial {
		return s.newID()
	}
	s.seq++
	return fmt.Sprint(s.seq)
}

// AddAccount makes an account, or changes the password of the one that is there.
func (s *Server) AddAccount(username, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byName(username)
	if a == nil {
		a = &account{
			id: s.newID(), name: username, email: username + "@example.org", display: strings.ToUpper(username[:1]) + username[1:],
			locked: s.opts.GoToSocial, created: s.now(), followers: map[string]bool{},
		}
		s.accounts[a.id] = a
	}
	a.password = password
}

// Suspend suspends an account, or lets it back in.
func (s *Server) Suspend(username string, yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.byName(username); a != nil {
		a.suspended = yes
	}
}

// byName finds an account. The lock is held.
func (s *Server) byName(username string) *account {
	for _, a := range s.accounts {
		if strings.EqualFold(a.name, username) {
			return a
		}
	}
	return nil
}

func (s *Server) now() time.Time { return s.opts.Now().UTC().Truncate(time.Millisecond) }

// Token gives an access token for an account, as if a person had allowed it. Without scopes it may read and write.
func (s *Server) Token(username string, scopes ...string) string {
	if len(scopes) == 0 {
		scopes = []string{"read", "write"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &grant{account: s.byName(username), scopes: scopes}
	if g.account == nil {
		panic("mastodontest: no account " + username) // a mistake in the test
	}
	return s.issue(g)
}

// Revoke makes all tokens of an account worthless, as when the person removes the application.
func (s *Server) Revoke(username string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range []map[string]*grant{s.tokens, s.renewals} {
		for k, g := range m {
			if strings.EqualFold(g.account.name, username) {
				delete(m, k)
			}
		}
	}
	for st := range s.streams {
		if strings.EqualFold(st.account.name, username) {
			st.end()
		}
	}
}

// ExpireTokens ends the access tokens of an account; refresh tokens stay good.
func (s *Server) ExpireTokens(username string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.tokens {
		if strings.EqualFold(g.account.name, username) {
			g.expires = s.opts.Now().Add(-time.Second)
		}
	}
}

// Status is what stands on the server.
type Status struct {
	ID, Text, ReplyTo, Visibility, Warning, Language, Key string
	Sensitive                                             bool     // said to be so, whatever the warning
	Alt                                                   []string // one for each file
	Focus                                                 []string // likewise, "x,y"; "" where none was told
	At                                                    time.Time
}

// Standing lists what an account wrote and what still stands, oldest first.
func (s *Server) Standing(username string) []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Status
	for _, x := range s.order {
		if !x.gone && strings.EqualFold(x.author.name, username) {
			v := Status{
				ID: x.id, Text: x.text, ReplyTo: x.replyTo, Visibility: x.visibility, Warning: x.spoiler,
				Language: x.language, Key: x.key, Sensitive: x.sensitive, At: x.at,
			}
			for _, f := range x.media {
				v.Alt, v.Focus = append(v.Alt, f.description), append(v.Focus, f.focus)
			}
			out = append(out, v)
		}
	}
	return out
}

// Calls counts the calls of an endpoint, written like "POST /api/v1/statuses"; those refused count too.
func (s *Server) Calls(endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[endpoint]
}

// Streams counts the open streams.
func (s *Server) Streams() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.streams)
}

// BreakStreams ends all open streams, as when the server restarts.
func (s *Server) BreakStreams() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for st := range s.streams {
		st.end()
	}
}

// older compares ids in order of time: numbers and ULIDs grow.
func older(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

func has(scopes []string, want string) bool {
	whole, _, _ := strings.Cut(want, ":")
	return slices.Contains(scopes, want) || slices.Contains(scopes, whole)
}
