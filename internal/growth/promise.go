package growth

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// PromiseState is where a promise stands. It is stored in the database.
type PromiseState string

// The states of a promise.
const (
	PromiseWritten PromiseState = "written" // its reply has not gone out yet
	PromiseOpen    PromiseState = "open"
	PromiseKept    PromiseState = "kept"
	PromiseLate    PromiseState = "late"   // kept after it was broken
	PromiseBroken  PromiseState = "broken" // its day passed, or a member said that it will not be kept
	PromiseGone    PromiseState = "gone"   // its reply never went out
)

// PromiseStates lists all states: what is still to be done first.
var PromiseStates = []PromiseState{PromiseBroken, PromiseOpen, PromiseWritten, PromiseKept, PromiseLate, PromiseGone}

// Settled tells whether nothing is to be done about a promise any more.
func (s PromiseState) Settled() bool { return s == PromiseKept || s == PromiseLate || s == PromiseGone }

// Promise is something the company said that it would do.
type Promise struct {
	ID           PromiseID
	Company      team.CompanyID
	Handle       record.Handle
	Conversation inbox.ConversationID
	Reply        inbox.ReplyID
	Case         CaseID // "" none
	Text         string // the sentence; "" when who it was made to was erased
	Public       bool
	Owner        team.MemberID // "" nobody: who owned it left
	DueAt        time.Time     // the end of its day in the company's zone
	State        PromiseState
	MadeBy       team.MemberID
	MadeAt       time.Time
	SettledAt    time.Time
	SettledBy    team.MemberID
	Note         string // how it was kept
	To           string // the name of who it was made to

	to   audience.IdentityID
	leaf int64
}

// Late tells whether its day has passed and it is not kept.
func (p Promise) Late(now time.Time) bool { return !p.State.Settled() && p.DueAt.Before(now) }

// PromiseIn makes a noticed sentence a promise.
type PromiseIn struct {
	Text  string
	Owner team.MemberID // "" the actor
	DueAt time.Time     // any moment of its day
	Case  CaseID
}

// Said is what a member says becomes of what a text of ours promises.
type Said struct {
	Promises  []PromiseIn
	NoPromise bool // the member has read what was noticed and says that it promises nothing, or nothing more
}

// covers tells whether a member said what becomes of every sentence that promises something: it is a promise, or part of one, or
// it is none.
func (s Said) covers(text string, now time.Time) bool {
	return s.NoPromise || !slices.ContainsFunc(noticed(text, now), func(n Noticed) bool {
		return !slices.ContainsFunc(s.Promises, func(p PromiseIn) bool { return quotes(p.Text, n.Text) || p.Text != "" && quotes(n.Text, p.Text) })
	})
}

// AnswerIn is an answer, with what it promises.
type AnswerIn struct {
	inbox.ReplyIn
	Promises  []PromiseIn
	NoPromise bool // as in Said
}

// Bounds of promises, in characters and in number.
const (
	maxPromise  = 500
	maxPromises = 10 // in one answer
	maxSettle   = 1000
)

// ErrAsked says that a text promises something and that nobody said what becomes of it.
var ErrAsked = fault.New(fault.Conflict, "growth.promise.asked")

// Answer answers a conversation as inbox.Reply does, and keeps what it promises. A text that promises something, in one sentence or in
// several, without saying what becomes of each is refused with growth.promise.asked (a Conflict); Notice says what was noticed. It needs
// InboxReply.
func (g *Growth) Answer(ctx context.Context, actor team.Actor, in AnswerIn) (inbox.Reply, error) {
	if err := actor.May(team.InboxReply); err != nil {
		return inbox.Reply{}, err
	}
	company, err := g.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return inbox.Reply{}, fmt.Errorf("growth.Answer: %w", err)
	}
	now := g.rooms.Clock.Now().In(company.Location())
	if !(Said{in.Promises, in.NoPromise}).covers(in.Text, now) {
		return inbox.Reply{}, ErrAsked
	}
	if err := wrongPromises(in.Promises, now); err != nil {
		return inbox.Reply{}, err
	}
	var r inbox.Reply
	err = g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if r, err = g.rooms.Inbox.Reply(ctx, actor, in.ReplyIn); err != nil || len(in.Promises) == 0 {
			return err
		}
		return g.promise(ctx, tx, actor, company, r, in.Promises)
	})
	if err != nil {
		return inbox.Reply{}, fmt.Errorf("growth.Answer: %w", err)
	}
	return r, nil
}

// wrongPromises says what cannot be promised. now is in the company's zone.
func wrongPromises(ps []PromiseIn, now time.Time) error {
	if len(ps) > maxPromises {
		return fault.New(fault.Invalid, "growth.promise.many").With("max", maxPromises)
	}
	var fields []fault.Field
	for i, p := range ps {
		at := fmt.Sprintf("promises.%d.", i)
		if n := text.Graphemes(tidyText(p.Text)); n == 0 || n > maxPromise {
			fields = append(fields, fault.Field{Name: at + "text", Key: "growth.promise.text", Args: map[string]any{"max": maxPromise}})
		}
		switch day, today := dayOf(p.DueAt, now.Location()), dayOf(now, now.Location()); {
		case p.DueAt.IsZero():
			fields = append(fields, fault.Field{Name: at + "due", Key: "growth.promise.due"})
		case day < today:
			fields = append(fields, fault.Field{Name: at + "due", Key: "growth.promise.past"})
		case day > today+2*366:
			fields = append(fields, fault.Field{Name: at + "due", Key: "growth.promise.far"})
		}
	}
	return fault.InvalidFields(fields...)
}

// promise keeps what an answer promises, in the transaction of the answer: it has written rows of the company by now, so
// nobody leaves until this is over.
func (g *Growth) promise(ctx context.Context, tx *store.Tx, actor team.Actor, company team.Company, r inbox.Reply, ps []PromiseIn) error {
	if err := g.alone(ctx, tx, actor.Company); err != nil {
		return err
	}
	answered, err := g.rooms.Inbox.InteractionsByID(ctx, actor.Company, []inbox.InteractionID{r.Answers})
	if err != nil {
		return err
	}
	now := g.rooms.Clock.Now()
	for i, in := range ps {
		at := fmt.Sprintf("promises.%d.", i)
		if in.Owner == "" {
			in.Owner = actor.Member
		}
		if err := g.worksHere(ctx, actor.Company, in.Owner, at+"owner"); err != nil {
			return err
		}
		if in.Case != "" {
			if err := actor.May(team.GrowthRead); err != nil {
				return err
			}
			there, err := g.caseThere(ctx, actor.Company, in.Case)
			if err != nil {
				return err
			}
			if !there {
				return fault.InvalidFields(fault.Field{Name: at + "case", Key: "growth.promise.case"})
			}
		}
		p := Promise{
			ID: PromiseID(promiseKind.New(now)), Company: actor.Company, Handle: record.NewHandle(), Conversation: r.Conversation, Reply: r.ID,
			Case: in.Case, Text: tidyText(in.Text), Public: inPublic(r.Visibility), Owner: in.Owner, DueAt: endOfDay(in.DueAt, company.Location()),
			State: PromiseWritten, MadeBy: actor.Member, MadeAt: now, to: answered[r.Answers].Identity, leaf: -1,
		}
		if err := g.insertPromise(ctx, tx, p); err != nil {
			return err
		}
	}
	if err := g.rooms.Team.Audit(ctx, tx, actor, team.Entry{
		Verb: "growth.promise", ObjectKind: "conversation", ObjectID: string(r.Conversation), Detail: map[string]string{"reply": string(r.ID)},
	}); err != nil {
		return err
	}
	if err := g.promiseReplied(ctx, tx, actor.Company, r); err != nil {
		return err
	}
	return g.touched(ctx, tx, actor.Company)
}

// worksHere is nil when a member is an active colleague.
func (g *Growth) worksHere(ctx context.Context, c team.CompanyID, m team.MemberID, field string) error {
	ms, err := g.rooms.Team.MembersByID(ctx, c)
	if err != nil {
		return err
	}
	if ms[m].State != team.MemberActive {
		return fault.InvalidFields(fault.Field{Name: field, Key: "growth.promise.owner"})
	}
	return nil
}

// inPublic tells whether everybody may read what has this visibility.
func inPublic(v network.Visibility) bool {
	return v == network.Public || v == network.Unlisted || v == ""
}

// replied hears from the inbox how a reply is going: what it promises, and the letter that it is, go along.
func (g *Growth) replied(ctx context.Context, tx *store.Tx, r inbox.Reply) error {
	c, err := g.companyOfReply(ctx, r.ID)
	if err != nil || c == "" {
		return err
	}
	if err := g.alone(ctx, tx, c); err != nil {
		return err
	}
	if err := g.promiseReplied(ctx, tx, c, r); err != nil {
		return fmt.Errorf("growth.replied: %w", err)
	}
	if err := g.letterReplied(ctx, tx, c, r); err != nil {
		return fmt.Errorf("growth.replied: %w", err)
	}
	return nil
}

// promiseReplied moves the promises of a reply: they count from the moment in which it stands on the network, also
// when it gets there after all, and are gone with a reply that never will.
func (g *Growth) promiseReplied(ctx context.Context, tx *store.Tx, c team.CompanyID, r inbox.Reply) error {
	var from []PromiseState
	var to PromiseState
	switch r.State {
	case inbox.ReplySent:
		from, to = []PromiseState{PromiseWritten, PromiseGone}, PromiseOpen
	case inbox.ReplyRejected, inbox.ReplyWithdrawn:
		from, to = []PromiseState{PromiseWritten}, PromiseGone
	default:
		return nil
	}
	ps, err := g.promisesOfReply(ctx, c, r.ID)
	if err != nil {
		return err
	}
	ps = slices.DeleteFunc(ps, func(p Promise) bool { return !slices.Contains(from, p.State) })
	if len(ps) == 0 {
		return nil
	}
	company, err := g.rooms.Team.Company(ctx, c)
	if err != nil {
		return err
	}
	for _, p := range ps {
		p.State, p.SettledAt = to, time.Time{}
		if to == PromiseGone {
			p.SettledAt = g.rooms.Clock.Now()
		}
		if to == PromiseOpen && p.Public && p.leaf < 0 {
			places, err := g.ink(ctx, tx, c, record.Leaf{Kind: record.Promised, Subject: p.Handle, Due: p.DueAt.In(company.Location())})
			if err != nil {
				return err
			}
			p.leaf = places[0]
		}
		if err := g.savePromise(ctx, tx, p); err != nil {
			return err
		}
		if to == PromiseOpen && p.Case != "" {
			maker := team.Actor{Company: c, Member: p.MadeBy}
			if err := g.diary(ctx, tx, maker, p.Case, "promised", nil); err != nil {
				return err
			}
		}
	}
	return g.touched(ctx, tx, c)
}

// PromiseFilter narrows the list of promises.
type PromiseFilter struct {
	States []PromiseState // empty: open and broken
	Owner  team.MemberID
	Cursor string
	Limit  int // 1 to 100; 0 is 30
}

// PromisePage is a part of the list, what is due first first, settled ones newest first behind them.
type PromisePage struct {
	Promises []Promise
	Next     string
	Counts   map[PromiseState]int // of those the actor may see, not narrowed by state
}

// Promises lists promises. Who has GrowthRead sees all, any other member those they own.
func (g *Growth) Promises(ctx context.Context, actor team.Actor, f PromiseFilter) (PromisePage, error) {
	if err := g.ownOnly(actor, &f.Owner); err != nil {
		return PromisePage{}, err
	}
	if len(f.States) == 0 {
		f.States = []PromiseState{PromiseOpen, PromiseBroken}
	}
	for _, s := range f.States {
		if !slices.Contains(PromiseStates, s) {
			return PromisePage{}, fault.New(fault.Invalid, "growth.promise.state")
		}
	}
	if f.Limit <= 0 || f.Limit > 100 {
		f.Limit = 30
	}
	page, err := g.listPromises(ctx, actor.Company, f)
	if err != nil {
		return PromisePage{}, fmt.Errorf("growth.Promises: %w", err)
	}
	if page.Counts, err = g.countPromises(ctx, actor.Company, f.Owner); err != nil {
		return PromisePage{}, fmt.Errorf("growth.Promises: %w", err)
	}
	if err := g.nameWhom(ctx, actor.Company, page.Promises); err != nil {
		return PromisePage{}, fmt.Errorf("growth.Promises: %w", err)
	}
	return page, nil
}

// ownOnly narrows a list to what the actor owns when they may not see all; a token must have the scope.
func (g *Growth) ownOnly(actor team.Actor, owner *team.MemberID) error {
	if actor.Can(team.GrowthRead) {
		return nil
	}
	*owner = actor.Member
	return actor.MayOwn(team.GrowthRead)
}

// nameWhom fills in the names of the people that promises were made to.
func (g *Growth) nameWhom(ctx context.Context, c team.CompanyID, ps []Promise) error {
	var ids []audience.IdentityID
	for _, p := range ps {
		if p.to != "" {
			ids = append(ids, p.to)
		}
	}
	who, err := g.rooms.Audience.IdentitiesByID(ctx, c, ids)
	if err != nil {
		return err
	}
	for i := range ps {
		if w, ok := who[ps[i].to]; ok {
			ps[i].To = w.Label()
		}
	}
	return nil
}

// Keep says that a promise was kept, and how. Its owner may, and who has GrowthManage.
func (g *Growth) Keep(ctx context.Context, actor team.Actor, id PromiseID, note string) error {
	return g.settle(ctx, actor, id, note, "growth.keep", "promise_kept", func(p *Promise, now time.Time) ([]record.Leaf, error) {
		kept := record.Leaf{Kind: record.Kept, Subject: p.Handle}
		switch {
		case p.State == PromiseOpen && !p.DueAt.Before(now):
			p.State = PromiseKept
			return []record.Leaf{kept}, nil
		case p.State == PromiseOpen: // its day has passed, only nobody has looked yet
			p.State = PromiseLate
			return []record.Leaf{{Kind: record.Broken, Subject: p.Handle}, kept}, nil
		case p.State == PromiseBroken:
			p.State = PromiseLate
			return []record.Leaf{kept}, nil
		}
		return nil, notSettled(*p)
	})
}

// Break says that a promise will not be kept. Its owner may, and who has GrowthManage.
func (g *Growth) Break(ctx context.Context, actor team.Actor, id PromiseID, note string) error {
	return g.settle(ctx, actor, id, note, "growth.break", "promise_broken", func(p *Promise, _ time.Time) ([]record.Leaf, error) {
		if p.State != PromiseOpen {
			return nil, notSettled(*p)
		}
		p.State = PromiseBroken
		return []record.Leaf{{Kind: record.Broken, Subject: p.Handle}}, nil
	})
}

// notSettled says why a promise cannot be settled now.
func notSettled(p Promise) error {
	if p.State == PromiseWritten {
		return fault.New(fault.Conflict, "growth.promise.unsent")
	}
	return fault.New(fault.Conflict, "growth.promise.settled")
}

func (g *Growth) settle(ctx context.Context, actor team.Actor, id PromiseID, note, verb, event string, f func(p *Promise, now time.Time) ([]record.Leaf, error)) error {
	note = tidyText(note)
	if text.Graphemes(note) > maxSettle {
		return fault.InvalidFields(fault.Field{Name: "note", Key: "growth.words.long", Args: map[string]any{"max": maxSettle}})
	}
	return g.changePromise(ctx, actor, id, verb, func(ctx context.Context, tx *store.Tx, p *Promise) error {
		if err := mayWork(actor, p.Owner); err != nil {
			return err
		}
		now := g.rooms.Clock.Now()
		leaves, err := f(p, now)
		if err != nil {
			return err
		}
		p.SettledAt, p.SettledBy, p.Note = now, actor.Member, note
		if p.leaf >= 0 { // what never stood in public is nobody's business
			if _, err := g.ink(ctx, tx, actor.Company, leaves...); err != nil {
				return err
			}
		}
		if p.Case == "" {
			return nil
		}
		return g.diary(ctx, tx, actor, p.Case, event, nil)
	})
}

// HandPromise gives a promise another owner. Its day does not move: that was said in public. It needs GrowthManage.
func (g *Growth) HandPromise(ctx context.Context, actor team.Actor, id PromiseID, to team.MemberID) error {
	if err := actor.May(team.GrowthManage); err != nil {
		return err
	}
	return g.changePromise(ctx, actor, id, "growth.hand", func(ctx context.Context, _ *store.Tx, p *Promise) error {
		if p.State.Settled() {
			return notSettled(*p)
		}
		p.Owner = to
		return g.worksHere(ctx, actor.Company, to, "owner")
	})
}

// changePromise runs one change of a promise that the actor may see. The entry in the audit trail comes first: with it
// nobody leaves until this is over.
func (g *Growth) changePromise(ctx context.Context, actor team.Actor, id PromiseID, verb string, f func(context.Context, *store.Tx, *Promise) error) error {
	if _, err := promiseKind.Parse(string(id)); err != nil {
		return missingPromise()
	}
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := g.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		p, err := g.readPromise(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		if !actor.Can(team.GrowthRead) && !actor.Can(team.GrowthManage) && p.Owner != actor.Member {
			if err := actor.MayOwn(team.GrowthManage); err != nil {
				return err
			}
			return missingPromise()
		}
		if err := g.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "promise", ObjectID: string(id)}); err != nil {
			return err
		}
		if err := f(ctx, tx, &p); err != nil {
			return err
		}
		if err := g.savePromise(ctx, tx, p); err != nil {
			return err
		}
		return g.touchedCase(ctx, tx, actor.Company, p.Case)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// missingPromise says that a promise is not there, or not for this actor to see.
func missingPromise() error { return fault.New(fault.NotFound, "growth.promise.missing") }

// BreakPast breaks the promises whose day has passed, in every company.
func (g *Growth) BreakPast(ctx context.Context) error {
	now := g.rooms.Clock.Now()
	companies, err := g.companiesPast(ctx, now)
	if err == nil {
		companies, err = g.rooms.Team.Working(ctx, companies)
	}
	if err != nil {
		return fmt.Errorf("growth.BreakPast: %w", err)
	}
	for _, c := range companies {
		if err := g.inBatches(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) { return g.breakPast(ctx, tx, c, now) }); err != nil {
			return fmt.Errorf("growth.BreakPast: %w", err)
		}
	}
	return nil
}

// batch is how many rows a job changes in one transaction, so that nobody waits long for it.
const batch = 200

// breakPast breaks a batch of a company's promises and tells whether there may be more.
func (g *Growth) breakPast(ctx context.Context, tx *store.Tx, c team.CompanyID, now time.Time) (more bool, err error) {
	if err := g.alone(ctx, tx, c); err != nil {
		return false, err
	}
	ps, err := g.pastPromises(ctx, c, now, batch)
	if err != nil || len(ps) == 0 {
		return false, err
	}
	var leaves []record.Leaf
	for _, p := range ps {
		p.State, p.SettledAt = PromiseBroken, now
		if err := g.savePromise(ctx, tx, p); err != nil {
			return false, err
		}
		if p.leaf >= 0 {
			leaves = append(leaves, record.Leaf{Kind: record.Broken, Subject: p.Handle})
		}
		if p.Case != "" {
			if err := g.diary(ctx, tx, team.System(c), p.Case, "promise_broken", nil); err != nil {
				return false, err
			}
		}
	}
	if len(leaves) > 0 {
		if _, err := g.ink(ctx, tx, c, leaves...); err != nil {
			return false, err
		}
	}
	return len(ps) == batch, g.touched(ctx, tx, c)
}

// handPromises gives the promises of someone who leaves to an heir; without an heir they are nobody's, which everybody sees. It
// does not wait to be alone: who leaves holds the company already.
func (g *Growth) handPromises(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) error {
	if err := g.movePromises(ctx, tx, c, leaver, heir); err != nil {
		return fmt.Errorf("growth.handPromises: %w", err)
	}
	return nil
}
