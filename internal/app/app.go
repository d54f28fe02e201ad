package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata" // zones of companies on machines that have no zone files

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky"
	"github.com/ponte-desk/ponte/internal/network/mastodon"
	"github.com/ponte-desk/ponte/internal/network/site"
	"github.com/ponte-desk/ponte/internal/notice"
	"github.com/ponte-desk/ponte/internal/once"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// Deps are what tests put in place of the real thing. The zero value is right for a running house.
type Deps struct {
	Clock      clock.Clock
	Log        *slog.Logger // nil: nothing is logged
	Listener   net.Listener // nil: one is opened on the configured address
	Delivery   delivery.Config
	Queue      queue.Config
	Signin     signin.Options
	Connectors []network.Connector // beside the real ones, or in their place when the network is the same
	// Careless trades safety against power cuts for speed. Only tests set it.
	Careless bool
	// Errand opens a house for one command: nothing is started, and a server may run beside it. A folder in which no
	// Ponte lives is refused, and so is a database that a running server of another version uses.
	Errand bool
}

// Rooms are all the rooms of a house.
type Rooms struct {
	Dir        string // the data folder
	Store      *store.Store
	Queue      *queue.Queue
	Keys       *seal.Keyring
	Mail       mail.Sender
	Catalog    *i18n.Catalog
	Clock      clock.Clock
	Log        *slog.Logger
	Live       *live.Hub
	Media      *media.Media
	Search     *search.Search
	Team       *team.Team
	Signin     *signin.Signin
	Networks   *network.Networks
	Deliveries *delivery.Deliveries
	Archives   *archive.Archives
	Audience   *audience.Audience
	Verdicts   *verdict.Verdicts
	Inbox      *inbox.Inbox
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
	Once       *once.Once
}

// App is a house: New builds it, Start opens it, Stop closes it.
type App struct {
	Rooms
	config config.Config
	deps   Deps
	lock   *lock
	server *server // nil until Start
	ready  readiness
}

// The faults of building.
var (
	ErrNothing = fault.New(fault.NotFound, "app.nothing")       // no Ponte in this folder
	ErrBehind  = fault.New(fault.Conflict, "app.schema.behind") // a running server uses an older schema
	ErrLocked  = fault.New(fault.Conflict, "app.locked")        // another process serves this folder
)

// New checks the settings and builds the rooms on the database, which it brings to the newest schema. What it cannot
// use is a fault that says what to do. Stop closes what New has opened, whether Start was called or not.
func New(ctx context.Context, c config.Config, d Deps) (_ *App, err error) {
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("app.New: %w", err)
	}
	if d.Clock == nil {
		d.Clock = clock.System()
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	a := &App{config: c, deps: d}
	a.Clock, a.Log, a.Dir = d.Clock, d.Log, c.Data
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	if a.Catalog, err = i18n.Load(); err != nil {
		return nil, fmt.Errorf("app.New: %w", err)
	}
	if err := a.openData(ctx); err != nil {
		return nil, fmt.Errorf("app.New: %w", err)
	}
	if err := a.furnish(ctx); err != nil {
		return nil, fmt.Errorf("app.New: %w", err)
	}
	return a, nil
}

// openData takes the data folder and the database.
func (a *App) openData(ctx context.Context) error {
	lite := a.config.Database == ""
	if a.deps.Errand && lite {
		if _, err := os.Stat(filepath.Join(a.config.Data, store.FileName)); errors.Is(err, fs.ErrNotExist) {
			return ErrNothing.With("folder", a.config.Data)
		}
	}
	if err := prepareFolder(a.config.Data); err != nil {
		return err
	}
	alone := true
	if lite {
		l, err := takeLock(a.config.Data)
		switch {
		case err == nil:
			a.lock = l
		case a.deps.Errand && errors.Is(err, ErrLocked):
			alone = false
		default:
			return err
		}
	}
	s, err := store.Open(ctx, store.Options{Dir: a.config.Data, URL: a.config.Database, Careless: a.deps.Careless})
	if err != nil {
		return err
	}
	a.Store = s
	schema, err := s.Schema(ctx)
	if err != nil {
		return err
	}
	if a.deps.Errand && schema.Version == 0 {
		return ErrNothing.With("folder", a.config.Data)
	}
	if !alone && schema.Version < schema.Known {
		return ErrBehind.With("version", schema.Version).With("known", schema.Known)
	}
	if schema.Version != schema.Known {
		if err := s.Migrate(ctx); err != nil {
			return err
		}
	}
	if alone {
		return queue.Migrate(ctx, s, quieter(a.Log))
	}
	return nil
}

// prepareFolder makes the data folder and proves that it can be written.
func prepareFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.New(fault.Invalid, "store.folder").With("folder", dir).Because(err)
	}
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return fault.New(fault.Invalid, "app.folder").With("folder", dir).Because(err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// furnish builds the rooms, from the ground up.
func (a *App) furnish(ctx context.Context) (err error) {
	a.Team = team.New(a.Store, a.Clock)
	// Every house gets its key at its first start: one with a company and without a key has lost it.
	a.Keys, err = seal.Open(seal.Options{Key: a.config.Key, Dir: a.config.Data, Sealed: func() (bool, error) {
		empty, err := a.Team.Empty(ctx)
		return !empty, err
	}})
	if err != nil {
		return err
	}
	for _, w := range a.Keys.Warnings() {
		a.Log.Warn("seal: the key file", "warning", w.Key, "path", w.Args["path"])
	}
	if a.Mail, err = mail.New(a.config.Mail()); err != nil {
		return err
	}
	if a.Media, err = media.New(a.Store, media.Options{Dir: a.config.Data, Clock: a.Clock}); err != nil {
		return err
	}
	a.Team.OnRemove(func(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
		return a.Media.RemoveCompany(ctx, tx, string(c))
	})
	a.Queue = queue.New(a.Store, quieter(a.Log), a.deps.Queue)
	a.Live = live.New(a.Store, a.Log)
	// A colleague who leaves is out in every open tab at once.
	a.Team.OnLeave(func(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, _ team.MemberID) error {
		return a.Live.Tell(ctx, tx, live.Event{Company: string(c), Topic: live.Access, Ref: string(leaver)})
	})
	a.Search = search.New(a.Store)
	a.Signin = signin.New(a.Store, a.Team, a.Keys, a.Clock, a.deps.Signin)
	a.Rooms.domain(a.connectors(), fetch.NewClient(fetch.Options{
		AllowNetworks: a.config.Networks(), UserAgent: UserAgent(a.config.Base("")), Timeout: -1 * time.Second, MaxRedirects: -1,
	}), fetch.NewClient(fetch.Options{AllowNetworks: a.config.Networks(), UserAgent: UserAgent(a.config.Base(""))}), a.Queue, a.deps.Delivery, a.URL, a.outside)
	a.Webhooks = webhook.New(webhook.Rooms{
		Store: a.Store, Clock: a.Clock, Team: a.Team, Audience: a.Audience, Queue: a.Queue, Seal: a.Keys, Allow: a.config.Networks(), Log: a.Log,
		HTTP: fetch.NewClient(fetch.Options{AllowNetworks: a.config.Networks(), UserAgent: UserAgent(a.config.Base("")), MaxRedirects: -1}),
	})
	a.Notices = notice.New(notice.Rooms{
		Store: a.Store, Clock: a.Clock, Team: a.Team, Queue: a.Queue, Mail: a.Mail, Networks: a.Networks, Deliveries: a.Deliveries, Inbox: a.Inbox,
		Posts: a.Posts, Webhooks: a.Webhooks, Words: a.Catalog, BaseURL: a.URL, Log: a.Log,
	})
	a.Leads = lead.New(a.leadRooms(a.Queue, a.Webhooks, a.Mail, a.URL))
	a.Report = report.New(a.reportRooms(a.Queue, a.Mail, a.house, a.URL))
	a.Once = once.New(a.Store, a.Keys, a.Clock, a.Team)
	a.Audience.OnErase("once", a.eraseReplays)
	a.Audience.OnErase("archive", a.eraseImports)
	a.Audience.OnErase("link", a.eraseLinks)
	a.Team.SendLetters(team.Letters{Queue: a.Queue, Mail: a.Mail, Words: a.Catalog, Link: a.InvitationLink})
	a.Networks.Register(a.Queue)
	a.Archives.Register(a.Queue)
	a.Deliveries.Register(a.Queue)
	a.Verdicts.Register(a.Queue)
	a.Audience.Register(a.Queue)
	a.Inbox.Register(a.Queue)
	a.Growth.Register(a.Queue)
	a.Posts.Register(a.Queue)
	a.Reach.Register(a.Queue)
	a.Presence.Register(a.Queue)
	a.Links.Register(a.Queue)
	a.Linkbacks.Register(a.Queue)
	a.Webhooks.Register(a.Queue)
	a.Notices.Register(a.Queue)
	a.Leads.Register(a.Queue)
	a.Report.Register(a.Queue)
	a.Once.Register(a.Queue)
	a.registerSweep()
	return a.Queue.Open()
}

// domain builds the rooms that know what the company does, on the rooms below and the clock that are there already. send is the
// queue of deliveries; nil: nothing goes out by itself. opinions asks other models, files fetches what tables name by address.
func (r *Rooms) domain(registry network.Registry, opinions, files *http.Client, send *queue.Queue, d delivery.Config, base, outside func() string) {
	r.Networks = network.New(network.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Seal: r.Keys, Registry: registry, Log: r.Log, Outside: outside,
	})
	r.Networks.OnChange(func(ctx context.Context, tx *store.Tx, ch network.Channel) error {
		return r.Live.Tell(ctx, tx, live.Event{Company: string(ch.Company), Topic: live.Channels, Ref: string(ch.ID)})
	})
	r.Archives = archive.New(archive.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Networks: r.Networks, Queue: r.Queue, Live: r.Live, Dir: r.Dir, Log: r.Log, History: historyOf(registry),
	})
	r.Audience = audience.New(r.Store, r.Clock, r.Team)
	r.Deliveries = delivery.New(r.Store, r.Clock, r.Team, r.Networks, r.Media, send, r.Log, d)
	r.Verdicts = verdict.New(verdict.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Queue: r.Queue, Seal: r.Keys, Log: r.Log,
		HTTP: opinions,
	})
	r.Inbox = inbox.New(inbox.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Networks: r.Networks, Deliveries: r.Deliveries, Audience: r.Audience,
		Search: r.Search, Media: r.Media, Live: r.Live, Verdicts: r.Verdicts,
	})
	r.Growth = growth.New(growth.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Queue: r.Queue, Seal: r.Keys, Networks: r.Networks, Deliveries: r.Deliveries,
		Audience: r.Audience, Verdicts: r.Verdicts, Inbox: r.Inbox, Media: r.Media, Live: r.Live, Log: r.Log, Words: r.Catalog, BaseURL: base,
	})
	r.Links = link.New(link.Rooms{Store: r.Store, Clock: r.Clock, Team: r.Team, Queue: send, HTTP: files, Log: r.Log, BaseURL: base})
	r.Posts = post.New(post.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Queue: send, Networks: r.Networks, Deliveries: r.Deliveries, Audience: r.Audience,
		Inbox: r.Inbox, Media: r.Media, Live: r.Live, Tracks: PostTracks{r.Links}, HTTP: files, Log: r.Log,
	})
	r.Reach = reach.New(reach.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Queue: send, Networks: r.Networks, Audience: r.Audience, Inbox: r.Inbox, Live: r.Live, Log: r.Log,
	})
	r.Presence = presence.New(presence.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Queue: send, Networks: r.Networks, Audience: r.Audience, Verdicts: r.Verdicts, Inbox: r.Inbox, Reach: r.Reach,
		Live: r.Live, Log: r.Log,
	})
	var pages mention.Doer
	if files != nil {
		pages = files
	}
	r.Linkbacks = linkback.New(linkback.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Queue: send, Networks: r.Networks, Audience: r.Audience, Verdicts: r.Verdicts, Inbox: r.Inbox, HTTP: pages, Log: r.Log,
	})
}

// outside is where strangers reach the house, "" when nobody has said so.
func (a *App) outside() string {
	if a.config.BaseURL == "" && a.config.TLSDomain == "" {
		return ""
	}
	return a.URL()
}

// leadRooms are what the room of leads is built on. send is the queue of its letters; nil: none leaves.
func (r *Rooms) leadRooms(send *queue.Queue, programs *webhook.Webhooks, letters mail.Sender, base func() string) lead.Rooms {
	return lead.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Queue: send, Audience: r.Audience, Inbox: r.Inbox, Media: r.Media, Live: r.Live, Webhooks: programs,
		Mail: letters, Tracks: LeadTracks{r.Links}, Words: r.Catalog, BaseURL: base, Log: r.Log,
	}
}

// reportRooms are what the room of results is built on. send is the queue of its letters; nil: none leaves.
func (r *Rooms) reportRooms(send *queue.Queue, letters mail.Sender, house func() (report.House, error), base func() string) report.Rooms {
	return report.Rooms{
		Store: r.Store, Clock: r.Clock, Team: r.Team, Queue: send, Mail: letters, Signin: r.Signin, Networks: r.Networks, Audience: r.Audience, Inbox: r.Inbox,
		Growth: r.Growth, Posts: r.Posts, Links: r.Links, Leads: r.Leads, Reach: r.Reach, House: house, Words: r.Catalog, BaseURL: base, Log: r.Log,
	}
}

// connectors are the networks this house speaks. What they may reach is guarded.
func (a *App) connectors() network.Registry {
	agent := UserAgent(a.config.Base(""))
	client := fetch.NewClient(fetch.Options{AllowNetworks: a.config.Networks(), UserAgent: agent, Timeout: -1 * time.Second})
	return network.NewRegistry(append([]network.Connector{mastodon.New(client, agent, mastodon.WithClock(a.Clock.Now)), sky(a.config, client), site.New(client, agent, site.WithNow(a.Clock.Now))}, a.deps.Connectors...)...)
}

// sky is the connector of Bluesky.
func sky(c config.Config, client *http.Client) *bluesky.Connector {
	var o []bluesky.Option
	if c.PLCDirectory != "" {
		o = append(o, bluesky.WithPLC(c.PLCDirectory))
	}
	return bluesky.New(client, UserAgent(c.Base("")), o...)
}

// History reads the public history of an account by its address, without a house, and gives the account's name. What stands in the way comes as a fault.
func History(ctx context.Context, c config.Config, address string, w io.Writer) (me string, err error) {
	client := fetch.NewClient(fetch.Options{AllowNetworks: c.Networks(), UserAgent: UserAgent(c.Base("")), Timeout: -1 * time.Second})
	me, err = sky(c, client).History(ctx, address, w)
	if p, ok := errors.AsType[*network.Problem](err); ok {
		return "", p.Fault()
	}
	return me, err
}

// historyOf gives what reads the public history of an account by its address; nil where no connector can.
func historyOf(r network.Registry) archive.History {
	c, err := r.Get(network.Bluesky)
	if err != nil {
		return nil
	}
	if reader, ok := c.(*bluesky.Connector); ok {
		return reader.History
	}
	return nil
}

// Config is the settings the house was built with.
func (a *App) Config() config.Config { return a.config }

// close gives back what New took.
func (a *App) close() {
	if a.Store != nil {
		if err := a.Store.Close(); err != nil {
			a.Log.Warn("app: closing the database", "error", err)
		}
	}
	a.lock.release()
}

// quieter keeps the job engine's everyday news out of the log.
func quieter(l *slog.Logger) *slog.Logger {
	if l.Enabled(context.Background(), slog.LevelDebug) {
		return l
	}
	return slog.New(atLeast{l.Handler(), slog.LevelWarn})
}

type atLeast struct {
	slog.Handler
	level slog.Level
}

// Enabled implements slog.Handler.
func (h atLeast) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (h atLeast) WithAttrs(as []slog.Attr) slog.Handler {
	return atLeast{h.Handler.WithAttrs(as), h.level}
}

// WithGroup implements slog.Handler.
func (h atLeast) WithGroup(name string) slog.Handler {
	return atLeast{h.Handler.WithGroup(name), h.level}
}
