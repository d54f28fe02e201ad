package public

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/public/view"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/static"
)

// Growth is what the door asks of the room growth. Tests put made up content in its place, so that what is drawn can be
// compared to the letter.
type Growth interface {
	Page(ctx context.Context, c team.CompanyID, cursor string, limit int, inside bool) (growth.Public, error)
	Entry(ctx context.Context, c team.CompanyID, number int, inside bool) (growth.Improvement, error)
	Find(ctx context.Context, c team.CompanyID, address string) (growth.Found, error)
	Checkpoint(ctx context.Context, c team.CompanyID) ([]byte, error)
	Tile(ctx context.Context, c team.CompanyID, level int, n int64, width int) ([]byte, error)
	Entries(ctx context.Context, c team.CompanyID, n int64, width int) ([]byte, error)
	VerifierKey(ctx context.Context, c team.CompanyID) (string, error)
	PublicFigures(ctx context.Context, c team.CompanyID) (record.PublicFigures, error)
	ReadAsked(ctx context.Context, token string) (growth.Asked, error)
	AnswerAsked(ctx context.Context, token string, better bool, words string) error
}

// Rooms are the rooms that the door leads to.
type Rooms struct {
	Team   *team.Team
	Growth Growth
	Posts  Posts // nil: there are no links to posts
	Files  Files // of those posts
	// Linkbacks take and show what other people's pages say of the company's; nil: nothing is taken.
	Linkbacks Linkbacks
	Leads     Leads // nil: there are no forms
	Links     Links // nil: there are no tracked links
	Hubs      Hubs  // nil: no hub of a feed was asked
	Catalog   *i18n.Catalog
	Clock     clock.Clock
	Log       *slog.Logger
}

// Options say how the door stands in the world.
type Options struct {
	// BaseURL is the address under which people reach Ponte, without a slash at its end; "" takes it from each request.
	BaseURL string
	// Comes tells who asks and whether over TLS; nil believes the connection.
	Comes func(*http.Request) (remote string, secure bool)
	// Inside tells whether a member of the company asks, who may see a page that is not open; nil: nobody is. It is asked
	// only then: the door reads no cookie of its own.
	Inside func(*http.Request, team.CompanyID) bool
}

// requestKind prefixes the reference of a request.
const requestKind id.Kind = "req"

// Public is the door. It is safe for use by several goroutines.
type Public struct {
	rooms   Rooms
	options Options
	assets  *static.Assets
	words   map[string]*i18n.Localizer
	mux     *http.ServeMux
	served  http.Handler
	kept    *shelf
	looking *limiter // finding in the record, opening personal links
	telling *limiter // answering them
	viewing *limiter // pictures of a post behind a link
	filling *limiter // sending forms in, by address
	filled  *limiter // being sent in, by form
	linking *limiter // telling that a page was linked
	ringing *limiter // hubs that make sure, and ring
}

// How often one address may ask for what costs, or writes.
const (
	lookMost = 60
	lookPer  = time.Minute
	tellMost = 12
	tellPer  = 10 * time.Minute
	viewMost = 300
	viewPer  = time.Minute
	linkMost = 120
	linkPer  = 10 * time.Minute
	ringMost = 600
	ringPer  = 10 * time.Minute
)

// New makes the door.
func New(rooms Rooms, o Options) (*Public, error) {
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if rooms.Log == nil {
		rooms.Log = slog.New(slog.DiscardHandler)
	}
	if rooms.Clock == nil {
		rooms.Clock = clock.System()
	}
	assets, err := static.New()
	if err != nil {
		return nil, fmt.Errorf("public.New: %w", err)
	}
	p := &Public{
		rooms: rooms, options: o, assets: assets, words: map[string]*i18n.Localizer{}, mux: http.NewServeMux(), kept: newShelf(),
		looking: newLimiter(rooms.Clock, lookMost, lookPer), telling: newLimiter(rooms.Clock, tellMost, tellPer),
		viewing: newLimiter(rooms.Clock, viewMost, viewPer), linking: newLimiter(rooms.Clock, linkMost, linkPer), ringing: newLimiter(rooms.Clock, ringMost, ringPer),
		filling: newLimiter(rooms.Clock, fillMost, fillPer), filled: newLimiter(rooms.Clock, formMost, formPer),
	}
	for _, lang := range i18n.Langs {
		p.words[lang] = rooms.Catalog.For(lang)
	}
	for _, prefix := range []string{"", view.SamplePrefix} {
		p.growthRoutes(prefix)
		p.recordRoutes(prefix)
	}
	p.linkRoutes()
	if rooms.Posts != nil {
		p.guestRoutes()
	}
	if rooms.Leads != nil {
		p.leadRoutes()
	}
	if rooms.Links != nil {
		p.openRoutes()
	}
	if rooms.Linkbacks != nil {
		p.linkbackRoutes()
	}
	if rooms.Hubs != nil {
		p.hubRoutes()
	}
	p.add("GET /robots.txt", p.robots)
	p.add("/", p.nowhere)
	cross := http.NewCrossOriginProtection()
	if base, err := url.Parse(o.BaseURL); err == nil && base.Host != "" {
		if err := cross.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
			return nil, fmt.Errorf("public.New: %w", err)
		}
	}
	cross.AddInsecureBypassPattern("POST " + view.PathLinkback) // forms of other sites tell, too; no cookie is read there
	cross.AddInsecureBypassPattern("POST " + network.HubPath)
	cross.SetDenyHandler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { p.fail(rw, r, visitOf(r), errOrigin) }))
	p.served = p.guard(cross.Handler(p.mux))
	return p, nil
}

// ServeHTTP implements http.Handler.
func (p *Public) ServeHTTP(rw http.ResponseWriter, r *http.Request) { p.served.ServeHTTP(rw, r) }

// Mount puts the door beside others: the patterns that are the public's.
func (p *Public) Mount(mux *http.ServeMux) {
	mux.Handle("/robots.txt", p)
	mux.Handle(view.PathLink, p)
	mux.Handle(view.PathGuest, p)
	mux.Handle(view.PathForm, p)
	if p.rooms.Links != nil {
		mux.HandleFunc(link.Path, p.openLink)
		mux.HandleFunc(link.PathQR, p.openLink)
	}
	mux.Handle(view.PathLinkback, p)
	if p.rooms.Hubs != nil {
		mux.Handle(network.HubPath, p)
	}
	for _, prefix := range []string{"", view.SamplePrefix} {
		for _, lang := range i18n.Langs {
			mux.Handle(prefix+view.PathGrowth(lang), p)
			mux.Handle(prefix+view.PathGrowth(lang)+"/", p)
		}
		mux.Handle(prefix+strings.TrimSuffix(view.PathRecord, "/"), p)
		mux.Handle(prefix+view.PathRecord, p)
	}
}

// handler answers a request; its error is turned into a page in one place.
type handler func(rw http.ResponseWriter, r *http.Request, v *visit) error

func (p *Public) add(pattern string, h handler) { p.addUpTo(pattern, maxForm, h) }

// addUpTo is add for what may send more.
func (p *Public) addUpTo(pattern string, most int64, h handler) {
	p.mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
		v := visitOf(r)
		r.Body = http.MaxBytesReader(rw, r.Body, most)
		if err := h(rw, r, v); err != nil {
			p.fail(rw, r, v, err)
		}
	})
}

// maxForm is the size in bytes of the largest form: the words of a personal link.
const maxForm = 16 << 10

// of lets a handler in that is about a company, in the language that the page has (or, with "", that the reader asks for).
func (p *Public) of(prefix, lang string, h handler) handler {
	return func(rw http.ResponseWriter, r *http.Request, v *visit) error {
		v.prefix = prefix
		if err := p.find(r.Context(), v); err != nil {
			return err
		}
		if lang == "" {
			rw.Header().Add("Vary", "Accept-Language")
		}
		p.speak(v, r, lang)
		if v.company.Sample {
			rw.Header().Set("X-Robots-Tag", "noindex")
		}
		return h(rw, r, v)
	}
}

// find finds the company of a page: the real one, else the sample; below the prefix the sample that stands beside a real one.
func (p *Public) find(ctx context.Context, v *visit) error {
	all, err := p.rooms.Team.Companies(ctx)
	if err != nil {
		return err
	}
	var known, sample team.Company
	for _, c := range all {
		if c.Sample {
			sample = c
		} else if known.ID == "" {
			known = c
		}
	}
	switch {
	case v.prefix != "" && known.ID != "":
		v.company = sample
	case v.prefix == "" && known.ID != "":
		v.company = known
	case v.prefix == "":
		v.company = sample
	}
	if v.company.ID == "" {
		return errMissing
	}
	return nil
}

// speak chooses the language: that of the address, else what the reader asks for, else the company's.
func (p *Public) speak(v *visit, r *http.Request, lang string) {
	v.lang = p.rooms.Catalog.Match(lang, r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"), v.company.Locale)
	v.words = p.words[v.lang]
}

// base is scheme and host under which the door was asked.
func (p *Public) base(r *http.Request, v *visit) string {
	if p.options.BaseURL != "" {
		return p.options.BaseURL
	}
	if v.secure {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// erasedWords are what the room growth says, and what it said once, where a person's words were erased.
var erasedWords = []string{"growth.improvement.erased", "growth.improvement.erased.former"}

// page makes a page of the visit's company.
func (p *Public) page(r *http.Request, v *visit) view.Page {
	out := view.NewPage(v.words, p.assets.URL, v.company, p.base(r, v), v.prefix)
	out.Closed = v.closed
	out.Erased = func(lang string) (all []string) {
		for _, key := range erasedWords {
			if words := p.words[lang]; words.Has(key) {
				all = append(all, words.T(key))
			}
		}
		return all
	}
	return out
}

// robots keeps search engines to what is for everybody.
func (p *Public) robots(rw http.ResponseWriter, r *http.Request, _ *visit) error {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = rw.Write([]byte("User-agent: *\n" +
		"Disallow: /\n" +
		"Disallow: " + view.PathFind + "\n" +
		"Disallow: " + view.PathProof + "\n" +
		"Allow: " + view.PathGrowth("it") + "\n" +
		"Allow: " + view.PathGrowth("en") + "\n" +
		"Allow: " + view.PathRecord + "\n" +
		"Allow: " + static.Prefix + "\n")) // the reader may be gone
	return nil
}

// nowhere answers what no page answers: with the methods that the address knows, when there is one.
func (p *Public) nowhere(rw http.ResponseWriter, r *http.Request, v *visit) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return errMissing
	}
	get := r.Clone(r.Context())
	get.Method = http.MethodGet
	if _, pattern := p.mux.Handler(get); pattern == "/" {
		return errMissing
	}
	rw.Header().Set("Allow", "GET, HEAD")
	page := p.page(r, v)
	x := view.Problem{}
	x.Title, x.Text = v.words.T("publicpage.method"), v.words.T("publicpage.method.remedy")
	page.Title, page.Index, page.CompanyName = x.Title, false, "Ponte"
	p.write(rw, r, http.StatusMethodNotAllowed, view.ProblemPage(page, x))
	return nil
}
