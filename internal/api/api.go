package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/once"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// Where the door stands. It is mounted at Mount and sees whole paths.
const (
	Mount    = "/api/"
	Prefix   = "/api/v1"
	Document = "/api/openapi.json"
)

// Rooms are the rooms that the door leads to. All are needed.
type Rooms struct {
	Team       *team.Team
	Signin     *signin.Signin
	Networks   *network.Networks
	Archives   *archive.Archives
	Deliveries *delivery.Deliveries
	Audience   *audience.Audience
	Inbox      *inbox.Inbox
	Growth     *growth.Growth
	Posts      *post.Posts
	Reach      *reach.Room
	Presence   *presence.Room
	Links      *link.Links
	Linkbacks  *linkback.Linkbacks
	Webhooks   *webhook.Webhooks
	Leads      *lead.Leads
	Report     *report.Room
	Verdicts   *verdict.Verdicts
	Media      *media.Media
	Live       *live.Hub
	Once       *once.Once
	Catalog    *i18n.Catalog
	Clock      clock.Clock
	Log        *slog.Logger
}

// Options say how the door stands in the world.
type Options struct {
	// BaseURL is the address under which programs reach Ponte, without a slash at its end. "" leaves it to the reader
	// of the description: paths then count from wherever it was read.
	BaseURL string
	// Version of the program, for the description; "" is "0".
	Version string
	// InvitationLink makes the address on which an invitation is accepted. nil: an invitation is answered with its
	// token only.
	InvitationLink func(token string) string
	// ConnectReturn is the full address of the page on which the member's browser arrives after consent at a network.
	// "": accounts that want consent cannot be connected from here.
	ConnectReturn string
	// Rate is how many requests a second a token may make in the long run, Burst how many at once; 0: 10 and 100.
	Rate  float64
	Burst int
	// MaxUpload bounds an uploaded file, in bytes; 0: media.DefaultMaxBytes.
	MaxUpload int64
}

// API is the door. It is safe for use by several goroutines.
type API struct {
	rooms    Rooms
	options  Options
	mux      *http.ServeMux
	huma     huma.API
	document func() []byte // made when first asked for
	pace     *pace

	said map[string]*huma.Response // while the operations are described: what is said of many
}

// New makes the door: a handler for everything below Mount.
func New(rooms Rooms, o Options) *API {
	if rooms.Clock == nil {
		rooms.Clock = clock.System()
	}
	if rooms.Log == nil {
		rooms.Log = slog.New(slog.DiscardHandler)
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if o.Version == "" {
		o.Version = "0"
	}
	if o.Rate <= 0 {
		o.Rate = 10
	}
	if o.Burst <= 0 {
		o.Burst = 100
	}
	if o.MaxUpload <= 0 {
		o.MaxUpload = media.DefaultMaxBytes
	}
	a := &API{rooms: rooms, options: o, mux: http.NewServeMux(), pace: newPace(o.Rate, o.Burst), said: map[string]*huma.Response{}}
	a.huma = humago.New(a.mux, a.config())
	a.huma.UseMiddleware(a.admit)
	a.meOperations()
	a.companyOperations()
	a.memberOperations()
	a.channelOperations()
	a.importOperations()
	a.conversationOperations()
	a.replyOperations()
	a.savedOperations()
	a.mediaOperations()
	a.peopleOperations()
	a.eraseOperations()
	a.verdictOperations()
	a.criticismOperations()
	a.caseOperations()
	a.promiseOperations()
	a.tiesOperations()
	a.presenceOperations()
	a.improvementOperations()
	a.growthOperations()
	a.postOperations()
	a.leadOperations()
	a.linkOperations()
	a.evidenceOperations()
	a.linkbackOperations()
	a.reportOperations()
	a.webhookOperations()
	a.auditOperations()
	a.eventOperations()
	a.finishDocument()
	a.said = nil
	a.mux.HandleFunc("GET "+Document, a.serveDocument)
	a.mux.HandleFunc("/", a.nowhere)
	return a
}

// config is what the description says about the whole. It does not use huma's defaults, which add links to schemas
// and a page with scripts of other servers.
func (a *API) config() huma.Config {
	server := a.options.BaseURL
	if server == "" {
		server = "/"
	}
	format := huma.DefaultJSONFormat
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Ponte", Version: a.options.Version, Description: description,
				License: &huma.License{Name: "EUPL-1.2", Identifier: "EUPL-1.2"},
			},
			Servers: []*huma.Server{{URL: server, Description: "This house."}},
			Tags:    tags,
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{"bearer": {
					Type: "http", Scheme: "bearer",
					Description: "A token that a member made on the page of their account, or an administrator with `ponte token create`. " +
						"It may do what both its scopes and the member's role allow.",
				}},
			},
		},
		Formats:       map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{a.sayFramework},
	}
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(rw http.ResponseWriter, r *http.Request) { a.guard(rw, r) }

// OpenAPI gives the description as it is served.
func (a *API) OpenAPI() []byte { return slices.Clone(a.document()) }

func (a *API) serveDocument(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "application/openapi+json;version=3.1")
	rw.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = rw.Write(a.document()) // the reader may be gone
}

// finishDocument writes the description once: it never changes while the program runs.
func (a *API) finishDocument() {
	doc := a.huma.OpenAPI()
	// The framework describes its own errors; here every error is a Problem.
	delete(doc.Components.Schemas.Map(), "ErrorModel")
	delete(doc.Components.Schemas.Map(), "ErrorDetail")
	a.document = sync.OnceValue(func() []byte {
		raw, err := json.MarshalIndent(doc, "", "  ")
		if err != nil {
			panic("api: the description cannot be written: " + err.Error()) // a defect in the types of this package
		}
		return slices.Concat(raw, []byte("\n"))
	})
}

type callerKey struct{}

// callerOf gives who calls; behind admit there always is one.
func callerOf(ctx context.Context) *caller {
	c, _ := ctx.Value(callerKey{}).(*caller)
	return c
}
