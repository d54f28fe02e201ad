package web

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/notice"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/web/static"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// Rooms are the rooms that the door leads to.
type Rooms struct {
	Team       *team.Team
	Signin     *signin.Signin
	Networks   *network.Networks
	Archives   *archive.Archives
	Deliveries *delivery.Deliveries
	Audience   *audience.Audience
	Inbox      *inbox.Inbox
	Verdicts   *verdict.Verdicts
	Growth     *growth.Growth
	Posts      *post.Posts
	Reach      *reach.Room
	Presence   *presence.Room
	Links      *link.Links
	Linkbacks  *linkback.Linkbacks
	Webhooks   *webhook.Webhooks
	Notices    *notice.Notices
	Leads      *lead.Leads
	Report     *report.Room
	Media      *media.Media
	Live       *live.Hub
	Catalog    *i18n.Catalog
	Clock      clock.Clock
	Log        *slog.Logger
}

// Options say how the door stands in the world.
type Options struct {
	// BaseURL is the address under which people reach Ponte, without a slash at its end; "" takes it from each request.
	BaseURL string
	// Secure is set when people come over TLS: cookies are then sent over TLS only, and browsers remember it (HSTS).
	Secure bool
	// TrustProxy believes X-Forwarded-For and X-Forwarded-Proto of a proxy on this machine.
	TrustProxy bool
	// AssetsDir serves the assets from a folder instead of from the program, for development.
	AssetsDir string
	// FillSample makes the sample company, at the wish of a person who may change the company. nil: there is none to look round.
	FillSample func(ctx context.Context, actor team.Actor) error
	// Pictures are the drawings that stand for the sample company's photographs, as SVG; nil: there are none.
	Pictures fs.FS
	// Outside fetches pictures from networks' servers, guarded; nil: they are shown by their descriptions only.
	Outside *http.Client
}

// requestKind prefixes the reference of a request.
const requestKind id.Kind = "req"

// Web is the door. It is safe for use by several goroutines.
type Web struct {
	rooms    Rooms
	options  Options
	assets   *static.Assets
	mux      *http.ServeMux
	served   http.Handler
	routes   []string      // patterns, in the order of registration
	fetching chan struct{} // pictures being fetched
	words    map[string]*i18n.Localizer
}

// New makes the door.
func New(rooms Rooms, o Options) (*Web, error) {
	w := &Web{rooms: rooms, options: o, mux: http.NewServeMux(), words: map[string]*i18n.Localizer{}, fetching: make(chan struct{}, picturesAtOnce)}
	w.options.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if w.rooms.Log == nil {
		w.rooms.Log = slog.New(slog.DiscardHandler)
	}
	if w.rooms.Clock == nil {
		w.rooms.Clock = clock.System()
	}
	for _, lang := range i18n.Langs {
		w.words[lang] = rooms.Catalog.For(lang)
	}
	var err error
	if o.AssetsDir != "" {
		w.assets, err = static.FromDisk(o.AssetsDir)
	} else {
		w.assets, err = static.New()
	}
	if err != nil {
		return nil, fmt.Errorf("web.New: %w", err)
	}
	w.mux.Handle("GET "+static.Prefix, w.assets)
	w.doorRoutes()
	w.teamRoutes()
	w.channelRoutes()
	w.settingsRoutes()
	w.programRoutes()
	w.importRoutes()
	w.beforeRoutes()
	w.accountRoutes()
	w.auditRoutes()
	w.todayRoutes()
	w.inboxRoutes()
	w.inboxWhyRoutes()
	w.peopleRoutes()
	w.personDataRoutes()
	w.caseListRoutes()
	w.caseNewRoutes()
	w.caseRoutes()
	w.caseEditRoutes()
	w.promiseRoutes()
	w.growthRoutes()
	w.triageRoutes()
	w.privacyRoutes()
	w.postRoutes()
	w.postListRoutes()
	w.calendarRoutes()
	w.postSettingsRoutes()
	w.postTableRoutes()
	w.tiesRoutes()
	w.presenceRoutes()
	w.leadRoutes()
	w.linkRoutes()
	w.securityRoutes()
	w.dependenceRoutes()
	w.sitePageRoutes()
	w.resultRoutes()
	w.costRoutes()
	w.workRoutes()
	w.mondayRoutes()
	w.liveRoutes()
	w.mediaRoutes()
	w.pictureRoutes()
	w.mux.HandleFunc("/", w.nowhere)

	cross := http.NewCrossOriginProtection()
	if base, err := url.Parse(w.options.BaseURL); err == nil && base.Host != "" {
		if err := cross.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
			return nil, fmt.Errorf("web.New: %w", err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(w.refuseOrigin))
	w.served = w.guard(cross.Handler(w.mux))
	return w, nil
}

// ServeHTTP implements http.Handler.
func (w *Web) ServeHTTP(rw http.ResponseWriter, r *http.Request) { w.served.ServeHTTP(rw, r) }

// Routes lists the patterns of the pages, for tests and for who puts other doors beside this one.
func (w *Web) Routes() []string { return append([]string{}, w.routes...) }

// handler answers a request; its error is turned into an answer in one place.
type handler func(rw http.ResponseWriter, r *http.Request) error

// route is how a pattern wants to be treated.
type route struct {
	member bool
	free   bool  // of the second factor that the company wants and the member has not set up yet
	early  bool  // open before the welcome is finished
	body   int64 // bytes
}

type routeOption func(*route)

// bodyUpTo allows a request body of n bytes.
func bodyUpTo(n int64) routeOption { return func(o *route) { o.body = n } }

// beforeFactor lets a member in who still has to set up the second factor.
func beforeFactor(o *route) { o.free = true }

// beforeWelcome opens a route while no company exists.
func beforeWelcome(o *route) { o.early = true }

// maxForm is the size of an ordinary form, in bytes.
const maxForm = 256 << 10

// open registers a route for everybody.
func (w *Web) open(pattern string, h handler, opts ...routeOption) { w.add(pattern, h, route{}, opts) }

// member registers a route for members who are signed in.
func (w *Web) member(pattern string, h handler, opts ...routeOption) {
	w.add(pattern, h, route{member: true}, opts)
}

func (w *Web) add(pattern string, h handler, o route, opts []routeOption) {
	o.body = maxForm
	for _, f := range opts {
		f(&o)
	}
	w.routes = append(w.routes, pattern)
	w.mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(rw, r.Body, o.body)
		// The pattern is set on the request that the mux got; the guard reads it from the visit.
		visitOf(r).pattern = r.Pattern
		if err := w.admit(rw, r, o, h); err != nil {
			w.fail(rw, r, err)
		}
	})
}
