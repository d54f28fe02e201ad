package growth

import (
	"context"
	"iter"
	"log/slog"
	"maps"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// Identifiers minted here.
type (
	CriticismID   string // names a criticism
	CaseID        string // names a case
	TaskID        string // names a task of a case
	EvidenceID    string // names a piece of evidence of a case
	PromiseID     string // names a promise
	ImprovementID string // names an improvement
	LetterID      string // names a letter back to a person
)

const (
	criticismKind   id.Kind = "crt"
	caseKind        id.Kind = "cas"
	taskKind        id.Kind = "tsk"
	evidenceKind    id.Kind = "evd"
	eventKind       id.Kind = "gev"
	promiseKind     id.Kind = "prm"
	improvementKind id.Kind = "imp"
	letterKind      id.Kind = "ltr"
	headKind        id.Kind = "hed"
)

// Rooms are the rooms below that growth is built on.
type Rooms struct {
	Store      *store.Store
	Clock      clock.Clock
	Team       *team.Team
	Queue      *queue.Queue
	Seal       *seal.Keyring
	Networks   *network.Networks
	Deliveries *delivery.Deliveries
	Audience   *audience.Audience
	Verdicts   *verdict.Verdicts
	Inbox      *inbox.Inbox
	Media      *media.Media
	Live       *live.Hub
	Log        *slog.Logger
	// Words are the catalogs, for letters to people outside.
	Words *i18n.Catalog
	// BaseURL gives the address under which the public pages stand, without a slash at its end. A house that was not told its
	// address knows it only once its door is open. The host is part of the record's name.
	BaseURL func() string
}

// Growth turns criticism into cases.
type Growth struct {
	rooms Rooms
	cache tileCache
	pages sheets
}

// New makes the room and takes its places in the rooms below: it hears what comes in and goes out, hands on the work of those
// who leave, and goes away with a company.
func New(r Rooms) *Growth {
	g := &Growth{rooms: r}
	if g.rooms.Log == nil {
		g.rooms.Log = slog.New(slog.DiscardHandler)
	}
	g.listen()
	r.Team.OnLeave(g.handOn)
	r.Team.OnRemove(g.removeCompany)
	r.Deliveries.OnChange(delivery.ForRecord, g.headDelivered)
	r.Audience.OnErase("growth", g.eraser)
	r.Audience.OnKeep(g.keeper)
	r.Audience.OnExport(g.export)
	return g
}

// lookOver is the periodic job that finds what was left undecided too long.
type lookOver struct{}

func (lookOver) Kind() string { return "growth.undecided" }

// lookOverEvery is how soon the record says that something is overdue.
const lookOverEvery = 15 * time.Minute

// Register adds the room's jobs to the queue.
func (g *Growth) Register(q *queue.Queue) {
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ lookOver) error { return g.LookOver(ctx) })
	q.Every(lookOverEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, lookOver{})
	g.registerTimes(q)
}

// zero is no moment at all.
var zero time.Time

// keys walks through the keys of a map, in no order.
func keys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

// alone waits until nobody else changes anything of a company's growth and keeps others waiting until the transaction ends.
// Every use case and every listener that writes takes it before it reads what it decides from, so that numbers have no gaps, the
// record grows in one line, and two never wait for each other. Who needs the inbox as well (Reply, Correct) lets that
// take its rows first: what comes in holds them too when it gets here.
func (g *Growth) alone(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	return g.lock(ctx, tx, c)
}

// touched says that what the growth page or the desk's lists show has changed: the page's version grows, open browsers hear of
// it.
func (g *Growth) touched(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	return g.touchedCase(ctx, tx, c, "")
}

// touchedCase says that a case has changed.
func (g *Growth) touchedCase(ctx context.Context, tx *store.Tx, c team.CompanyID, ref CaseID) error {
	if err := g.bump(ctx, tx, c); err != nil {
		return err
	}
	return g.rooms.Live.Tell(ctx, tx, live.Event{Company: string(c), Topic: live.Cases, Ref: string(ref)})
}
