package notice

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/webhook"
)

const noticeKind id.Kind = "ntc"

// Kind is what sort of trouble it is. It is stored in the database.
type Kind string

// The kinds of trouble.
const (
	Failed      Kind = "failed"      // it is not there, and nothing goes on by itself
	Unconfirmed Kind = "unconfirmed" // nobody knows whether it arrived
	Late        Kind = "late"        // it should have been out for a while
)

// Kinds lists them in the order in which they are shown.
var Kinds = []Kind{Failed, Unconfirmed, Late}

// Reach is of whose messages a member wants to hear. It is stored in the database.
type Reach string

// The reaches.
const (
	Never Reach = "never"
	Mine  Reach = "mine" // what they wrote, asked for or approved
	All   Reach = "all"  // of the whole company, where they may publish or answer
)

// Reaches lists them in the order in which they are shown.
var Reaches = []Reach{Mine, All, Never}

// Choice is of which troubles a member wants a letter.
type Choice struct {
	Failed, Unconfirmed, Late Reach
}

// Of gives the reach for a kind of trouble.
func (c Choice) Of(k Kind) Reach {
	switch k {
	case Failed:
		return c.Failed
	case Unconfirmed:
		return c.Unconfirmed
	}
	return c.Late
}

// Default is what holds until a member chooses: an owner hears of everything, others of what is theirs.
func Default(r team.Role) Choice {
	if r == team.Owner {
		return Choice{Failed: All, Unconfirmed: All, Late: All}
	}
	return Choice{Failed: Mine, Unconfirmed: Mine, Late: Mine}
}

// about is what is in trouble. It is stored in the database.
type about string

const (
	aboutDelivery   about = "delivery"
	aboutHeld       about = "held"
	aboutMissed     about = "missed"
	aboutCorrection about = "correction"
)

// notice is one trouble that one member is to be written about.
type notice struct {
	ID         string
	Company    team.CompanyID
	Member     team.MemberID
	Kind       Kind
	About      about
	AboutID    string
	SourceKind delivery.SourceKind
	SourceID   string // a post's or a conversation's id
	Episode    string
	At         time.Time
	stands     bool // in a letter that was handed over, as far as anybody knows
}

// How letters are written.
const (
	gather    = time.Minute      // what comes within it stands in one letter
	calm      = 15 * time.Minute // between two letters to one member
	lateAfter = 10 * time.Minute // beyond its moment, before a letter says so
	mostLines = 20               // troubles of one letter
	staleFor  = 24 * time.Hour   // after which nobody is written to any more
	keepFor   = 30 * 24 * time.Hour
	tendEvery = time.Minute
)

// Rooms are the rooms below.
type Rooms struct {
	Store      *store.Store
	Clock      clock.Clock
	Team       *team.Team
	Queue      *queue.Queue // nil: nobody is told
	Mail       mail.Sender
	Networks   *network.Networks
	Deliveries *delivery.Deliveries
	Inbox      *inbox.Inbox
	Posts      *post.Posts
	Webhooks   *webhook.Webhooks
	Words      *i18n.Catalog
	BaseURL    func() string // where the desk stands, without a slash at the end
	Log        *slog.Logger
}

// Notices tells of troubles. It is safe for use by several goroutines.
type Notices struct{ rooms Rooms }

// New makes the room and takes its places in the rooms below.
func New(r Rooms) *Notices {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	n := &Notices{rooms: r}
	r.Deliveries.Listen(n.delivered)
	r.Posts.OnWorry(n.worried)
	r.Team.OnLeave(n.leave)
	r.Team.OnRemove(n.removeCompany)
	return n
}

// letterJob writes one member what there is to say.
type letterJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Member  team.MemberID  `json:"member" river:"unique"`
}

func (letterJob) Kind() string { return "notice.letter" }

// tendJob finds what is late, and letters whose job was lost.
type tendJob struct{}

func (tendJob) Kind() string { return "notice.tend" }

// Register adds the room's jobs to the queue.
func (n *Notices) Register(q *queue.Queue) {
	queue.Handle(q, 2*time.Minute, func(ctx context.Context, j letterJob) error {
		again, err := n.Write(ctx, j.Company, j.Member)
		if err != nil {
			return err
		}
		if again > 0 {
			return queue.Again(again)
		}
		return nil
	})
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ tendJob) error { return n.Tend(ctx) })
	q.Every(tendEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, tendJob{})
}

// Letters tells whether letters leave this house at all.
func (n *Notices) Letters() bool { return n.rooms.Mail.Configured() }

// Choice gives of which troubles the actor wants a letter. Every member may, for themselves.
func (n *Notices) Choice(ctx context.Context, actor team.Actor) (Choice, error) {
	if err := actor.Self(); err != nil {
		return Choice{}, err
	}
	all, err := n.choices(ctx, actor.Company)
	if err != nil {
		return Choice{}, fmt.Errorf("notice.Choice: %w", err)
	}
	if c, ok := all[actor.Member]; ok {
		return c, nil
	}
	return Default(actor.Role), nil
}

// Choose says of which troubles the actor wants a letter. Every member may, for themselves, in person.
func (n *Notices) Choose(ctx context.Context, actor team.Actor, c Choice) error {
	if err := actor.Self(); err != nil {
		return err
	}
	var wrong []fault.Field
	for _, k := range Kinds {
		if !slices.Contains(Reaches, c.Of(k)) {
			wrong = append(wrong, fault.Field{Name: string(k), Key: "notice.reach"})
		}
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return fmt.Errorf("notice.Choose: %w", err)
	}
	err := n.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := n.saveChoice(ctx, tx, actor, c); err != nil {
			return err
		}
		return n.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "notice.choose", ObjectKind: "member", ObjectID: string(actor.Member)})
	})
	if err != nil {
		return fmt.Errorf("notice.Choose: %w", err)
	}
	return nil
}

// delivered hears from the room delivery how a message is going, in the transaction of the change.
func (n *Notices) delivered(ctx context.Context, tx *store.Tx, d delivery.Delivery) error {
	if n.rooms.Queue == nil {
		return nil
	}
	if err := n.program(ctx, tx, d); err != nil {
		return fmt.Errorf("notice.delivered: %w", err)
	}
	kind := Kind("")
	switch {
	case d.State == delivery.Unconfirmed:
		kind = Unconfirmed
	case d.State == delivery.Failed && (d.Trouble == nil || d.Trouble.Key != delivery.GivenUp): // who gave it up knows
		kind = Failed
	}
	if kind == "" || !n.rooms.Mail.Configured() {
		return nil
	}
	if err := n.hear(ctx, tx, kind, d); err != nil {
		return fmt.Errorf("notice.delivered: %w", err)
	}
	return nil
}

// hear notes who is to be written about a delivery.
func (n *Notices) hear(ctx context.Context, tx *store.Tx, kind Kind, d delivery.Delivery) error {
	s, err := n.source(ctx, d)
	if err != nil {
		return err
	}
	return n.note(ctx, tx, notice{
		Company: d.Company, Kind: kind, About: aboutDelivery, AboutID: string(d.ID), SourceKind: d.Source.Kind, SourceID: s.id,
		Episode: strconv.FormatInt(d.NotBefore.UnixMicro(), 36), // moves when a person tries it again
	}, s)
}

// source is what a delivery brings out: what it belongs to on the desk, and whom.
type source struct {
	id      string
	members []team.MemberID
}

func (n *Notices) source(ctx context.Context, d delivery.Delivery) (s source, err error) {
	switch d.Source.Kind {
	case delivery.ForPost:
		x, err := n.rooms.Posts.PostOf(ctx, d.Company, post.PartID(d.Source.ID))
		if err == nil {
			return n.postSource(ctx, d.Company, x)
		}
		if fault.KindOf(err) != fault.NotFound {
			return s, err
		}
	case delivery.ForReply:
		r, err := n.rooms.Inbox.GetReply(ctx, team.System(d.Company), inbox.ReplyID(d.Source.ID))
		if err == nil {
			return source{id: string(r.Conversation), members: []team.MemberID{r.Member, r.DecidedBy}}, nil
		}
		if fault.KindOf(err) != fault.NotFound {
			return s, err
		}
	}
	return source{members: []team.MemberID{d.PlannedBy}}, nil
}

func (n *Notices) postSource(ctx context.Context, c team.CompanyID, id post.ID) (source, error) {
	w, err := n.rooms.Posts.Whose(ctx, c, id)
	return source{id: string(id), members: w.Members}, err
}

// worried hears from the room post what no delivery tells.
func (n *Notices) worried(ctx context.Context, tx *store.Tx, w post.Worry) error {
	if n.rooms.Queue == nil || !n.rooms.Mail.Configured() {
		return nil
	}
	s, err := n.postSource(ctx, w.Company, w.Post)
	if err != nil {
		return fmt.Errorf("notice.worried: %w", err)
	}
	x := notice{
		Company: w.Company, Kind: Late, About: aboutHeld, AboutID: w.Ref, SourceKind: delivery.ForPost, SourceID: s.id,
		Episode: strconv.FormatInt(w.Since.UnixMicro(), 36),
	}
	switch w.Kind {
	case post.TroubleCorrection:
		x.Kind, x.About = Failed, aboutCorrection
	case post.TroubleMissed:
		x.About = aboutMissed
	}
	if err := n.note(ctx, tx, x, s); err != nil {
		return fmt.Errorf("notice.worried: %w", err)
	}
	return nil
}

// note keeps a trouble for everybody who wants to hear of it, once.
func (n *Notices) note(ctx context.Context, tx *store.Tx, x notice, s source) error {
	company, err := n.rooms.Team.Company(ctx, x.Company)
	if err != nil || company.Sample { // nobody of it exists
		return err
	}
	members, err := n.rooms.Team.MembersByID(ctx, x.Company)
	if err != nil {
		return err
	}
	choices, err := n.choices(ctx, x.Company)
	if err != nil {
		return err
	}
	now := n.rooms.Clock.Now()
	for id, m := range members {
		c, chosen := choices[id]
		if !chosen {
			c = Default(m.Role)
		}
		if !hears(m, c.Of(x.Kind), x.SourceKind, slices.Contains(s.members, id)) {
			continue
		}
		x.ID, x.Member, x.At = noticeKind.New(now), id, now
		fresh, err := n.insert(ctx, tx, x)
		if err != nil {
			return err
		}
		if !fresh {
			continue
		}
		if err := n.order(ctx, tx, x.Company, id, now.Add(gather)); err != nil {
			return err
		}
	}
	return nil
}

func (n *Notices) order(ctx context.Context, tx *store.Tx, c team.CompanyID, m team.MemberID, at time.Time) error {
	return n.rooms.Queue.Add(ctx, tx, letterJob{Company: c, Member: m}, queue.Options{Line: queue.Slow, Unique: true, At: at})
}

// hears tells whether a member is written to.
func hears(m team.Member, r Reach, kind delivery.SourceKind, own bool) bool {
	if m.State != team.MemberActive {
		return false
	}
	read, act := team.InboxRead, team.InboxReply
	switch kind {
	case delivery.ForPost:
		read, act = team.PostsRead, team.PostsPublish
	case delivery.ForRecord:
		read, act = team.GrowthRead, team.GrowthPublish
	}
	switch r {
	case All:
		return m.Role.Can(act) || own && m.Role.Can(read)
	case Mine:
		return own && m.Role.Can(read)
	}
	return false
}

// Tend notes what is late, has letters written whose job was lost, and forgets what was told long ago.
func (n *Notices) Tend(ctx context.Context) error {
	now := n.rooms.Clock.Now()
	if n.rooms.Mail.Configured() {
		late, err := n.rooms.Deliveries.Overdue(ctx, now.Add(-lateAfter))
		if err != nil {
			return fmt.Errorf("notice.Tend: %w", err)
		}
		for _, d := range late {
			if err := n.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return n.hear(ctx, tx, Late, d) }); err != nil {
				return fmt.Errorf("notice.Tend: %w", err)
			}
		}
		if err := n.missed(ctx, now); err != nil {
			return fmt.Errorf("notice.Tend: %w", err)
		}
	}
	err := n.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		lost, err := n.stranded(ctx, now.Add(-2*gather))
		if err != nil {
			return err
		}
		for _, x := range lost {
			if err := n.order(ctx, tx, x.Company, x.Member, time.Time{}); err != nil {
				return err
			}
		}
		return n.sweep(ctx, tx, now.Add(-keepFor))
	})
	if err != nil {
		return fmt.Errorf("notice.Tend: %w", err)
	}
	return nil
}

// missed notes posts whose time passed without the yes they need.
func (n *Notices) missed(ctx context.Context, now time.Time) error {
	companies, err := n.rooms.Team.Companies(ctx)
	if err != nil {
		return err
	}
	for _, c := range companies {
		if c.Sample {
			continue
		}
		ws, err := n.rooms.Posts.Missed(ctx, c.ID, now.Add(-staleFor), now.Add(-lateAfter))
		if err != nil {
			return err
		}
		for _, w := range ws {
			if err := n.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return n.worried(ctx, tx, w) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave forgets what somebody who left wanted to hear.
func (n *Notices) leave(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, _ team.MemberID) error {
	return n.forget(ctx, tx, c, leaver)
}
