package sitetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Options shape a Server. The zero value is an open WordPress with a feed.
type Options struct {
	NoWordPress bool   // a plain site with a feed
	NoFeed      bool   // names none
	NoREST      bool   // WordPress whose interface is switched off
	NoPasswords bool   // WordPress without application passwords
	Feed        string // what the feed says in place of the articles; ""
	FeedType    string // its Content-Type
	Hub         string // a WebSub hub that the feed names
	HubHeader   bool   // in the head of the answer instead
	NoETag      bool   // the feed tells no validators
	Role        string // of the user: "administrator" when empty, "author", "subscriber"
	Moderated   bool   // what guests write waits for a yes
	Now         func() time.Time
}

// Server is a web site. Its methods are safe for use by several goroutines.
type Server struct {
	*httptest.Server
	opts Options

	mu       sync.Mutex
	seq      int64
	posts    map[int64]*post
	comments map[int64]*comment
	media    map[int64]*media
	terms    map[string]map[string]int64 // by taxonomy and name
	password string
	faults   []*Fault
	calls    map[string]int // by method and path
	notNew   int            // answers 304
}

// User and Password are those of the company's user.
const (
	User     = "ponte"
	Password = "abcdEFGH1234ijklMNOP5678"
	userID   = 7
)

type post struct {
	id                     int64
	kind                   string // "post" or "page"
	title, content, status string
	featured               int64
	tags, categories       []int64
	at, modified           time.Time
}

type comment struct {
	id, post, parent, author      int64
	name, email, url, agent, text string
	status, kind                  string
	at                            time.Time
}

type media struct {
	id               int64
	slug, name, mime string
	alt, title       string
	size             int
}

// Fault makes the server misbehave, once unless Times says more.
type Fault struct {
	Method string // "": any
	Path   string // a part of the path
	Times  int    // 0: once; negative: always
	Status int    // answered in place of the truth; 0: see the others
	Header map[string]string
	Body   string // of the answer
	// AcceptThenCut does what is asked and breaks the connection before the answer.
	AcceptThenCut bool
	// Cut breaks the connection before anything is done.
	Cut bool
	// Hang waits until the caller has had enough.
	Hang bool
	// Prefix stands in front of the true answer, as a plugin's warnings do.
	Prefix string
	// Huge makes the answer endless.
	Huge bool
}

// New starts a server that ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{
		opts: o, seq: 10, posts: map[int64]*post{}, comments: map[int64]*comment{}, media: map[int64]*media{},
		terms: map[string]map[string]int64{"tags": {}, "categories": {}}, password: Password, calls: map[string]int{},
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// Inject makes the server misbehave.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &f)
}

// Heal ends all misbehaviour.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Revoke makes the application password no longer good.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.password = "revoked"
}

// Calls tells how often something was asked for, by "METHOD /path".
func (s *Server) Calls(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[what]
}

// NotNew tells how often the feed was asked for by who had it already.
func (s *Server) NotNew() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notNew
}

func (s *Server) fault(r *http.Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[r.Method+" "+r.URL.Path]++
	for _, f := range s.faults {
		if f.Times != 0 && (f.Method == "" || f.Method == r.Method) && strings.Contains(r.URL.Path, f.Path) {
			f.Times--
			return f
		}
	}
	return nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.fault(r)
	if f == nil {
		s.serve(w, r)
		return
	}
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	switch {
	case f.Hang:
		<-r.Context().Done()
	case f.Cut:
		panic(http.ErrAbortHandler)
	case f.AcceptThenCut:
		s.serve(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case f.Huge:
		w.WriteHeader(http.StatusOK)
		for range 64 {
			if _, err := w.Write([]byte(strings.Repeat(" ", 1<<20))); err != nil {
				return
			}
		}
	case f.Prefix != "":
		rec := httptest.NewRecorder()
		s.serve(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		fmt.Fprint(w, f.Prefix+rec.Body.String())
	default:
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", "application/json")
		}
		status := f.Status
		if status == 0 {
			status = http.StatusOK
		}
		w.WriteHeader(status)
		fmt.Fprint(w, f.Body)
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/wp-json/"):
		if s.opts.NoWordPress {
			http.NotFound(w, r)
			return
		}
		if s.opts.NoREST {
			refuse(w, http.StatusUnauthorized, "rest_login_required", "REST API restricted to authenticated users.")
			return
		}
		s.api(w, r, strings.TrimPrefix(r.URL.Path, "/wp-json"))
	case r.URL.Path == "/feed/" && !s.opts.NoFeed:
		s.feed(w, r)
	case r.URL.Path == "/":
		s.front(w)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) front(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if !s.opts.NoWordPress && !s.opts.NoREST {
		w.Header().Set("Link", "<"+s.URL+"/wp-json/>; rel=\"https://api.w.org/\"")
	}
	fmt.Fprint(w, "<!doctype html><html><head><title>Bottega &#8211; ceramiche</title>")
	if !s.opts.NoWordPress {
		fmt.Fprint(w, `<meta name="generator" content="WordPress 6.1.9">`)
	}
	if !s.opts.NoFeed {
		fmt.Fprint(w, `<link rel="alternate" type="application/rss+xml" title="Bottega » Commenti" href="/comments/feed/"><link href='/feed/' type='application/rss+xml' rel='alternate'>`)
	}
	fmt.Fprint(w, "</head><body>Buongiorno</body></html>")
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": message, "data": map[string]any{"status": status}})
}

func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
