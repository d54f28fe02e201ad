package housetest

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/delivery"
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
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/notice"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// Handle is the company's own account on the fake network.
const Handle = "ceramichearno"

// BaseURL is where the house says that its public pages stand.
const BaseURL = "https://ponte.example"

// Loopback are the networks that calls of a house may reach.
var Loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// House is every room up to posts, on a fake network, with a company that has one channel.
type House struct {
	*teamtest.Bed
	T          testing.TB
	Fake       *networktest.Fake
	Queue      *queue.Queue
	Networks   *network.Networks
	Deliveries *delivery.Deliveries
	Archives   *archive.Archives
	Audience   *audience.Audience
	Media      *media.Media
	Search     *search.Search
	Live       *live.Hub
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
	Signin     *signin.Signin
	Keys       *seal.Keyring
	Channel    network.Channel
	Dir        string // the data folder: keys and media

	cursor string // how far the channel was read
}

// Options shape a house.
type Options struct {
	Fake     networktest.FakeOptions
	Delivery delivery.Config
	// Judge stands for every triage model, Learn for making one; nil: what Ponte brings.
	Judge func(company team.CompanyID, text string) triage.Verdict
	Learn func(base *triage.Model, corrections []triage.Correction, words []string) (*triage.Model, triage.Report, error)
	// HTTP asks for second opinions; nil: one that reaches this machine.
	HTTP *http.Client
	// Files fetches what tables of posts name by address; nil: nothing is fetched.
	Files *http.Client
	// Pages reads other people's pages that link ours; nil: one that reaches this machine.
	Pages mention.Doer
	// LinkWait is how long a link may take to answer; 0: as long as in a running house.
	LinkWait time.Duration
	Mail     mail.Sender // nil: no letters leave
	// House says what is known of the machine; nil: nothing.
	House func() (report.House, error)
	Log   *slog.Logger // nil: nothing is logged
	// History reads public histories by address; nil: none is read.
	History archive.History
	// BaseURL says where the public pages stand; nil: at BaseURL.
	BaseURL func() string
	Extra   []network.Name      // further networks, each on a fake of its own, for channels of the sample company
	More    []network.Connector // connectors of real networks, beside the fake one
}

// New builds a house. The fake network and the rooms share the bed's clock.
func New(t testing.TB, s *store.Store, o Options) *House {
	t.Helper()
	h := &House{T: t, Bed: teamtest.New(t, s)}
	if o.Fake.Now == nil {
		o.Fake.Now = h.Clock.Now
	}
	if o.BaseURL == nil {
		o.BaseURL = func() string { return BaseURL }
	}
	h.Fake = networktest.NewFake(o.Fake)
	h.Fake.Join(Handle)
	dir := t.TempDir()
	h.Dir = dir
	ring, err := seal.Open(seal.Options{Dir: dir})
	h.must(err)
	h.Keys = ring
	catalog, err := i18n.Load()
	h.must(err)
	h.Media, err = media.New(s, media.Options{Dir: dir, Clock: h.Clock})
	h.must(err)
	h.Team.OnRemove(func(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
		return h.Media.RemoveCompany(ctx, tx, string(c))
	})
	log := o.Log
	if log == nil {
		log = storetest.Log()
	}
	h.Queue = queue.New(s, log, queue.Config{Poll: 20 * time.Millisecond})
	h.Live = live.New(s, log)
	h.Search = search.New(s)
	connectors := append([]network.Connector{h.Fake.Connector()}, o.More...)
	for _, n := range o.Extra {
		connectors = append(connectors, networktest.NewFake(networktest.FakeOptions{Network: n, Now: h.Clock.Now}).Connector())
	}
	h.Networks = network.New(network.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Seal: ring, Registry: network.NewRegistry(connectors...), Log: log, Outside: o.BaseURL,
	})
	h.Archives = archive.New(archive.Rooms{Store: s, Clock: h.Clock, Team: h.Team, Networks: h.Networks, Queue: h.Queue, Live: h.Live, Dir: dir, Log: log, History: o.History})
	h.Audience = audience.New(s, h.Clock, h.Team)
	h.Deliveries = delivery.New(s, h.Clock, h.Team, h.Networks, h.Media, h.Queue, log, o.Delivery)
	if o.HTTP == nil {
		o.HTTP = fetch.NewClient(fetch.Options{AllowNetworks: Loopback, MaxRedirects: -1})
	}
	h.Verdicts = verdict.New(verdict.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Seal: ring, HTTP: o.HTTP, Log: log, Judge: o.Judge, Learn: o.Learn,
	})
	h.Inbox = inbox.New(inbox.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Networks: h.Networks, Deliveries: h.Deliveries, Audience: h.Audience,
		Search: h.Search, Media: h.Media, Live: h.Live, Verdicts: h.Verdicts,
	})
	h.Growth = growth.New(growth.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Seal: ring, Networks: h.Networks, Deliveries: h.Deliveries,
		Audience: h.Audience, Verdicts: h.Verdicts, Inbox: h.Inbox, Media: h.Media, Live: h.Live, Log: log, Words: catalog,
		BaseURL: o.BaseURL,
	})
	h.Links = link.New(link.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, HTTP: fetch.NewClient(fetch.Options{AllowNetworks: Loopback}), Log: log, BaseURL: o.BaseURL,
	})
	h.Posts = post.New(post.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Networks: h.Networks, Deliveries: h.Deliveries, Audience: h.Audience,
		Inbox: h.Inbox, Media: h.Media, Live: h.Live, Tracks: app.PostTracks{Links: h.Links}, HTTP: o.Files, LinkWait: o.LinkWait, Log: log,
	})
	h.Reach = reach.New(reach.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Networks: h.Networks, Audience: h.Audience, Inbox: h.Inbox, Live: h.Live, Log: log,
	})
	h.Presence = presence.New(presence.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Networks: h.Networks, Audience: h.Audience, Verdicts: h.Verdicts, Inbox: h.Inbox, Reach: h.Reach,
		Live: h.Live, Log: log,
	})
	if o.Pages == nil {
		o.Pages = fetch.NewClient(fetch.Options{AllowNetworks: Loopback})
	}
	h.Linkbacks = linkback.New(linkback.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Networks: h.Networks, Audience: h.Audience, Verdicts: h.Verdicts, Inbox: h.Inbox, HTTP: o.Pages, Log: log,
	})
	h.Webhooks = webhook.New(webhook.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Audience: h.Audience, Queue: h.Queue, Seal: ring,
		HTTP: fetch.NewClient(fetch.Options{AllowNetworks: Loopback, MaxRedirects: -1}), Allow: Loopback, Log: log,
	})
	if o.Mail == nil {
		o.Mail = mail.Off{}
	}
	h.Notices = notice.New(notice.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Mail: o.Mail, Networks: h.Networks, Deliveries: h.Deliveries, Inbox: h.Inbox, Posts: h.Posts,
		Webhooks: h.Webhooks, Words: catalog, BaseURL: o.BaseURL, Log: log,
	})
	h.Leads = lead.New(lead.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Audience: h.Audience, Inbox: h.Inbox, Media: h.Media, Live: h.Live, Webhooks: h.Webhooks,
		Mail: o.Mail, Tracks: app.LeadTracks{Links: h.Links}, Words: catalog, BaseURL: o.BaseURL, Log: log,
	})
	h.Signin = signin.New(s, h.Team, ring, h.Clock, signin.Options{Params: signin.Params{Memory: 64, Passes: 1, Threads: 1}})
	h.Report = report.New(report.Rooms{
		Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Mail: o.Mail, Signin: h.Signin, Networks: h.Networks, Audience: h.Audience, Inbox: h.Inbox,
		Growth: h.Growth, Posts: h.Posts, Links: h.Links, Leads: h.Leads, Reach: h.Reach, House: o.House, Words: catalog, BaseURL: o.BaseURL, Log: log,
	})
	h.Networks.Register(h.Queue)
	h.Archives.Register(h.Queue)
	h.Deliveries.Register(h.Queue)
	h.Verdicts.Register(h.Queue)
	h.Audience.Register(h.Queue)
	h.Inbox.Register(h.Queue)
	h.Growth.Register(h.Queue)
	h.Posts.Register(h.Queue)
	h.Reach.Register(h.Queue)
	h.Presence.Register(h.Queue)
	h.Links.Register(h.Queue)
	h.Linkbacks.Register(h.Queue)
	h.Webhooks.Register(h.Queue)
	h.Notices.Register(h.Queue)
	h.Leads.Register(h.Queue)
	h.Report.Register(h.Queue)
	h.must(h.Queue.Open())
	h.Channel, err = h.Networks.ConnectPassword(t.Context(), h.Actor(team.Owner), h.Fake.Server(), Handle, networktest.AppPassword)
	h.must(err)
	return h
}

func (h *House) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// Read reads the channel until nothing more is there, as its watcher would.
func (h *House) Read() {
	h.T.Helper()
	ctx := h.T.Context()
	client, ch, err := h.Networks.Client(ctx, h.Company.ID, h.Channel.ID)
	h.must(err)
	for range 1000 {
		page, err := client.Fetch(ctx, h.cursor)
		h.must(err)
		_, err = h.Networks.Ingest(ctx, ch, page)
		h.must(err)
		h.cursor = page.Cursor
		if !page.More {
			return
		}
	}
	h.T.Fatal("reading does not come to an end")
}

// Refresh reads items again, as the watcher does with recent ones.
func (h *House) Refresh(ids ...string) {
	h.T.Helper()
	_, err := h.Networks.RefreshNow(h.T.Context(), h.Company.ID, h.Channel.ID, ids)
	h.must(err)
}

// Deliver takes a delivery on until it is settled or wants to wait, moving the clock through pauses up to patience.
func (h *House) Deliver(id delivery.ID, patience time.Duration) delivery.Delivery {
	h.T.Helper()
	for waited := time.Duration(0); ; {
		again, err := h.Deliveries.Step(h.T.Context(), id)
		h.must(err)
		d, err := h.Deliveries.Get(h.T.Context(), h.Company.ID, id)
		h.must(err)
		if again == 0 || waited+again > patience {
			return d
		}
		waited += again
		h.Clock.Advance(again)
	}
}

// Stranger is a person outside.
func (h *House) Stranger(handle string) *networktest.FakeStranger {
	return h.Fake.Stranger(handle, Handle)
}

// Post publishes something as the company itself, from a phone, outside Ponte.
func (h *House) Post(text string) string {
	h.T.Helper()
	id, err := h.Fake.Stranger(Handle, Handle).Post(context.Background(), text)
	h.must(err)
	return id
}
