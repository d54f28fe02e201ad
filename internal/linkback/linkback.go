package linkback

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// Identifiers minted here.
type (
	MentionID string // names a pair of pages of which we were told
	SendingID string // names a page that we tell
	articleID string
)

const (
	mentionKind id.Kind = "lbm"
	sendingKind id.Kind = "lbs"
	articleKind id.Kind = "lba"
)

// ParseMentionID checks outside text.
func ParseMentionID(s string) (MentionID, error) {
	v, err := mentionKind.Parse(s)
	return MentionID(v), err
}

// ParseSendingID checks outside text.
func ParseSendingID(s string) (SendingID, error) {
	v, err := sendingKind.Parse(s)
	return SendingID(v), err
}

// Rooms are the rooms below.
type Rooms struct {
	Store    *store.Store
	Clock    clock.Clock
	Team     *team.Team
	Queue    *queue.Queue // nil: nothing is checked or told by itself
	Networks *network.Networks
	Audience *audience.Audience
	Verdicts *verdict.Verdicts
	Inbox    *inbox.Inbox
	HTTP     mention.Doer // guarded; nil: nothing is read and nobody told
	Log      *slog.Logger
}

// Linkbacks carries word of links. It is safe for use by several goroutines.
type Linkbacks struct {
	rooms Rooms
	pace  *pace
}

// New makes the room and takes its places in the rooms below.
func New(r Rooms) *Linkbacks {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	x := &Linkbacks{rooms: r, pace: newPace(r.Clock)}
	r.Team.OnRemove(x.removeCompany)
	r.Networks.OnItems(x.heard)
	r.Audience.OnErase("linkback", x.erase)
	r.Audience.OnExport(x.export)
	return x
}

// Errors to compare with errors.Is.
var (
	ErrNoSite    = fault.New(fault.NotFound, "linkback.site")      // no site of a company of this house has this address
	ErrPaused    = fault.New(fault.Limited, "linkback.paused")     // the company has paused the channel
	ErrTarget    = fault.New(fault.Invalid, "linkback.target")     // what was linked is not of this site
	ErrBlocked   = fault.New(fault.Denied, "linkback.blocked")     // the company takes nothing of this host
	ErrBusy      = fault.New(fault.Limited, "linkback.busy")       // that host, or the whole web, tells too much at once
	ErrNoMention = fault.New(fault.NotFound, "linkback.missing")   // no such mention
	ErrNoSending = fault.New(fault.NotFound, "linkback.untold")    // no such sending
	ErrNoBlock   = fault.New(fault.NotFound, "linkback.unblocked") // the host is not blocked
	ErrCriticism = fault.New(fault.Conflict, "linkback.criticism") // criticism is hidden for what it does, not for what it says
)

// Why a source was not taken, or a target not told, as keys of the catalog. They are stored in the database.
const (
	ProblemNoSource    = "linkback.problem.no_source"   // the page is not there
	ProblemNoLink      = "linkback.problem.no_link"     // it does not link to the target
	ProblemNoTarget    = "linkback.problem.no_target"   // the target is not there
	ProblemUnreachable = "linkback.problem.unreachable" // it could not be read, again and again
	ProblemInside      = "linkback.problem.inside"      // it points into a private network
	ProblemUnwilling   = "linkback.problem.unwilling"   // the page does not want to be told
	ProblemRefused     = "linkback.problem.refused"     // it was told and said no
)

// host is the host of an address as it is blocked and held back: in small letters, without a port.
func host(u *url.URL) string { return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")) }

// Site gives the channel of a site by its id, as an address names it. That of the sample company shows what is said of it, and takes nothing.
func (x *Linkbacks) Site(ctx context.Context, id network.ChannelID) (network.Channel, error) {
	ch, err := x.rooms.Networks.ChannelAt(ctx, id)
	switch {
	case errors.Is(err, network.ErrNoChannel):
		return network.Channel{}, ErrNoSite.Because(err)
	case err != nil:
		return network.Channel{}, err
	case ch.Network != network.Site || ch.State == network.Gone || ch.Archive:
		return network.Channel{}, ErrNoSite
	}
	return ch, nil
}

// sample tells whether a channel is of the sample company, whose pages are nowhere.
func (x *Linkbacks) sample(ctx context.Context, id network.ChannelID) (bool, error) {
	ch, err := x.rooms.Networks.ChannelAt(ctx, id)
	if errors.Is(err, network.ErrNoChannel) {
		return false, nil
	}
	return ch.Sample, err
}

// address is where a channel's site stands.
func address(ch network.Channel) string { return ch.ServerURL }

// Register adds the room's jobs to the queue.
func (x *Linkbacks) Register(q *queue.Queue) {
	queue.Handle(q, time.Minute, func(ctx context.Context, j checkJob) error {
		return again(x.Check(ctx, j.Company, j.Mention))
	})
	queue.Handle(q, 2*time.Minute, func(ctx context.Context, j tellJob) error {
		return again(x.Step(ctx, j.Company, j.Sending))
	})
}

func again(after time.Duration, err error) error {
	if err == nil && after > 0 {
		return queue.Again(after)
	}
	return err
}

// trouble says what an error of reading or telling means: a key of the catalog, and whether the same may work later.
func trouble(err error) (key string, later bool) {
	if _, ok := errors.AsType[*fetch.InsideError](err); ok {
		return ProblemInside, false
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return ProblemNoSource, false
	}
	switch e := fault.Of(err); {
	case errors.Is(err, mention.ErrAddress), errors.Is(err, fetch.ErrScheme), errors.Is(err, fetch.ErrDowngrade), errors.Is(err, fetch.ErrRedirects), errors.Is(err, fetch.ErrMovedBody):
		return ProblemUnreachable, false
	case e.Key == mention.ErrStatus.Key:
		status, _ := e.Args["status"].(int)
		switch {
		case status == 404 || status == 410:
			return ProblemNoSource, false
		case status >= 400 && status < 500 && status != 408 && status != 425 && status != 429:
			return ProblemUnreachable, false
		}
	}
	return ProblemUnreachable, true
}

// pace lets the room reach for a host only so often, whoever asked for it: nobody makes us knock at somebody else's door in a row.
type pace struct {
	clock clock.Clock
	mu    sync.Mutex
	free  map[string]time.Time // when the next may come
}

// hostEvery is how long lies between two requests to a host, hostsMost how many hosts are remembered.
const (
	hostEvery = 2 * time.Second
	hostsMost = 10000
)

func newPace(c clock.Clock) *pace { return &pace{clock: c, free: map[string]time.Time{}} }

// take says after how long the host may be asked; 0 is now, and uses it up.
func (p *pace) take(host string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if at := p.free[host]; at.After(now) {
		return at.Sub(now)
	}
	if len(p.free) >= hostsMost {
		for h, at := range p.free {
			if !at.After(now) {
				delete(p.free, h)
			}
		}
		if len(p.free) >= hostsMost {
			return hostEvery
		}
	}
	p.free[host] = now.Add(hostEvery)
	return 0
}
